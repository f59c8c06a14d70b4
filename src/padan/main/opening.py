"""Time, and what lies on disk: the database and the vault's keys."""

from __future__ import annotations

import time
from datetime import date
from importlib.metadata import version

from padan.app.ports import Store
from padan.settings import Settings
from padan.store.databases import Database, database_of
from padan.vault import VaultKeys, load, load_or_create

VERSION = version("padan")


def clock() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def database(settings: Settings) -> Database:
    """The database of the settings; nothing is opened yet."""
    return database_of(settings.database_url)


async def open_store(settings: Settings, *, create: bool = True) -> Store:
    """The store, its schema brought up to date. Raises StoreUnavailable where it cannot be opened."""
    return await database(settings).open(create=create)


def open_keys(settings: Settings, *, create: bool) -> VaultKeys:
    """The vault's keys. Raises KeyFileError, naming the file and the remedy."""
    return load_or_create(settings.keys_folder) if create else load(settings.keys_folder)


def today() -> date:
    """The date in Jakarta."""
    from padan.app.times import jakarta_date

    return jakarta_date(clock())
