"""Which store a database URL means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from padan.app.ports import Store, StoreUnavailable
from padan.store.processes import ProcessLock


class Database(Protocol):
    """A place for sessions that can be opened."""

    @property
    def name(self) -> str:
        """As it may be shown: without a password."""

    async def open(self, *, create: bool = True) -> Store:
        """The store, its schema brought up to date; with `create` also where there is none yet.

        Raises:
            StoreUnavailable: it cannot be opened.
        """

    async def examine(self) -> tuple[str, list[str]]:
        """What it is, where its name does not say so, and what weakens the store's promises there."""

    def process_lock(self) -> ProcessLock | None:
        """The lock by which a start knows that no other process lives, where anything can know."""


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """One file."""

    path: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    async def open(self, *, create: bool = True) -> Store:
        """The store. Raises StoreUnavailable."""
        from padan.store.sqlite import open_sqlite

        if not create and not self.path.exists():
            raise StoreUnavailable(f"{self.path} does not exist; run 'padan migrate'")
        return open_sqlite(self.path, create=create)

    async def examine(self) -> tuple[str, list[str]]:
        """Nothing: SQLite is part of this process."""
        return "", []

    def process_lock(self) -> ProcessLock | None:
        """A file beside the database: the processes are all on this machine."""
        return ProcessLock(self.path.with_suffix(".lock"))


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """A database on a server."""

    url: str

    @property
    def name(self) -> str:
        """Host and database."""
        from padan.store.postgres.link import without_password

        return without_password(self.url)

    async def open(self, *, create: bool = True) -> Store:
        """The store. Raises StoreUnavailable."""
        from padan.store.postgres import open_postgres

        return await open_postgres(self.url, create=create)

    async def examine(self) -> tuple[str, list[str]]:
        """The server's version; whether its disk is waited for and its walls hold."""
        from padan.store.postgres import examine_postgres

        return await examine_postgres(self.url)

    def process_lock(self) -> ProcessLock | None:
        """None: whoever is silent may live on another machine, with a question under way. Leases run out."""
        return None


def database_of(url: str) -> Database:
    """The database that a URL of the settings names."""
    if url.startswith("postgresql://"):
        return PostgresDatabase(url)
    return SqliteDatabase(Path(url.removeprefix("sqlite:///")))
