"""How many durable steps of a session the SQLite store takes: add, ask, succeed, from 32 tasks at once.

    python -m bench.store [--sessions N] [--tasks N] [--folder DIR] [--json]

The time of one fsync on the same disk stands beside the figures: they mean nothing without it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from padan.app.ports import SessionOrder
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


async def measure(store: SqliteStore, sessions: int, tasks: int) -> dict[str, float]:
    ids: list[UUID] = []

    async def work() -> None:
        while len(ids) < sessions:
            ids.append(await live(store))

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(tasks)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    reading = time.perf_counter()
    for id_ in ids:
        assert await store.find(id_) is not None
    reading = time.perf_counter() - reading
    return {
        "tasks": tasks,
        "sessionsPerSecond": round(len(ids) / wall),
        "durableStepsPerSecond": round(3 * len(ids) / wall),
        "cpuMicrosecondsPerSession": round(cpu / len(ids) * 1e6),
        "readMicroseconds": round(reading / len(ids) * 1e6, 1),
    }


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


async def measure_all(folder: Path, sessions: int, tasks: list[int]) -> dict[str, Any]:
    path = folder / "bench.db"
    fsync = fsync_time(folder)
    store = open_sqlite(path)
    runs = [await measure(store, sessions, count) for count in tasks]
    order = SessionOrder.CREATED
    stored = await store.page(UUID(int=1), UUID(int=2), order=order, descending=False, page=1, size=1)
    await store.close()
    return {
        "benchmark": "store",
        "fsyncMilliseconds": round(fsync * 1000, 2),
        "runs": runs,
        "bytesPerSession": round(path.stat().st_size / stored.total),
    }


def run(
    *, as_json: bool, sessions: int = 5_000, tasks: Sequence[int] = (1, 32, 128), folder: Path | None = None
) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        figures = asyncio.run(measure_all(Path(scratch), sessions, list(tasks)))
    if as_json:
        print(json.dumps(figures))
        return
    print(f"store: fsync after 4 KiB takes {figures['fsyncMilliseconds']} ms", end=", ")
    print(f"{figures['bytesPerSession']:,} bytes a session")
    for row in figures["runs"]:
        print(
            f"{row['tasks']:>4} tasks {row['sessionsPerSecond']:>7,} sessions/s"
            f" {row['durableStepsPerSecond']:>7,} durable steps/s"
            f" {row['cpuMicrosecondsPerSession']:>5} us of CPU a session, {row['readMicroseconds']} us a read"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sessions", type=int, default=5_000)
    parser.add_argument("--tasks", type=int, nargs="+", default=[1, 32, 128])
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    run(as_json=asked.json, sessions=asked.sessions, tasks=asked.tasks, folder=asked.folder)


if __name__ == "__main__":
    main()
