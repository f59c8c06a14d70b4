"""A store at work for a recording: `… -m tests.support.watched_writer FOLDER SEED STEPS SYNC CHECKPOINT END`.

Some tasks add, ask and end sessions until so many steps were acknowledged. Each acknowledgement is a line in
the file `acks` beside the database: `added ID`, `asked ID`, `succeeded ID`, `redacted ID`. `SYNC` is
`FULL`, as the product has it, or what the harness puts in its place; CHECKPOINT the pages after which the log
is copied into the database; END is `close` or `crash`.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
from contextlib import suppress
from pathlib import Path

from padan.app.ports import StoreUnavailable
from padan.domain.attempt import Allowance
from padan.domain.identifiers import uuid7
from padan.domain.session import Lease, asking, redacted, succeeded
from padan.store import sqlite
from padan.store.connections import open_writer
from padan.store.sqlite import SqliteStore, open_sqlite
from tests.contracts.builders import PROFILE_ID, a_session, an_attempt

RESULT = b"result" * 300
FREE = Allowance("dukcapil", PROFILE_ID, "2026-11-25", "2026-11")


class Acks:
    """Where acknowledgements are written, and how many are still to come."""

    def __init__(self, path: Path, steps: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.left = steps

    def tell(self, step: str, what: object) -> None:
        os.write(self._file, f"{step} {what}\n".encode())
        self.left -= 1


async def one_session(store: SqliteStore, acks: Acks, chance: random.Random) -> None:
    """A session from its beginning to its end; some are redacted."""
    new = a_session(id=uuid7(1, chance.randbytes(10)))
    await store.add(new)
    acks.tell("added", new.id)
    asked = asking(new, now=2_000, lease=Lease("worker", 5_000))
    begun = await store.begin(new, asked, attempt=an_attempt(new), allowance=FREE, now=2_000)
    assert begun.refusal is None
    acks.tell("asked", new.id)
    done = succeeded(asked, now=2_100, sealed_result=RESULT)
    ended = an_attempt(new).ended(now=2_100, outcome="found", charge=an_attempt(new).charge)
    assert await store.change(asked, done, attempt=ended)
    acks.tell("succeeded", new.id)
    if chance.random() < 0.1:
        assert await store.change(done, redacted(done, now=2_200))
        acks.tell("redacted", new.id)
        await store.scrub()


async def work(store: SqliteStore, acks: Acks, chance: random.Random) -> None:
    while acks.left > 0:
        # A disk that fails: nothing was acknowledged, and the next session may fare better.
        with suppress(StoreUnavailable):
            await one_session(store, acks, chance)
        await asyncio.sleep(0)


def patiently_opened(path: Path) -> SqliteStore:
    """The store, opened again where the disk failed meanwhile, as a service is started again."""
    for _ in range(9):
        with suppress(StoreUnavailable):
            return open_sqlite(path)
    return open_sqlite(path)


async def write(folder: Path, seed: int, steps: int, *, end: str) -> None:
    chance = random.Random(seed)
    acks = Acks(folder / "acks", steps)
    store = patiently_opened(folder / "padan.db")
    await asyncio.gather(*(work(store, acks, chance) for _ in range(chance.choice((1, 2, 8)))))
    if end == "crash":
        os._exit(0)
    await store.close()


def main() -> None:
    folder, seed, steps, sync, checkpoint, end = sys.argv[1:]

    def opened(path: Path) -> sqlite3.Connection:
        connection = open_writer(path)
        if sync != "FULL":
            connection.execute(f"PRAGMA synchronous = {sync}").fetchall()
        connection.execute(f"PRAGMA wal_autocheckpoint = {int(checkpoint)}").fetchall()
        return connection

    setattr(sqlite, "open_writer", opened)  # noqa: B010
    asyncio.run(write(Path(folder), int(seed), int(steps), end=end))


if __name__ == "__main__":
    main()
