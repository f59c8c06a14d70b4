"""Run sessions through a whole Padan whose registry fails in every way, and hold each one's end.

Every fault × {at the first question alone, at every question} × so many sessions, all mixed, each about
a person of its own, with people without a fault in between; then faults by share of all questions; then
the line itself broken in each way. Padan, the simulator and this are three processes. At the end Padan's
ledger has to be the simulator's count, question by question.

A command of its own (`python -m tests.faults.sessions --sessions 200 --seed 1`), and a short version in
the suite.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from padan.sandbox import Nation
from padan.sandbox.fault_people import FAULT_NAMES, LINE_FAULTS
from padan.sandbox.faults import CHARGED_FAULTS
from padan.sandbox.line import UNRESOLVABLE
from tests.registries.becoming import Becoming, becoming_of
from tests.support.faulty_registry import FaultyRegistry, faulty_registry, memory
from tests.support.relying_party import Asked, Database, RelyingParty, Row, counters_of
from tests.support.server import Server, running

DEADLINE_S, GRACE_S = 1.0, 1.0
LIFE_S = 8.0
"""Seconds that a session lives which is never answered."""
MOST_UNKNOWN = 4
MODES = ("first", "every")
SHARES = {"server_error": 0.2, "html": 0.2, "reset": 0.2, "another_nik": 0.1}
NATION = Nation()


@dataclass(frozen=True)
class Case:
    """One session: the fault that befalls its questions (`plain`: none), and which of them."""

    fault: str
    mode: str
    person: dict[str, str] = field(repr=False)

    def struck(self, number: int) -> bool:
        return self.mode == "every" or (self.mode == "first" and number == 1)


@dataclass
class Report:
    """What became of what, and what of it is not as documented."""

    became: Counter[str] = field(default_factory=Counter)
    questions: int = 0
    charges: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    growth: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The report in words."""
        return "\n".join(
            [
                *(f"{count:>7}  {became}" for became, count in sorted(self.became.items())),
                f"{self.became.total()} sessions, {self.questions} questions in {self.seconds:.0f} s: "
                + ", ".join(f"{count} {charge}" for charge, count in sorted(self.charges.items())),
                f"the slowest question took {self.slowest_s:.2f} s of {DEADLINE_S} s",
                f"the server's memory grew by {self.growth >> 20} MiB",
                *(f"WRONG: {wrong}" for wrong in self.wrong[:20]),
                *(f"LATE: {late}" for late in self.late[:20]),
            ]
        )


def person_of(scenario: str, index: int) -> dict[str, str]:
    """What to send to have a scenario."""
    person = NATION.scenario(scenario, index)
    return {
        "nikIdNumber": person.nik,
        "fullName": person.full_name,
        "dateOfBirth": person.date_of_birth.isoformat(),
    }


def cases(sessions: int, seed: int) -> list[Case]:
    """Every fault in both modes so many times, and a plain person for each fault's; in a seeded disorder."""
    people = iter(range(10_000_000))
    found = [
        Case(fault, mode, person_of(fault, i) if mode == "every" else person_of("match", next(people)))
        for fault in FAULT_NAMES
        for mode in MODES
        for i in range(sessions)
    ]
    found += [Case("plain", "never", person_of("match", next(people))) for _ in range(sessions * 4)]
    random.Random(seed).shuffle(found)
    return found


@contextmanager
def padan(url: str, **environment: str) -> Iterator[tuple[Server, Database]]:
    """A server that asks `url`, and its database."""
    given = {
        "PADAN_DUKCAPIL_URL": url,
        "PADAN_DUKCAPIL_DEADLINE": str(DEADLINE_S),
        "PADAN_DUKCAPIL_MOST_UNKNOWN_CHARGES": str(MOST_UNKNOWN),
        **environment,
    }
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="padan-faults-"))
        server = stack.enter_context(running("--data", folder, environment=given))
        yield server, Database(Path(folder))


async def create_all(
    server: Server, registry: FaultyRegistry, found: list[Case], *, brief: str, rate: float
) -> dict[str, tuple[Case, str]]:
    """Create a session for each case at a rate; returns them by id, with their keys."""
    created: dict[str, tuple[Case, str]] = {}
    room = asyncio.Semaphore(32)

    async def one(case: Case, door: aiohttp.ClientSession, party: RelyingParty) -> None:
        async with room:
            if case.mode == "first":
                wish = {"nik": case.person["nikIdNumber"], "fault": case.fault, "times": 1}
                async with door.post("/sandbox/scenario", json=wish) as answer:
                    assert answer.status == 200
            lasting = case.mode == "every" and becoming_of(case.fault).asked_again
            status, told = await party.create(case.person, brief if lasting else None)
            assert status == 200, told
            created[told["sessionId"]] = (case, told["resultCollection"]["resultsAccessKey"])

    async with RelyingParty(server) as party, aiohttp.ClientSession(registry.url) as door:
        started, tasks = time.monotonic(), []
        for number, case in enumerate(found):
            tasks.append(asyncio.create_task(one(case, door, party)))
            await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
        await asyncio.gather(*tasks)
    return created


async def matches(server: Server, session_id: str, key: str) -> bool:
    """Whether the results of a session say yes to anything."""
    async with RelyingParty(server) as party:
        told = await party.results(session_id, key)
    match = (told.get("identityData") or {}).get("match") or {}
    return any(one["booleanValue"] for one in match.values())


def may_match(case: Case, row: Row) -> bool:
    """Whether the last question was answered rightly: only then may the session say yes."""
    return expected_answer(case, row.asked[-1].number).answer == "found"


def expected_answer(case: Case, number: int) -> Becoming:
    """What the page says of one question of a session."""
    return becoming_of(case.fault if case.struck(number) else "none")


def told_of(case: Case, asked: Asked) -> tuple[str, str]:
    """What the ledger has to have of one question: outcome and charge."""
    expected = expected_answer(case, asked.number)
    outcome = {"RegistryUnavailable": "unavailable"}.get(expected.answer, expected.reason or expected.answer)
    return outcome, expected.charge


def cut_off(case: Case, asked: Asked) -> bool:
    """Whether the deadline passed, on a busy machine, over what is answered sooner or was not even sent."""
    over = asked.took_s >= DEADLINE_S and asked.outcome == "unavailable"
    return over and (asked.outcome, asked.charge) != told_of(case, asked)


def check_question(report: Report, case: Case, asked: Asked) -> None:
    """One row of the ledger against the page and the clock."""
    what = f"{case.fault} ({case.mode}), question {asked.number}"
    report.slowest_s = max(report.slowest_s, asked.took_s)
    if asked.took_s > DEADLINE_S + GRACE_S:
        report.late.append(f"{what} took {asked.took_s:.2f} s")
    if cut_off(case, asked):
        report.late.append(f"{what} was cut off by the deadline")
    elif asked.ended_at is None or (asked.outcome, asked.charge) != told_of(case, asked):
        report.wrong.append(f"{what} is {asked.outcome}, {asked.charge}; not {told_of(case, asked)}")


def expected_ends(case: Case, row: Row) -> set[str]:
    """How a session may end."""
    told = becoming_of("none" if case.fault == "plain" else case.fault)
    if not told.asked_again:
        cut = any(cut_off(case, asked) for asked in row.asked)
        return (set(told.errors) or {"success"}) | ({"success"} if cut else set())
    if case.mode == "first":
        return {"success"}
    return {"Internal" if row.unknown >= MOST_UNKNOWN else "Expired"}


def check_session(report: Report, case: Case, row: Row) -> None:
    """How one session ended, and how often it was asked."""
    what = f"{case.fault} ({case.mode})"
    ended = "success" if row.state == "succeeded" else str(row.error_code or row.state)
    report.became[f"{what}: {ended}"] += 1
    if ended not in expected_ends(case, row):
        report.wrong.append(f"{what} ended in {ended} ({row.reason}) after {len(row.asked)} questions")
    again = case.fault != "plain" and becoming_of(case.fault).asked_again
    most = {"every": 99, "first": 2}.get(case.mode, 1) if again else 1
    most += sum(cut_off(case, asked) for asked in row.asked)
    if len(row.asked) > most or row.unknown > MOST_UNKNOWN:
        report.wrong.append(f"{what} was asked {len(row.asked)} times, {row.unknown} of unknown charge")
    for asked in row.asked:
        check_question(report, case, asked)


def compare_counts(
    report: Report, rows: dict[str, tuple[Case, Row]], *, counted: dict[str, Any], by_nik: dict[str, int]
) -> None:
    """The simulator's count has to be the ledger, in all, by fault, by person, and in what was charged."""
    kinds: Counter[str] = Counter()
    for case, row in rows.values():
        sent = [asked for asked in row.asked if not (cut_off(case, asked) and asked.charge == "not_charged")]
        for asked in sent:
            kinds[f"fault_{case.fault}" if case.struck(asked.number) else "found"] += 1
        times = by_nik.get(case.person["nikIdNumber"], 0)
        if times != len(sent):
            report.wrong.append(f"{case}: asked {times} times, the ledger has {len(sent)}")
    if counted["answers"] != dict(kinds):
        report.wrong.append(f"the simulator counted {counted['answers']}, the ledger {dict(kinds)}")
    paid = {"found", *(f"fault_{fault}" for fault in CHARGED_FAULTS)}
    if counted["charged"] != sum(n for kind, n in kinds.items() if kind in paid):
        report.wrong.append(f"the simulator charged {counted['charged']}")
    known = Counter(asked.charge for _, row in rows.values() for asked in row.asked)
    report.charges.update(known)
    report.questions += known.total()
    if not known["charged"] <= counted["charged"] <= known["charged"] + known["unknown"]:
        report.wrong.append(f"the ledger says {dict(known)}, the simulator charged {counted['charged']}")


def compare_counters(report: Report, database: Database, rows: dict[str, Row]) -> None:
    """Quota and budgets have to be the ledger."""
    told = database.counters()
    questions = sum(number for (name, _), number in told.items() if name.startswith("quota"))
    prices = sum(number for (name, _), number in told.items() if name.startswith("budget"))
    if (questions, prices) != counters_of(rows.values()):
        report.wrong.append(f"counters say {(questions, prices)}, the ledger {counters_of(rows.values())}")


async def mixed(
    report: Report, registry: FaultyRegistry, found: list[Case], *, rate: float, life_s: float
) -> None:
    """All faults at once by person, and what the ledger has of them."""
    with padan(registry.url) as (server, database):
        async with RelyingParty(server) as party:
            brief = await party.new_profile("brief")
        database.expire_after(brief, life_s)
        warm = [Case("plain", "never", person_of("match", 5_000_000 + i)) for i in range(20)]
        created = await create_all(server, registry, warm, brief=brief, rate=rate)
        before = memory(server.process.pid)
        created |= await create_all(server, registry, found, brief=brief, rate=rate)
        if not await asyncio.to_thread(database.wait_until_finished, 60 + life_s + len(found) / 20):
            report.wrong.append(f"{database.unfinished()} sessions do not end")
        report.growth = memory(server.process.pid) - before
        rows = database.sessions()
        for session_id, (case, key) in created.items():
            check_session(report, case, rows[session_id])
            matched = rows[session_id].state == "succeeded" and await matches(server, session_id, key)
            if matched and not may_match(case, rows[session_id]):
                report.wrong.append(f"{case} matched")
        told = {session_id: (case, rows[session_id]) for session_id, (case, _) in created.items()}
        counted, by_nik = registry.door("GET", "count"), registry.asked()
        compare_counts(report, told, counted=counted, by_nik=by_nik)
        compare_counters(report, database, rows)
        registry.door("DELETE", "count")


async def by_share(report: Report, registry: FaultyRegistry, sessions: int, *, rate: float) -> None:
    """Faults by share: which session is struck is chance, what becomes of it is not."""
    for fault, share in SHARES.items():
        registry.door("POST", "faults", {"fault": fault, "share": share})
    found = [Case("share", "share", person_of("match", 8_000_000 + i)) for i in range(sessions * 4)]
    with padan(registry.url) as (server, database):
        created = await create_all(server, registry, found, brief="", rate=rate)
        if not await asyncio.to_thread(database.wait_until_finished, 60 + len(found) / 20):
            report.wrong.append("sessions do not end while a share of questions fails")
        rows = database.sessions()
        kinds = Counter(asked.outcome for row in rows.values() for asked in row.asked)
        counted = registry.door("GET", "count")
        answers = counted["answers"]
        told = {
            "found": answers.get("found", 0),
            "unavailable": answers.get("fault_server_error", 0) + answers.get("fault_reset", 0),
            "protocol_error": answers.get("fault_html", 0) + answers.get("fault_another_nik", 0),
        }
        if {outcome: n for outcome, n in told.items() if n} != dict(kinds):
            report.wrong.append(f"by share the ledger has {dict(kinds)}, the simulator {answers}")
        for session_id, (case, _) in created.items():
            row = rows[session_id]
            last = row.asked[-1].outcome
            ended = {"found": "success", "protocol_error": "InvalidResponse"}.get(str(last), "Internal")
            report.became[f"{case.fault}: {ended}"] += 1
            if (row.error_code or "success") != ended or row.unknown > MOST_UNKNOWN:
                report.wrong.append(f"by share, a session ended in {row.error_code} after {last}")
        report.questions += sum(kinds.values())
        report.charges.update(asked.charge for row in rows.values() for asked in row.asked)
        compare_counters(report, database, rows)
    registry.door("DELETE", "faults")
    registry.door("DELETE", "count")


async def on_the_line(
    report: Report, registry: FaultyRegistry, many: tuple[int, float], *, faults: tuple[str, ...]
) -> None:
    """The line itself broken in each way, for good and for a while; nothing of that may be charged."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as authority:
        authority.write(registry.authority)
        authority.flush()
        line = f"https://127.0.0.1:{registry.line_port}"
        for fault in faults:
            url = UNRESOLVABLE if fault == "dns_failure" else line
            for mode in MODES if fault != "dns_failure" else ("every",):
                with padan(url, SSL_CERT_FILE=authority.name) as (server, database):
                    both = (server, database)
                    await broken(report, registry, both, fault=fault, mode=mode, many=many)


async def broken(
    report: Report,
    registry: FaultyRegistry,
    running_padan: tuple[Server, Database],
    *,
    fault: str,
    mode: str,
    many: tuple[int, float],
) -> None:
    """One way for the line to be broken: nobody is answered, or all are as soon as it works again."""
    (server, database), (sessions, rate) = running_padan, many
    if mode == "every":
        database.expire_after(server.ready["verificationProfileId"], 4.0)
    if fault != "dns_failure":
        registry.door("POST", "line", {"fault": fault})
    found = [Case(fault, "line", person_of("match", 9_000_000 + i)) for i in range(sessions)]
    await create_all(server, registry, found, brief="", rate=rate)
    if mode == "first":
        await asyncio.sleep(1.0)
        registry.door("DELETE", "line")
    if not await asyncio.to_thread(database.wait_until_finished, 60 + sessions / 10):
        report.wrong.append(f"sessions do not end while the line has {fault}")
    if fault != "dns_failure":
        registry.door("DELETE", "line")
    rows = database.sessions()
    expected = {"every": becoming_of(f"{fault} on the line").errors, "first": {None}}[mode]
    for row in rows.values():
        report.became[f"{fault} on the line ({mode}): {row.error_code or 'success'}"] += 1
        if row.error_code not in expected:
            report.wrong.append(f"{fault} on the line ({mode}) ended in {row.error_code} ({row.reason})")
    asked = Counter(one.charge for row in rows.values() for one in row.asked)
    counted = registry.door("GET", "count")["questions"]
    if (asked["charged"], asked["unknown"]) != (counted, 0) or not asked["not_charged"]:
        report.wrong.append(f"{fault} on the line: the ledger has {dict(asked)}, asked were {counted}")
    report.questions += asked.total()
    report.charges.update(asked)
    compare_counters(report, database, rows)
    registry.door("DELETE", "count")


async def run(
    sessions: int,
    *,
    seed: int,
    life_s: float = LIFE_S,
    rate: float = 120.0,
    of_the_line: tuple[str, ...] = LINE_FAULTS,
) -> Report:
    """All of it, with so many sessions a fault and mode."""
    report, started = Report(), time.monotonic()
    with faulty_registry() as registry:
        await mixed(report, registry, cases(sessions, seed), rate=rate, life_s=life_s)
        await by_share(report, registry, sessions, rate=rate)
        await on_the_line(report, registry, (sessions, rate), faults=of_the_line)
    report.seconds = time.monotonic() - started
    return report


def main() -> int:
    """Run and tell; status 1 where anything was not as documented or too late."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sessions", type=int, default=200, help="sessions of each fault in each mode")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    report = asyncio.run(run(options.sessions, seed=options.seed))
    print(report.told())
    return 1 if report.wrong or report.late else 0


if __name__ == "__main__":
    sys.exit(main())
