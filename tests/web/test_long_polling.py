"""`Prefer: wait=N` on results: the answer comes when there is one, or when the time is over."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from padan.app.endings import MOST_WAITING
from padan.web.api.reading import MOST_WAIT
from tests.support.asgi import Answer
from tests.web.site import Site, serving


async def results(site: Site, created: dict[str, Any], prefer: str, *, key: str | None = None) -> Answer:
    path = f"/api/v1/sessions/{created['sessionId']}/results"
    body = {"resultsAccessKey": key or created["resultCollection"]["resultsAccessKey"]}
    return await site.api("POST", path, body, headers={"Prefer": prefer})


@pytest.mark.parametrize("prefer", ["wait=5", "respond-async, wait=5", 'WAIT = "5"', "wait=5; x=1"])
def test_one_request_brings_the_result_when_there_is_one(prefer: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.open.clear()
            created = await site.create()
            asking = asyncio.create_task(results(site, created, prefer))
            await asyncio.sleep(0.05)
            assert not asking.done()
            site.wired.registry.open.set()
            answer = await asyncio.wait_for(asking, 3)
            assert answer.json["session"]["success"] is True
            assert answer.json["identityData"]

    asyncio.run(scene())


def test_when_the_time_is_over_the_answer_is_that_it_is_pending() -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.open.clear()
            created = await site.create()
            answer = await results(site, created, "wait=1")
            assert answer.status == 200
            assert answer.json["session"]["done"] is False

    asyncio.run(scene())


@pytest.mark.parametrize("prefer", ["wait=0", "wait=x", "wait", "waiting=5", "wait=-5", ""])
def test_what_asks_for_no_time_is_answered_at_once(prefer: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.open.clear()
            created = await site.create()
            answer = await asyncio.wait_for(results(site, created, prefer), 3)
            assert answer.json["session"]["done"] is False

    asyncio.run(scene())


def test_a_key_that_opens_nothing_is_refused_at_once() -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.open.clear()
            created = await site.create()
            assert (await asyncio.wait_for(results(site, created, "wait=30", key="rak1_x"), 3)).status == 403

    asyncio.run(scene())


def test_a_server_about_to_end_lets_everybody_go() -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.open.clear()
            created = await site.create()
            asking = asyncio.create_task(results(site, created, "wait=30"))
            await asyncio.sleep(0.05)
            site.wired.ports.endings.close()
            assert (await asyncio.wait_for(asking, 3)).json["session"]["done"] is False
            again = await asyncio.wait_for(results(site, created, "wait=30"), 3)
            assert again.json["session"]["done"] is False

    asyncio.run(scene())


def test_nobody_waits_longer_than_a_minute_nor_with_more_than_ten_thousand() -> None:
    assert (MOST_WAIT, MOST_WAITING) == (60, 10_000)
