"""A store of the first release is migrated under load. The long version: `tests.faults.migration`."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time

import pytest

from padan.app.ports import SessionOrder
from padan.store.postgres import open_postgres
from tests.faults.first_release import OWNER, PROFILE, fill_postgres
from tests.faults.migration import run
from tests.support.postgres import new_database, sql


@pytest.mark.parametrize("postgres", [False, True], ids=["sqlite", "postgres"])
def test_a_full_store_of_the_first_release_is_migrated_while_an_old_process_goes_on(postgres: bool) -> None:
    report = run(4_000, postgres=postgres)
    assert report.problems() == []


OPEN = """
import asyncio, sys
from padan.store.postgres import open_postgres
async def main():
    print("begun", flush=True)
    await (await open_postgres(sys.argv[1])).close()
asyncio.run(main())
"""


def test_a_full_store_whose_migration_is_killed_again_and_again_is_migrated_by_the_next_start() -> None:
    url, chance = new_database(), random.Random(20261125)
    fill_postgres(url, 20_000)
    for _ in range(8):
        with subprocess.Popen([sys.executable, "-c", OPEN, url], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.12))
            process.kill()
    assert asyncio.run(open_and_count(url)) == 20_000
    valid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
    assert sql(url, valid) == [(0,)]


async def open_and_count(url: str) -> int:
    store = await open_postgres(url)
    page = await store.page(OWNER, PROFILE, order=SessionOrder.CREATED, descending=False, page=1, size=1)
    await store.close()
    return page.total
