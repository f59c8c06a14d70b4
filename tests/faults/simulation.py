"""Drive sessions through crashes, clock jumps and a fickle registry, millions of steps, from one seed.

World after world: some hundred sessions in each, created, filled in, cancelled and redacted while processes
die at any await and others start, the clock jumps an hour, the store and the registry fail. Time is
virtual, the order of everything that happens at once is drawn from the seed, and the same seed gives the same
steps: the digest at the end says so. A step is one stored change of a session; the rules of
`simulated_rules.py` are held at each, and those of the ledger at the end of each world.

A command of its own (`python -m tests.faults.simulation --steps 1000000 [--seed K] [--sqlite]`), and a short
version in the suite. A rule that is broken is told with its world; `--world N` plays that one alone.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import itertools
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from padan.app.ports import Store
from padan.app.times import jakarta_date
from padan.domain.attempt import Attempt
from padan.store.bell import Bell
from padan.store.connections import Reader, open_writer
from padan.store.memory import MemoryStore
from padan.store.remembered import Remembered
from padan.store.sqlite import SqliteStore, open_sqlite
from padan.store.writer import Writer
from tests.faults.simulated_people import HOUR, Crowd
from tests.faults.simulated_registry import DEADLINE_S
from tests.faults.simulated_rules import Broken, hold, hold_attempts, hold_ledger
from tests.faults.simulated_world import World

SESSIONS_A_WORLD = 250
LONGEST_STORM_S, PATIENCE_S, LONGEST_CALM_S = 3_600.0, 60.0, 600.0
LOOK_EVERY_S = 5.0
MEMORY = Path("/dev/shm")  # noqa: S108


@dataclass
class Report:
    """What was done and what is wrong."""

    steps: int = 0
    worlds: int = 0
    resumed: int = 0
    sessions: int = 0
    crashes: int = 0
    jumps: int = 0
    overtaken: int = 0
    virtual_s: float = 0.0
    seconds: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    charges: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)

    def told(self) -> str:
        """The report in words."""
        return "\n".join(
            [
                f"{self.steps} steps of {self.sessions} sessions in {self.worlds} worlds,"
                f" {self.crashes} crashes, {self.jumps} clock jumps,"
                f" {self.overtaken} sessions taken over from the living,"
                f" {self.virtual_s / 3600:.0f} hours of virtual time",
                f"{self.resumed} resumptions of tasks in {self.seconds:.0f} s:"
                f" {self.steps / max(self.seconds, 1e-9):.0f} steps a second",
                f"ended: {dict(sorted(self.ends.items()))}",
                f"questions: {self.charges.total()}, {dict(sorted(self.charges.items()))}",
                f"answers: {dict(sorted(self.answers.items()))}",
                f"digest {self.digest.hexdigest()[:16]}",
                *(f"WRONG: {wrong}" for wrong in self.wrong[:20]),
            ]
        )


class InlineWriter(Writer):
    """The store's writer without its thread, so that everything happens in one order."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._own = connection

    async def run(self, work: Any, *, in_transaction: bool = True, at_length: bool = False) -> Any:
        """One write, one transaction, however long it takes."""
        del at_length
        if not in_transaction:
            return work(self._own)
        self._own.execute("BEGIN IMMEDIATE")
        try:
            value = work(self._own)
        except BaseException:
            self._own.execute("ROLLBACK")
            raise
        self._own.execute("COMMIT")
        return value

    async def close(self) -> None:
        """Let go of the file."""
        self._own.close()


class Forgetful(Remembered):
    """Compares the version each time: a step of the loop for it would be one that memory has not."""

    def _until_the_turn_ends(self) -> None:
        pass


@contextmanager
def new_store(*, sqlite: bool) -> Iterator[Store]:
    """An empty store: in memory, or SQLite's file without waiting for a disk."""
    if not sqlite:
        yield MemoryStore()
        return
    with tempfile.TemporaryDirectory(prefix="padan-world-", dir=MEMORY if MEMORY.is_dir() else None) as text:
        path = Path(text) / "padan.db"
        asyncio.run(open_sqlite(path).close())
        with closing(open_writer(path)) as connection, closing(Reader(path)) as reader:
            connection.execute("PRAGMA synchronous = OFF").fetchall()
            store = SqliteStore(InlineWriter(connection), reader, reader, bell=Bell())
            store._remembered = Forgetful(reader)
            yield store


def play(world: World, report: Report) -> None:
    """One world, from its beginning until every session has ended."""
    with world.loop.running():
        try:
            preparing = world.loop.create_task(world.prepare())
            world.loop.run_until(preparing.done, at_most=1.0)
            crowd = Crowd(world, SESSIONS_A_WORLD)
            crowd.begin()
            run_on(world, lambda: crowd.finished, LONGEST_STORM_S)
            calm_down(world)
            over = run_on(world, lambda: not world.open, PATIENCE_S)
            if not over:
                # What was created while the clock was ahead has an hour to live.
                world.jump(HOUR - world.offset_ms)
                run_on(world, lambda: not world.open, LONGEST_CALM_S)
            hold(not world.open, f"{len(world.open)} sessions do not end")
            # Questions of sessions that ended without them.
            world.loop.run_until(lambda: False, at_most=2 * DEADLINE_S)
            judging = world.loop.create_task(judge(world, report))
            world.loop.run_until(judging.done, at_most=1.0)
            judging.result()
        except Broken as broken:
            report.wrong.append(f"{world.seed}, {world.loop.time():.0f} s, step {world.steps}: {broken}")
        for told in [*world.broken, *world.loop.errors][:5]:
            report.wrong.append(f"{world.seed}: {told}")


def run_on(world: World, done: Any, at_most: float) -> bool:
    """Let time pass, and look every few seconds for what is overdue; whether it is done."""
    end = world.loop.time() + at_most
    while world.loop.time() < end and not world.broken and not world.loop.errors:
        if world.loop.run_until(done, at_most=LOOK_EVERY_S):
            return True
        late = world.overdue()
        hold(not late, f"{len(late)} sessions are overdue, and nobody ends them")
        left = world.forgotten()
        hold(not left, f"{len(left)} sessions could be asked, and nobody asks")
    return False


def calm_down(world: World) -> None:
    """Nothing fails any more, and somebody lives: from here on everything has to end."""
    world.calm = world.registry.calm = True
    world.registry.away = False
    if not any(process.alive for process in world.processes):
        world.start()
    world.disturbed_s = world.loop.time()


async def judge(world: World, report: Report) -> None:
    """What has to be true when everything has ended."""
    attempts = await world.all_attempts()
    for id_, own in attempts.items():
        most, overtaken = world.weather.most_unknown, world.overtaken[id_]
        hold_attempts(world.sessions[id_], own, most_unknown=most, overtaken=overtaken)
        hold_answered(world, own)
    days = {day_of(world, hours) for hours in range(-30, 60)}
    counted = sum([await world.store.used("scripted", day) for day in sorted(days)])
    exact = world.weather.quota is None
    told = hold_ledger(attempts, world.registry, counted=counted, exact=exact)
    report.charges.update({str(charge): number for charge, number in told.items()})
    report.answers.update(world.registry.answers)
    report.sessions += len(world.sessions)
    report.ends.update(str(s.error_code or s.state) for s in world.sessions.values())


def hold_answered(world: World, attempts: Sequence[Attempt]) -> None:
    """A question stays without its answer only where its process died, or the store failed it."""
    for attempt in attempts:
        process = world.asked_by.get(f"{attempt.session_id}-{attempt.number}")
        lost = process is None or not process.alive or world.weather.store_fails > 0
        hold(attempt.ended_at is not None or lost, "a question's answer was not written down")


def day_of(world: World, hours: int) -> str:
    """A day that questions may have been counted on."""
    return jakarta_date(world.clock() + hours * 3_600_000).isoformat()


def run(steps: int, *, seed: int, sqlite: bool = False, only: int | None = None) -> Report:
    """Worlds until so many steps were made, or one alone."""
    report, started = Report(), time.monotonic()
    for number in itertools.count(1) if only is None else [only]:
        with new_store(sqlite=sqlite) as store:
            world, known = World(f"{seed}/{number}", store), len(report.wrong)
            play(world, report)
        for wrong in report.wrong[known:]:
            print(f"WRONG: {wrong}", file=sys.stderr, flush=True)
        report.worlds += 1
        report.steps += world.steps
        report.resumed += world.loop.resumed
        report.crashes += world.crashes
        report.jumps += world.jumps
        report.overtaken += world.overtaken.total()
        report.virtual_s += world.loop.time()
        report.digest.update(world.digest.digest())
        report.seconds = time.monotonic() - started
        if number % 50 == 0:
            print(f"{report.seconds:.0f} s: {report.steps} steps, {len(report.wrong)} wrong", file=sys.stderr)
            gc.collect()
        if report.steps >= steps or len(report.wrong) >= 20:
            break
    return report


def main() -> int:
    """Run and tell; status 1 where a rule was broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sqlite", action="store_true", help="over SQLite instead of the store in memory")
    parser.add_argument("--world", type=int, help="play this world of the seed alone")
    options = parser.parse_args()
    report = run(options.steps, seed=options.seed, sqlite=options.sqlite, only=options.world)
    print(report.told())
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
