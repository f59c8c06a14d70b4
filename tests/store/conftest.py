from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.conftest import Run

from padan.store.sqlite import SqliteStore, open_sqlite


@pytest.fixture
def run() -> Iterator[Run]:
    """Runs a coroutine to its end; every call of a test shares one event loop."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "padan.db"


@pytest.fixture
def store(path: Path, run: Run) -> Iterator[SqliteStore]:
    opened = open_sqlite(path)
    yield opened
    run(opened.close())
