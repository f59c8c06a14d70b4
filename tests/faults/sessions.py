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
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import aiohttp

from padan.sandbox.fault_people import LINE_FAULTS
from padan.sandbox.line import UNRESOLVABLE
from tests.faults.session_cases import (
    DEADLINE_S,
    LIFE_S,
    MODES,
    MOST_UNKNOWN,
    Case,
    Report,
    cases,
    check_session,
    compare_counters,
    compare_counts,
    may_match,
    person_of,
)
from tests.registries.becoming import becoming_of
from tests.support.faulty_registry import FaultyRegistry, faulty_registry, memory
from tests.support.relying_party import Database, RelyingParty
from tests.support.server import Server, running

SHARES = {"server_error": 0.2, "html": 0.2, "reset": 0.2, "another_nik": 0.1}


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
