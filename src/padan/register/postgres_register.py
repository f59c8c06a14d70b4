"""The register in PostgreSQL, for a cluster: a table a load, and a row that names the one that answers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from padan.app.ports.registers import (
    Packed,
    RegisterDamaged,
    RegisterUnavailable,
    RegisterVersion,
)
from padan.domain.register import Record
from padan.register.current import nothing_loaded
from padan.register.forms import Form
from padan.register.order import ascending
from padan.register.records import from_bytes

_SCHEMA: Final = """
CREATE SCHEMA IF NOT EXISTS padan_register;
CREATE TABLE IF NOT EXISTS padan_register.current (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    people_table text NOT NULL,
    revision bigint NOT NULL,
    people bigint NOT NULL,
    sealed boolean NOT NULL,
    secret_check text NOT NULL,
    loaded_at bigint NOT NULL,
    source text NOT NULL
);
"""
_LOCK: Final = 0x70616461_6E726567
"""The advisory lock of who writes: the letters of padanreg."""
_CONNECTIONS: Final = 8
_TIMEOUT: Final = 10.0
_FAILURES: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
    EOFError,
)


class PostgresRegister:
    """A schema `padan_register` in a database. Nothing is opened before the first call."""

    def __init__(self, url: str, form: Form) -> None:
        self.url = url
        self._form = form
        self._pool: asyncpg.Pool[Any] | None = None
        self._table: str | None = None
        self._opening = asyncio.Lock()

    async def look(self, nik: str) -> Record | None:
        """The person of a NIK."""
        try:
            key = self._form.key(nik)
        except ValueError:
            key = b""  # nobody's
        for _ in range(2):
            table = self._table or await self._find_table()
            try:
                async with self._connection() as connection:
                    value = await connection.fetchval(f"SELECT value FROM {table} WHERE key = $1", key)  # noqa: S608
                break
            except asyncpg.UndefinedTableError:
                self._table = None
        else:
            raise RegisterUnavailable("the register was loaded twice in one moment: ask again")
        try:
            return None if value is None else from_bytes(nik, self._form.open(nik, value))
        except ValueError:
            raise RegisterDamaged("a record is not readable: load the register again") from None

    async def count(self) -> int:
        """How many."""
        return int((await self._row())["people"])

    async def version(self) -> RegisterVersion:
        """Which data."""
        row = await self._row()
        async with self._connection() as connection:
            size = await connection.fetchval(
                "SELECT pg_total_relation_size($1::text::regclass)", row["people_table"]
            )
        return RegisterVersion(
            name=f"{row['people_table'].partition('people_')[2]}.{row['revision']}",
            people=row["people"],
            sealed=row["sealed"],
            loaded_at=row["loaded_at"],
            source=row["source"],
            stored_bytes=size,
        )

    async def is_sealed(self) -> bool:
        """As the row says."""
        return bool((await self._row())["sealed"])

    async def sealed_under(self) -> str:
        """As the row says."""
        return str((await self._row())["secret_check"])

    async def refresh(self) -> None:
        """Ask again which table answers; a table that is gone is noticed without it."""
        self._table = None

    async def replace(self, batches: Iterable[Sequence[Packed]], *, source: str, loaded_at: int) -> int:
        """Fill a new table, then let it count and drop the old one in one transaction."""
        table = f"padan_register.people_{loaded_at}_{os.urandom(3).hex()}"
        async with self._writing(create=True) as connection:
            await self._drop_forgotten(connection)
            try:
                await connection.execute(f"CREATE TABLE {table} (key bytea NOT NULL, value bytea NOT NULL)")
                people = await self._fill(connection, table, batches=batches)
                await connection.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (key)")
                async with connection.transaction():
                    await connection.execute("DELETE FROM padan_register.current")
                    await connection.execute(
                        "INSERT INTO padan_register.current (people_table, revision, people, sealed, "
                        "secret_check, loaded_at, source) VALUES ($1, 1, $2, $3, $4, $5, $6)",
                        *(table, people, self._form.sealed, self._form.check, loaded_at, source),
                    )
            finally:
                if not connection.is_closed():
                    await self._drop_forgotten(connection)
        self._table = None
        return people

    async def update(self, batch: Sequence[Packed]) -> None:
        """Add or overwrite."""
        people = dict(batch)
        async with self._writing() as connection, connection.transaction():
            table = await self._find_table(connection)
            added = await connection.fetchval(
                f"WITH written AS (INSERT INTO {table} SELECT * FROM unnest($1::bytea[], $2::bytea[]) "  # noqa: S608
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING xmax = 0 AS added) "
                "SELECT count(*) FILTER (WHERE added) FROM written",
                *(list(people), list(people.values())),
            )
            await _count_up(connection, added)

    async def remove(self, niks: Sequence[str]) -> int:
        """Forget these."""
        keys = [self._form.key(nik) for nik in niks]
        async with self._writing() as connection, connection.transaction():
            table = await self._find_table(connection)
            gone = await connection.fetch(f"DELETE FROM {table} WHERE key = ANY($1) RETURNING 1", list(keys))  # noqa: S608
            await _count_up(connection, -len(gone))
            return len(gone)

    async def clear(self) -> int:
        """Forget everybody."""
        async with self._writing(create=True) as connection:
            people = await connection.fetchval("DELETE FROM padan_register.current RETURNING people")
            await self._drop_forgotten(connection)
        self._table = None
        return people or 0

    async def close(self) -> None:
        """Close all connections."""
        pool, self._pool, self._table = self._pool, None, None
        if pool is not None:
            await pool.close()

    async def _fill(self, connection: Any, table: str, *, batches: Iterable[Sequence[Packed]]) -> int:
        people = 0
        schema, _, name = table.partition(".")
        for batch in ascending(batches):
            await connection.copy_records_to_table(
                name, schema_name=schema, records=batch, columns=("key", "value"), timeout=None
            )
            people += len(batch)
        return people

    async def _drop_forgotten(self, connection: Any) -> None:
        """Drop every table of people but the one that counts."""
        rows = await connection.fetch(
            "SELECT schemaname || '.' || tablename AS name FROM pg_tables "
            "WHERE schemaname = 'padan_register' AND tablename LIKE 'people\\_%' "
            "AND schemaname || '.' || tablename NOT IN "
            "(SELECT people_table FROM padan_register.current)"
        )
        for row in rows:
            await connection.execute(f"DROP TABLE IF EXISTS {row['name']}")

    async def _find_table(self, connection: Any = None) -> str:
        row = await self._row(connection)
        if row["sealed"] != self._form.sealed:
            raise RegisterUnavailable(
                f"the register is {('plain', 'sealed')[row['sealed']]}, and was opened as if it were not"
            )
        if row["secret_check"] != self._form.check:
            raise RegisterUnavailable(
                "the register is sealed under another key than that of the keys' folder: restore the key "
                "from a backup, or load the register again"
            )
        self._table = str(row["people_table"])
        return self._table

    async def _row(self, connection: Any = None) -> Any:
        try:
            if connection is None:
                async with self._connection() as taken:
                    row = await taken.fetchrow("SELECT * FROM padan_register.current")
            else:
                row = await connection.fetchrow("SELECT * FROM padan_register.current")
        except asyncpg.UndefinedTableError:
            row = None
        if row is None:
            raise nothing_loaded(f"the database {_place(self.url)}")
        return row

    @asynccontextmanager
    async def _writing(self, *, create: bool = False) -> AsyncIterator[Any]:
        """A connection of its own that alone may change the register."""
        with _told():
            connection = await asyncpg.connect(self.url, timeout=_TIMEOUT)
        try:
            with _told():
                if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                    raise RegisterUnavailable(
                        "the register is being written by another command: wait until it has ended"
                    )
                if create:
                    await connection.execute(_SCHEMA)
                yield connection
        finally:
            await asyncio.shield(connection.close(timeout=_TIMEOUT))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        with _told():
            async with (await self._opened_pool()).acquire() as connection:
                yield connection

    async def _opened_pool(self) -> asyncpg.Pool[Any]:
        if self._pool is None:
            # Of many who ask first at once, one makes it.
            async with self._opening:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        self.url,
                        min_size=0,
                        max_size=_CONNECTIONS,
                        timeout=_TIMEOUT,
                        command_timeout=_TIMEOUT,
                    )
        return self._pool


class _told:  # noqa: N801 - a context manager, used as a function
    """Turns what goes wrong between here and the server into words; the server's own may quote a row."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: object) -> None:
        if isinstance(error, asyncpg.UndefinedTableError) or not isinstance(error, _FAILURES):
            return
        if isinstance(error, asyncpg.DiskFullError):
            raise RegisterUnavailable(
                "the disk of the register's database is full: nothing was changed; make room and try again"
            ) from None
        raise RegisterUnavailable(
            f"the register's database did not do it ({type(error).__name__}): check PADAN_REGISTER and the "
            "server's log"
        ) from None


def _place(url: str) -> str:
    """Host, port and database, without who asks: passwords stand before the last `@`, or in the query."""
    parts = urlsplit(url)
    return (parts.netloc + parts.path).rpartition("@")[2]


async def _count_up(connection: Any, added: int) -> None:
    await connection.execute(
        "UPDATE padan_register.current SET people = people + $1, revision = revision + 1", added
    )
