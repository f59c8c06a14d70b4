"""Sessions in PostgreSQL."""

# ruff: noqa: S608 -- statements are put together from the names of columns; every value is bound.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import asyncpg

from padan.app.ports import Page, Receipt, SessionOrder, StoreUnavailable
from padan.domain.attempt import Allowance, Attempt, Begun
from padan.domain.environment import EnvironmentKind
from padan.domain.feedback import Feedback
from padan.domain.session import Lease, Session
from padan.store.bell import Bell, waits_for_a_worker
from padan.store.counting import counters_of, give_back, quota_name
from padan.store.postgres import counters, leases
from padan.store.postgres.batch import Add, Answer, Change, SessionWrite, put_attempts, waves, write
from padan.store.postgres.columns import RECEIPT, SESSION, selected
from padan.store.postgres.lane import Lane
from padan.store.postgres.link import Connection, EnvironmentLinks, Links
from padan.store.postgres.lookups import EnvironmentLookup, Lookup
from padan.store.rows import ATTEMPT_COLUMNS, attempt_from_row, attempt_to_row, readable, session_from_row
from padan.store.rules import check_change, check_feedback, missing_owner

_SELECT = f"SELECT {selected(SESSION, 's')} FROM sessions AS s"
_FIND = f"SELECT {selected(SESSION, 's')}, s.id FROM sessions AS s WHERE s.id = ANY($1::uuid[])"
# Always by the id: in this form the environment is compared, and no index of it is thought of.
_GET = (
    f"SELECT {selected(SESSION, 's')}, s.id FROM sessions AS s"
    " WHERE (s.environment_id = $1) IS TRUE AND s.id = ANY($2::uuid[])"
)
_RECEIPT = (
    f"SELECT {selected(RECEIPT, '')} FROM receipts WHERE environment_id = $1 AND key = $2 AND expires_at > $3"
)
_ATTEMPTS = f"SELECT {selected(ATTEMPT_COLUMNS, '')} FROM attempts WHERE session_id = $1 ORDER BY number"
_OWNER = "SELECT environment_kind, profile_id FROM sessions WHERE id = $1"
_COUNT = "SELECT count(*) FROM sessions WHERE environment_id = $1 AND profile_id = $2"
_ORDER_COLUMNS = {
    SessionOrder.CREATED: "created_at",
    SessionOrder.UPDATED: "updated_at",
    SessionOrder.STATE: "state",
}


class PostgresSessions:
    """The port `SessionStore`.

    What is counted and what is not go through lanes of their own: a create never waits for the row that a
    quota of the whole country is counted in.
    """

    def __init__(self, links: Links, walled: EnvironmentLinks, *, bell: Bell) -> None:
        self._links = links
        self._walled = walled
        self._bell = bell
        self._plain: Lane[SessionWrite, Answer] = Lane(self._write)
        self._counted: Lane[SessionWrite, Answer] = Lane(self._write)
        self._find = Lookup(links, _FIND, read=session_from_row)
        self._get = EnvironmentLookup(walled, _GET, read=session_from_row)
        self._erased = False

    async def add(self, session: Session, *, receipt: Receipt | None = None) -> None:
        """Store a new session, and the receipt for its creation; raises Conflict, StoreUnavailable."""
        await self._plain.ask(Add(session, receipt))
        self._tell(session)

    async def receipt(self, environment_id: UUID, key: bytes, *, now: int) -> Receipt | None:
        """The receipt that a key has, while it lasts."""

        async def fetch(connection: Connection) -> Any:
            return await connection.fetchrow(_RECEIPT, environment_id.bytes, key, now)

        row = await self._walled.run(environment_id, fetch)
        if row is None:
            return None
        return Receipt(environment_id, row[1], row[2], UUID(bytes=row[3]), row[4], row[5])

    async def get(self, environment_id: UUID, session_id: UUID) -> Session | None:
        """The session, if it belongs to the environment."""
        return await self._get.one(environment_id, session_id.bytes)

    async def find(self, session_id: UUID) -> Session | None:
        """The session, whoever it belongs to."""
        return await self._find.one(session_id.bytes)

    async def begin(
        self, before: Session, after: Session, *, attempt: Attempt, allowance: Allowance, now: int
    ) -> Begun:
        """Write a question down and count it, or say why not; in one transaction."""
        check_change(before, after, attempt)
        change = Change(before, after, attempt, allowance=allowance, now=now)
        return cast("Begun", await self._counted.ask(change))

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
        lane = self._plain if refund is None else self._counted
        made = bool(await lane.ask(Change(before, after, attempt, feedback, refund=refund)))
        if made:
            self._erased = self._erased or after.done
            self._tell(after)
        return made

    async def record(self, attempt: Attempt, *, refund: Allowance | None = None) -> None:
        """Store an attempt by itself. Raises LookupError where its session is not stored."""

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                owner = await connection.fetchrow(_OWNER, attempt.session_id.bytes)
                if owner is None:
                    raise missing_owner("session_id", "session")
                names = counters_of([refund]) if refund else set()
                locked = await counters.lock_counters(connection, names)
                await put_attempts(connection, [(*attempt_to_row(attempt), *owner)])
                if refund is not None:
                    give_back(locked, refund)
                await locked.store()

        await self._links.run(work)

    async def used(self, account: str, day: str) -> int:
        """How many questions of a day count against an account."""

        async def fetch(connection: Connection) -> Any:
            return await connection.fetchval(counters.ONE, quota_name(account), day)

        return int(await self._links.run(fetch) or 0)

    async def note_used(self, account: str, day: str, *, at_least: int) -> None:
        """The registry counts more than we do: others ask under the same agreement."""

        async def work(connection: Connection) -> None:
            await connection.execute(counters.AT_LEAST, quota_name(account), day, at_least)

        await self._links.run(work)

    async def attempts(self, session_id: UUID) -> Sequence[Attempt]:
        """The questions asked for a session, in order."""

        async def fetch(connection: Connection) -> Any:
            return await connection.fetch(_ATTEMPTS, session_id.bytes)

        return tuple(map(attempt_from_row, await self._links.run(fetch)))

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
        column, direction = _ORDER_COLUMNS[order], "DESC" if descending else "ASC"
        query = (
            f"{_SELECT} WHERE environment_id = $1 AND profile_id = $2"
            f" ORDER BY s.{column} {direction}, s.id {direction} LIMIT $3 OFFSET $4"
        )
        owner = (environment_id.bytes, profile_id.bytes)

        async def fetch(connection: Connection) -> Page[Session]:
            rows = await connection.fetch(query, *owner, size, (page - 1) * size)
            return Page(tuple(map(session_from_row, rows)), await connection.fetchval(_COUNT, *owner))

        return await self._walled.run(environment_id, fetch)

    async def take_leases(
        self, owner: str, now: int, *, until: int, limit: int, kind: EnvironmentKind
    ) -> Sequence[Session]:
        """Lease sessions that are due, not expired and held by nobody, the profiles in turns."""
        lease = Lease(owner, until)
        due = await self._links.run(
            lambda connection: leases.take(connection, lease, now=now, limit=limit, kind=kind)
        )
        return tuple(
            replace(session, lease=lease, updated_at=now, revision=session.revision + 1) for session in due
        )

    async def free_leases(self, now: int, *, owner: str | None = None) -> int:
        """End the leases of one owner; all of them only where no other process lives: no start knows that."""
        freed = await self._links.run(lambda connection: leases.free(connection, now, owner=owner))
        if freed:
            self._bell.ring()
        return freed

    async def overdue(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions not done whose time is over and that no worker holds, the longest overdue first."""
        return await self._listed(leases.OVERDUE, now, limit)

    async def to_redact(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions whose redaction is due and that no worker holds, the longest due first."""
        return await self._listed(leases.TO_REDACT, now, limit)

    async def await_work(self, seconds: float) -> None:
        """Return when a session came that no worker holds, in whatever process, or after so many seconds."""
        await self._bell.wait(seconds)

    async def _listed(self, query: str, now: int, limit: int) -> tuple[Session, ...]:
        async def fetch(connection: Connection) -> Any:
            return await connection.fetch(query, now, limit)

        return readable(await self._links.run(fetch))

    def _tell(self, session: Session) -> None:
        if waits_for_a_worker(session):
            self._bell.ring()

    async def _write(self, batch: Sequence[SessionWrite]) -> list[Answer | Exception]:
        answers: dict[int, Answer | Exception] = {}
        for places in waves(batch):
            answers.update(zip(places, await self._together([batch[n] for n in places]), strict=True))
        return [answers[place] for place in range(len(batch))]

    async def _together(self, wave: list[SessionWrite]) -> list[Answer | Exception]:
        """Write a wave; where a value in it cannot be stored, each by itself, so that one fails alone."""
        try:
            return await self._links.run(lambda connection: write(connection, wave))
        except asyncpg.DataError:
            if len(wave) == 1:
                return [ValueError("a value of the session cannot be stored in PostgreSQL")]
            return [answer for one in wave for answer in await self._together([one])]
        except StoreUnavailable as error:
            return [StoreUnavailable(str(error)) for _ in wave]

    async def _drain(self) -> None:
        """Answer who waits, and nobody after them."""
        for waiting in (self._plain, self._counted, self._find, self._get):
            await waiting.close()
