from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.scene import Scene, scene
from tests.support.chromium import chromium


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Ends with this package: while it runs, this thread has an event loop, which other tests could not bear.
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def here(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One server for a module's tests; each test has people and a browser profile of its own."""
    data: Path = tmp_path_factory.mktemp("padan")
    with scene(browser, data, PADAN_OPERATOR="Padan Operator") as playing:
        yield playing
