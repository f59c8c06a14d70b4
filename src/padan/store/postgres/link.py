"""Connections to PostgreSQL: opened when first needed, opened anew after they broke."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg

from padan.app.ports import StoreUnavailable

T = TypeVar("T")
Connection: TypeAlias = "asyncpg.Connection[Any]"
Work: TypeAlias = Callable[[Connection], Awaitable[T]]
Connect: TypeAlias = Callable[[], Awaitable[Connection]]

EVERYTHING = "*"
"""In place of an environment: the connection sees the rows of all."""

CONNECT_WITHIN = 5.0
"""Seconds for a connection to be there."""
ANSWER_WITHIN = 10.0
"""Seconds after which a server that says nothing counts as gone; its own time-out comes before that."""

SETTINGS = {
    "application_name": "padan",
    "statement_timeout": "8s",
    "lock_timeout": "4s",
    "idle_in_transaction_session_timeout": "15s",
    # Every statement is meant to go by an index. While a table is new, the planner believes it small and
    # would keep a plan that reads all of it.
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}

# What a statement can do wrong by itself: the connection is sound afterwards.
_HARMLESS = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
)
FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
    EOFError,
)
"""What goes wrong between here and the server."""
# With these, one of two that got in each other's way was undone as a whole: it can be made again.
_UNDONE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_TRIES = 5


class Links:
    """At most `size` connections, each used by one at a time, the warmest first.

    Whatever goes wrong with a connection ends it; the next to need one opens another. So a server that was
    restarted, or took over from another, is found without a restart of ours.
    """

    def __init__(self, connect: Connect, *, size: int) -> None:
        self._connect = connect
        self._idle: list[Connection] = []
        self._free = asyncio.Semaphore(size)
        self._open: set[Connection] = set()
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """The value of `work` over a connection.

        Raises:
            StoreUnavailable: the server cannot be reached, said no, or said nothing in time.
            asyncpg.IntegrityConstraintViolationError, asyncpg.DataError: the statement's own fault.
        """
        async with self._free:
            for tries in range(1, _TRIES + 1):
                try:
                    return await self._once(work)
                except _UNDONE as error:
                    if tries == _TRIES:
                        raise unavailable(error) from None
        raise AssertionError("unreachable")

    async def _once(self, work: Work[T]) -> T:
        connection = await self._taken()
        sound = False
        try:
            value = await work(connection)
            sound = True
            return value
        except _HARMLESS:
            sound = _usable(connection)
            raise
        except FAILURES as error:
            raise unavailable(error) from None
        except Exception:
            sound = _usable(connection)
            raise
        finally:
            if sound and not self._closed:
                self._idle.append(connection)
            else:
                self._open.discard(connection)
                connection.terminate()

    async def _taken(self) -> Connection:
        if self._closed:
            raise StoreUnavailable("the store is closed: open it again")
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._open.discard(connection)
        try:
            connection = await self._connect()
        except (*FAILURES, ValueError) as error:
            raise unavailable(error) from None
        self._open.add(connection)
        return connection

    async def close(self) -> None:
        """Say good-bye to the server; work under way ends with its connection."""
        self._closed = True
        self._idle.clear()
        for connection in self._open:
            await hang_up(connection)
        self._open.clear()


class EnvironmentLinks:
    """Connections that see the rows of one environment at a time: the database's own wall.

    The environment is a setting of the connection, and is changed only where the last call had another.
    """

    def __init__(self, connect: Connect, *, size: int) -> None:
        self._links = Links(connect, size=size)
        self._seen: dict[Connection, UUID] = {}

    async def run(self, environment_id: UUID, work: Work[T]) -> T:
        """The value of `work` over a connection that sees this environment alone. Raises as `Links.run`."""

        async def behind_the_wall(connection: Connection) -> T:
            if self._seen.get(connection) != environment_id:
                self._seen.pop(connection, None)
                await connection.execute(
                    "SELECT set_config('padan.environment', $1, false)", str(environment_id)
                )
                self._forget_closed()
                self._seen[connection] = environment_id
            return await work(connection)

        return await self._links.run(behind_the_wall)

    async def close(self) -> None:
        """Say good-bye to the server."""
        await self._links.close()

    def _forget_closed(self) -> None:
        self._seen = {known: seen for known, seen in self._seen.items() if not known.is_closed()}


async def open_connection(url: str, *, sees: str = EVERYTHING, **settings: str) -> Connection:
    """A connection that waits for the disk at every commit, and reads identifiers as 16 bytes.

    Raises:
        asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError: there is none.
    """
    connection: Connection = await asyncpg.connect(
        url,
        timeout=CONNECT_WITHIN,
        command_timeout=ANSWER_WITHIN,
        server_settings={**SETTINGS, "padan.environment": sees, **settings},
    )
    try:
        await connection.set_type_codec(
            "uuid", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
        )
        # A server may be set up to acknowledge before the disk has it. Stricter than `on` is left as it is.
        await connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
    except BaseException:
        connection.terminate()
        raise
    return connection


def _usable(connection: Connection) -> bool:
    return not connection.is_closed() and not connection.is_in_transaction()


async def hang_up(connection: Connection) -> None:
    """Close a connection, at the latest after a second."""
    try:
        await connection.close(timeout=1.0)
    except FAILURES:
        connection.terminate()


def unavailable(error: BaseException) -> StoreUnavailable:
    """The refusal for an error: its SQLSTATE or name alone, for its message may quote what was stored."""
    name = getattr(error, "sqlstate", None) or type(error).__name__
    return StoreUnavailable(f"the database is unavailable ({name}): check that PostgreSQL runs and its log")


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"postgresql://{host}{parts.path}"
