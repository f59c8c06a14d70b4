"""Two servers over one database before a registry that fell silent: what one learnt, both know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from padan.domain.breaker import PROBE_EVERY
from tests.faults.session_cases import person_of
from tests.support.faulty_registry import FaultyRegistry, faulty_registry
from tests.support.postgres import new_database
from tests.support.relying_party import RelyingParty
from tests.support.server import running

WATCHED_S = 9.0
SLACK_S = 2.0
"""For a machine that is busy with other tests; shared is what was learnt within one second."""


async def until(holds: Callable[[], Awaitable[bool]], *, seconds: float) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    while not await holds():
        assert time.monotonic() - began < seconds, "not in time"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def scene(registry: FaultyRegistry, first: RelyingParty, second: RelyingParty) -> None:
    def says(party: RelyingParty, health: str) -> Callable[[], Awaitable[bool]]:
        async def holds() -> bool:
            return (await party.health()).lower() == health

        return holds

    assert (await first.create(person_of("match", 1)))[0] == 200
    assert await says(second, "online")()
    await asyncio.to_thread(registry.door, "POST", "faults", {"fault": "timeout", "share": 1})
    for number in range(2, 12):
        await first.create(person_of("match", number))
    await until(says(first, "offline"), seconds=15)
    assert await until(says(second, "offline"), seconds=5) < 1 + SLACK_S
    before = (await asyncio.to_thread(registry.door, "GET", "count"))["questions"]
    await asyncio.sleep(WATCHED_S)
    asked = (await asyncio.to_thread(registry.door, "GET", "count"))["questions"] - before
    assert 1 <= asked <= WATCHED_S * 1000 / PROBE_EVERY + 1
    await asyncio.to_thread(registry.door, "DELETE", "faults")
    await until(says(first, "online"), seconds=10)
    assert await until(says(second, "online"), seconds=5) < 1 + SLACK_S


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_one_server_learnt_of_the_registry_the_other_knows(tmp_path: Path, kind: str) -> None:
    async def both() -> None:
        async with RelyingParty(one) as first, RelyingParty(other) as second:
            await scene(registry, first, second)

    with faulty_registry() as registry:
        environment = {"PADAN_DUKCAPIL_URL": registry.url, "PADAN_DUKCAPIL_DEADLINE": "1"}
        if kind == "postgres":
            environment["PADAN_DATABASE"] = new_database()
        data = ("--data", str(tmp_path))
        with (
            running(*data, environment=environment) as one,
            running(*data, environment=environment) as other,
        ):
            asyncio.run(both())
