"""Bring a PostgreSQL database to the schema of this version: plain numbered SQL, each in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import asyncpg

from padan.app.ports import StoreUnavailable
from padan.store.postgres.link import FAILURES, Connection, hang_up, open_connection, unavailable
from padan.store.postgres.partitions import LOCK_WITHIN, make_months, patiently, prepare_months

SCHEMA = Path(__file__).parents[1] / "schema" / "postgres"

# Any number, as long as it stays the same and nobody else in the database takes it.
_LOCK = 0x7061_6461_6E
_LONG = 86_400.0
"""Seconds that a migration may take, or wait for another to end."""
_PAUSE = 0.1
_MONTHS = 4
"""The migration that divides the tables by month; its tables are prepared first, while others write."""
_VERSION_TABLE = "CREATE TABLE IF NOT EXISTS padan_schema (version integer NOT NULL)"


def latest_version() -> int:
    """The number of the newest migration."""
    return max(_number(file) for file in SCHEMA.glob("*.sql"))


async def version(connection: Connection) -> int:
    """The number of the newest migration that the database has seen; 0 for an empty one."""
    if await connection.fetchval("SELECT to_regclass('padan_schema') IS NULL"):
        return 0
    return int(await connection.fetchval("SELECT coalesce(max(version), 0) FROM padan_schema"))


async def prepare(url: str, *, create: bool) -> None:
    """Run the migrations that the database has not seen; where it has seen all, nothing is written.

    Args:
        url: of the database.
        create: make the schema where there is none.

    Raises:
        StoreUnavailable: no database, no schema, or one of a newer Padan.
    """
    try:
        connection = await open_connection(url, statement_timeout="0", lock_timeout="0")
    except (*FAILURES, ValueError) as error:
        raise unavailable(error) from None
    try:
        seen = await version(connection)
        if seen == 0 and not create:
            raise StoreUnavailable("there is no schema in the database: run `padan migrate`")
        if seen < latest_version():
            await _alone(connection)
            while (seen := await version(connection)) < latest_version():
                await _step(connection, seen + 1)
        if seen == latest_version():
            await _months_ahead(connection)
    except FAILURES as error:
        raise _refusal(error) from None
    finally:
        await hang_up(connection)
    if seen > latest_version():
        raise StoreUnavailable("the database belongs to a newer version of Padan: install that one")


async def _alone(connection: Connection) -> None:
    """Wait until no other process migrates. The lock ends with the connection, so none outlives its process.

    It is asked for again and again and not waited for: an index that is built while others write waits for
    every transaction that is open, and so it would for this one.
    """
    while not await connection.fetchval(  # noqa: ASYNC110 - nothing could set an event
        "SELECT pg_try_advisory_lock($1)", _LOCK
    ):
        await asyncio.sleep(_PAUSE)


async def _step(connection: Connection, number: int) -> None:
    """Run a migration and note it down, in one transaction: a kill leaves both done, or neither."""
    (file,) = (file for file in SCHEMA.glob("*.sql") if _number(file) == number)
    statements = file.read_text("utf-8")
    if number == _MONTHS:
        boundary = await prepare_months(connection, await _now(connection))
        statements = statements.replace(":boundary", str(boundary))

    async def work() -> None:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WITHIN}'")
            await connection.execute(_VERSION_TABLE)
            await connection.execute(statements, timeout=_LONG)
            await connection.execute("DELETE FROM padan_schema")
            await connection.execute("INSERT INTO padan_schema (version) VALUES ($1)", number)

    await patiently(work)


async def _months_ahead(connection: Connection) -> None:
    """Make the partitions of the coming months, where this role may: a worker's sweep tries again."""
    with contextlib.suppress(asyncpg.InsufficientPrivilegeError, asyncpg.LockNotAvailableError):
        await make_months(connection, await _now(connection))


async def _now(connection: Connection) -> int:
    return int(await connection.fetchval("SELECT (extract(epoch FROM now()) * 1000)::bigint"))


def _refusal(error: Exception) -> StoreUnavailable:
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return StoreUnavailable(
            "the schema is not this version's and this role may not change it: run `padan"
            " migrate` as the owner of the tables"
        )
    return unavailable(error)


def _number(file: Path) -> int:
    return int(file.name.split(".", maxsplit=1)[0])
