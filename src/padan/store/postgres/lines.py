"""What processes know of a line to a registry, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from padan.domain.breaker import Learnt
from padan.store.directory_queries import dollars
from padan.store.line_queries import CLAIM, KNOWN, TELL, learnt_from_row
from padan.store.postgres.link import Connection, Links

_TELL, _CLAIM = dollars(TELL), dollars(CLAIM)


class PostgresLines:
    """The port `LineStates`."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def known_lines(self) -> Mapping[str, Learnt]:
        """What was told of each line."""

        async def fetch(connection: Connection) -> Any:
            return await connection.fetch(KNOWN)

        return {row[0]: learnt_from_row(row) for row in await self._links.run(fetch)}

    async def tell_line(self, name: str, learnt: Learnt) -> None:
        """Tell the others; the later of each instant stays."""

        async def work(connection: Connection) -> None:
            await connection.execute(_TELL, name, learnt.opened_at, learnt.closed_at, learnt.probed_at)

        await self._links.run(work)

    async def claim_probe(self, name: str, now: int, *, every: int) -> bool:
        """Whether nobody has looked for so long; then it is the caller who does."""

        async def work(connection: Connection) -> bool:
            return bool(await connection.fetch(_CLAIM, name, now, now - every, now + every))

        return await self._links.run(work)
