"""How many durable steps of a session a store takes: add, ask, succeed, from 32 tasks at once.

    python -m bench.store [--sessions N] [--tasks N] [--folder DIR] [--database postgresql://...] [--json]

The time of one fsync on the same disk stands beside the figures: they mean nothing without it. On PostgreSQL
the database gets the sessions and keeps them, and the processor time is Padan's own, without the server's.
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

import uvloop

from padan.app.ports import SessionOrder, Store
from padan.domain.attempt import Allowance, Attempt, Charge
from padan.domain.environment import EnvironmentKind
from padan.domain.identifiers import uuid7
from padan.domain.session import Lease, Session, SessionKind, SessionState, asking, succeeded
from padan.store.databases import database_of

CLAIM, RESULT = os.urandom(180), os.urandom(900)
ALLOWANCE = Allowance("sandbox", UUID(int=2), "2026-11-24", "2026-11", price=1_000)


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


async def live(store: Store) -> UUID:
    """The three durable transactions of one verification."""
    now = time.time_ns() // 1_000_000
    new = new_session(now)
    await store.add(new)
    asked = asking(new, now=now, lease=Lease("bench", now + 30_000))
    attempt = Attempt(new.id, 1, "sandbox", price=1_000, started_at=now)
    begun = await store.begin(new, asked, attempt=attempt, allowance=ALLOWANCE, now=now)
    assert begun.refusal is None
    done = succeeded(asked, now=now, sealed_result=RESULT)
    ended = attempt.ended(now=now, outcome="found", charge=Charge.CHARGED)
    assert await store.change(asked, done, attempt=ended)
    return new.id


async def measure(store: Store, sessions: int, tasks: int) -> dict[str, float]:
    ids: list[UUID] = []

    async def work() -> None:
        while len(ids) < sessions:
            ids.append(await live(store))

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(tasks)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    reading = time.perf_counter()
    for id_ in ids[:1_000]:
        assert await store.get(UUID(int=1), id_) is not None
    reading = (time.perf_counter() - reading) / len(ids[:1_000])
    together, reading_cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(ids), 128):
        await asyncio.gather(*(store.get(UUID(int=1), id_) for id_ in ids[start : start + 128]))
    together = (time.perf_counter() - together) / len(ids)
    reading_cpu = (time.process_time() - reading_cpu) / len(ids)
    return {
        "tasks": tasks,
        "sessionsPerSecond": round(len(ids) / wall),
        "durableStepsPerSecond": round(3 * len(ids) / wall),
        "cpuMicrosecondsPerSession": round(cpu / len(ids) * 1e6),
        "readMicroseconds": round(reading * 1e6, 1),
        "readTogetherMicroseconds": round(together * 1e6, 1),
        "readTogetherCpuMicroseconds": round(reading_cpu * 1e6, 1),
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


async def measure_all(folder: Path, sessions: int, *, tasks: list[int], url: str | None) -> dict[str, Any]:
    path = folder / "bench.db"
    fsync = fsync_time(folder)
    store = await database_of(url or f"sqlite:///{path}").open()
    runs = [await measure(store, sessions, count) for count in tasks]
    order = SessionOrder.CREATED
    stored = await store.page(UUID(int=1), UUID(int=2), order=order, descending=False, page=1, size=1)
    await store.close()
    figures = {
        "benchmark": "store",
        "database": "PostgreSQL" if url else "SQLite",
        "fsyncMilliseconds": round(fsync * 1000, 2),
        "runs": runs,
    }
    if url is None:
        figures["bytesPerSession"] = round(path.stat().st_size / stored.total)
    return figures


def run(
    *,
    as_json: bool,
    sessions: int = 5_000,
    tasks: Sequence[int] = (1, 32, 128),
    folder: Path | None = None,
    database: str | None = None,
) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        figures = uvloop.run(measure_all(Path(scratch), sessions, tasks=list(tasks), url=database))
    if as_json:
        print(json.dumps(figures))
        return
    print(
        f"store on {figures['database']}: fsync after 4 KiB takes {figures['fsyncMilliseconds']} ms", end=""
    )
    print(f", {figures['bytesPerSession']:,} bytes a session" if "bytesPerSession" in figures else "")
    for row in figures["runs"]:
        print(
            f"{row['tasks']:>4} tasks {row['sessionsPerSecond']:>7,} sessions/s"
            f" {row['durableStepsPerSecond']:>7,} durable steps/s"
            f" {row['cpuMicrosecondsPerSession']:>5} us of CPU a session,"
            f" {row['readMicroseconds']} us a read,"
            f" {row['readTogetherMicroseconds']} of 128 together"
            f" ({row['readTogetherCpuMicroseconds']} of CPU)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sessions", type=int, default=5_000)
    parser.add_argument("--tasks", type=int, nargs="+", default=[1, 32, 128])
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure")
    parser.add_argument("--database", help="a PostgreSQL database to measure instead")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    run(
        as_json=asked.json,
        sessions=asked.sessions,
        tasks=asked.tasks,
        folder=asked.folder,
        database=asked.database,
    )


if __name__ == "__main__":
    main()
