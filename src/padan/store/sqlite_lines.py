"""What processes know of a line to a registry, in SQLite."""

from __future__ import annotations

from collections.abc import Mapping

from padan.domain.breaker import Learnt
from padan.store.connections import Reader
from padan.store.line_queries import CLAIM, KNOWN, TELL, learnt_from_row
from padan.store.writer import Writer


class SqliteLines:
    """The port `LineStates`."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def known_lines(self) -> Mapping[str, Learnt]:
        """What was told of each line."""
        return {row[0]: learnt_from_row(row) for row in self._reader.rows(KNOWN)}

    async def tell_line(self, name: str, learnt: Learnt) -> None:
        """Tell the others; the later of each instant stays."""
        row = (name, learnt.opened_at, learnt.closed_at, learnt.probed_at)
        await self._writer.run(lambda connection: connection.execute(TELL, row))

    async def claim_probe(self, name: str, now: int, *, every: int) -> bool:
        """Whether nobody has looked for so long; then it is the caller who does."""
        row = (name, now, now - every, now + every)
        return await self._writer.run(lambda connection: bool(connection.execute(CLAIM, row).fetchall()))
