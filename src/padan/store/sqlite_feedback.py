"""What is owed back to the registry, in SQLite."""

# ruff: noqa: S608 -- queries are put together from the names of columns; every value is bound.

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from uuid import UUID

from padan.domain.feedback import Feedback, FeedbackCount, erased, leased
from padan.domain.session import Lease
from padan.store.connections import Reader
from padan.store.contents import append, wipe
from padan.store.feedback_rows import (
    COUNTS,
    FEEDBACK_COLUMNS,
    count_from_row,
    feedback_from_row,
    feedback_to_row,
)
from padan.store.rows import Row
from padan.store.writer import Writer

_SELECT = (
    f"SELECT {', '.join(f'f.{column}' for column in FEEDBACK_COLUMNS)}, c.packed, f.contents"
    " FROM feedback AS f JOIN contents AS c ON c.seq = f.contents "
)
_OF_SESSION = _SELECT + "WHERE f.session_id = ?"
_ADD = (
    f"INSERT INTO feedback ({', '.join(FEEDBACK_COLUMNS)}, contents)"
    f" VALUES ({', '.join('?' * len(FEEDBACK_COLUMNS))}, ?)"
)
_CHANGE = (
    f"UPDATE feedback SET {', '.join(f'{column} = ?' for column in FEEDBACK_COLUMNS)}"
    " WHERE session_id = ? AND revision = ? RETURNING contents"
)
# The state stands here as a literal, word for word as in the partial index: only then is that used.
FEEDBACK_DUE = f"""{_SELECT} WHERE f.state = 'waiting' AND f.due_at <= :now
    AND (f.lease_until IS NULL OR f.lease_until <= :now) ORDER BY f.due_at, f.session_id LIMIT :limit
"""
FREE_FEEDBACK = """
    UPDATE feedback SET lease_owner = NULL, lease_until = NULL, updated_at = :now, revision = revision + 1
    WHERE state = 'waiting' AND lease_owner IS NOT NULL AND (:owner IS NULL OR lease_owner = :owner)
"""
_GRAIN = 256
_LENGTH = 4


class SqliteFeedback:
    """The port `FeedbackQueue`."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def feedback(self, session_id: UUID) -> Feedback | None:
        """The entry of a session."""
        row = self._reader.row(_OF_SESSION, (session_id.bytes,))
        return None if row is None else _read(row)

    async def take_feedback(self, owner: str, now: int, *, until: int, limit: int) -> Sequence[Feedback]:
        """Lease entries that are due and held by nobody, the longest due first; else write nothing."""
        values = {"now": now, "limit": limit}
        if self._reader.row(FEEDBACK_DUE, values) is None:
            return ()

        def work(connection: sqlite3.Connection) -> tuple[Feedback, ...]:
            due = [_read(row) for row in connection.execute(FEEDBACK_DUE, values).fetchall()]
            lease = Lease(owner, until)
            taken = tuple(leased(feedback, now=now, lease=lease) for feedback in due)
            for before, after in zip(due, taken, strict=True):
                _change(connection, before, after)
            return taken

        return await self._writer.run(work)

    async def change_feedback(self, before: Feedback, after: Feedback) -> bool:
        """Replace an entry, where it still is at `before.revision`; what lost its contents is overwritten."""
        return await self._writer.run(lambda connection: _change(connection, before, after))

    async def count_feedback(self) -> Sequence[FeedbackCount]:
        """How many entries stand alike."""
        return tuple(map(count_from_row, self._reader.rows(COUNTS)))


def add_feedback(connection: sqlite3.Connection, feedback: Feedback) -> None:
    """Store a new entry, in the transaction that is under way."""
    connection.execute(
        _ADD, (*feedback_to_row(feedback), append(connection, _packed(feedback.sealed or b"")))
    )


def erase_feedback(connection: sqlite3.Connection, session_id: UUID, *, now: int) -> None:
    """Erase what a session still owed, in the transaction that is under way."""
    row = connection.execute(_OF_SESSION, (session_id.bytes,)).fetchone()
    if row is not None:
        before = _read(row)
        after = erased(before, now=now)
        if after is not before:
            _change(connection, before, after)


def free_feedback(connection: sqlite3.Connection, now: int, *, owner: str | None) -> None:
    """End every lease of an entry, or one owner's, in the transaction that is under way."""
    connection.execute(FREE_FEEDBACK, {"now": now, "owner": owner})


def _change(connection: sqlite3.Connection, before: Feedback, after: Feedback) -> bool:
    found = connection.execute(
        _CHANGE, (*feedback_to_row(after), before.session_id.bytes, before.revision)
    ).fetchall()
    if found and before.sealed is not None and after.sealed is None:
        wipe(connection, found[0][0])
    return bool(found)


def _read(row: Row) -> Feedback:
    return feedback_from_row(row, _unpacked(row[-2]))


def _packed(sealed: bytes) -> bytes:
    """Led by its length and padded, so that overwritten contents read as none."""
    whole = len(sealed).to_bytes(_LENGTH, "big") + sealed
    return whole.ljust(len(whole) + -len(whole) % _GRAIN, b"\0")


def _unpacked(packed: bytes) -> bytes | None:
    length = int.from_bytes(packed[:_LENGTH], "big")
    return packed[_LENGTH : _LENGTH + length] if length else None
