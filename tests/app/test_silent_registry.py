"""A registry that falls silent is found again, even where no session waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from padan.app.errors import Invalid
from padan.domain.breaker import FAILURES_UNTIL_OPEN, IDLE_AFTER, PROBE_EVERY
from padan.domain.environment import EnvironmentKind
from padan.domain.errors import RegistryUnavailable
from padan.domain.provider import Health
from padan.domain.rules import Patience, RegistryRules
from tests.support.registries import MATCH
from tests.support.wired import NIK, PROFILE, Wired, wire, working

TEST = EnvironmentKind.TEST


async def impatient_and_silent(w: Wired) -> None:
    """Nobody answers, nobody waits, and the only profile would rather fail."""
    await w.store.change_profile(replace(PROFILE, rules=RegistryRules(when_offline=Patience.FAIL)))
    breaker = w.ports.lines.of(TEST)[0].breaker
    for _ in range(FAILURES_UNTIL_OPEN):
        breaker.failed(breaker.begin(w.clock()), now=w.clock())


def test_where_nobody_waits_a_session_is_taken_to_find_out_whether_the_registry_is_back() -> None:
    async def scene() -> None:
        async with working() as w:
            await impatient_and_silent(w)
            with pytest.raises(Invalid):
                await w.direct()
            w.clock.pass_(IDLE_AFTER)
            created = await w.direct()
            assert (await w.until_done(created.session.id)).success
            assert w.ports.lines.health(TEST, w.clock()) is Health.ONLINE
            assert (await w.until_done((await w.direct()).session.id)).success

    asyncio.run(scene())


def test_while_a_session_looks_for_the_registry_the_impatient_are_refused() -> None:
    async def scene() -> None:
        async with working() as w:
            await impatient_and_silent(w)
            w.registry.answers[NIK] = [RegistryUnavailable("silent", may_be_charged=False), MATCH]
            w.clock.pass_(IDLE_AFTER)
            await w.direct()
            await w.until_reported()
            w.clock.pass_(PROBE_EVERY)
            with pytest.raises(Invalid):
                await w.direct()

    asyncio.run(scene())


def test_of_many_sessions_at_once_a_silent_registry_is_asked_for_one() -> None:
    async def scene() -> None:
        w = await wire()
        for _ in range(4):
            await w.direct()
        await impatient_and_silent(w)
        w.clock.pass_(PROBE_EVERY)
        w.registry.open.clear()
        w.worker.run()
        for session in await w.take("first"):
            w.worker.start(session)
        async with asyncio.timeout(5):
            await w.registry.asked.wait()
            while len(w.reports) < 3:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.002)
        assert len(w.registry.claims) == 1
        w.registry.open.set()
        await w.worker.stop(grace=1)

    asyncio.run(scene())
