"""The brand of a profile on its pages, and its logo."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

from tests.support.wired import PROFILE
from tests.web.site import Browser, serving
from tests.web.test_pages import opened


def test_the_brand_of_a_profile_is_shown_and_its_logo_is_served_as_what_it_is() -> None:
    async def scene() -> None:
        async with serving() as site:
            assert (await Browser(site).get(f"/brand/{PROFILE.id}/logo")).status == 404
            logo = replace(PROFILE, logo=b"\x89PNG", logo_type="image/png", primary_color="#FFFF00")
            await site.wired.store.change_profile(logo)
            _, page, _ = await opened(site)
            assert f'<img src="/brand/{PROFILE.id}/logo"' in page.text
            assert "--brand:#ffff00;--on-brand:#000000" in page.text
            served = await Browser(site).get(f"/brand/{PROFILE.id}/logo")
            assert (served.body, served.header("content-type")) == (b"\x89PNG", "image/png")
            assert served.header("x-content-type-options") == "nosniff"
            for made_up in (UUID(int=1), "x", "%00"):
                assert (await Browser(site).get(f"/brand/{made_up}/logo")).status == 404

    asyncio.run(scene())
