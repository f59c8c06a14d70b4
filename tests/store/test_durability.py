"""What was acknowledged is there after a kill at any moment."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

from tests.contracts.conftest import Run

from padan.store.sqlite import open_sqlite

ROOT = Path(__file__).parents[2]
ROUNDS = 20

# Adds sessions from eight tasks and prints, for each step that was acknowledged, what must be found later.
WRITER = """
import asyncio, os, sys
from pathlib import Path
from padan.domain.session import Lease, asking, succeeded
from padan.store.sqlite import open_sqlite
from tests.contracts.builders import a_session, an_attempt
from padan.domain.identifiers import uuid7

def tell(step, session):
    os.write(1, f"{step} {session.id}\\n".encode())

async def work(store):
    while True:
        new = a_session(id=uuid7(1, os.urandom(10)))
        await store.add(new)
        tell("added", new)
        asked = asking(new, now=2_000, lease=Lease("worker", 5_000))
        await store.change(new, asked, attempt=an_attempt(new))
        tell("asked", new)
        await store.change(asked, succeeded(asked, now=2_100, sealed_result=b"result" * 300))
        tell("succeeded", new)

async def main():
    store = open_sqlite(Path(sys.argv[1]))
    await asyncio.gather(*(work(store) for _ in range(8)))

asyncio.run(main())
"""


def killed_at(path: Path, delay: float) -> list[tuple[str, UUID]]:
    """What a writer said was done before it was killed, `delay` seconds after its first word."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as said:
        first = said.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        lines = (first + said.read()).decode().split("\n")[:-1]
    assert process.wait() == -signal.SIGKILL
    return [(line.split()[0], UUID(line.split()[1])) for line in lines]


def test_a_killed_process_loses_nothing_that_it_acknowledged(path: Path, run: Run) -> None:
    chance = random.Random(20261123)
    told: list[tuple[str, UUID]] = []
    for _ in range(ROUNDS):
        told += killed_at(path, chance.uniform(0.0, 0.05))
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert len(told) > ROUNDS
    store = open_sqlite(path)
    for step, id_ in told:
        session = run(store.find(id_))
        assert session is not None
        attempts = run(store.attempts(id_))
        assert len(attempts) == (session.attempts > 0)
        if step == "asked":
            assert session.attempts == 1
        if step == "succeeded":
            assert session.success
            assert session.sealed_result == b"result" * 300
            assert session.sealed_claim is None
    run(store.close())
