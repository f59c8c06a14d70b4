"""Counters in PostgreSQL: the rows a transaction needs are locked first, in the order of their names."""

# ruff: noqa: S608 -- statements are put together from the names of columns; every value is bound.

from __future__ import annotations

from collections.abc import Iterable

from padan.store.postgres.columns import COUNTER, as_parameters, rows_of
from padan.store.postgres.link import Connection

ONE = "SELECT number FROM counters WHERE name = $1 AND period = $2"
AT_LEAST = (
    "INSERT INTO counters AS c (name, period, number) VALUES ($1, $2, $3)"
    " ON CONFLICT (name, period) DO UPDATE SET number = greatest(c.number, excluded.number)"
)

_MAKE = (
    "INSERT INTO counters (name, period, number)"
    " SELECT name, period, 0 FROM unnest($1::text[], $2::text[]) AS r (name, period)"
    " ON CONFLICT (name, period) DO NOTHING"
)
_LOCK = (
    "SELECT c.name, c.period, c.number FROM counters AS c"
    " WHERE (c.name, c.period) IN (SELECT * FROM unnest($1::text[], $2::text[]))"
    " ORDER BY c.name, c.period FOR NO KEY UPDATE OF c"
)
_STORE = (
    f"UPDATE counters AS c SET number = r.number FROM {rows_of(COUNTER)}"
    " WHERE c.name = r.name AND c.period = r.period"
)


class LockedCounters:
    """Counters that nobody else can change before this transaction ends."""

    def __init__(self, connection: Connection, numbers: dict[tuple[str, str], int]) -> None:
        self._connection = connection
        self._numbers = numbers
        self._changed = set[tuple[str, str]]()

    def get(self, name: str, period: str) -> int:
        """The number."""
        return self._numbers[name, period]

    def put(self, name: str, period: str, *, number: int) -> None:
        """Keep the number for `store`."""
        if self._numbers[name, period] != number:
            self._numbers[name, period] = number
            self._changed.add((name, period))

    async def store(self) -> None:
        """Write what changed."""
        rows = [(*key, self._numbers[key]) for key in sorted(self._changed)]
        if rows:
            await self._connection.execute(_STORE, *as_parameters(rows))


async def lock_counters(connection: Connection, names: Iterable[tuple[str, str]]) -> LockedCounters:
    """Lock the counters of these names and periods, and make those that are not there yet."""
    wanted = sorted(set(names))
    numbers = dict[tuple[str, str], int]()
    if wanted:
        columns = [[name for name, _ in wanted], [period for _, period in wanted]]
        numbers = await _locked(connection, columns)
        if len(numbers) < len(wanted):
            await connection.execute(_MAKE, *columns)
            numbers = await _locked(connection, columns)
    return LockedCounters(connection, numbers)


async def _locked(connection: Connection, columns: list[list[str]]) -> dict[tuple[str, str], int]:
    return {(row[0], row[1]): row[2] for row in await connection.fetch(_LOCK, *columns)}
