"""What is owed back to the registry, in PostgreSQL."""

# ruff: noqa: S608 -- statements are put together from the names of columns; every value is bound.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from padan.domain.feedback import Feedback, FeedbackCount, FeedbackState, leased
from padan.domain.session import Lease, Session
from padan.store.postgres.columns import FEEDBACK, as_parameters, rows_of, selected
from padan.store.postgres.link import Connection, Links
from padan.store.rows import Row

_SELECT = f"SELECT {selected(FEEDBACK, '')} FROM feedback"
_OF_SESSION = f"{_SELECT} WHERE session_id = $1"
_ADD = (
    f"INSERT INTO feedback ({selected(FEEDBACK, '')})"
    f" SELECT {selected(FEEDBACK, 'r')} FROM {rows_of(FEEDBACK)}"
)
_CHANGE = (
    f"UPDATE feedback AS f SET {', '.join(f'{column} = r.{column}' for column in FEEDBACK[1:])}"
    f" FROM {rows_of((*FEEDBACK, 'was_at'))}"
    " WHERE f.session_id = r.session_id AND f.revision = r.was_at RETURNING f.session_id"
)
_ERASE = (
    "UPDATE feedback AS f SET state = 'erased', lease_owner = NULL, lease_until = NULL, sealed = NULL,"
    f" updated_at = r.updated_at, revision = revision + 1 FROM {rows_of(('session_id', 'updated_at'))}"
    " WHERE f.session_id = r.session_id AND f.state = 'waiting'"
)
# The state stands here as in the partial index: only then is that used.
_WAITS = "state = 'waiting' AND due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)"
ANY_FEEDBACK_DUE = f"SELECT 1 FROM feedback WHERE {_WAITS} LIMIT 1"
FEEDBACK_DUE = f"{_SELECT} WHERE {_WAITS} ORDER BY due_at, session_id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED"
_COUNTS = """
    SELECT state, reason, count(*), min(created_at) FROM feedback
    GROUP BY state, reason ORDER BY state, reason NULLS FIRST
"""
_FREE = """
    UPDATE feedback SET lease_owner = NULL, lease_until = NULL, updated_at = $1, revision = revision + 1
    WHERE state = 'waiting' AND lease_owner IS NOT NULL
"""


class PostgresFeedback:
    """The port `FeedbackQueue`."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def feedback(self, session_id: UUID) -> Feedback | None:
        """The entry of a session."""

        async def fetch(connection: Connection) -> Any:
            return await connection.fetchrow(_OF_SESSION, session_id.bytes)

        row = await self._links.run(fetch)
        return None if row is None else _from_row(row)

    async def take_feedback(self, owner: str, now: int, *, until: int, limit: int) -> Sequence[Feedback]:
        """Lease entries that are due and held by nobody, the longest due first."""
        lease = Lease(owner, until)

        async def work(connection: Connection) -> tuple[Feedback, ...]:
            if limit < 1 or await connection.fetchval(ANY_FEEDBACK_DUE, now) is None:
                return ()
            async with connection.transaction():
                due = [_from_row(row) for row in await connection.fetch(FEEDBACK_DUE, now, limit)]
                taken = tuple(leased(entry, now=now, lease=lease) for entry in due)
                await _change(connection, due, taken)
            return taken

        return await self._links.run(work)

    async def change_feedback(self, before: Feedback, after: Feedback) -> bool:
        """Replace an entry, where it still is at `before.revision`."""
        return await self._links.run(lambda connection: _change(connection, [before], [after]))

    async def count_feedback(self) -> Sequence[FeedbackCount]:
        """How many entries stand alike."""

        async def fetch(connection: Connection) -> Any:
            return await connection.fetch(_COUNTS)

        rows = await self._links.run(fetch)
        return tuple(FeedbackCount(FeedbackState(row[0]), row[1], row[2], row[3]) for row in rows)


async def add_feedback(connection: Connection, entries: Iterable[Feedback]) -> None:
    """Store new entries, in the transaction that is under way."""
    rows = [_to_row(entry) for entry in entries]
    if rows:
        await connection.execute(_ADD, *as_parameters(rows))


async def erase_feedback(connection: Connection, redacted: Iterable[Session]) -> None:
    """Erase what sessions still owed, in the transaction that is under way: as `domain.feedback.erased`."""
    rows = [(session.id.bytes, session.updated_at) for session in redacted]
    if rows:
        await connection.execute(_ERASE, *as_parameters(rows))


async def free_feedback(connection: Connection, now: int) -> None:
    """End every lease of an entry, in the transaction that is under way."""
    await connection.execute(_FREE, now)


async def _change(connection: Connection, before: Sequence[Feedback], after: Sequence[Feedback]) -> bool:
    rows = [(*_to_row(new), old.revision) for old, new in zip(before, after, strict=True)]
    return bool(rows) and bool(await connection.fetch(_CHANGE, *as_parameters(rows)))


def _to_row(entry: Feedback) -> Row:
    lease = entry.lease
    return (
        entry.session_id.bytes,
        entry.environment_id.bytes,
        entry.created_at,
        entry.updated_at,
        entry.due_at,
        entry.state.value,
        entry.tries,
        None if lease is None else lease.owner,
        None if lease is None else lease.until,
        entry.reason,
        entry.revision,
        entry.sealed,
    )


def _from_row(row: Row) -> Feedback:
    return Feedback(
        session_id=UUID(bytes=row[0]),
        environment_id=UUID(bytes=row[1]),
        created_at=row[2],
        updated_at=row[3],
        due_at=row[4],
        state=FeedbackState(row[5]),
        tries=row[6],
        lease=None if row[7] is None else Lease(row[7], row[8]),
        reason=row[9],
        revision=row[10],
        sealed=row[11],
    )
