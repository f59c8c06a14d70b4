"""Partitions by month: how a table of before becomes the first, and how the coming months get theirs.

Each step may be repeated, and be made by two processes at once. A lock that shuts others out is never waited
for long: everything that comes after would have to wait behind it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import asyncpg

from padan.app.ports import StoreUnavailable
from padan.store.months import Month, between, instant_of
from padan.store.postgres.link import Connection

T = TypeVar("T")

MONTHS_AHEAD = 3
"""Months that have their partitions before they begin."""

LOCK_WITHIN = "1500ms"
"""To wait for a lock that shuts others out: longer than the second after which autovacuum gives way."""
PAUSE, TRIES = 0.5, 240
_A_DAY = 86_400_000
_LOCK = 0x7061_6461_6F
_LONG = 86_400.0

_KEYS = {"sessions": "id", "attempts": "session_id"}
_INDEX = (
    "CREATE INDEX CONCURRENTLY sessions_before_redacted ON sessions (redacted_at ASC)"
    " WHERE redacted_at IS NOT NULL"
)
_IS_VALID = (
    "SELECT i.indisvalid FROM pg_index AS i WHERE i.indexrelid = to_regclass('sessions_before_redacted')"
)
_BOUND = (
    "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE conname = 'sessions_before_boundary' AND conrelid = 'sessions'::regclass"
)
_PARTITIONS = (
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i"
    " JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('sessions')"
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TO = re.compile(rf"TO \('({_UUID.pattern})'\)")
_OF_A_MONTH = re.compile(r"sessions_([0-9]{4})_([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition of `sessions`; `until` is the instant at which its ids end, None for the default one."""

    name: str
    until: int | None

    @property
    def month(self) -> Month | None:
        """The month that it holds; None for what was before months, and for the default."""
        named = _OF_A_MONTH.fullmatch(self.name)
        return Month(int(named[1]), int(named[2])) if named else None


async def partitions(connection: Connection) -> list[Partition]:
    """The partitions of `sessions`, the oldest first, the default one last."""
    found = []
    for name, bound in await connection.fetch(_PARTITIONS):
        to = _TO.search(bound)
        found.append(Partition(name, instant_of(UUID(to[1])) if to else None))
    return sorted(found, key=lambda one: (one.until is None, one.until))


async def prepare_months(connection: Connection, now: int) -> UUID:
    """Make the tables of before fit to be attached as partitions without being read, while others write.

    Returns the boundary: ids from there on belong to months of their own. Outside of a transaction.
    """
    boundary = await _boundary(connection, now)
    if await connection.fetchval("SELECT 1 FROM sessions LIMIT 1") is None:
        return boundary
    for table, key in _KEYS.items():
        name = f"{table}_before_boundary"
        await _unless_there(
            connection, f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({key} < '{boundary}') NOT VALID"
        )
        await connection.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}", timeout=_LONG)
    if await connection.fetchval(_IS_VALID) is False:
        # Whoever made it died over it.
        await connection.execute("DROP INDEX CONCURRENTLY sessions_before_redacted", timeout=_LONG)
    if await connection.fetchval(_IS_VALID) is None:
        await connection.execute(_INDEX, timeout=_LONG)
    return boundary


async def _boundary(connection: Connection, now: int) -> UUID:
    """Where the first partition ends: what an earlier try has chosen, else the next month or the one after.

    A day is left, so that nothing is created past it before the partitions are there.
    """
    chosen = _UUID.search(await connection.fetchval(_BOUND) or "")
    return UUID(chosen[0]) if chosen else Month.of(now + _A_DAY).later(1).first_id


async def _unless_there(connection: Connection, statement: str) -> None:
    async def work() -> None:
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WITHIN}'")
                await connection.execute(statement)
        except asyncpg.DuplicateObjectError:
            return

    await patiently(work)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Try again for two minutes where a lock is not to be had, with pauses in which others go on."""
    for _ in range(TRIES):
        try:
            return await work()
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            await asyncio.sleep(PAUSE)
    raise StoreUnavailable("the tables are in use without a pause: end long transactions, then try again")


async def make_months(connection: Connection, now: int) -> int:
    """Make the partitions of the coming months; until which instant there are some afterwards.

    A month that another process is just making is left to it, and one whose sessions lie in the default
    partition already stays there.

    Raises:
        asyncpg.PostgresError: this role may not, or a lock was not to be had: try again later.
    """
    known = await partitions(connection)
    until = max((one.until for one in known if one.until is not None), default=None)
    if until is None:
        return now
    end = Month.of(now).later(MONTHS_AHEAD + 1)
    for month in between(Month.of(until), end):
        async with connection.transaction():
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
                return until
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WITHIN}'")
            if await connection.fetchval("SELECT to_regclass($1) IS NULL", f"sessions_{month.name}"):
                await _make(connection, month)
        until = month.later(1).start
    return until


async def _make(connection: Connection, month: Month) -> None:
    """Made beside the table and then attached: so nobody is shut out of it."""
    bounds = f"FROM ('{month.first_id}') TO ('{month.later(1).first_id}')"
    try:
        async with connection.transaction():
            for table in _KEYS:
                name = f"{table}_{month.name}"
                fill = " WITH (fillfactor = 70)" if table == "sessions" else ""
                await connection.execute(
                    f"CREATE TABLE {name} (LIKE {table} INCLUDING GENERATED){fill};"
                    f" ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES {bounds}"
                )
            await connection.execute(
                f"ALTER TABLE sessions_{month.name} ENABLE ROW LEVEL SECURITY;"
                f" ALTER TABLE sessions_{month.name} FORCE ROW LEVEL SECURITY;"
                f" CREATE POLICY wall ON sessions_{month.name}"
                " USING (current_setting('padan.environment', true) IN ('*', environment_id::text))"
            )
    except asyncpg.CheckViolationError:
        return
