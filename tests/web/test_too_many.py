"""While too many sessions wait for a place, no more are begun; everything else goes on."""

from __future__ import annotations

import asyncio

from padan.app.worker import MOST_LEFT
from tests.web.site import Site, direct, serving

DIRECT = "/api/v1/sessions/provider/direct"
PLACES = 4
"""Sessions that the site's worker asks for at once."""


async def created(site: Site) -> int:
    return (await site.api("POST", DIRECT, direct())).status


def test_no_more_are_begun_while_too_many_wait_and_all_that_were_taken_finish() -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.open.clear()
            taken = [await created(site) for _ in range(PLACES * (1 + MOST_LEFT))]
            assert set(taken) == {200}
            refused = await site.api("POST", DIRECT, direct())
            assert refused.status == 503
            assert refused.header("retry-after") == "1"
            assert refused.json["title"] == "Service Unavailable"
            # The person may take long to fill in a form: that brings no work now.
            await site.hosted()
            assert (await site.api("GET", "/api/v1/providers")).status == 200
            site.wired.registry.open.set()
            async with asyncio.timeout(5):
                while await created(site) != 200:  # noqa: ASYNC110 - there is no event for it
                    await asyncio.sleep(0.02)

    asyncio.run(scene())
