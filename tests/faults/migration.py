"""Bring a store of the first release to this one, full of sessions, while an old process reads and writes on.

The old process speaks the first schema's SQL and nothing newer: it adds sessions, changes them and looks them
up without a pause, before, during and after the migration. Held: none of its calls fails, everything that it
was told is stored is there afterwards, and the store opens with every session in it.

A command of its own (`python -m tests.faults.migration --sessions 1000000 [--postgres]`), and a short version
in the suite.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from padan.app.ports import Store
from padan.store.postgres import open_postgres
from padan.store.sqlite import open_sqlite
from tests.faults.first_release import (
    OldPostgres,
    OldProcess,
    OldSqlite,
    fill_postgres,
    fill_sqlite,
    first_session,
)
from tests.support.postgres import new_database

ROOT = Path(__file__).parents[2]
SETTLE_S = 0.5
"""Seconds that the old process runs alone, before and after."""


@dataclass
class Report:
    """What it took, in seconds, and what the old process saw of it."""

    database: str
    sessions: int
    fill_s: float = 0.0
    migration_s: float = 0.0
    longest: dict[str, float] = field(default_factory=dict)
    calls: int = 0
    failures: list[str] = field(default_factory=list)
    lost: int = 0

    def problems(self) -> list[str]:
        """What does not hold."""
        told = [f"an old process was refused: {name}" for name in self.failures]
        if self.lost:
            told.append(f"{self.lost} sessions are not there any more")
        if not self.calls:
            told.append("the old process did nothing")
        return told


def run(sessions: int, *, postgres: bool) -> Report:
    """Fill, migrate under load, look."""
    with tempfile.TemporaryDirectory() as scratch:
        url = new_database() if postgres else str(Path(scratch) / "padan.db")
        report = Report("PostgreSQL" if postgres else "SQLite", sessions)
        report.fill_s = _timed(lambda: (fill_postgres if postgres else fill_sqlite)(url, sessions))
        with subprocess.Popen(
            [sys.executable, "-m", "tests.faults.migration", "--old", url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as old:
            assert old.stdout is not None
            assert old.stdout.readline() == "begun\n"
            time.sleep(SETTLE_S)
            report.migration_s = asyncio.run(_migrate(url, postgres=postgres))
            time.sleep(SETTLE_S)
            seen, _ = old.communicate(timeout=60)
        _take_up(report, json.loads(seen))
        asyncio.run(_look(report, url, json.loads(seen)["added"], postgres=postgres))
    return report


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


async def _open(url: str, *, postgres: bool) -> Store:
    return await open_postgres(url) if postgres else open_sqlite(Path(url))


async def _migrate(url: str, *, postgres: bool) -> float:
    start = time.perf_counter()
    store = await _open(url, postgres=postgres)
    took = time.perf_counter() - start
    await store.close()
    return took


def _take_up(report: Report, seen: dict[str, object]) -> None:
    report.longest = dict(seen["longest"])  # type: ignore[call-overload]
    report.failures = list(seen["failures"])  # type: ignore[call-overload]
    report.calls = int(seen["calls"])  # type: ignore[call-overload]


async def _look(report: Report, url: str, added: list[str], *, postgres: bool) -> None:
    store = await _open(url, postgres=postgres)
    wanted = [*added, *(str(first_session(number)) for number in range(0, report.sessions, 997))]
    for id_ in wanted:
        report.lost += await store.find(UUID(id_)) is None
    await store.close()


def old_process(process: OldProcess) -> None:
    """Add, change and look up until standard input ends; then say what the longest calls took."""
    longest = {"add": 0.0, "change": 0.0, "find": 0.0}
    added: list[str] = []
    failures: list[str] = []
    calls = 0
    os.set_blocking(0, False)
    print("begun", flush=True)
    while not _ended():
        for name, work in process.calls().items():
            start = time.perf_counter()
            try:
                done = work()
            except Exception as error:
                failures.append(f"{name}: {type(error).__name__} {error}"[:200])
            else:
                if name == "add":
                    added.append(str(done))
            longest[name] = max(longest[name], time.perf_counter() - start)
            calls += 1
        time.sleep(0.002)
    process.close()
    print(json.dumps({"longest": longest, "failures": failures[:20], "added": added, "calls": calls}))


def _ended() -> bool:
    """Whether whoever started us has closed our standard input."""
    try:
        return os.read(0, 1) == b""
    except BlockingIOError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--old", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.old:
        kind = OldPostgres if asked.old.startswith("postgresql://") else OldSqlite
        old_process(kind(asked.old))
        return
    report = run(asked.sessions, postgres=asked.postgres)
    print(
        f"{report.database}: {report.sessions:,} sessions of the first schema, made in {report.fill_s:.1f} s"
    )
    print(f"migrated in {report.migration_s:.2f} s; an old process made {report.calls:,} calls meanwhile")
    for name, seconds in report.longest.items():
        print(f"  the longest {name} took {seconds * 1000:,.0f} ms")
    problems = report.problems()
    print("\n".join(problems) or "nothing was refused, nothing is lost")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
