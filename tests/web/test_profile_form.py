"""What a profile says about its pages, through the form that creates it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from padan.web.api.profile_form import CHANGEABLE
from tests.support.wired import PROVIDER
from tests.web.site import serving
from tests.web.test_endpoints import PROFILES, post_form

REQUIRED = [("Alias", "kredit"), ("BrandName", "Kredit Contoh"), ("Providers", PROVIDER)]
DEFAULTS = {
    "allowedOrigins": [],
    "showKnownData": False,
    "resultPage": "Nothing",
    "purpose": None,
    "privacyUrl": None,
    "returnResultsAccessKey": False,
    "returnCanceled": False,
}


async def made(site: Any, fields: list[tuple[str, str | bytes]]) -> dict[str, Any]:
    answer = await post_form(site, [*REQUIRED, *fields])
    assert answer.status == 201, answer.text
    profile: dict[str, Any] = (await site.api("GET", f"{PROFILES}/{answer.json['id']}")).json
    return {name: profile[name] for name in DEFAULTS}


def test_a_profile_says_how_its_pages_behave_and_is_read_back() -> None:
    async def scene() -> None:
        async with serving() as site:
            assert await made(site, []) == DEFAULTS
            fields: list[tuple[str, str | bytes]] = [
                ("AllowedOrigins", "https://bank.example"),
                ("AllowedOrigins", "https://*.bank.example:8443"),
                ("AllowedOrigins", "https://bank.example"),
                ("ShowKnownData", "TRUE"),
                ("ResultPage", "Verdict"),
                ("Purpose", "untuk membuka rekening “Hijau”"),
                ("PrivacyUrl", "https://bank.example/privasi"),
                ("ReturnResultsAccessKey", "true"),
                ("ReturnCanceled", "false"),
            ]
            assert await made(site, fields) == {
                "allowedOrigins": ["https://bank.example", "https://*.bank.example:8443"],
                "showKnownData": True,
                "resultPage": "Verdict",
                "purpose": "untuk membuka rekening “Hijau”",
                "privacyUrl": "https://bank.example/privasi",
                "returnResultsAccessKey": True,
                "returnCanceled": False,
            }

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("AllowedOrigins", "http://bank.example"),
        ("AllowedOrigins", "https://bank.example; script-src *"),
        ("AllowedOrigins", "*"),
        ("ShowKnownData", "1"),
        ("ResultPage", "verdict"),
        ("Purpose", "x" * 301),
        ("Purpose", "a\x07b"),
        ("PrivacyUrl", "javascript:alert(1)"),
        ("ReturnResultsAccessKey", "yes"),
        ("ReturnCanceled", "yes"),
    ],
)
def test_a_wrong_rule_is_named_and_nothing_is_stored(field: str, value: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            before = (await site.api("GET", PROFILES)).json
            answer = await post_form(site, [*REQUIRED, (field, value)])
            assert (answer.status, list(answer.json["errors"])) == (400, [field])
            assert (await site.api("GET", PROFILES)).json == before

    asyncio.run(scene())


def test_so_many_origins_that_no_header_would_hold_them_are_refused() -> None:
    async def scene() -> None:
        async with serving() as site:
            many = [("AllowedOrigins", f"https://a{n}.example") for n in range(21)]
            answer = await post_form(site, [*REQUIRED, *many])
            assert list(answer.json["errors"]) == ["AllowedOrigins"]

    asyncio.run(scene())


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=40)
values = texts | st.sampled_from(
    ["true", "Verdict", "#00ff00", "https://bank.example", "https://*.a.example:*"]
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(CHANGEABLE)), values, max_size=5))
def test_whatever_is_sent_is_taken_or_the_wrong_fields_are_named(changed: dict[str, str]) -> None:
    async def scene() -> None:
        async with serving() as site:
            fields = dict(REQUIRED) | changed
            answer = await post_form(site, list(fields.items()))
            assert answer.status in {201, 400}, answer.text
            if answer.status == 400:
                assert set(answer.json["errors"]) <= set(fields)
            else:
                page = await made_page(site, answer.json["id"])
                assert "unsafe-inline" not in page
                assert page.count("frame-ancestors") == 1

    asyncio.run(scene())


async def made_page(site: Any, profile_id: str) -> str:
    """The policy of an embedded page of the profile."""
    from tests.web.site import Browser

    created = await site.hosted(verificationProfileId=profile_id)
    page = await Browser(site).launch(created["launchUrl"] + "&embed=iframe")
    assert page.status == 200
    return page.header("content-security-policy") or ""
