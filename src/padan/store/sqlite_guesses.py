"""How many different details were tried with one NIK, in SQLite: keyed fingerprints, for a day at most."""

from __future__ import annotations

import sqlite3

from padan.store.connections import Reader
from padan.store.writer import Writer

_NOTE = "INSERT OR IGNORE INTO guesses (subject, guess, expires_at) VALUES (?, ?, ?)"
_COUNT = "SELECT count(*) FROM guesses WHERE subject = ? AND expires_at > ?"
_STALE = "SELECT EXISTS (SELECT 1 FROM guesses WHERE expires_at <= ?)"
_FORGET = "DELETE FROM guesses WHERE expires_at <= ?"


class SqliteGuesses:
    """The port `Guesses`."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def note_guess(self, subject: bytes, guess: bytes, *, now: int, until: int) -> int:
        """Remember a guess until an instant; returns how many different ones of the subject still count."""

        def work(connection: sqlite3.Connection) -> int:
            connection.execute(_FORGET, (now,))
            connection.execute(_NOTE, (subject, guess, until))
            (count,) = connection.execute(_COUNT, (subject, now)).fetchone()
            return int(count)

        return await self._writer.run(work)

    async def forget_guesses(self, now: int) -> None:
        """Erase those whose time is over; where there are none, nothing is written."""
        if self._reader.rows(_STALE, (now,))[0][0]:
            await self._writer.run(lambda connection: connection.execute(_FORGET, (now,)))
