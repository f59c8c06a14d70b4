"""Look-ups by key: all that wait for the same kind are one query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from padan.store.postgres.lane import Lane
from padan.store.postgres.link import Connection, EnvironmentLinks, Links

T = TypeVar("T")


class Lookup(Generic[T]):
    """Rows by a unique key, whoever they belong to.

    Args:
        links: to run the query over.
        query: takes an array of keys; the last column of its rows is the key.
        read: makes the object of a row.
    """

    def __init__(self, links: Links, query: str, *, read: Callable[[Any], T]) -> None:
        self._links = links
        self._query = query
        self._read = read
        self._lane: Lane[bytes, T | None] = Lane(self._answer)

    async def one(self, key: bytes) -> T | None:
        """The object with that key, if there is one."""
        return await self._lane.ask(key)

    async def close(self) -> None:
        """Answer who waits."""
        await self._lane.close()

    async def _answer(self, keys: Sequence[bytes]) -> list[T | Exception | None]:
        async def fetch(connection: Connection) -> Any:
            return await connection.fetch(self._query, list(set(keys)))

        found = {row[-1]: row for row in await self._links.run(fetch)}
        return [read_or_refuse(self._read, found.get(key)) for key in keys]


class EnvironmentLookup(Generic[T]):
    """Rows by a key that is unique in an environment, seen by that environment alone.

    Args:
        links: to run the query over.
        query: takes the environment and an array of keys; the last column of its rows is the key.
        read: makes the object of a row.
    """

    def __init__(self, links: EnvironmentLinks, query: str, *, read: Callable[[Any], T]) -> None:
        self._links = links
        self._query = query
        self._read = read
        self._lane: Lane[tuple[UUID, bytes], T | None] = Lane(self._answer)

    async def one(self, environment_id: UUID, key: bytes) -> T | None:
        """The object with that key in the environment, if there is one."""
        return await self._lane.ask((environment_id, key))

    async def close(self) -> None:
        """Answer who waits."""
        await self._lane.close()

    async def _answer(self, asked: Sequence[tuple[UUID, bytes]]) -> list[T | Exception | None]:
        keys = dict[UUID, set[bytes]]()
        for environment_id, key in asked:
            keys.setdefault(environment_id, set()).add(key)
        found = dict[tuple[UUID, bytes], Any]()
        for environment_id, own in keys.items():
            found |= await self._of(environment_id, list(own))
        return [read_or_refuse(self._read, found.get(one)) for one in asked]

    async def _of(self, environment_id: UUID, keys: list[bytes]) -> dict[tuple[UUID, bytes], Any]:
        async def fetch(connection: Connection) -> Any:
            return await connection.fetch(self._query, environment_id.bytes, keys)

        return {(environment_id, row[-1]): row for row in await self._links.run(environment_id, fetch)}


def read_or_refuse(read: Callable[[Any], T], row: Any) -> T | Exception | None:
    """The object, or why its row cannot be read: one damaged row refuses itself alone."""
    try:
        return None if row is None else read(row)
    except Exception as error:
        return error
