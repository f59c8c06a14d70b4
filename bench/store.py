"""How many durable steps of a session the SQLite store takes: add, ask, succeed, from 32 tasks at once.

    python -m bench.store [--sessions N] [--tasks N] [--folder DIR]

The time of one fsync on the same disk stands beside the figures: they mean nothing without it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from uuid import UUID

from padan.domain.attempt import Attempt, Charge
from padan.domain.environment import EnvironmentKind
from padan.domain.identifiers import uuid7
from padan.domain.session import Lease, Session, SessionKind, SessionState, asking, succeeded
from padan.store.sqlite import SqliteStore, open_sqlite

CLAIM, RESULT = os.urandom(180), os.urandom(900)


def new_session(now: int) -> Session:
    return Session(
        id=uuid7(now, os.urandom(10)),
        environment_id=UUID(int=1),
        environment_kind=EnvironmentKind.TEST,
        profile_id=UUID(int=2),
        kind=SessionKind.DIRECT,
        state=SessionState.QUEUED,
        created_at=now,
        updated_at=now,
        expires_at=now + 3_600_000,
        redact_at=now + 86_400_000,
        due_at=now,
        provider="indonesia-nik-lookup",
        salt=os.urandom(16),
        public_key=os.urandom(32),
        sealed_claim=CLAIM,
        lease=Lease("bench", now + 30_000),
    )


async def live(store: SqliteStore) -> UUID:
    """The three durable transactions of one verification."""
    now = time.time_ns() // 1_000_000
    new = new_session(now)
    await store.add(new)
    asked = asking(new, now=now, lease=Lease("bench", now + 30_000))
    attempt = Attempt(new.id, 1, "sandbox", price=1_000, started_at=now)
    assert await store.change(new, asked, attempt=attempt)
    done = succeeded(asked, now=now, sealed_result=RESULT)
    ended = attempt.ended(now=now, outcome="found", charge=Charge.CHARGED)
    assert await store.change(asked, done, attempt=ended)
    return new.id


async def measure(store: SqliteStore, sessions: int, tasks: int) -> None:
    ids: list[UUID] = []

    async def work() -> None:
        while len(ids) < sessions:
            ids.append(await live(store))

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(tasks)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{tasks} tasks: {len(ids) / wall:,.0f} sessions/s of 3 durable steps each, ", end="")
    print(f"{3 * len(ids) / wall:,.0f} steps/s, {cpu / len(ids) * 1e6:,.0f} us of CPU a session")
    wall = time.perf_counter()
    for id_ in ids:
        assert await store.find(id_) is not None
    print(f"read by key: {(time.perf_counter() - wall) / len(ids) * 1e6:.0f} us")


def fsync_time(folder: Path) -> float:
    """Median seconds of an fsync after 4 KiB were appended."""
    took = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(200):
            file.write(bytes(4096))
            start = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - start)
    return median(took)


async def run(folder: Path, sessions: int, tasks: list[int]) -> None:
    print(f"fsync after 4 KiB: {fsync_time(folder) * 1000:.2f} ms")
    path = folder / "bench.db"
    store = open_sqlite(path)
    for count in tasks:
        await measure(store, sessions, count)
    stored = sessions * len(tasks)
    await store.close()
    print(f"{path.stat().st_size / stored:,.0f} bytes a session")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sessions", type=int, default=5_000)
    parser.add_argument("--tasks", type=int, nargs="+", default=[1, 32, 128])
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        asyncio.run(run(Path(folder), asked.sessions, asked.tasks))


if __name__ == "__main__":
    main()
