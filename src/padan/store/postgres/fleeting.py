"""What is kept for a while only, in PostgreSQL: answers, so that none is paid twice, and guesses."""

from __future__ import annotations

from typing import Any

from padan.store.postgres.link import Connection, Links

_KEEP = (
    "INSERT INTO answers (name, sealed, expires_at) VALUES ($1, $2, $3)"
    " ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at"
)
_KEPT = "SELECT sealed FROM answers WHERE name = $1 AND expires_at > $2"
_FORGET_ANSWERS = "DELETE FROM answers WHERE expires_at <= $1"
_FORGET_RECEIPTS = "DELETE FROM receipts WHERE expires_at <= $1"
_FORGET_GUESSES = "DELETE FROM guesses WHERE expires_at <= $1"

# The lock is of the subject, whose rows are counted; it ends with the transaction.
_ALONE_WITH = "SELECT pg_advisory_xact_lock($1)"
_FORGET_OF = "DELETE FROM guesses WHERE subject = $1 AND expires_at <= $2"
_MADE = "SELECT guess FROM guesses WHERE subject = $1"
_NOTE = "INSERT INTO guesses (subject, guess, expires_at) VALUES ($1, $2, $3)"


class PostgresAnswers:
    """The port `Answers`."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def keep_answer(self, name: bytes, sealed: bytes, *, until: int) -> None:
        """Keep an answer under its keyed fingerprint, in place of one before."""

        async def work(connection: Connection) -> None:
            await connection.execute(_KEEP, name, sealed, until)

        await self._links.run(work)

    async def kept_answer(self, name: bytes, *, now: int) -> bytes | None:
        """The answer, while it lasts."""

        async def work(connection: Connection) -> Any:
            return await connection.fetchval(_KEPT, name, now)

        sealed: bytes | None = await self._links.run(work)
        return sealed

    async def forget_answers(self, now: int) -> None:
        """Erase answers and receipts whose time is over."""

        async def work(connection: Connection) -> None:
            await connection.execute(_FORGET_ANSWERS, now)
            await connection.execute(_FORGET_RECEIPTS, now)

        await self._links.run(work)


class PostgresGuesses:
    """The port `Guesses`."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def note_guess(self, subject: bytes, guess: bytes, *, most: int, now: int, until: int) -> bool:
        """Whether a guess may be made; one that may is remembered until an instant."""
        lock = int.from_bytes(subject[:8].ljust(8, b"\0"), "big", signed=True)

        async def work(connection: Connection) -> bool:
            async with connection.transaction():
                await connection.execute(_ALONE_WITH, lock)
                await connection.execute(_FORGET_OF, subject, now)
                known = {row[0] for row in await connection.fetch(_MADE, subject)}
                if guess in known:
                    return True
                if len(known) >= most:
                    return False
                await connection.execute(_NOTE, subject, guess, until)
                return True

        return await self._links.run(work)

    async def forget_guesses(self, now: int) -> None:
        """Erase those whose time is over."""

        async def work(connection: Connection) -> None:
            await connection.execute(_FORGET_GUESSES, now)

        await self._links.run(work)
