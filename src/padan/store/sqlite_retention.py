"""Rows of sessions that are no longer kept, in SQLite: deleted a few at a time."""

# ruff: noqa: S608 -- statements are put together from the names of columns; every value is bound.

from __future__ import annotations

import sqlite3

from padan.store.connections import Reader
from padan.store.rows import ATTEMPT_COLUMNS
from padan.store.writer import Writer

_ATTEMPT = ", ".join(ATTEMPT_COLUMNS)
# The first condition stands here as in the partial index: only then is that used.
_GONE = (
    "SELECT id, environment_kind, profile_id, contents FROM sessions"
    " WHERE redacted_at IS NOT NULL AND redacted_at < ? ORDER BY redacted_at LIMIT ?"
)
_KEEP_ATTEMPTS = (
    f"INSERT INTO past_attempts ({_ATTEMPT}, environment_kind, profile_id)"
    f" SELECT {_ATTEMPT}, ?2, ?3 FROM attempts WHERE session_id = ?1"
)
_DELETE = (
    "DELETE FROM attempts WHERE session_id = ?1",
    "DELETE FROM contents WHERE seq IN (SELECT contents FROM feedback WHERE session_id = ?1)",
    "DELETE FROM feedback WHERE session_id = ?1",
    "DELETE FROM sessions WHERE id = ?1",
)


class SqliteRetention:
    """The part of the port `SessionStore` that ends the rows themselves."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def make_room(self, now: int) -> None:
        """Nothing to do: one table holds all months."""

    async def forget_sessions(self, redacted_before: int, *, limit: int) -> bool:
        """Remove rows of sessions redacted before an instant, the longest ago first; else write nothing."""
        if self._reader.row(_GONE, (redacted_before, min(limit, 1))) is None:
            return False

        def work(connection: sqlite3.Connection) -> bool:
            gone = connection.execute(_GONE, (redacted_before, limit)).fetchall()
            for session_id, kind, profile_id, place in gone:
                connection.execute(_KEEP_ATTEMPTS, (session_id, kind, profile_id))
                for statement in _DELETE:
                    connection.execute(statement, (session_id,))
                connection.execute("DELETE FROM contents WHERE seq = ?", (place,))
            return bool(gone)

        return await self._writer.run(work, at_length=True)
