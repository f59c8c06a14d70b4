"""All ports over one PostgreSQL database."""

from __future__ import annotations

from functools import partial

from padan.app.ports import StoreUnavailable
from padan.store.postgres.bell import PostgresBell
from padan.store.postgres.directory import PostgresDirectory
from padan.store.postgres.feedback import PostgresFeedback
from padan.store.postgres.fleeting import PostgresAnswers, PostgresGuesses
from padan.store.postgres.ledger import PostgresLedger
from padan.store.postgres.lines import PostgresLines
from padan.store.postgres.link import Connection, EnvironmentLinks, Links, open_connection
from padan.store.postgres.migrations import latest_version, prepare, version
from padan.store.postgres.retention import PostgresRetention
from padan.store.postgres.sessions import PostgresSessions

CONNECTIONS, WALLED_CONNECTIONS = 6, 3
"""With the one that listens, at most ten a process; lanes make few of them carry much."""

VACUUM_WITHIN = 60.0
"""Seconds for a scrub, after which it goes on where it was at the next."""

_SCRUB = "VACUUM (SKIP_LOCKED, TRUNCATE OFF) sessions, feedback, answers, receipts, guesses"
_DURABLE = "SELECT current_setting('fsync'), current_setting('full_page_writes')"
_BEYOND_WALLS = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
_VERSION = "SELECT current_setting('server_version')"


class PostgresStore(
    PostgresSessions,
    PostgresRetention,
    PostgresDirectory,
    PostgresGuesses,
    PostgresAnswers,
    PostgresLedger,
    PostgresFeedback,
    PostgresLines,
):
    """All ports over one database. None of its connections is open before it is needed."""

    def __init__(self, links: Links, walled: EnvironmentLinks, *, bell: PostgresBell) -> None:
        PostgresSessions.__init__(self, links, walled, bell=bell)
        PostgresRetention.__init__(self, links)
        PostgresDirectory.__init__(self, links, walled)
        PostgresGuesses.__init__(self, links)
        PostgresAnswers.__init__(self, links)
        PostgresLedger.__init__(self, links)
        PostgresFeedback.__init__(self, links)
        PostgresLines.__init__(self, links)
        self._heard = bell

    async def is_current(self) -> bool:
        """Whether the database's schema is the one of this version; raises StoreUnavailable."""
        return await self._links.run(version) == latest_version()

    async def scrub(self) -> None:
        """Let PostgreSQL take the place of what was erased for something new, where this process erased any.

        Raises:
            StoreUnavailable: it did not come to an end in time; what it did is done. Try again.
        """
        if not self._erased:
            return
        self._erased = False

        async def work(connection: Connection) -> None:
            await connection.execute("SET statement_timeout = 0")
            await connection.execute(_SCRUB, timeout=VACUUM_WITHIN)
            await connection.execute("SET statement_timeout = DEFAULT")

        try:
            await self._links.run(work)
        except StoreUnavailable:
            self._erased = True
            raise

    async def close(self) -> None:
        """Finish the writes that are waiting, and let go of the server."""
        await PostgresSessions._drain(self)
        await PostgresDirectory._drain(self)
        await self._heard.hang_up()
        await self._links.close()
        await self._walled.close()


async def open_postgres(url: str, *, create: bool = True) -> PostgresStore:
    """Open the store and bring it to the schema of this version.

    Args:
        url: `postgresql://…`; several hosts, and `target_session_attrs=read-write`, for a fail-over.
        create: make the schema where there is none.

    Raises:
        StoreUnavailable: the server cannot be reached, has no schema, or one of a newer Padan.
    """
    await prepare(url, create=create)
    connect = partial(open_connection, url)
    walled = partial(open_connection, url, sees="")
    bell = PostgresBell(partial(open_connection, url, synchronous_commit="local"))
    return PostgresStore(
        Links(connect, size=CONNECTIONS), EnvironmentLinks(walled, size=WALLED_CONNECTIONS), bell=bell
    )


async def examine_postgres(url: str) -> tuple[str, list[str]]:
    """What the server is, and what weakens the store's promises there."""
    links = Links(partial(open_connection, url), size=1)

    async def work(connection: Connection) -> tuple[str, list[str]]:
        weak = []
        about = f"PostgreSQL {(await connection.fetchval(_VERSION)).split()[0]}"
        fsync, full_page_writes = await connection.fetchrow(_DURABLE)
        if fsync == "off" or full_page_writes == "off":
            weak.append("fsync or full_page_writes is off: a power cut loses what was acknowledged")
        if await connection.fetchval(_BEYOND_WALLS):
            about += "; its walls between environments are open: this role sees past row-level security"
        return about, weak

    try:
        return await links.run(work)
    finally:
        await links.close()
