"""Let the disk of a server under load fail, and bring it back.

A running `padan dev` finds its disk full, read-only, refusing writes, or failing to sync; or may open no more
files. Held: while that lasts nothing is acknowledged, whoever asks is told 503 with `Retry-After` (or, where
no connection can be taken, nothing); once the cause is gone it serves again without a restart; everything
that was acknowledged ends, with its result, and the database is sound.

A command of its own (`python -m tests.faults.broken_disk [--trouble NAME] [--rounds N]`), and a short
version in the suite.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.faults.session_cases import person_of
from tests.support.disk import FULL, READ_ONLY, SYNC_FAILS, WRITE_FAILS, Orders, between, compiled
from tests.support.relying_party import PROVIDER, Database
from tests.support.server import Server, running

MODES = {"full": FULL, "read_only": READ_ONLY, "sync_fails": SYNC_FAILS, "write_fails": WRITE_FAILS}
NO_FILES = "no_files"
TROUBLES = (*MODES, NO_FILES)
AT_ONCE = 4
HEALS_WITHIN_S = 10.0
SETTLES_S = 0.3
"""Seconds after which an answer cannot be to what was written before the trouble."""


@dataclass
class Report:
    """What was answered: before, during and after the trouble."""

    trouble: str
    answers: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    acknowledged: dict[str, str] = field(default_factory=dict)
    healed_after_s: float = float("inf")
    failures: int = 0
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The report in words."""
        answered = {when: dict(counts) for when, counts in self.answers.items()}
        return "\n".join(
            [
                f"{self.trouble}: {answered}; {self.failures} calls failed; healed after"
                f" {self.healed_after_s:.2f} s; {len(self.acknowledged)} acknowledged",
                *(f"  WRONG: {wrong}" for wrong in self.wrong[:20]),
            ]
        )


async def create(report: Report, server: Server, client: aiohttp.ClientSession, number: int) -> str:
    """Ask for a session; the status, with what an honest refusal has to say."""
    body = {
        "provider": PROVIDER,
        "verificationProfileId": server.ready["verificationProfileId"],
        "capabilities": ["PollResult"],
        "providerInput": {PROVIDER: person_of("match", 60_000_000 + number)},
    }
    try:
        async with client.post("/api/v1/sessions/provider/direct", json=body) as answer:
            told = await answer.json()
            if answer.status == 200:
                key = told["resultCollection"]["resultsAccessKey"]
                report.acknowledged[told["sessionId"]] = key
            elif answer.status != 503 or "Retry-After" not in answer.headers:
                report.wrong.append(
                    f"answered {answer.status}, Retry-After {answer.headers.get('Retry-After')}"
                )
            return str(answer.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__


@contextmanager
def trouble(report: Report, server: Server, orders: Orders) -> Iterator[None]:
    """For a block of code, something is wrong with the machine."""
    name, pid, limit = report.trouble, server.process.pid, resource.RLIMIT_NOFILE
    before = resource.prlimit(pid, limit)
    if name == NO_FILES:
        resource.prlimit(pid, limit, (len(list(Path(f"/proc/{pid}/fd").iterdir())), before[1]))
    else:
        orders.fail(MODES[name])
    try:
        yield
    finally:
        report.failures += orders.mend()
        resource.prlimit(pid, limit, before)


@dataclass
class Load:
    """Relying parties that create sessions all the time; `when` says what their answers count under."""

    report: Report
    server: Server
    when: str = "before"
    numbers: Iterator[int] = field(default_factory=itertools.count)
    stopped: bool = False

    def client(self) -> aiohttp.ClientSession:
        """Connections of their own."""
        headers = {"Authorization": f"Bearer {self.server.ready['accessToken']}"}
        timeout = aiohttp.ClientTimeout(total=5)
        return aiohttp.ClientSession(self.server.url, headers=headers, timeout=timeout)

    async def go_on(self) -> None:
        """One of them, until it is stopped."""
        async with self.client() as client:
            while not self.stopped:
                began = self.when
                told = await create(self.report, self.server, client, next(self.numbers))
                if began == self.when:
                    self.report.answers[began][told] += 1
                await asyncio.sleep(0.02)

    async def come_anew(self) -> None:
        """One that has no connection yet."""
        async with self.client() as client:
            told = await create(self.report, self.server, client, next(self.numbers))
            self.report.answers[self.when][f"new connection: {told}"] += 1

    async def healed_after(self) -> float:
        """Seconds until something is acknowledged again."""
        started = time.monotonic()
        async with asyncio.timeout(HEALS_WITHIN_S):
            while not self.report.answers["after"]["200"]:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        return time.monotonic() - started


async def scene(report: Report, server: Server, orders: Orders, *, seconds: float, patient: bool) -> None:
    """Load before, during and after."""
    load = Load(report, server)
    loading = [asyncio.create_task(load.go_on()) for _ in range(AT_ONCE)]
    await asyncio.sleep(seconds)
    with trouble(report, server, orders):
        load.when = "settling"
        await asyncio.sleep(SETTLES_S)
        load.when = "during"
        await asyncio.sleep(seconds)
        if report.trouble == NO_FILES:
            await load.come_anew()
    load.when = "after"
    with contextlib.suppress(TimeoutError):
        report.healed_after_s = await load.healed_after()
    await asyncio.sleep(seconds / 2)
    load.stopped = True
    await asyncio.gather(*loading)
    if patient:
        async with load.client() as client:
            await read_results(report, client)


async def read_results(report: Report, client: aiohttp.ClientSession) -> None:
    """Every acknowledged session has its result, some at the end of the lease that the trouble met."""
    left, deadline = dict(report.acknowledged), time.monotonic() + 60
    while left and time.monotonic() < deadline:
        for session_id, key in list(left.items()):
            path, body = f"/api/v1/sessions/{session_id}/results", {"resultsAccessKey": key}
            async with client.post(path, json=body) as answer:
                told = await answer.json()
            if answer.status == 200 and told["session"]["success"]:
                del left[session_id]
        await asyncio.sleep(0.1)
    if left:
        report.wrong.append(f"{len(left)} acknowledged sessions have no result")


def judge(report: Report, folder: Path) -> None:
    """Hold what happened against what was promised."""
    if not report.answers["before"]["200"]:
        report.wrong.append("nothing was acknowledged before")
    if report.trouble != NO_FILES and (
        report.answers["during"]["200"] or not report.answers["during"]["503"]
    ):
        report.wrong.append(f"while it lasted: {dict(report.answers['during'])}")
    if report.trouble != NO_FILES and not report.failures:
        report.wrong.append("the disk never failed")
    if report.healed_after_s > HEALS_WITHIN_S:
        report.wrong.append("it did not heal")
    with closing(sqlite3.connect(folder / "padan.db")) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if sound != "ok":
        report.wrong.append(f"integrity_check: {sound}")
    rows = Database(folder).sessions()
    if set(report.acknowledged) - set(rows):
        report.wrong.append("acknowledged sessions are lost")


def run(name: str, library: Path, *, seconds: float = 2.0, patient: bool = True) -> Report:
    """One trouble over one server; with patience, until every session has its result."""
    report = Report(name)
    with tempfile.TemporaryDirectory(prefix="padan-trouble-") as text:
        folder, orders = Path(text) / "data", Orders(Path(text) / "orders")
        folder.mkdir()
        with running(
            *("--data", str(folder)), environment=between(library, folder, orders=orders.path)
        ) as server:
            asyncio.run(scene(report, server, orders, seconds=seconds, patient=patient))
            if server.process.poll() is not None:
                report.wrong.append("the server ended")
            elif server.stop() != 0:
                report.wrong.append("the server did not stop in order")
        judge(report, folder)
        orders.close()
    return report


def main() -> int:
    """Run and tell; status 1 where anything was not as promised."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trouble", choices=TROUBLES, action="append", help="all of them without it")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    bad = False
    with tempfile.TemporaryDirectory(prefix="padan-disk-") as text:
        library = compiled(Path(text))
        for _ in range(options.rounds):
            for name in options.trouble or TROUBLES:
                report = run(name, library)
                print(report.told(), flush=True)
                bad = bad or bool(report.wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
