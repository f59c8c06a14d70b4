"""Ask a faulty registry and hold what becomes of it against the connector's page.

Every fault of a question is asked for twice in a row, as a first try and its retry, by both methods in turn,
and once in a while somebody without a fault is asked about over the same connections. At the end the
simulator's count has to be the client's, question by question.

A command of its own (`python -m tests.faults.registry --answers 10000`), and a short version in the suite.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from padan.domain.claim import Claim
from padan.domain.errors import RegistryError, RegistryProtocolError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Finding, Outcome
from padan.registries import DukcapilRegistry, DukcapilSettings
from padan.sandbox import Nation
from padan.sandbox.dukcapil import SandboxCredentials
from padan.sandbox.fault_people import FAULT_NAMES
from padan.sandbox.faults import CHARGED_FAULTS
from padan.sandbox.line import UNRESOLVABLE
from tests.registries.documented import Documented, documented_faults, read_off
from tests.support.faulty_registry import FaultyRegistry, faulty_registry, memory

DEADLINE_S, GRACE_S = 1.0, 1.0
MOST_GROWTH = 50 * 1024 * 1024
TRIES = ("first try", "retry")
METHODS = ("CALL_VERIFY_BY_ELEMEN", "CALL_NIK")
AT_ONCE = 16
NATION = Nation()
DOCUMENTED = (RegistryUnavailable, RegistryRefused, RegistryProtocolError)


@dataclass
class Report:
    """What was asked and what went wrong."""

    asked: Counter[str] = field(default_factory=Counter)
    became: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    growth: int = 0
    simulator_growth: int = 0
    redirects_followed: int = 0
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The report in words."""
        lines = [f"{count:>7}  {became}" for became, count in sorted(self.became.items())]
        own, other = self.growth >> 20, self.simulator_growth >> 20
        return "\n".join(
            [
                *lines,
                f"{self.asked.total()} questions, the slowest took {self.slowest_s:.2f} s of {DEADLINE_S} s",
                f"memory grew by {own} MiB, the simulator's by {other} MiB",
                f"{self.redirects_followed} redirects followed",
                *(f"WRONG: {wrong}" for wrong in self.wrong[:20]),
            ]
        )


def settings(url: str, *, method: str = METHODS[0], **changes: object) -> DukcapilSettings:
    """The sandbox's own agreement at an address."""
    known = SandboxCredentials()
    return DukcapilSettings(
        url,
        known.customer,
        known.user_id,
        known.password,
        known.ip,
        method=method,
        **changes,  # type: ignore[arg-type]
    )


def claim_of(scenario: str, index: int = 0) -> Claim:
    """The claim that brings a scenario about."""
    person = NATION.scenario(scenario, index)
    return Claim(person.nik, person.full_name, person.date_of_birth)


async def ask(
    registry: DukcapilRegistry, claim: Claim, request_id: str
) -> tuple[Finding | RegistryError, float]:
    """An answer, and the seconds it took; any other exception is a defect and stops everything."""
    started = time.monotonic()
    try:
        answer: Finding | RegistryError = await registry.ask(claim, request_id=request_id)
    except DOCUMENTED as error:
        answer = error
    return answer, time.monotonic() - started


async def ask_fault(registry: DukcapilRegistry, fault: str, index: int, *, report: Report) -> None:
    """Ask about a fault's person and ask again, whatever came of it."""
    expected = documented_faults()[fault]
    for number, attempt in enumerate(TRIES):
        answer, seconds = await ask(registry, claim_of(fault, index), f"{fault}-{index}-{number}")
        report.asked[f"fault_{fault}"] += 1
        check(report, f"{fault}, {attempt}", answer, expected=expected, seconds=seconds)


def check(
    report: Report,
    what: str,
    answer: Finding | RegistryError,
    *,
    expected: Documented,
    seconds: float,
) -> None:
    """Note an answer, and what of it is not as documented."""
    observed = read_off(answer)
    report.became[f"{what.split(', ', maxsplit=1)[0]}: {observed.becomes}"] += 1
    report.slowest_s = max(report.slowest_s, seconds)
    if observed != expected:
        report.wrong.append(f"{what} became {observed}, the page says {expected}")
    if seconds > DEADLINE_S + GRACE_S:
        report.wrong.append(f"{what} took {seconds:.2f} s")
    if isinstance(answer, Finding) and answer.outcome is Outcome.FOUND and expected.becomes != "found":
        report.wrong.append(f"{what} was found")


async def ask_plainly(registry: DukcapilRegistry, report: Report, index: int) -> None:
    """Ask about somebody without a fault: the connections that saw faults still carry a right answer."""
    answer, _ = await ask(registry, claim_of("match", index), f"match-{index}")
    report.asked["found"] += 1
    compared = isinstance(answer, Finding) and (answer.nik, answer.full_name, answer.date_of_birth)
    if not compared or not all(one is not None and one.matches for one in compared):
        report.wrong.append(f"a match after faults became {read_off(answer)}")


async def many(registries: list[DukcapilRegistry], answers: int, report: Report) -> None:
    """Ask for so many faulty answers, some at a time; first try and retry are two of them."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with room:
            registry = registries[number // len(FAULT_NAMES) % len(registries)]
            fault = FAULT_NAMES[number % len(FAULT_NAMES)]
            await ask_fault(registry, fault, number // len(FAULT_NAMES) % 730, report=report)
            if number % len(FAULT_NAMES) == 0:
                await ask_plainly(registry, report, number % 50)

    await asyncio.gather(*(one(number) for number in range(answers // 2)))


async def break_line(registry: FaultyRegistry, report: Report) -> None:
    """Let the line break in each way, unpinned and trusted, and work in between."""
    line = f"https://127.0.0.1:{registry.line_port}"
    with trusting(registry.authority):
        for fault, expected in documented_faults(literally=True).items():
            url = UNRESOLVABLE if fault == "dns_failure" else line
            if fault != "dns_failure":
                await asyncio.to_thread(registry.door, "POST", "line", {"fault": fault})
            asked = DukcapilRegistry(settings(url, deadline_s=5.0))
            for attempt in TRIES:
                answer, _ = await ask(asked, claim_of("match"), "1")
                check(report, f"{fault} of the line, {attempt}", answer, expected=expected, seconds=0)
            await asyncio.to_thread(registry.door, "DELETE", "line")
            if fault != "dns_failure":
                await ask_plainly(asked, report, 0)
            await asked.close()
    pinned = DukcapilRegistry(settings(line, deadline_s=5.0, certificate_sha256=registry.certificate))
    await ask_plainly(pinned, report, 0)
    await pinned.close()


@contextmanager
def trusting(authority: str) -> Iterator[None]:
    """Trust an authority as an operator would: by the file that `SSL_CERT_FILE` names."""
    before = os.environ.get("SSL_CERT_FILE")
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(authority)
        file.flush()
        os.environ["SSL_CERT_FILE"] = file.name
        try:
            yield
        finally:
            os.environ.pop("SSL_CERT_FILE")
            if before is not None:
                os.environ["SSL_CERT_FILE"] = before


async def run(answers: int) -> Report:
    """Ask for so many faulty answers; the report says what was not as documented."""
    report = Report()

    async def trap(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        report.redirects_followed += 1
        writer.close()

    server = await asyncio.start_server(trap, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with faulty_registry(redirect_to=f"http://127.0.0.1:{port}/latest/meta-data/") as faulty:
        asked = [
            DukcapilRegistry(settings(faulty.url, method=method, deadline_s=DEADLINE_S)) for method in METHODS
        ]
        await many(asked, 4 * len(FAULT_NAMES), report)  # warm up: every path once by each method
        await break_line(faulty, report)
        async with watched(faulty.process.pid, report):
            await many(asked, answers, report)
        for registry in asked:
            await registry.close()
        compare_counts(report, await asyncio.to_thread(faulty.door, "GET", "count"))
    server.close()
    if report.growth > MOST_GROWTH or report.simulator_growth > MOST_GROWTH:
        report.wrong.append("memory grew by more than 50 MiB")
    if report.redirects_followed:
        report.wrong.append("a redirect was followed")
    return report


@asynccontextmanager
async def watched(simulator: int, report: Report) -> AsyncIterator[None]:
    """Note by how much the memory of both processes is above what it is now, at the most."""
    gc.collect()
    before = memory(), memory(simulator)

    async def watch() -> None:
        while True:
            report.growth = max(report.growth, memory() - before[0])
            report.simulator_growth = max(report.simulator_growth, memory(simulator) - before[1])
            await asyncio.sleep(0.02)

    task = asyncio.create_task(watch())
    yield
    task.cancel()


def compare_counts(report: Report, counted: dict[str, object]) -> None:
    """The simulator counted each question once, under what it was asked for, and charged what it says."""
    if counted["answers"] != dict(report.asked):
        report.wrong.append(f"the simulator counted {counted['answers']}, asked were {dict(report.asked)}")
    paid = {"found", *(f"fault_{fault}" for fault in CHARGED_FAULTS)}
    charged = sum(count for kind, count in report.asked.items() if kind in paid)
    if counted["charged"] != charged:
        report.wrong.append(f"the simulator charged {counted['charged']} questions, not {charged}")


def main() -> int:
    """Run and tell; status 1 where anything was not as documented."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--answers", type=int, default=10_000, help="faulty answers to ask for")
    report = asyncio.run(run(parser.parse_args().answers))
    print(report.told())
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
