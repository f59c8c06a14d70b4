"""While too many sessions wait for a place, no more are begun; everything else goes on."""

from __future__ import annotations

import asyncio

import pytest

from padan.web.api.pressure import BACKLOG_OF_THE_BUSY, MOST_BACKLOG, Pressure
from tests.web.site import Site, direct, serving

DIRECT = "/api/v1/sessions/provider/direct"
PLACES = 4
"""Sessions that the site's worker asks for at once."""


async def created(site: Site) -> int:
    return (await site.api("POST", DIRECT, direct())).status


async def until_taken(site: Site) -> None:
    async with asyncio.timeout(5):
        while await created(site) != 200:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("late_by", "backlog", "refused"),
    [
        (0.03, BACKLOG_OF_THE_BUSY, True),
        (0.03, BACKLOG_OF_THE_BUSY - 0.1, False),
        (0.0, BACKLOG_OF_THE_BUSY, False),
        (0.0, MOST_BACKLOG - 0.1, False),
        (0.0, MOST_BACKLOG, True),
    ],
)
def test_few_may_wait_where_the_processor_is_the_limit_and_many_where_the_registry_is_slow(
    late_by: float, backlog: float, refused: bool
) -> None:
    pressure = Pressure()
    for _ in range(20):
        pressure.late_by(late_by)
    assert pressure.refuses_work(backlog) is refused


def test_no_more_are_begun_while_too_many_wait_and_all_that_were_taken_finish() -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.open.clear()
            taken = [await created(site) for _ in range(PLACES + round(MOST_BACKLOG * PLACES))]
            assert set(taken) == {200}
            refused = await site.api("POST", DIRECT, direct())
            assert refused.status == 503
            assert refused.header("retry-after") == "1"
            assert refused.json["title"] == "Service Unavailable"
            # The person may take long to fill in a form: that brings no work now.
            await site.hosted()
            assert (await site.api("GET", "/api/v1/providers")).status == 200
            site.wired.registry.open.set()
            await until_taken(site)

    asyncio.run(scene())
