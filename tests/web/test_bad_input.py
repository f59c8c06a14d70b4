"""Whatever is wrong with a request gets a 400 that names the property; nothing is stored or logged."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.asgi import Answer, call
from tests.support.wired import EMPTY_PROFILE, PERSON, PROFILE, PROVIDER
from tests.web.site import Site, direct, serving

DIRECT = "/api/v1/sessions/provider/direct"
INPUT = f"providerInput.{PROVIDER}"


def person(**fields: Any) -> dict[str, Any]:
    return {"providerInput": {PROVIDER: {**PERSON, **fields}}}


async def refused(site: Site, answer: Answer) -> dict[str, list[str]]:
    """The errors of a 400, once it is sure that it left no trace."""
    assert answer.status == 400, answer.text
    assert answer.header("content-type") == "application/problem+json"
    for profile in (PROFILE, EMPTY_PROFILE):
        assert await site.wired.sessions_of(profile) == 0
    assert site.wired.registry.claims == []
    assert site.wired.reports == []
    errors: dict[str, list[str]] = answer.json["errors"]
    assert all(texts and all(texts) for texts in errors.values())
    return errors


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"provider": "estonia-id-card"}, "provider"),
        ({"provider": ""}, "provider"),
        ({"provider": None}, "provider"),
        ({"provider": 7}, "provider"),
        ({"provider": ["indonesia-nik-lookup"]}, "provider"),
        ({"verificationProfileId": str(UUID(int=9))}, "verificationProfileId"),
        ({"verificationProfileId": "no uuid"}, "verificationProfileId"),
        ({"verificationProfileId": None}, "verificationProfileId"),
        ({"verificationProfileId": str(EMPTY_PROFILE.id)}, "provider"),
        ({"capabilities": ["Telepathy"]}, "capabilities[0]"),
        ({"capabilities": ["PollResult", 3]}, "capabilities[1]"),
        ({"capabilities": "PollResult"}, "capabilities"),
        ({"capabilities": []}, "capabilities"),
        ({"capabilities": None}, "capabilities"),
        ({"redirectUrl": 5}, "redirectUrl"),
        ({"redirectUrl": "javascript:alert(1)"}, "redirectUrl"),
        ({"redirectUrl": "https://evil.example/"}, "redirectUrl"),
        ({"fallbackToHostedUI": "yes"}, "fallbackToHostedUI"),
        ({"browserLanguages": ["<script>"]}, "browserLanguages"),
        ({"browserLanguages": ["id"] * 21}, "browserLanguages"),
        ({"browserLanguages": "id"}, "browserLanguages"),
        ({"providerInput": "x"}, "providerInput"),
        ({"providerInput": {PROVIDER: []}}, INPUT),
        ({"providerInput": {PROVIDER: "x"}}, INPUT),
        (person(nikIdNumber="327301570590000"), f"{INPUT}.nikIdNumber"),
        (person(nikIdNumber="32730157059000011"), f"{INPUT}.nikIdNumber"),
        (person(nikIdNumber="\uff13" * 16), f"{INPUT}.nikIdNumber"),
        (person(nikIdNumber="\u0663" * 16), f"{INPUT}.nikIdNumber"),
        (person(nikIdNumber="3273015705900000"), f"{INPUT}.nikIdNumber"),
        (person(nikIdNumber="3273013213900001"), f"{INPUT}.nikIdNumber"),
        (person(nikIdNumber=3273015705900001), f"{INPUT}.nikIdNumber"),
        (person(nikIdNumber={}), f"{INPUT}.nikIdNumber"),
        (person(fullName="   "), f"{INPUT}.fullName"),
        (person(fullName="\u00a0\u2003"), f"{INPUT}.fullName"),
        (person(fullName="A" * 10_000), f"{INPUT}.fullName"),
        (person(fullName="SITI\x00CONTOH"), f"{INPUT}.fullName"),
        (person(fullName="SITI\u202eCONTOH"), f"{INPUT}.fullName"),
        (person(fullName="12345"), f"{INPUT}.fullName"),
        (person(fullName=True), f"{INPUT}.fullName"),
        (person(dateOfBirth="2999-01-01"), f"{INPUT}.dateOfBirth"),
        (person(dateOfBirth="1990-02-30"), f"{INPUT}.dateOfBirth"),
        (person(dateOfBirth="17-05-1990"), f"{INPUT}.dateOfBirth"),
        (person(dateOfBirth="1990-05-17T00:00:00Z"), f"{INPUT}.dateOfBirth"),
        (person(dateOfBirth="\uff11990-05-17"), f"{INPUT}.dateOfBirth"),
        (person(dateOfBirth="0001-01-01"), f"{INPUT}.dateOfBirth"),
        (person(dateOfBirth=19900517), f"{INPUT}.dateOfBirth"),
        (person(nikIdNumber=None), f"{INPUT}.nikIdNumber"),
    ],
)
def test_a_wrong_property_is_named_and_leaves_no_trace(
    fields: dict[str, Any], wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with serving() as site:
            with caplog.at_level(logging.DEBUG, logger="padan"):
                answer = await site.api("POST", DIRECT, direct(**fields))
            assert wrong in await refused(site, answer)

    asyncio.run(scene())
    assert not [record for record in caplog.records if record.name.startswith("padan")]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"{}{}",
        b"NaN",
        b'{"provider": nope}',
        b"\xff\xfe",
        b'{"provider": "\xff"}',
        b'{"provider": "\xed\xa0\x80"}',
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b'{"providerInput":' + b'{"a":' * 9_000 + b"1" + b"}" * 9_001,
        b'{"provider": "' + b"a" * 70_000 + b'"}',
        b"provider=indonesia-nik-lookup",
    ],
    ids=range(17),
)
def test_a_body_that_is_not_one_json_object_is_refused(raw: bytes) -> None:
    async def scene() -> None:
        async with serving() as site:
            assert await refused(site, await site.api("POST", DIRECT, raw=raw))

    asyncio.run(scene())


def test_a_lone_surrogate_is_refused_wherever_it_stands() -> None:
    async def scene() -> None:
        async with serving() as site:
            body = json.dumps(direct()).replace("SITI", "\\ud800")
            assert await refused(site, await site.api("POST", DIRECT, raw=body.encode()))

    asyncio.run(scene())


def test_a_body_that_never_ends_is_left_at_the_limit() -> None:
    async def scene() -> None:
        async with serving() as site:
            # Lawful but for its length.
            chunks = [json.dumps(direct()).encode(), *[b" " * 16_384] * 1_000]
            headers = {"Authorization": "Bearer bank-token", "Content-Type": "application/json"}
            await refused(site, await call(site.app, "POST", DIRECT, headers=headers, body=chunks))
            headers["Content-Length"] = "9" * 40
            await refused(site, await call(site.app, "POST", DIRECT, headers=headers, body=b"{}"))

    asyncio.run(scene())


def test_all_faults_of_a_request_are_told_together() -> None:
    async def scene() -> None:
        async with serving() as site:
            shape = {"verificationProfileId": "x", "capabilities": ["Telepathy"], "redirectUrl": 5}
            errors = await refused(site, await site.api("POST", DIRECT, shape))
            assert set(errors) == {
                "provider",
                "verificationProfileId",
                "capabilities[0]",
                "redirectUrl",
            }
            sense = direct(
                redirectUrl="https://evil.example/",
                capabilities=["ShowContent"],
                **person(nikIdNumber="1", fullName=" ", dateOfBirth="x"),
            )
            errors = await refused(site, await site.api("POST", DIRECT, sense))
            inputs = {f"{INPUT}.{name}" for name in ("nikIdNumber", "fullName", "dateOfBirth")}
            assert set(errors) == {"redirectUrl", "capabilities", *inputs}

    asyncio.run(scene())


def test_an_error_does_not_repeat_what_was_sent_of_the_person() -> None:
    async def scene() -> None:
        async with serving() as site:
            sent = person(nikIdNumber="99CANARY", fullName="CANARY\x00", dateOfBirth="CANARY")
            answer = await site.api("POST", DIRECT, direct(**sent))
            await refused(site, answer)
            assert "CANARY" not in answer.text
            answer = await site.api("POST", DIRECT, {**direct(), "capabilities": {"CANARY": "CANARY"}})
            assert "CANARY" not in answer.text

    asyncio.run(scene())


def test_null_counts_as_not_given_and_unknown_properties_are_ignored() -> None:
    async def scene() -> None:
        async with serving() as site:
            body = direct(redirectUrl=None, browserLanguages=None, somethingNew=[1], fallbackToHostedUI=None)
            body["providerInput"] |= {"estonia-id-card": None}
            assert (await site.api("POST", DIRECT, body)).status == 200

    asyncio.run(scene())


def test_what_is_missing_falls_back_but_what_is_malformed_does_not() -> None:
    async def scene() -> None:
        async with serving() as site:
            fallback = {
                "fallbackToHostedUI": True,
                "redirectUrl": "https://bank.example/return",
                "capabilities": ["LaunchBrowser", "CaptureRedirect", "PollResult"],
            }
            malformed = direct(**person(nikIdNumber="1"), **fallback)
            assert f"{INPUT}.nikIdNumber" in await refused(site, await site.api("POST", DIRECT, malformed))
            answer = await site.api("POST", DIRECT, direct(**person(nikIdNumber=None), **fallback))
            assert answer.json["nextStep"]["method"] == "LaunchBrowser"
            assert answer.json["resultCollection"]["method"] == "CaptureRedirect"

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("PageSize=0", "PageSize"),
        ("PageSize=51", "PageSize"),
        ("PageSize=1e1", "PageSize"),
        ("Page=-1", "Page"),
        ("Page=\u0661", "Page"),
        ("Page=" + "9" * 5_000, "Page"),
        ("OrderBy=created", "OrderBy"),
        ("OrderDirection=Up", "OrderDirection"),
    ],
)
def test_a_wrong_query_parameter_is_named(query: str, wrong: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            path = f"/api/v1/verification-profiles/{PROFILE.id}/sessions?{quote(query, safe='=')}"
            assert list(await refused(site, await site.api("GET", path))) == [wrong]

    asyncio.run(scene())


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([*direct(), "redirectUrl", "browserLanguages", *PERSON]), JSON_VALUES)
def test_any_json_in_any_property_is_answered_with_200_or_400(name: str, value: Any) -> None:
    async def scene() -> None:
        async with serving() as site:
            fields = person(**{name: value}) if name in PERSON else {name: value}
            answer = await site.api("POST", DIRECT, direct(**fields))
            assert answer.status in {200, 400}
            assert answer.status == 200 or answer.json["errors"]

    asyncio.run(scene())
