"""What a run leaves behind: the session's next state and the question's, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from padan.app.ports import Event, StoreUnavailable, WorkerPorts
from padan.domain.attempt import Allowance, Attempt, Charge
from padan.domain.feedback import Feedback
from padan.domain.session import ErrorCode, Session, failed, postponed

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 500, 60_000
FIRST_INSISTENCE, LONGEST_INSISTENCE = 50, 1_000
"""Milliseconds between two tries to store what was answered."""
LEFT_FOR_OTHERS = 1_000
"""Milliseconds before the end of a lease after which nothing is written under it any more."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How a run ended, for logs and counters: nothing personal."""

    outcome: str
    done: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked, with its answer, and what it was counted against."""

    attempt: Attempt
    allowance: Allowance

    @property
    def refund(self) -> Allowance | None:
        """What to count back: a question that was not charged used nothing up."""
        return self.allowance if self.attempt.charge is Charge.NOT_CHARGED else None


async def finish(
    ports: WorkerPorts,
    session: Session,
    after: Session,
    *,
    outcome: str,
    asked: Asked | None = None,
    owed: Feedback | None = None,
) -> Verified:
    """Store how the session ended, and what that owes to the registry."""
    if await _store(ports, session, after, asked=asked, owed=owed):
        ports.endings.tell(session.id)
        return Verified(outcome, done=True)
    return Verified("too_late", done=False)


async def fail(
    ports: WorkerPorts, session: Session, code: ErrorCode, *, reason: str, asked: Asked | None = None
) -> Verified:
    """End the session without a result; `reason` is for the operator."""
    after = failed(session, now=ports.clock(), error_code=code, reason=reason)
    return await finish(ports, session, after, outcome=reason, asked=asked)


async def put_off(
    ports: WorkerPorts, session: Session, *, reason: str, pause: int, asked: Asked | None = None
) -> Verified:
    """Let the session wait for `pause` milliseconds; by chance up to twice that, so that they spread."""
    now = ports.clock()
    jitter = int.from_bytes(ports.random(2), "big") * max(pause, 100) // 65_535
    later = postponed(session, now=now, due_at=now + pause + jitter, reason=reason)
    stored = await _store(ports, session, later, asked=asked)
    return Verified(reason if stored else "too_late", done=False)


def pause_after(session: Session, *, at_least_s: float | None) -> int:
    """Milliseconds until the next question: doubled each time, and no shorter than the registry asks for."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE << min(session.attempts - 1, 10))
    return max(pause // 2, int((at_least_s or 0) * 1000))


def note_question(ports: WorkerPorts, attempt: Attempt) -> None:
    """Tell the audit log that a question begins, or how it ended and whether it was charged."""
    outcome = "begun" if attempt.outcome is None else f"{attempt.outcome} {attempt.charge}"
    ports.audit.note(Event(ports.clock(), "worker", "question", outcome, attempt.session_id))


async def _store(
    ports: WorkerPorts,
    session: Session,
    after: Session,
    *,
    asked: Asked | None,
    owed: Feedback | None = None,
) -> bool:
    if asked is None:
        return await ports.sessions.change(session, after, feedback=owed)
    note_question(ports, asked.attempt)
    attempt, refund = asked.attempt, asked.refund

    async def change() -> bool:
        return await ports.sessions.change(session, after, attempt=attempt, refund=refund, feedback=owed)

    stored = await insist(ports, session, change)
    # What answered with an error may have been made all the same.
    if stored or await is_stored(ports, after):
        return True
    # Cancelled, redacted or taken over meanwhile: the money is spent, so the ledger still says so.
    await insist(ports, session, lambda: ports.sessions.record(attempt, refund=refund))
    return False


async def insist(ports: WorkerPorts, session: Session, write: Callable[[], Awaitable[T]]) -> T:
    """Write again and again while the store is away, for as long as this worker's lease lasts.

    An answer that is dropped is paid a second time. Raises StoreUnavailable when the time is over.
    """
    until = session.lease.until - LEFT_FOR_OTHERS if session.lease else ports.clock()
    pause = FIRST_INSISTENCE
    while True:
        try:
            return await write()
        except StoreUnavailable:
            if ports.clock() + pause > until:
                raise
        await asyncio.sleep(pause / 1000)
        pause = min(2 * pause, LONGEST_INSISTENCE)


async def is_stored(ports: WorkerPorts, session: Session) -> bool:
    """Whether the session stands in the store just so."""
    return await insist(ports, session, lambda: ports.sessions.find(session.id)) == session
