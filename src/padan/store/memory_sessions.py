"""Sessions, questions and their counts in memory: every method runs without waiting, as one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from padan.app.ports import Conflict, Page, Receipt, SessionOrder
from padan.domain.attempt import Allowance, Attempt, Begun, Refusal
from padan.domain.environment import EnvironmentKind
from padan.domain.feedback import Feedback, erased, freed
from padan.domain.session import Lease, Session, SessionState
from padan.store.bell import Bell, waits_for_a_worker
from padan.store.counting import give_back, quota_name, take
from padan.store.rules import check_change, check_feedback, in_turns, missing_owner

T = TypeVar("T")

_WORK = frozenset({SessionState.QUEUED, SessionState.ASKING})

_SORT_KEYS: dict[SessionOrder, Callable[[Session], tuple[int | str, bytes]]] = {
    SessionOrder.CREATED: lambda session: (session.created_at, session.id.bytes),
    SessionOrder.UPDATED: lambda session: (session.updated_at, session.id.bytes),
    SessionOrder.STATE: lambda session: (session.state.value, session.id.bytes),
}


class MemoryCounters:
    """Counters in a dictionary, by name and period."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}

    def get(self, name: str, period: str) -> int:
        """The number; 0 where there is none."""
        return self._numbers.get((name, period), 0)

    def put(self, name: str, period: str, *, number: int) -> None:
        """Store the number."""
        self._numbers[name, period] = number


class MemorySessions:
    """Sessions in a dictionary. Every method runs without waiting, so that each is one transaction."""

    def __init__(self) -> None:
        self._sessions: dict[UUID, Session] = {}
        self._attempts: dict[tuple[UUID, int], Attempt] = {}
        self._owed: dict[UUID, Feedback] = {}
        self._forgotten: dict[UUID, Session] = {}
        self._receipts: dict[tuple[UUID, bytes], Receipt] = {}
        self._counters = MemoryCounters()
        self._bell = Bell()

    async def add(self, session: Session, *, receipt: Receipt | None = None) -> None:
        """Store a new session, and the receipt for its creation."""
        if receipt is not None and await self.receipt(
            receipt.environment_id, receipt.key, now=session.created_at
        ):
            raise Conflict("receipt")
        if session.id in self._sessions:
            raise Conflict("id")
        self._sessions[session.id] = session
        if receipt is not None:
            self._receipts[receipt.environment_id, receipt.key] = receipt
        self._tell(session)

    async def receipt(self, environment_id: UUID, key: bytes, *, now: int) -> Receipt | None:
        """The receipt that a key has, while it lasts."""
        known = self._receipts.get((environment_id, key))
        return known if known is not None and known.expires_at > now else None

    async def get(self, environment_id: UUID, session_id: UUID) -> Session | None:
        """The session, if it belongs to the environment."""
        session = self._sessions.get(session_id)
        return session if session is not None and session.environment_id == environment_id else None

    async def find(self, session_id: UUID) -> Session | None:
        """The session, whoever it belongs to."""
        return self._sessions.get(session_id)

    async def begin(
        self, before: Session, after: Session, *, attempt: Attempt, allowance: Allowance, now: int
    ) -> Begun:
        """Write a question down and count it, or say why not."""
        check_change(before, after, attempt)
        if not self._is_current(before):
            return Begun(Refusal.STALE)
        begun = take(self._counters, allowance, now=now)
        if begun.refusal is None:
            await self.change(before, after, attempt=attempt)
        return begun

    async def change(
        self,
        before: Session,
        after: Session,
        *,
        attempt: Attempt | None = None,
        refund: Allowance | None = None,
        feedback: Feedback | None = None,
    ) -> bool:
        """Replace `before` by `after` and store what goes with it, or nothing."""
        check_change(before, after, attempt)
        check_feedback(after, feedback)
        if not self._is_current(before):
            return False
        self._sessions[after.id] = after
        self._tell(after)
        if attempt is not None:
            await self.record(attempt, refund=refund)
        if feedback is not None:
            self._owed[after.id] = feedback
        if after.redacted_at is not None and after.id in self._owed:
            self._owed[after.id] = erased(self._owed[after.id], now=after.updated_at)
        return True

    async def record(self, attempt: Attempt, *, refund: Allowance | None = None) -> None:
        """Store an attempt by itself."""
        if attempt.session_id not in self._sessions:
            raise missing_owner("session_id", "session")
        self._attempts[attempt.session_id, attempt.number] = attempt
        if refund is not None:
            give_back(self._counters, refund)

    async def used(self, account: str, day: str) -> int:
        """How many questions of a day count against an account."""
        return self._counters.get(quota_name(account), day)

    async def note_used(self, account: str, day: str, *, at_least: int) -> None:
        """The registry counts more than we do."""
        at_least = max(at_least, await self.used(account, day))
        self._counters.put(quota_name(account), day, number=at_least)

    def _is_current(self, session: Session) -> bool:
        current = self._sessions.get(session.id)
        return current is not None and current.revision == session.revision

    async def attempts(self, session_id: UUID) -> Sequence[Attempt]:
        """The questions asked for a session, in order."""
        found = (attempt for attempt in self._attempts.values() if attempt.session_id == session_id)
        return tuple(sorted(found, key=lambda attempt: attempt.number))

    async def page(
        self,
        environment_id: UUID,
        profile_id: UUID,
        *,
        order: SessionOrder,
        descending: bool,
        page: int,
        size: int,
    ) -> Page[Session]:
        """A page (from 1) of a profile's sessions."""
        found = [
            session
            for session in self._sessions.values()
            if session.environment_id == environment_id and session.profile_id == profile_id
        ]
        found.sort(key=_SORT_KEYS[order], reverse=descending)
        return page_of(found, page=page, size=size)

    async def take_leases(
        self, owner: str, now: int, *, until: int, limit: int, kind: EnvironmentKind
    ) -> Sequence[Session]:
        """Lease sessions that are due, not expired and held by nobody, the profiles in turns."""
        free = (
            session
            for session in self._sessions.values()
            if session.state in _WORK
            and session.environment_kind is kind
            and session.due_at <= now < session.expires_at
            and _free(session, now)
        )
        due = in_turns(sorted(free, key=lambda session: (session.due_at, session.id.bytes)), limit=limit)
        return tuple(self._leased(session, now, Lease(owner, until)) for session in due)

    async def free_leases(self, now: int, *, owner: str | None = None) -> int:
        """End the leases of one owner; without one, every lease."""

        def meant(lease: Lease | None) -> bool:
            return lease is not None and owner in {None, lease.owner}

        held = [session for session in self._sessions.values() if meant(session.lease)]
        for session in held:
            self._leased(session, now, None)
        self._owed.update(
            {owed.session_id: freed(owed, now=now) for owed in self._owed.values() if meant(owed.lease)}
        )
        if held:
            self._bell.ring()
        return len(held)

    async def overdue(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions not done whose time is over and that no worker holds, the longest overdue first."""
        over = (s for s in self._sessions.values() if not s.done and s.expires_at <= now and _free(s, now))
        return tuple(sorted(over, key=lambda session: (session.expires_at, session.id.bytes))[:limit])

    async def to_redact(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions whose redaction is due and that no worker holds, the longest due first."""
        over = (
            session
            for session in self._sessions.values()
            if session.redacted_at is None and session.redact_at <= now and _free(session, now)
        )
        return tuple(sorted(over, key=lambda session: (session.redact_at, session.id.bytes))[:limit])

    async def make_room(self, now: int) -> None:
        """Nothing to do: one dictionary holds all months."""

    async def forget_sessions(self, redacted_before: int, *, limit: int) -> bool:
        """Remove sessions redacted before an instant, the longest ago first; the ledger keeps owners."""
        gone = [
            session
            for session in self._sessions.values()
            if session.redacted_at is not None and session.redacted_at < redacted_before
        ]
        gone.sort(key=lambda session: session.redacted_at or 0)
        for session in gone[:limit]:
            self._forgotten[session.id] = self._sessions.pop(session.id)
            self._owed.pop(session.id, None)
        return bool(gone[:limit])

    async def await_work(self, seconds: float) -> None:
        """Return when a session came that no worker holds, or after so many seconds."""
        await self._bell.wait(seconds)

    def _tell(self, session: Session) -> None:
        if waits_for_a_worker(session):
            self._bell.ring()

    def _leased(self, session: Session, now: int, lease: Lease | None) -> Session:
        changed = replace(session, lease=lease, updated_at=now, revision=session.revision + 1)
        self._sessions[session.id] = changed
        return changed


def page_of(found: Sequence[T], *, page: int, size: int) -> Page[T]:
    """One page (from 1) of what was found."""
    return Page(tuple(found[(page - 1) * size : page * size]), len(found))


def _free(session: Session, now: int) -> bool:
    return session.lease is None or session.lease.until <= now
