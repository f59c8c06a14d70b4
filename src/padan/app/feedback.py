"""Data balikan: what a success owes to the registry is written down with it, and sent by itself afterwards.

An entry and the end of its session are one transaction, so neither is ever there without the other. Sending
is a matter of its own: a registry that takes nothing back delays no session.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from padan.app.ports import (
    ClaimVault,
    Clock,
    FeedbackLine,
    FeedbackQueue,
    Random,
    SealBroken,
    StoreUnavailable,
    WorkerPorts,
)
from padan.app.times import jakarta_date
from padan.domain.claim import Claim
from padan.domain.environment import EnvironmentKind
from padan.domain.feedback import Feedback, FeedbackEntry, FeedbackNotTaken, delivered, put_off
from padan.domain.finding import Finding
from padan.domain.session import Session

FIRST_PAUSE, LONGEST_PAUSE = 30_000, 3_600_000
"""Milliseconds before an entry that was not taken is sent again; doubled each time, and by chance longer."""

AT_ONCE = 8
LOOK_EVERY, WAIT_AFTER_FAILURE = 1.0, 5.0


def owe(
    ports: WorkerPorts, after: Session, claim: Claim, *, finding: Finding, purpose: str
) -> Feedback | None:
    """What a session that ends so owes to the registry: an entry, sealed, for each success in Live."""
    if not (ports.owes_feedback and after.success and after.environment_kind is EnvironmentKind.LIVE):
        return None
    now = ports.clock()
    entry = FeedbackEntry(claim.nik, purpose, finding.outcome.value, jakarta_date(now))
    sealed = ports.vault.seal_feedback(after.binding, _encode(entry))
    return Feedback(after.id, after.environment_id, now, now, due_at=now, sealed=sealed)


@dataclass(frozen=True, slots=True)
class CourierPorts:
    """What sending needs. `lease`, in milliseconds, is longer than the line's deadline."""

    queue: FeedbackQueue
    vault: ClaimVault
    line: FeedbackLine
    clock: Clock
    random: Random
    lease: int
    report: Callable[[str, str], None]


class Courier:
    """Sends what is owed, each entry once at a time, for as long as it takes.

    Several processes may each have one: an entry is sent by whoever holds its lease.
    """

    def __init__(self, ports: CourierPorts, *, owner: str) -> None:
        self._ports = ports
        self._owner = owner
        self._ending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def run(self) -> None:
        """Begin to send, in the running event loop."""
        self._task = asyncio.create_task(self._carry())

    async def stop(self, *, grace: float = 10.0) -> None:
        """Finish what is being sent, within `grace` seconds; the rest waits for the next start."""
        self._ending.set()
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._task, grace)
        await self._ports.line.close()

    async def send_due(self) -> tuple[int, int]:
        """Send up to `AT_ONCE` entries that are due. Returns how many were taken up, and how many arrived."""
        now = self._ports.clock()
        until = now + self._ports.lease
        taken = await self._ports.queue.take_feedback(self._owner, now, until=until, limit=AT_ONCE)
        told = await asyncio.gather(*(self._send(feedback) for feedback in taken), return_exceptions=True)
        for wrong in told:
            if isinstance(wrong, BaseException):
                raise wrong
        return len(taken), sum(arrived is True for arrived in told)

    async def _carry(self) -> None:
        while not self._ending.is_set():
            pause = WAIT_AFTER_FAILURE
            try:
                taken, sent = await self.send_due()
                if sent or not taken:
                    pause = 0 if taken == AT_ONCE else LOOK_EVERY
            except StoreUnavailable:
                self._ports.report("feedback", "store_unavailable")
            except Exception as error:
                # A defect must not end the courier. Its text may hold personal data: only its type is told.
                self._ports.report("feedback", f"defect:{type(error).__name__}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), pause)

    async def _send(self, feedback: Feedback) -> bool:
        ports = self._ports
        try:
            entry = _decode(ports.vault.open_feedback(feedback.binding, feedback.sealed or b""))
        except (SealBroken, ValueError):
            return await self._put_off(feedback, reason="seal_broken")
        try:
            state = await ports.line.send(entry)
        except FeedbackNotTaken as error:
            return await self._put_off(feedback, reason=error.reason)
        except Exception as error:
            # Of a defect only the type is told: its text may hold personal data.
            return await self._put_off(feedback, reason=f"defect:{type(error).__name__}")
        await ports.queue.change_feedback(feedback, delivered(feedback, now=ports.clock(), state=state))
        ports.report("feedback", state.value)
        return True

    async def _put_off(self, feedback: Feedback, *, reason: str) -> bool:
        now = self._ports.clock()
        pause = min(LONGEST_PAUSE, FIRST_PAUSE << min(feedback.tries - 1, 10))
        jitter = int.from_bytes(self._ports.random(2), "big") * pause // 65_535
        later = put_off(feedback, now=now, due_at=now + pause + jitter, reason=reason)
        await self._ports.queue.change_feedback(feedback, later)
        self._ports.report("feedback", f"not_taken:{reason}")
        return False


def _encode(entry: FeedbackEntry) -> bytes:
    parts = [entry.nik, entry.purpose, entry.outcome, entry.checked_on.isoformat()]
    return json.dumps(parts, ensure_ascii=False).encode()


def _decode(plain: bytes) -> FeedbackEntry:
    nik, purpose, outcome, day = json.loads(plain)
    return FeedbackEntry(nik, purpose, outcome, date.fromisoformat(day))
