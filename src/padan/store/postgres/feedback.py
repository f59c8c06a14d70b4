"""What is owed back to the registry, in PostgreSQL."""

# ruff: noqa: S608 -- statements are put together from the names of columns; every value is bound.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from padan.domain.feedback import Feedback, FeedbackCount, leased
from padan.domain.session import Lease, Session
from padan.store.feedback_rows import COUNTS, count_from_row, feedback_from_row, feedback_to_row
from padan.store.postgres.columns import FEEDBACK, as_parameters, rows_of, selected
from padan.store.postgres.link import Connection, Links

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
_FREE = """
    UPDATE feedback SET lease_owner = NULL, lease_until = NULL, updated_at = $1, revision = revision + 1
    WHERE state = 'waiting' AND lease_owner IS NOT NULL AND ($2::text IS NULL OR lease_owner = $2)
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
        return None if row is None else feedback_from_row(row, row[-1])

    async def take_feedback(self, owner: str, now: int, *, until: int, limit: int) -> Sequence[Feedback]:
        """Lease entries that are due and held by nobody, the longest due first."""
        lease = Lease(owner, until)

        async def work(connection: Connection) -> tuple[Feedback, ...]:
            if limit < 1 or await connection.fetchval(ANY_FEEDBACK_DUE, now) is None:
                return ()
            async with connection.transaction():
                rows = await connection.fetch(FEEDBACK_DUE, now, limit)
                due = [feedback_from_row(row, row[-1]) for row in rows]
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
            return await connection.fetch(COUNTS)

        return tuple(map(count_from_row, await self._links.run(fetch)))


async def add_feedback(connection: Connection, entries: Iterable[Feedback]) -> None:
    """Store new entries, in the transaction that is under way."""
    rows = [(*feedback_to_row(entry), entry.sealed) for entry in entries]
    if rows:
        await connection.execute(_ADD, *as_parameters(rows))


async def erase_feedback(connection: Connection, redacted: Iterable[Session]) -> None:
    """Erase what sessions still owed, in the transaction that is under way: as `domain.feedback.erased`."""
    rows = [(session.id.bytes, session.updated_at) for session in redacted]
    if rows:
        await connection.execute(_ERASE, *as_parameters(rows))


async def free_feedback(connection: Connection, now: int, *, owner: str | None) -> None:
    """End every lease of an entry, or one owner's, in the transaction that is under way."""
    await connection.execute(_FREE, now, owner)


async def _change(connection: Connection, before: Sequence[Feedback], after: Sequence[Feedback]) -> bool:
    pairs = zip(before, after, strict=True)
    rows = [(*feedback_to_row(new), new.sealed, old.revision) for old, new in pairs]
    return bool(rows) and bool(await connection.fetch(_CHANGE, *as_parameters(rows)))
