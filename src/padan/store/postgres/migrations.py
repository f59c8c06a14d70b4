"""Bring a PostgreSQL database to the schema of this version: plain numbered SQL, each in one transaction."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from padan.app.ports import StoreUnavailable
from padan.store.postgres.link import FAILURES, Connection, hang_up, open_connection, unavailable

SCHEMA = Path(__file__).parents[1] / "schema" / "postgres"

# Any number, as long as it stays the same and nobody else in the database takes it.
_LOCK = 0x7061_6461_6E
_LONG = 86_400.0
"""Seconds that a migration may take, or wait for another to end."""
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
        while seen < latest_version():
            seen = await _step(connection)
    except FAILURES as error:
        raise _refusal(error) from None
    finally:
        await hang_up(connection)
    if seen > latest_version():
        raise StoreUnavailable("the database belongs to a newer version of Padan: install that one")


async def _step(connection: Connection) -> int:
    """Run the next migration and note it down, in one transaction: a kill leaves both done, or neither.

    The lock belongs to the transaction, so none outlives its process. Whoever waited for it looks again.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK, timeout=_LONG)
        await connection.execute(_VERSION_TABLE)
        seen = await version(connection)
        pending = sorted(file for file in SCHEMA.glob("*.sql") if _number(file) > seen)
        if not pending:
            return seen
        await connection.execute(pending[0].read_text("utf-8"), timeout=_LONG)
        await connection.execute("DELETE FROM padan_schema")
        await connection.execute("INSERT INTO padan_schema (version) VALUES ($1)", _number(pending[0]))
        return _number(pending[0])


def _refusal(error: Exception) -> StoreUnavailable:
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return StoreUnavailable(
            "the schema is not this version's and this role may not change it: run `padan"
            " migrate` as the owner of the tables"
        )
    return unavailable(error)


def _number(file: Path) -> int:
    return int(file.name.split(".", maxsplit=1)[0])
