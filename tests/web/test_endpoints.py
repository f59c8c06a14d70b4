"""What the endpoints answer when all is well, and where their own rules say no."""

from __future__ import annotations

import asyncio
import io
from typing import Any
from uuid import UUID

import pytest
from PIL import Image, PngImagePlugin

from tests.support.asgi import Answer
from tests.support.wired import PROFILE, PROVIDER, RETURN, SHOP
from tests.web.site import Site, direct, serving

PROFILES = "/api/valpha/verification-profiles"
URIS = "/api/valpha/redirect-uris"


def png(width: int = 960, height: int = 320) -> bytes:
    """A picture with a comment in it that nobody should be served."""
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "made by a person with a name")
    drawn = io.BytesIO()
    Image.new("RGBA", (width, height), "#2060a0").save(drawn, "PNG", pnginfo=note)
    return drawn.getvalue()


PNG = png()


async def post_form(site: Site, fields: list[tuple[str, str | bytes]]) -> Answer:
    parts = []
    for name, value in fields:
        file = '; filename="logo"' if isinstance(value, bytes) else ""
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
        parts.append(head + (value if isinstance(value, bytes) else value.encode()) + b"\r\n")
    body = b"".join(parts) + b"--b--\r\n"
    return await site.api("POST", PROFILES, raw=body, content_type="multipart/form-data; boundary=b")


def test_a_direct_session_is_polled_to_its_result() -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.open.clear()
            created = await site.create()
            assert created["nextStep"] == {"method": "None", "content": "", "refresh": None}
            assert created["resultCollection"]["method"] == "PollResult"
            path = f"/api/v1/sessions/{created['sessionId']}"
            body = {"resultsAccessKey": created["resultCollection"]["resultsAccessKey"]}
            pending = (await site.api("POST", path + "/results", body)).json
            assert pending["identityData"] is None
            assert (pending["session"]["done"], pending["session"]["success"]) == (False, False)
            site.wired.registry.open.set()
            await site.wired.until_done(UUID(created["sessionId"]))
            ended = await site.api("POST", path + "/results", body)
            assert ended.json["session"]["created"] == site.wired.clock.now // 1000
            assert set(ended.json["identityData"]["providerOutput"]) == {PROVIDER}
            assert ended.header("cache-control") == "no-store"
            assert (await site.api("GET", path)).json == {"session": ended.json["session"]}

    asyncio.run(scene())


def test_a_session_is_cancelled_and_redacted() -> None:
    async def scene() -> None:
        async with serving() as site:
            path = f"/api/v1/sessions/{(await site.hosted())['sessionId']}"
            cancelled = (await site.api("POST", path + "/cancel")).json["session"]
            assert (cancelled["done"], cancelled["errorCode"]) == (True, "Canceled")
            for _ in range(2):
                redacted = await site.api("POST", path + "/redact")
                assert (redacted.status, redacted.body) == (200, b"")

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("step/refresh", "sessionId"),
        ("native-challenge/submit", "sessionId"),
        (f"attachments/{UUID(int=1)}/get", "attachmentId"),
    ],
)
def test_what_a_nik_has_no_use_for_is_a_clear_400(path: str, wrong: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.create()
            key = created["resultCollection"]["resultsAccessKey"]
            url = f"/api/v1/sessions/{created['sessionId']}/{path}"
            answer = await site.api("POST", url, {"resultsAccessKey": key, "responseToken": "x"})
            assert (answer.status, list(answer.json["errors"])) == (400, [wrong])
            foreign = await site.api("POST", url, {"resultsAccessKey": "x", "responseToken": "x"})
            assert foreign.status == 403

    asyncio.run(scene())


def test_sessions_are_listed_in_pages() -> None:
    async def scene() -> None:
        async with serving() as site:
            made = []
            for _ in range(3):
                made.append((await site.create())["sessionId"])
                site.wired.clock.pass_(1_000)
            path = f"/api/v1/verification-profiles/{PROFILE.id}/sessions?OrderBy=Created"
            first = (await site.api("GET", path + "&PageSize=2&OrderDirection=Ascending")).json
            assert ([s["id"] for s in first["sessions"]], first["total"], first["more"]) == (
                made[:2],
                3,
                True,
            )
            last = (await site.api("GET", path + "&PageSize=2&Page=2&OrderDirection=Ascending")).json
            assert ([s["id"] for s in last["sessions"]], last["more"]) == (made[2:], False)
            newest = (await site.api("GET", path)).json
            assert [s["id"] for s in newest["sessions"]] == made[::-1]

    asyncio.run(scene())


def test_providers_are_described_and_known_as_licensed_by_environment() -> None:
    async def scene() -> None:
        async with serving() as site:
            (provider,) = (await site.api("GET", "/api/v1/providers?licensed=true")).json["providers"]
            assert (provider["id"], provider["launchMethod"]) == (PROVIDER, "None")
            one = (await site.api("GET", f"/api/v1/providers/{PROVIDER}")).json["provider"]
            assert one == provider
            live = await site.api("GET", "/api/v1/providers?licensed=true", token="live-token")
            assert live.json == {"providers": []}
            assert (await site.api("GET", "/api/v1/providers?licensed=maybe")).status == 400

    asyncio.run(scene())


def test_a_live_environment_without_an_agreement_is_told_what_to_do() -> None:
    async def scene() -> None:
        async with serving() as site:
            body = direct(verificationProfileId=str(UUID(int=0xF3)))
            path = "/api/v1/sessions/provider/direct"
            answer = await site.api("POST", path, body, token="live-token")
            assert answer.status == 403
            assert "ask the operator" in answer.json["detail"]

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("info", "first"),
    [
        (None, True),
        ({"countries": ["id"]}, True),
        ({"phoneNumber": "+62 812-0000"}, True),
        ({"countries": ["SE"]}, False),
        ({"phoneNumber": "+46 70"}, False),
    ],
)
def test_the_likely_provider_comes_first(info: dict[str, Any] | None, first: bool) -> None:
    async def scene() -> None:
        async with serving() as site:
            body = {"verificationProfileId": str(PROFILE.id), "recommendationInfo": info}
            answer = (await site.api("POST", "/api/v1/sessions/providers/recommend", body)).json
            place = "recommendedProviders" if first else "remainder"
            assert [p["id"] for p in answer[place]] == [PROVIDER]

    asyncio.run(scene())


def test_a_profile_is_created_read_found_and_listed() -> None:
    async def scene() -> None:
        async with serving() as site:
            made = await post_form(
                site,
                [
                    ("Alias", "kredit"),
                    ("BrandName", "Kredit Contoh"),
                    ("ExternalId", "k 1"),
                    ("Providers", PROVIDER),
                    ("Logo", PNG),
                    ("SessionExpiration", "00:30:00"),
                    ("RedactionPeriod", "7.00:00:00"),
                ],
            )
            assert made.status == 201, made.text
            profile = (await site.api("GET", f"{PROFILES}/{made.json['id']}")).json
            assert (profile["sessionExpiration"], profile["redactionPeriod"]) == ("00:30:00", "7.00:00:00")
            assert profile["enabledProviders"] == [PROVIDER]
            assert (await site.api("GET", f"{PROFILES}/external-ids/k%201")).json == profile
            assert profile in (await site.api("GET", PROFILES)).json["verificationProfiles"]
            logo = await site.api("GET", profile["logoUrl"].removeprefix("https://padan.example"))
            assert logo.header("content-type") == "image/png"
            assert b"a person with a name" in PNG
            assert b"a person with a name" not in logo.body
            assert Image.open(io.BytesIO(logo.body)).size == (480, 160)
            assert (await site.api("GET", f"{PROFILES}/external-ids/k%201", token="shop-token")).status == 403

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Alias", " "),
        ("Alias", "a" * 256),
        ("BrandName", "a\x07b"),
        ("PrimaryColor", "red;}"),
        ("Providers", "estonia-id-card"),
        ("Logo", b"<svg onload=alert(1)>"),
        ("Logo", PNG + b"0" * 300_000),
        ("RedactionPeriod", "32.00:00:00"),
        ("RedactionPeriod", "soon"),
        ("SessionExpiration", "00:14:59"),
        ("SessionExpiration", "1.00:00:01"),
        ("IsProductionUsage", "maybe"),
    ],
)
def test_a_wrong_field_of_a_profile_is_named_and_nothing_is_stored(field: str, value: str | bytes) -> None:
    async def scene() -> None:
        async with serving() as site:
            fields: dict[str, str | bytes] = {"Alias": "a", "BrandName": "b", field: value}
            before = (await site.api("GET", PROFILES)).json
            answer = await post_form(site, list(fields.items()))
            assert (answer.status, list(answer.json["errors"])) == (400, [field])
            assert (await site.api("GET", PROFILES)).json == before

    asyncio.run(scene())


def test_a_form_that_is_none_is_a_400() -> None:
    async def scene() -> None:
        async with serving() as site:
            for content_type in (
                "application/json",
                "multipart/form-data",
                "multipart/form-data; boundary=b",
            ):
                answer = await site.api("POST", PROFILES, raw=b"{}", content_type=content_type)
                assert answer.status == 400, content_type

    asyncio.run(scene())


def test_redirect_uris_are_listed_once_and_removed_by_their_owner_alone() -> None:
    async def scene() -> None:
        async with serving() as site:
            made = await site.api("POST", URIS, {"uri": "https://bank.example/other"})
            assert made.status == 201
            twice = await site.api("POST", URIS, {"uri": RETURN})
            assert list(twice.json["errors"]) == ["uri"]
            bad = await site.api("POST", URIS, {"uri": "javascript:alert(1)"})
            assert bad.status == 400
            listed = (await site.api("GET", f"{URIS}?pageSize=1")).json
            assert ([u["uri"] for u in listed["uris"]], listed["more"]) == ([RETURN], True)
            path = f"{URIS}/{made.json['id']}"
            assert (await site.api("DELETE", path, token="shop-token")).status == 403
            assert (await site.api("DELETE", path)).status == 204
            assert (await site.api("DELETE", path)).status == 403
            assert await site.wired.store.redirect_uris(SHOP.id) == ()

    asyncio.run(scene())


def test_the_openapi_document_and_its_page_need_no_token() -> None:
    async def scene() -> None:
        async with serving() as site:
            document = await site.api("GET", "/openapi.json", token=None)
            assert document.json["openapi"] == "3.1.0"
            page = await site.api("GET", "/reference", token=None)
            assert page.status == 200
            for path in document.json["paths"]:
                assert path in page.text

    asyncio.run(scene())
