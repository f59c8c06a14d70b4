"""Kill a server at each named point around a paid question, and hold what it left behind.

A life: a server under load that dies at the NTH time it reaches a point
(`tests/support/dying_server.py`), the points in turn, NTH drawn from the seed. Lives follow one another
over one database, once with the policy never to ask again what may have been charged, once with up to
three such questions. After each death the ledger has to say of the question that was under way what the
point makes true; at the end every session has ended, none was asked more often than the policy allows,
and the counters of quota and budget are the ledger's.

A command of its own (`python -m tests.faults.crash_points --rounds 90 --seed 1 [--postgres]`), and a short
version in the suite.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.faults.session_cases import person_of
from tests.support.dying_server import NOTE, POINTS
from tests.support.faulty_registry import FaultyRegistry, faulty_registry
from tests.support.postgres import new_database
from tests.support.relying_party import Asked, Database, RelyingParty, Row, counters_of
from tests.support.server import Server, start

NOT_ASKED = frozenset({"before_attempt", "attempt_written", "connected"})
"""Points at which nothing has been sent."""
AT_ONCE = 6
POLICIES = (1, 3)
LONGEST_LIFE_S = 20.0


@dataclass
class Report:
    """What was done, what died, what is wrong."""

    deaths: Counter[str] = field(default_factory=Counter)
    survived: int = 0
    sessions: int = 0
    acknowledged: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    charges: Counter[str] = field(default_factory=Counter)
    most_asked: dict[int, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The report in words."""
        return "\n".join(
            [
                *(f"{count:>6}  deaths at {point}" for point, count in sorted(self.deaths.items())),
                f"{self.survived} lives ended without reaching their point",
                f"{self.sessions} sessions, {self.acknowledged} of them acknowledged; {dict(self.endings)}",
                f"questions: {dict(self.charges)}; asked at most, by policy: {self.most_asked}",
                *(f"WRONG: {wrong}" for wrong in self.wrong[:20]),
            ]
        )


@dataclass
class Story:
    """One database, its lives, and what is known of its sessions."""

    folder: Path
    registry: FaultyRegistry
    policy: int
    report: Report
    url: str | None = None
    """Of its PostgreSQL database; None where it has SQLite's file."""
    niks: dict[str, str] = field(default_factory=dict)
    """Of every session that was acknowledged."""
    sent: set[str] = field(default_factory=set)
    """Of every session that was asked for."""
    victims: dict[tuple[str, int], str] = field(default_factory=dict)
    """Questions that a death was timed by, and at which point."""

    @property
    def database(self) -> Database:
        return Database(self.folder, self.url)

    @property
    def environment(self) -> dict[str, str]:
        told = {
            "PADAN_DUKCAPIL_URL": self.registry.url,
            "PADAN_DUKCAPIL_MOST_UNKNOWN_CHARGES": str(self.policy),
            NOTE: str(self.folder / "note"),
        }
        # On PostgreSQL the leases of the dead run out, the sooner the shorter a question may be.
        return (
            told if self.url is None else {**told, "PADAN_DATABASE": self.url, "PADAN_DUKCAPIL_DEADLINE": "1"}
        )


async def load(story: Story, server: Server, people: list[dict[str, str]]) -> None:
    """Create sessions, some at a time, until the server is gone or nobody is left."""

    async def one(party: RelyingParty) -> None:
        while people:
            person = people.pop()
            story.sent.add(person["nikIdNumber"])
            try:
                status, told = await party.create(person)
            except (aiohttp.ClientError, OSError, ValueError):
                return
            if status == 200:
                story.niks[told["sessionId"]] = person["nikIdNumber"]

    async with RelyingParty(server) as party:
        await asyncio.gather(*(one(party) for _ in range(AT_ONCE)))


def live(story: Story, point: str, nth: int, *, people: list[dict[str, str]]) -> None:
    """One life, from its start to its death."""
    note = story.folder / "note"
    note.unlink(missing_ok=True)
    program = (sys.executable, "-m", "tests.support.dying_server", point, str(nth))
    try:
        server = start("--data", str(story.folder), environment=story.environment, program=program)
    except AssertionError:
        server = None  # it died of what the life before had left, before it was ready
    if server is not None:
        asyncio.run(load(story, server, people))
        deadline = time.monotonic() + LONGEST_LIFE_S
        while server.process.poll() is None and not note.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
            if not story.database.unfinished():
                break
        server.kill()
    if not note.exists():
        story.report.survived += 1
        return
    session_id, number = note.read_text("ascii").split()
    story.report.deaths[point] += 1
    hold_victim(story, point, session_id, number=int(number))


def hold_victim(story: Story, point: str, session_id: str, *, number: int) -> None:
    """What the ledger has to say of the question that was under way."""
    if point != "before_attempt":
        story.victims[session_id, number] = point
    row = story.database.sessions()[session_id]
    asked = next((one for one in row.asked if one.number == number), None)
    wanted = {"before_attempt": None, "after_commit": ("found", "charged")}.get(point, (None, "unknown"))
    found = asked and (asked.outcome, asked.charge)
    if found != wanted:
        story.report.wrong.append(f"killed {point}, question {number} is {found} and not {wanted}")
    if (row.state == "succeeded") is not (point == "after_commit"):
        story.report.wrong.append(f"killed {point}, the session is {row.state}")


def least_and_most(story: Story, session_id: str, asked: list[Asked]) -> tuple[int, int]:
    """How often the registry must have been asked, and may have been.

    Of a question whose death was timed, both are known; of one that was under way beside it, only the bounds.
    """
    least = most = 0
    for one in asked:
        point = story.victims.get((session_id, one.number))
        surely = one.ended_at is not None or (point is not None and point not in NOT_ASKED)
        least += surely
        most += surely or point is None
    return least, most


def hold_session(story: Story, session_id: str, row: Row, *, by_nik: dict[str, int]) -> None:
    """One session at the end."""
    report, policy = story.report, story.policy
    ended = "success" if row.state == "succeeded" else f"{row.error_code}, {row.reason}"
    report.endings[ended] += 1
    report.charges.update(one.charge for one in row.asked)
    given_up = ended == "Internal, too_many_unknown_charges" and row.unknown == policy
    if ended != "success" and not given_up:
        report.wrong.append(f"a session ended in {ended} after {row.unknown} unknown of {policy}")
    if row.unknown > policy or len(row.asked) > policy:
        report.wrong.append(f"{len(row.asked)} questions, {row.unknown} unknown, where {policy} are allowed")
    for one in row.asked:
        if (one.charge == "unknown") is not (one.ended_at is None):
            report.wrong.append(f"a question is {one.charge}, {one.outcome}, ended at {one.ended_at}")
    nik = story.niks.get(session_id)
    if nik is None:
        return
    times = by_nik.get(nik, 0)
    report.most_asked[policy] = max(report.most_asked.get(policy, 0), times)
    least, most = least_and_most(story, session_id, row.asked)
    if not least <= times <= most or times > policy:
        points = [story.victims.get((session_id, one.number), "none") for one in row.asked]
        report.wrong.append(
            f"asked {times} times, the ledger says {least} to {most}, the policy {policy}; killed at {points}"
        )


def hold_everything(story: Story) -> None:
    """A last life without a death, and then all that has to be true."""
    report = story.report
    server = start("--data", str(story.folder), environment=story.environment)
    if not story.database.wait_until_finished(120):
        report.wrong.append(f"{story.database.unfinished()} sessions do not end")
    server.stop()
    rows, by_nik = story.database.sessions(), story.registry.asked()
    lost = set(story.niks) - set(rows)
    if lost:
        report.wrong.append(f"{len(lost)} acknowledged sessions are lost")
    report.sessions += len(rows)
    report.acknowledged += len(story.niks)
    for session_id, row in rows.items():
        hold_session(story, session_id, row, by_nik=by_nik)
    if any(by_nik.get(nik, 0) > story.policy for nik in story.sent):
        report.wrong.append("somebody was asked about more often than the policy allows")
    told = story.database.counters()
    counted = (
        sum(number for (name, _), number in told.items() if name.startswith("quota")),
        sum(number for (name, _), number in told.items() if name.startswith("budget")),
    )
    if counted != counters_of(rows.values()):
        report.wrong.append(f"counters say {counted}, the ledger {counters_of(rows.values())}")


def run(rounds: int, *, seed: int, policies: tuple[int, ...] = POLICIES, postgres: bool = False) -> Report:
    """So many lives with each policy."""
    report, draw = Report(), random.Random(seed)
    people = iter(range(40_000_000, 50_000_000))
    with faulty_registry() as registry, tempfile.TemporaryDirectory(prefix="padan-points-") as text:
        for policy in policies:
            folder = Path(text) / str(policy)
            folder.mkdir()
            story = Story(folder, registry, policy, report, new_database() if postgres else None)
            for number in range(rounds):
                nth = draw.randint(1, 12)
                own = [person_of("match", next(people)) for _ in range(nth + AT_ONCE)]
                live(story, POINTS[number % len(POINTS)], nth, people=own)
            hold_everything(story)
    return report


def main() -> int:
    """Run and tell; status 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=90, help="lives with each policy")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="over PostgreSQL instead of SQLite")
    options = parser.parse_args()
    report = run(options.rounds, seed=options.seed, postgres=options.postgres)
    print(report.told())
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
