"""Counters, and answers that are kept for a while, in SQLite."""

from __future__ import annotations

import sqlite3

from padan.store.connections import Reader
from padan.store.writer import Writer

COUNTER = "SELECT number FROM counters WHERE name = ? AND period = ?"

_PUT_COUNTER = "INSERT OR REPLACE INTO counters (name, period, number) VALUES (?, ?, ?)"
_KEEP = "INSERT OR REPLACE INTO answers (name, sealed, expires_at) VALUES (?, ?, ?)"
_KEPT = "SELECT sealed FROM answers WHERE name = ? AND expires_at > ?"
_STALE = "SELECT EXISTS (SELECT 1 FROM {} WHERE expires_at <= ?)"
_FORGET = "DELETE FROM {} WHERE expires_at <= ?"
_FLEETING = ("answers", "receipts")


class SqliteCounters:
    """A database's counters, inside the writer's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, name: str, period: str) -> int:
        """The number; 0 where there is none."""
        row = self._connection.execute(COUNTER, (name, period)).fetchone()
        return 0 if row is None else int(row[0])

    def put(self, name: str, period: str, *, number: int) -> None:
        """Store the number."""
        self._connection.execute(_PUT_COUNTER, (name, period, number))


class SqliteAnswers:
    """The port `Answers`."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def keep_answer(self, name: bytes, sealed: bytes, *, until: int) -> None:
        """Keep an answer under its keyed fingerprint, in place of one before."""
        await self._writer.run(lambda connection: connection.execute(_KEEP, (name, sealed, until)))

    async def kept_answer(self, name: bytes, *, now: int) -> bytes | None:
        """The answer, while it lasts."""
        row = self._reader.row(_KEPT, (name, now))
        return None if row is None else row[0]

    async def forget_answers(self, now: int) -> None:
        """Erase answers and receipts whose time is over; where there are none, nothing is written."""
        stale = [table for table in _FLEETING if self._reader.rows(_STALE.format(table), (now,))[0][0]]

        def work(connection: sqlite3.Connection) -> None:
            for table in stale:
                connection.execute(_FORGET.format(table), (now,))

        if stale:
            await self._writer.run(work)
