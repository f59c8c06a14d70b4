"""Kill servers under load at random moments and look for what they had acknowledged, and what was paid.

Servers follow one another over one database, fifty to a database, and two such stories are told at
once. After each kill the database has to be sound and its count of questions has to be its ledger; at the
end of a story every acknowledged session has to have ended, with its person's result, and the registry,
which lives on through all kills, must not have been asked about anybody more often than the ledger says.
Stories take turns between two policies: never to ask again what may have been charged, and to ask again.

A command of its own (`python -m tests.faults.crash --kills 1000 [--postgres] [--seconds N]`), and a short
version in the suite.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.crash_story import People, Report, Story, one_life, the_end
from tests.support.faulty_registry import FaultyRegistry, faulty_registry
from tests.support.nursery import Nursery
from tests.support.postgres import drop_database, new_database, server

POLICIES = (1, 20)
KILLS_A_STORY = 50
PEOPLE_A_STORY = 1_000_000


@dataclass
class Campaign:
    """So many kills, or so many seconds, whichever ends first."""

    kills: int
    seed: int
    seconds: float = float("inf")
    postgres: bool = False
    lanes: int = 2
    report: Report = field(default_factory=Report)
    people: People = field(default_factory=People)
    begun: int = 0
    stories: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    started: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_story(self) -> tuple[int, int] | None:
        """The number of a story and of its kills; None where enough was told."""
        with self.lock:
            left = self.kills - self.begun
            if left <= 0 or time.monotonic() - self.started >= self.seconds:
                return None
            kills = min(KILLS_A_STORY, left)
            self.begun += kills
            return next(self.stories), kills

    def add(self, told: Report) -> None:
        """Take a story's report into the whole."""
        with self.lock:
            whole = self.report
            for name in ("kills", "killed_at_start", "acknowledged", "sessions", "paid"):
                setattr(whole, name, getattr(whole, name) + getattr(told, name))
            whole.endings.update(told.endings)
            whole.charges.update(told.charges)
            whole.lost += told.lost
            whole.wrong += told.wrong
            for policy, most in told.most_asked.items():
                whole.most_asked[policy] = max(whole.most_asked.get(policy, 0), most)
            took = time.monotonic() - self.started
            print(
                f"{took:.0f} s: {whole.kills} kills, {whole.acknowledged} acknowledged,"
                f" {len(whole.lost)} lost, {len(whole.wrong)} wrong",
                file=sys.stderr,
                flush=True,
            )
            for wrong in told.wrong:
                print(f"WRONG: {wrong}", file=sys.stderr, flush=True)


def tell(campaign: Campaign, number: int, kills: int, *, nursery: Nursery, registry: FaultyRegistry) -> None:
    """One story from its first server to its last."""
    database = new_database() if campaign.postgres else None
    report = Report()
    with tempfile.TemporaryDirectory(prefix="padan-crash-") as text:
        story = Story(
            folder=Path(text),
            url=database,
            nursery=nursery,
            registry=registry,
            policy=POLICIES[number % len(POLICIES)],
            people=campaign.people.from_(100_000_000 + number * PEOPLE_A_STORY),
            draw=random.Random(f"{campaign.seed}/{number}"),
            report=report,
        )
        for _ in range(kills):
            one_life(story)
            if time.monotonic() - campaign.started >= campaign.seconds:
                break
        the_end(story)
    if database is not None:
        drop_database(server(), database.rpartition("/")[2])
    campaign.add(report)


def lane(campaign: Campaign, registry: FaultyRegistry) -> None:
    """Stories one after another."""
    with Nursery() as nursery:
        while (story := campaign.next_story()) is not None:
            number, kills = story
            tell(campaign, number, kills, nursery=nursery, registry=registry)


def run(campaign: Campaign) -> Report:
    """All stories."""
    with faulty_registry() as registry, ThreadPoolExecutor(campaign.lanes) as pool:
        for done in [pool.submit(lane, campaign, registry) for _ in range(campaign.lanes)]:
            done.result()
    return campaign.report


def main() -> int:
    """Run and tell; status 1 where anything was lost or is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no kill after that")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="over PostgreSQL instead of SQLite")
    options = parser.parse_args()
    report = run(Campaign(options.kills, options.seed, seconds=options.seconds, postgres=options.postgres))
    print(report.told())
    return 1 if report.lost or report.wrong or not report.acknowledged else 0


if __name__ == "__main__":
    sys.exit(main())
