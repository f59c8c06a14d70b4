"""Cut the power of a SQLite store at every sync, and look for what it had acknowledged.

A store works in a process whose every write, truncation and sync is written down together with its
acknowledgements (`tests/support/watched_writer.py`, `disk.c`). From that, folders are put together as a
power cut may leave them: at each sync, what was not synced is dropped, kept, torn or shuffled by a seed
(`tests/support/disk.py`). Each is opened by the real store: SQLite has to find it sound, and every step
that was acknowledged before the cut has to be in it. A recording has several processes one after another;
some are killed, and with `--failing-syncs` some of their syncs fail as a bad disk lets them.

A command of its own (`python -m tests.faults.power_cuts --images 1000 [--seed K]`), and a short version in
the suite. `--synchronous NORMAL` is what Padan does not use; with it, acknowledged commits are lost.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from padan.app.ports import StoreUnavailable
from padan.store.sqlite import SqliteStore, open_sqlite
from tests.support.disk import (
    SURVIVORS,
    SYNC_FAILS,
    Disk,
    Event,
    Orders,
    between,
    compiled,
    put,
    read_log,
)
from tests.support.watched_writer import RESULT

RANKS = {"added": 0, "asked": 1, "succeeded": 2, "redacted": 3}
FILES = frozenset({"padan.db", "padan.db-wal", "padan.db-journal"})
IMAGES_A_RECORDING = 500
LIVES = 3
MEMORY = Path("/dev/shm")  # noqa: S108
CHECKED_WHOLE = 20
"""So many of the last sessions are read through the store as well."""
_ROWS = "SELECT id, state, attempts, redacted_at FROM sessions"
_COUNTED = """
    SELECT (SELECT count(*) FROM attempts),
        (SELECT coalesce(sum(number), 0) FROM counters WHERE name LIKE 'quota %')
"""


@dataclass(frozen=True)
class Plan:
    """How a recording is made."""

    seed: int = 1
    steps: int = 300
    synchronous: str = "FULL"
    failing_syncs: bool = False


@dataclass
class Report:
    """What was looked at and what is wrong with it."""

    images: int = 0
    recordings: int = 0
    syncs: int = 0
    failed_syncs: int = 0
    acknowledged: int = 0
    left: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def told(self) -> str:
        """The report in words."""
        return "\n".join(
            [
                f"{self.images} images of {self.recordings} recordings with {self.syncs} syncs"
                f" ({self.failed_syncs} failed) in {self.seconds:.0f} s; {dict(self.left)}",
                f"{self.acknowledged} acknowledged steps looked for, {self.lost} lost",
                *(f"WRONG: {wrong}" for wrong in self.wrong[:20]),
            ]
        )


def record(folder: Path, plan: Plan, library: Path) -> list[Event]:
    """Let stores work, one process after another, and return all they did to their files."""
    root, log = folder / "store", folder / "log"
    root.mkdir()
    chance, orders = random.Random(plan.seed), Orders(folder / "orders")
    checkpoint = chance.choice((8, 40, 200, 1000))
    for life in range(LIVES):
        if plan.failing_syncs:
            orders.fail(SYNC_FAILS, skip=chance.randrange(20, 80), times=chance.randrange(1, 4))
        end = "crash" if plan.failing_syncs or chance.random() < 0.5 else "close"
        command = [sys.executable, "-m", "tests.support.watched_writer", str(root)]
        options = [str(plan.seed * 10 + life), str(plan.steps), plan.synchronous, str(checkpoint), end]
        watched = between(library, root, log=log, orders=orders.path)
        subprocess.run([*command, *options], check=True, env={**os.environ, **watched})
    orders.mend()
    orders.close()
    return list(read_log(log))


def told_by(events: list[Event]) -> dict[str, int]:
    """How far each session is known to have come, by its id."""
    ranks: dict[str, int] = {}
    for event in events:
        if event.name == "acks" and event.kind == "W":
            for line in event.data.decode().splitlines():
                step, id_ = line.split()
                ranks[id_] = RANKS[step]
    return ranks


def cuts(events: list[Event], images: int, chance: random.Random) -> list[int]:
    """Before which events the power is cut: each sync in turn; every seventh time somewhere before it."""
    syncs = [place for place, event in enumerate(events) if event.kind in "SF"]
    found = []
    for number in range(images):
        place = (number * len(syncs) // images) if images <= len(syncs) else number % len(syncs)
        before = syncs[place - 1] + 1 if place else 0
        found.append(chance.randint(before, syncs[place]) if number % 7 == 6 else syncs[place])
    return sorted(found)


def judge(folder: Path, ranks: dict[str, int], report: Report) -> list[str]:
    """Open what the power cut left, and look for everything that was acknowledged; what is wrong with it."""
    try:
        store = open_sqlite(folder / "padan.db")
    except StoreUnavailable as error:
        return [f"it does not open: {error}"]
    try:
        with closing(sqlite3.connect(folder / "padan.db")) as connection:
            sound = integrity(connection)
            if sound != "ok":
                return [f"integrity_check: {sound}"]
            rows = {str(UUID(bytes=row[0])): row[1:] for row in connection.execute(_ROWS)}
            asked, counted = connection.execute(_COUNTED).fetchone()
        wrong = [] if asked == counted else [f"{asked} questions in the ledger, {counted} counted"]
        lost = {id_ for id_, rank in ranks.items() if not is_there(rows.get(id_), rank)}
        report.lost += len(lost)
        if lost:
            wrong.append(f"{len(lost)} acknowledged steps of {len(ranks)} sessions are lost")
        whole = [id_ for id_ in list(ranks)[-CHECKED_WHOLE:] if id_ not in lost]
        return wrong + asyncio.run(read_whole(store, {id_: ranks[id_] for id_ in whole}))
    finally:
        asyncio.run(store.close())


def integrity(connection: sqlite3.Connection) -> str:
    """What SQLite says of the file."""
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)


def is_there(row: tuple[str, int, int | None] | None, rank: int) -> bool:
    """Whether a stored session has come as far as was acknowledged."""
    if row is None:
        return False
    state, attempts, redacted_at = row
    if rank == RANKS["redacted"]:
        return redacted_at is not None
    if rank == RANKS["succeeded"]:
        return state == "succeeded"
    return rank == RANKS["added"] or attempts == 1


async def read_whole(store: SqliteStore, ranks: dict[str, int]) -> list[str]:
    """Sessions with their contents."""
    wrong = []
    for id_, rank in ranks.items():
        session = await store.find(UUID(id_))
        if session is None:
            wrong.append("a row cannot be read")
        elif session.redacted_at is not None:
            wrong += [] if session.sealed_result is None else ["a redacted session has its result"]
        elif rank >= RANKS["succeeded"] and session.sealed_result != RESULT:
            wrong.append("a success has not its result")
        elif rank == RANKS["added"] and not session.done and session.sealed_claim is None:
            wrong.append("a session has not its claim")
    return wrong


def look_at(events: list[Event], report: Report, plan: Plan, *, images: int, folder: Path) -> None:
    """So many images of one recording."""
    chance, disk = random.Random(f"images {plan.seed}"), Disk(f"disk {plan.seed}")
    done, ranks = 0, dict[str, int]()
    for number, place in enumerate(cuts(events, images, chance)):
        for event in events[done:place]:
            disk.take(event)
        ranks |= told_by(events[done:place])
        done = place
        survivors = SURVIVORS[chance.randrange(len(SURVIVORS))]
        put(disk.image(survivors, chance), folder, names=FILES)
        report.images += 1
        report.acknowledged += len(ranks)
        report.left[survivors] += 1
        for wrong in judge(folder, ranks, report):
            report.wrong.append(
                f"seed {plan.seed}, image {number}, before event {place}, {survivors}: {wrong}"
            )


def run(images: int, plan: Plan, library: Path) -> Report:
    """So many images, of as many recordings as that takes."""
    report, started = Report(), time.monotonic()
    where = MEMORY if MEMORY.is_dir() else None
    while report.images < images:
        own = Plan(plan.seed + report.recordings, plan.steps, plan.synchronous, plan.failing_syncs)
        with tempfile.TemporaryDirectory(prefix="padan-power-", dir=where) as text:
            events = record(Path(text), own, library)
            (Path(text) / "image").mkdir()
            report.recordings += 1
            report.syncs += sum(event.kind == "S" for event in events)
            report.failed_syncs += sum(event.kind == "F" for event in events)
            left = min(IMAGES_A_RECORDING, images - report.images)
            look_at(events, report, own, images=left, folder=Path(text) / "image")
        report.seconds = time.monotonic() - started
        print(
            f"{report.seconds:.0f} s: {report.images} images, {report.lost} lost, {len(report.wrong)} wrong",
            file=sys.stderr,
            flush=True,
        )
    return report


def main() -> int:
    """Run and tell; status 1 where anything was lost or is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL"), default="FULL")
    parser.add_argument(
        "--failing-syncs", action="store_true", help="let some syncs fail, and kill afterwards"
    )
    options = parser.parse_args()
    plan = Plan(options.seed, synchronous=options.synchronous, failing_syncs=options.failing_syncs)
    with tempfile.TemporaryDirectory(prefix="padan-disk-") as text:
        report = run(options.images, plan, compiled(Path(text)))
    print(report.told())
    return 1 if report.lost or report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
