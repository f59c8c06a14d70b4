"""How many different details were tried with one NIK, in SQLite: keyed fingerprints, for a day at most."""

from __future__ import annotations

import sqlite3

from padan.store.connections import Reader
from padan.store.writer import Writer

_NOTE = "INSERT INTO guesses (subject, guess, expires_at) VALUES (?, ?, ?)"
_MADE = "SELECT guess FROM guesses WHERE subject = ?"
_STALE = "SELECT EXISTS (SELECT 1 FROM guesses WHERE expires_at <= ?)"
_FORGET = "DELETE FROM guesses WHERE expires_at <= ?"


class SqliteGuesses:
    """The port `Guesses`."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def note_guess(self, subject: bytes, guess: bytes, *, most: int, now: int, until: int) -> bool:
        """Whether a guess may be made; one that may is remembered until an instant."""

        def work(connection: sqlite3.Connection) -> bool:
            connection.execute(_FORGET, (now,))
            known = [made for (made,) in connection.execute(_MADE, (subject,))]
            if guess in known:
                return True
            if len(known) >= most:
                return False
            connection.execute(_NOTE, (subject, guess, until))
            return True

        return await self._writer.run(work)

    async def forget_guesses(self, now: int) -> None:
        """Erase those whose time is over; where there are none, nothing is written."""
        if self._reader.rows(_STALE, (now,))[0][0]:
            await self._writer.run(lambda connection: connection.execute(_FORGET, (now,)))
