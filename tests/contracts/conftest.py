from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from tests.support.postgres import empty_database

from padan.store.memory import MemoryStore
from padan.store.postgres import PostgresStore, open_postgres
from padan.store.sqlite import SqliteStore, open_sqlite

Run: TypeAlias = Callable[[Coroutine[Any, Any, Any]], Any]
Store: TypeAlias = MemoryStore | SqliteStore | PostgresStore


@pytest.fixture
def run() -> Iterator[Run]:
    """Runs a coroutine to its end; every call of a test shares one event loop."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path, run: Run) -> Iterator[Store]:
    """Every implementation of the ports of the store, empty."""
    opened: Store
    if request.param == "memory":
        opened = MemoryStore()
    elif request.param == "sqlite":
        opened = open_sqlite(tmp_path / "padan.db")
    else:
        opened = run(open_postgres(empty_database()))
    yield opened
    run(opened.close())
