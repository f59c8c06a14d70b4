"""What Padan itself adds to a registry's answer: from an accepted session to its durable result, and
memory.

    python -m bench.registry [--sessions N] [--rate R] [--faulty N] [--folder DIR] [--json]

A whole Padan of `padan.main` over SQLite, asked through its API, and the simulator in another process,
answering at once. A session is accepted when its creation has been made durable; its result is there
when the transaction that holds it has been committed. Of that time, what the simulator needed between
the question's last byte and its answer's last is taken off, and nothing else: the wire, sealing and two
commits are Padan's own. The time of one fsync on the same disk stands beside the figures: they mean
nothing without it. Then so many faulty answers, a session each, and by how much the memory of the
process is above what it was.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import uvloop
from tests.support.asgi import call
from tests.support.faulty_registry import FaultyRegistry, faulty_registry, memory

from bench.store import fsync_time
from padan.app.lines import Lines
from padan.domain.attempt import Attempt
from padan.domain.environment import AccessToken, Environment, EnvironmentKind
from padan.domain.profile import Profile
from padan.domain.session import Session
from padan.logs import configure_logs
from padan.main import Service, build_service, clock, test_line
from padan.providers import PROVIDERS
from padan.sandbox import Nation
from padan.sandbox.fault_people import FAULT_NAMES
from padan.sandbox.scenarios import ScenarioPerson
from padan.settings import Settings

(PROVIDER,) = PROVIDERS
TOKEN = "bench"
WARM_UP = 200
LONG = frozenset({"timeout", "timeout_in_body", "drip", "slow", "very_slow"})
"""Faults that only take time."""
NATION = Nation()


@dataclass
class Stopwatch:
    """When each session was accepted and when it ended, in seconds, and how."""

    accepted: dict[UUID, float] = field(default_factory=dict)
    ended: dict[UUID, float] = field(default_factory=dict)
    endings: Counter[str] = field(default_factory=Counter)

    def watch(self, store: Any) -> None:
        """Look at a store's answers."""
        add, change = store.add, store.change

        async def added(session: Session, **more: Any) -> None:
            await add(session, **more)
            self.accepted[session.id] = time.perf_counter()

        async def changed(
            before: Session, after: Session, *, attempt: Attempt | None = None, **more: Any
        ) -> bool:
            stored: bool = await change(before, after, attempt=attempt, **more)
            if stored and after.done:
                self.ended[after.id] = time.perf_counter()
                self.endings[str(after.error_code or "success")] += 1
            return stored

        store.add, store.change = added, changed

    async def until_all_ended(self, count: int) -> None:
        async with asyncio.timeout(120):
            while len(self.ended) < count:  # noqa: ASYNC110 - a store has no event for it
                await asyncio.sleep(0.01)


@asynccontextmanager
async def padan(folder: Path, registry: FaultyRegistry, watch: Stopwatch) -> AsyncIterator[Service]:
    """A server that asks the simulator, one profile in it."""
    settings = Settings(data=folder, dukcapil_deadline=5.0, dukcapil_most_unknown_charges=1)
    service = await build_service(
        settings,
        public_url="http://bench",
        lines=Lines({EnvironmentKind.TEST: [test_line(settings, registry.url)]}),
        create_keys=True,
        sandboxes=frozenset({EnvironmentKind.TEST}),
    )
    store, own = service.store, UUID(int=1)
    await store.add_environment(Environment(own, "Bench", EnvironmentKind.TEST, clock()))
    digest = hashlib.sha256(TOKEN.encode()).digest()
    await store.add_token(AccessToken(UUID(int=2), own, "bench", digest, clock()))
    await store.add_profile(
        Profile(UUID(int=3), own, "bench", "Bench", clock(), enabled_providers=(PROVIDER,))
    )
    watch.watch(store)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


async def create(service: Service, person: ScenarioPerson) -> UUID:
    """One session through the API; its id."""
    claim = {
        "nikIdNumber": person.nik,
        "fullName": person.full_name,
        "dateOfBirth": person.date_of_birth.isoformat(),
    }
    body = {
        "provider": PROVIDER,
        "verificationProfileId": str(UUID(int=3)),
        "capabilities": ["PollResult"],
        "providerInput": {PROVIDER: claim},
    }
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    path = "/api/v1/sessions/provider/direct"
    answer = await call(service.app, "POST", path, headers=headers, body=json.dumps(body).encode())
    assert answer.status == 200, answer.text
    return UUID(answer.json["sessionId"])


async def overhead(folder: Path, registry: FaultyRegistry, *, sessions: int, rate: float) -> dict[str, Any]:
    """Sessions at a fixed rate; what each took besides the simulator's own time."""
    watch, niks = Stopwatch(), dict[UUID, str]()
    people = [NATION.scenario("match", index) for index in range(WARM_UP + sessions)]
    async with padan(folder, registry, watch) as service:

        async def one(person: ScenarioPerson) -> None:
            niks[await create(service, person)] = person.nik

        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for index, person in enumerate(people):
                await asyncio.sleep(max(0.0, started + index / rate - time.perf_counter()))
                group.create_task(one(person))
        await watch.until_all_ended(WARM_UP + sessions)
    took = await asyncio.to_thread(registry.took)
    assert watch.endings == {"success": WARM_UP + sessions}
    whole = {one: (watch.ended[one] - watch.accepted[one]) * 1000 for one in niks}
    counted = list(niks)[WARM_UP:]
    own = [whole[one] - took[niks[one]] * 1000 for one in counted]
    return {
        "sessions": sessions,
        "perSecond": rate,
        "ownMilliseconds": percentiles(own),
        "wholeMilliseconds": percentiles([whole[one] for one in counted]),
        "simulatorMilliseconds": percentiles([took[niks[one]] * 1000 for one in counted]),
    }


async def growth(folder: Path, registry: FaultyRegistry, *, faulty: int, at_once: int = 16) -> dict[str, Any]:
    """Memory over so many faulty answers, every fault that does not only take time in turn."""
    faults, watch = [name for name in FAULT_NAMES if name not in LONG], Stopwatch()
    async with padan(folder, registry, watch) as service:
        numbers = iter(range(len(faults) * 8 + faulty))
        most, before = 0, 0

        async def work() -> None:
            nonlocal most, before
            for number in numbers:
                if number == len(faults) * 8:
                    gc.collect()
                    before = memory()
                fault, index = faults[number % len(faults)], number // len(faults) % 730
                await create(service, NATION.scenario(fault, index))
                while len(watch.accepted) - len(watch.ended) > at_once:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
                if before:
                    most = max(most, memory() - before)

        await asyncio.gather(*(work() for _ in range(at_once)))
        await watch.until_all_ended(len(faults) * 8 + faulty)
        return {
            "answers": faulty,
            "mostMebibytesAbove": round(max(most, memory() - before) / 2**20, 1),
            "endings": dict(sorted(watch.endings.items())),
        }


def percentiles(values: list[float]) -> dict[str, float]:
    cuts = quantiles(values, n=100, method="inclusive")
    return {"p50": round(cuts[49], 2), "p99": round(cuts[98], 2), "most": round(max(values), 2)}


async def measure(folder: Path, *, sessions: int, rate: float, faulty: int) -> dict[str, Any]:
    fsync = fsync_time(folder)
    with faulty_registry() as registry:
        own = await overhead(folder / "overhead", registry, sessions=sessions, rate=rate)
        grown = await growth(folder / "growth", registry, faulty=faulty) if faulty else None
    return {
        "benchmark": "registry",
        "fsyncMilliseconds": round(fsync * 1000, 2),
        "overhead": own,
        "faulty": grown,
    }


def run(
    *,
    as_json: bool,
    sessions: int = 2_000,
    rate: float = 50.0,
    faulty: int = 10_000,
    folder: Path | None = None,
) -> None:
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(dir=folder))
        # Padan logs as it always does, and nobody reads it.
        stack.enter_context(
            redirect_stderr(stack.enter_context(Path(os.devnull).open("w", encoding="utf-8")))
        )
        configure_logs()
        figures = uvloop.run(measure(Path(scratch), sessions=sessions, rate=rate, faulty=faulty))
    if as_json:
        print(json.dumps(figures))
        return
    own, faults = figures["overhead"], figures["faulty"]
    print(f"registry: {own['sessions']:,} sessions, {rate:g} a second; ", end="")
    print(f"fsync after 4 KiB takes {figures['fsyncMilliseconds']} ms")
    print(f"  {'ms a session':<28}{'p50':>8}{'p99':>8}{'most':>8}")
    for name, what in (("own", "Padan's own"), ("simulator", "the simulator's"), ("whole", "both")):
        row = own[f"{name}Milliseconds"]
        print(f"  {what:<28}{row['p50']:>8.2f}{row['p99']:>8.2f}{row['most']:>8.2f}")
    if faults:
        print(
            f"  {faults['answers']:,} faulty answers: memory at most {faults['mostMebibytesAbove']} MiB above"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sessions", type=int, default=2_000)
    parser.add_argument("--rate", type=float, default=50.0, help="sessions a second")
    parser.add_argument("--faulty", type=int, default=10_000, help="faulty answers for the memory")
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    run(
        as_json=asked.json,
        sessions=asked.sessions,
        rate=asked.rate,
        faulty=asked.faulty,
        folder=asked.folder,
    )


if __name__ == "__main__":
    main()
