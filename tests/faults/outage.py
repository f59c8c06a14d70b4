"""Take the registry away under load, and bring it back.

New sessions arrive at a fixed rate before, during and after. The registry is away in one of two ways:
its port is closed, or it swallows every question and answers none. Held afterwards: every session that
was accepted ends in a success without a hand; health says so in time at both ends; no more is asked
meanwhile than it takes to notice, and one question every two seconds from then on; a profile that would
rather not wait is refused.

A command of its own (`python -m tests.faults.outage --seconds 60`), and a short version in the suite.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import inf, isinf
from pathlib import Path

from padan.domain.breaker import PROBE_EVERY
from tests.faults.session_cases import person_of
from tests.support.faulty_registry import FaultyRegistry, faulty_registry
from tests.support.relying_party import Database, RelyingParty, counters_of
from tests.support.server import Server, running

WAYS = ("refused", "swallowed")
OFFLINE_WITHIN_S, ONLINE_WITHIN_S = 5.0, 10.0
IMPATIENT_EVERY = 15
"""Of so many sessions, one belongs to a profile that fails when the registry is offline."""


@dataclass(frozen=True)
class Plan:
    """Seconds of the outage, before it and after it; new sessions a second; a question's deadline."""

    seconds: float = 60.0
    before: float = 5.0
    after: float = 15.0
    rate: float = 30.0
    deadline: float = 10.0


@dataclass
class Report:
    """What happened, in seconds from the outage's begin and from its end."""

    way: str
    created: list[tuple[float, int, bool]] = field(default_factory=list)
    """When, with which status, and whether for the impatient profile."""
    health: list[tuple[float, str]] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    cleared_s: float = 0.0
    asked_meanwhile: int = 0
    asked_once_open: int = 0
    charges: Counter[str] = field(default_factory=Counter)
    most_questions: int = 0
    wrong: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    @property
    def offline_after_s(self) -> float:
        """From the begin of the outage until health first says `offline`."""
        return next(
            (at - self.began for at, told in self.health if at >= self.began and told != "online"), inf
        )

    @property
    def online_after_s(self) -> float:
        """From the end of the outage until health says `online` for good."""
        down = [at for at, told in self.health if told != "online"]
        after = [at for at, _ in self.health if not down or at > down[-1]]
        return after[0] - self.ended if after else inf

    def told(self) -> str:
        """The report in words."""
        accepted = sum(status == 200 for _, status, _ in self.created)
        refused = sum(status == 400 for _, status, _ in self.created)
        meanwhile = sum(self.began <= at < self.ended for at, _, _ in self.created)
        return "\n".join(
            [
                f"{self.way} for {self.ended - self.began:.0f} s",
                f"  {accepted} sessions accepted, {refused} refused; {meanwhile} of all arrived meanwhile",
                f"  offline after {self.offline_after_s:.2f} s",
                f"  online {self.online_after_s:.2f} s after the return, all done {self.cleared_s:.1f} s",
                f"  {self.asked_meanwhile} questions begun meanwhile, {self.asked_once_open} once offline",
                f"  at most {self.most_questions} questions a session; in all {dict(self.charges)}",
                *(f"  WRONG: {wrong}" for wrong in self.wrong[:20]),
                *(f"  LATE: {late}" for late in self.late[:20]),
            ]
        )


async def load(report: Report, server: Server, impatient: str, *, rate: float, until: asyncio.Event) -> None:
    """Create sessions at a rate until told to stop."""
    async with RelyingParty(server) as party, asyncio.TaskGroup() as group:

        async def one(number: int) -> None:
            fussy, at = number % IMPATIENT_EVERY == 0, time.time()
            person = person_of("match", 20_000_000 + number)
            status, _ = await party.create(person, impatient if fussy else None)
            report.created.append((at, status, fussy))

        started, number = time.monotonic(), 0
        while not until.is_set():
            group.create_task(one(number))
            number += 1
            await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))


async def watch_health(report: Report, server: Server) -> None:
    """Ask for the provider's health again and again."""
    async with RelyingParty(server) as party:
        while True:
            report.health.append((time.time(), (await party.health()).lower()))
            await asyncio.sleep(0.1)


def break_registry(registry: FaultyRegistry, way: str) -> None:
    if way == "refused":
        registry.door("POST", "line", {"fault": "refused"})
    else:
        registry.door("POST", "faults", {"fault": "timeout", "share": 1})


def mend_registry(registry: FaultyRegistry) -> None:
    registry.door("DELETE", "line")
    registry.door("DELETE", "faults")


async def scene(
    report: Report,
    registry: FaultyRegistry,
    server: Server,
    database: Database,
    *,
    plan: Plan,
) -> None:
    """Load, outage, return, and the time it takes to clear what waited."""
    async with RelyingParty(server) as party:
        impatient = await party.new_profile("impatient")
    database.rule(impatient, when_offline="Fail")
    until = asyncio.Event()
    watching = asyncio.create_task(watch_health(report, server))
    loading = asyncio.create_task(load(report, server, impatient, rate=plan.rate, until=until))
    await asyncio.sleep(plan.before)
    report.began = time.time()
    await asyncio.to_thread(break_registry, registry, report.way)
    await asyncio.sleep(plan.seconds)
    await asyncio.to_thread(mend_registry, registry)
    report.ended = time.time()
    await asyncio.sleep(plan.after)
    until.set()
    await loading
    if not await asyncio.to_thread(database.wait_until_finished, 120):
        report.wrong.append(f"{database.unfinished()} sessions still wait")
    watching.cancel()


def judge(report: Report, registry: FaultyRegistry, database: Database) -> None:
    """Hold what happened against what was promised."""
    rows = database.sessions()
    accepted = sum(status == 200 for _, status, _ in report.created)
    if len(rows) != accepted:
        report.wrong.append(f"{accepted} sessions were accepted, {len(rows)} are stored")
    failed = Counter((row.error_code, row.reason) for row in rows.values() if row.state != "succeeded")
    if failed:
        report.wrong.append(f"without a result: {dict(failed)}")
    report.cleared_s = max(row.updated_at for row in rows.values() if row.created_at / 1000 < report.ended)
    report.cleared_s = report.cleared_s / 1000 - report.ended
    report.most_questions = max(len(row.asked) for row in rows.values())
    asked = [one for row in rows.values() for one in row.asked]
    report.charges = Counter(one.charge for one in asked)
    judge_questions(report, [one.started_at / 1000 for one in asked])
    counted, known = registry.door("GET", "count"), report.charges
    if not known["charged"] <= counted["charged"] <= known["charged"] + known["unknown"]:
        report.wrong.append(f"the ledger says {dict(known)}, the simulator charged {counted['charged']}")
    if counted["questions"] != len(asked) - (known["not_charged"] if report.way == "refused" else 0):
        report.wrong.append(f"the ledger has {len(asked)} questions, the simulator {counted['questions']}")
    counters = database.counters()
    questions = sum(number for (name, _), number in counters.items() if name.startswith("quota"))
    if questions != counters_of(rows.values())[0]:
        report.wrong.append(f"{questions} are counted, the ledger has {counters_of(rows.values())[0]}")


def judge_questions(report: Report, started: list[float]) -> None:
    """While it is known that nobody answers, one question every two seconds and no more."""
    if isinf(report.offline_after_s):
        report.wrong.append("health never says offline")
        return
    offline = report.began + report.offline_after_s
    report.asked_meanwhile = sum(report.began <= at < report.ended for at in started)
    report.asked_once_open = sum(offline < at < report.ended for at in started)
    probes = (report.ended - offline) * 1000 / PROBE_EVERY + 2
    if report.asked_once_open > probes:
        report.wrong.append(f"{report.asked_once_open} questions once offline, where {probes:.0f} suffice")


def judge_creations(report: Report) -> None:
    """While it is offline the impatient are refused, and nobody else ever is."""
    offline = report.began + report.offline_after_s
    for at, status, fussy in report.created:
        surely = offline + 0.5 < at < report.ended - 0.5
        if fussy and surely and status != 400:
            report.late.append(f"an impatient session got {status} while offline")
        if status != 200 and not (fussy and report.began < at):
            report.wrong.append(f"a session got {status}")


def judge_times(report: Report) -> None:
    """Health at both ends; a busy machine can break these alone."""
    if report.offline_after_s > OFFLINE_WITHIN_S:
        report.late.append(f"offline only after {report.offline_after_s:.1f} s")
    if report.online_after_s > ONLINE_WITHIN_S:
        report.late.append(f"online only {report.online_after_s:.1f} s after the return")


async def run(way: str, plan: Plan) -> Report:
    """One outage in one way."""
    report = Report(way)
    with ExitStack() as stack:
        registry = stack.enter_context(faulty_registry())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="padan-outage-"))
        environment = {
            "PADAN_DUKCAPIL_URL": f"http://127.0.0.1:{registry.line_port}",
            "PADAN_DUKCAPIL_DEADLINE": str(plan.deadline),
        }
        server = stack.enter_context(running("--data", folder, environment=environment))
        database = Database(Path(folder))
        await scene(report, registry, server, database, plan=plan)
        judge(report, registry, database)
        judge_creations(report)
        judge_times(report)
    return report


def main() -> int:
    """Run and tell; status 1 where anything was not as promised, or too late."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the registry is away")
    parser.add_argument("--rate", type=float, default=30.0, help="new sessions a second")
    parser.add_argument("--way", choices=WAYS, action="append", help="how it is away; both without it")
    options = parser.parse_args()
    bad = False
    for way in options.way or WAYS:
        report = asyncio.run(run(way, Plan(options.seconds, rate=options.rate)))
        print(report.told(), flush=True)
        bad = bad or bool(report.wrong or report.late)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
