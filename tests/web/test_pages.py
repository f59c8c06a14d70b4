"""The person's pages: launched once, safe against hostile values, in two languages, and back again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from padan.domain.profile import RedirectUri
from padan.domain.session import ErrorCode
from tests.support.asgi import Answer, call
from tests.support.wired import BANK, NAME, NIK, PERSON, PROFILE, PROVIDER, RETURN
from tests.web.site import Browser, Site, csrf, serving, shown

FORM = {"action": "submit"}
TYPED_BIRTH = {"dateOfBirth.day": "17", "dateOfBirth.month": "5", "dateOfBirth.year": "1990"}
TYPED = {"nikIdNumber": NIK, "fullName": NAME, **TYPED_BIRTH}


async def opened(
    site: Site, known: dict[str, Any] | None = None, **fields: Any
) -> tuple[Browser, Answer, str]:
    created = await site.hosted(known, **fields)
    browser = Browser(site)
    page = await browser.launch(created["launchUrl"])
    assert page.status == 200
    return browser, page, created["sessionId"]


def assert_guarded(page: Answer) -> None:
    policy = page.header("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert page.header("x-content-type-options") == "nosniff"
    assert page.header("referrer-policy") == "no-referrer"
    assert page.header("cache-control") == "no-store"
    assert page.header("cross-origin-opener-policy") is None


async def looked_at(site: Site, query: str) -> Answer:
    """What a launch URL leads a stranger to."""
    browser = Browser(site)
    answer = await browser.get("/launch?" + query)
    return await browser.get(answer.header("location") or "") if answer.status == 303 else answer


def test_a_person_launches_gives_what_is_missing_and_is_sent_back() -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site, {"fullName": NAME})
            assert 'name="fullName"' not in page.text
            path = f"/verify/{session_id}"
            taken = await browser.submit(page, {"nikIdNumber": NIK, **TYPED_BIRTH})
            assert (taken.status, taken.header("location")) == (303, path)
            await site.wired.until_done(UUID(session_id))
            back = await browser.get(path)
            assert back.status == 303
            parts = urlsplit(back.header("location") or "")
            assert f"{parts.scheme}://{parts.netloc}{parts.path}" == RETURN
            assert parse_qs(parts.query) == {"success": ["true"], "sessionId": [session_id]}

    asyncio.run(scene())


def test_the_way_back_keeps_the_query_of_the_relying_party() -> None:
    async def scene() -> None:
        async with serving() as site:
            url = "https://bank.example/cb?state=a%20b"
            await site.wired.store.add_redirect_uri(RedirectUri(UUID(int=7), BANK.id, url, 1))
            browser, page, session_id = await opened(site, redirectUrl=url)
            path = f"/verify/{session_id}"
            await browser.post(path, {"action": "cancel", "csrf": csrf(page)})
            location = (await browser.get(path)).header("location")
            assert location == f"{url}&success=false&sessionId={session_id}"
            ended = await site.wired.session(UUID(session_id))
            assert ended.error_code is ErrorCode.CANCELED

    asyncio.run(scene())


def test_a_launch_url_works_once_and_leaves_its_token_behind() -> None:
    async def scene() -> None:
        async with serving() as site:
            url = (await site.hosted())["launchUrl"] + "&launchMode=popup&redirectUrl=https://evil"
            first = await Browser(site).get(url)
            assert "token" not in (first.header("location") or "")
            cookie = (first.header("set-cookie") or "").lower()
            for guard in ("httponly", "secure", "samesite=lax", "path=/verify/"):
                assert guard in cookie
            stranger = Browser(site)
            again = await stranger.get(url)
            assert (again.status, again.header("set-cookie")) == (303, None)
            gone = await stranger.get(again.header("location") or "")
            assert gone.status == 403
            assert_guarded(gone)

    asyncio.run(scene())


def test_asking_for_the_headers_alone_does_not_use_up_the_launch_url() -> None:
    async def scene() -> None:
        async with serving() as site:
            url = (await site.hosted())["launchUrl"]
            await Browser(site).get(url, method="HEAD")
            assert (await Browser(site).get(url)).status == 303

    asyncio.run(scene())


@pytest.mark.parametrize(
    "query",
    ["", "sessionId={id}", "sessionId={id}&token=", "sessionId={id}&token=x", "token=x", "sessionId=%00"],
)
def test_a_wrong_launch_url_tells_nothing(query: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            session_id = (await site.hosted())["sessionId"]
            known, unknown = [await looked_at(site, query.format(id=i)) for i in (session_id, UUID(int=1))]
            assert known.status == unknown.status == 403
            assert shown(known) == shown(unknown)

    asyncio.run(scene())


def test_a_page_without_its_cookie_or_with_another_sessions_looks_like_none() -> None:
    async def scene() -> None:
        async with serving() as site:
            _, _, session_id = await opened(site)
            stranger, _, _ = await opened(site)
            ghost = await Browser(site).get(f"/verify/{UUID(int=1)}")
            for browser in (Browser(site), stranger, Browser(site, cookie="padan_page=x")):
                answer = await browser.get(f"/verify/{session_id}")
                assert (answer.status, shown(answer)) == (403, shown(ghost))
            assert shown(await Browser(site).get("/verify/none")) == shown(ghost)

    asyncio.run(scene())


@pytest.mark.parametrize("wrong", [None, "", "x", "é", "0" * 64])
def test_a_form_without_the_right_token_changes_nothing(wrong: str | None) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, _, session_id = await opened(site)
            before = await site.wired.session(UUID(session_id))
            fields = {**FORM, **PERSON} | ({} if wrong is None else {"csrf": wrong})
            assert (await browser.post(f"/verify/{session_id}", fields)).status == 403
            assert await site.wired.session(UUID(session_id)) == before

    asyncio.run(scene())


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' autofocus onfocus=alert(1) x='",
        "{{ 7 * 7 }}",
        "\u202egnirts",
        "NAME\x00NAME",
        "\U0001f480" * 200,
        "]]>&amp;<!--",
    ],
)
def test_a_hostile_value_comes_back_as_text(hostile: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, _ = await opened(site)
            answer = await browser.submit(page, {**TYPED, "fullName": hostile, "nikIdNumber": hostile})
            assert answer.status == 400
            assert 'href="#fullName"' in answer.text
            assert_guarded(answer)
            assert 'value="49"' not in answer.text
            for markup in ("<script>", "<img", " onfocus=alert(1) x='\"", "<!--"):
                assert markup not in answer.text
            assert "\x00" not in answer.text
            assert site.wired.registry.claims == []

    asyncio.run(scene())


def test_wrong_fields_are_named_beside_what_was_typed() -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, _ = await opened(site)
            answer = await browser.submit(page, {**TYPED, "nikIdNumber": "12345"})
            assert answer.status == 400
            assert 'href="#nikIdNumber"' in answer.text
            assert 'value="12345"' in answer.text
            assert answer.text.count('aria-invalid="true"') == 1

    asyncio.run(scene())


def test_a_brand_name_is_text_too() -> None:
    async def scene() -> None:
        async with serving() as site:
            evil = replace(PROFILE, id=UUID(int=0xE), alias="evil", brand_name="<b>{title}</b>")
            await site.wired.store.add_profile(evil)
            _, page, _ = await opened(site, verificationProfileId=str(evil.id))
            assert "&lt;b&gt;{title}&lt;/b&gt;" in page.text
            assert "<b>" not in page.text

    asyncio.run(scene())


def test_a_widget_lets_the_person_choose_and_refuses_what_it_did_not_offer() -> None:
    async def scene() -> None:
        async with serving() as site:
            body = {"verificationProfileId": str(PROFILE.id), "redirectUrl": RETURN}
            created = (await site.api("POST", "/api/v1/sessions/widget", body)).json
            browser = Browser(site)
            page = await browser.launch(created["launchUrl"])
            path = f"/verify/{created['sessionId']}"
            choice = {"action": "choose", "csrf": csrf(page)}
            wrong = await browser.post(path, {**choice, "provider": "<i>other</i>"})
            assert wrong.status == 400
            assert f'value="{PROVIDER}"' in wrong.text
            assert (await browser.post(path, {**choice, "provider": PROVIDER})).status == 303
            assert 'name="nikIdNumber"' in (await browser.get(path)).text

    asyncio.run(scene())


def test_a_choice_after_the_session_ended_does_no_harm() -> None:
    async def scene() -> None:
        async with serving() as site:
            body = {"verificationProfileId": str(PROFILE.id), "redirectUrl": RETURN}
            created = (await site.api("POST", "/api/v1/sessions/widget", body)).json
            browser = Browser(site)
            page = await browser.launch(created["launchUrl"])
            await site.api("POST", f"/api/v1/sessions/{created['sessionId']}/cancel")
            choice = {"action": "choose", "csrf": csrf(page), "provider": PROVIDER}
            assert (await browser.post(f"/verify/{created['sessionId']}", choice)).status == 303

    asyncio.run(scene())


@pytest.mark.parametrize("header", ["id", "id-ID,en;q=0.5", "fr, ID;q=0.8"])
def test_the_pages_speak_the_persons_language(header: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.hosted()
            page = await Browser(site, language=header).launch(created["launchUrl"])
            assert '<html lang="id">' in page.text
            assert "Tanggal lahir" in page.text

    asyncio.run(scene())


def test_the_languages_of_the_relying_party_come_first_and_english_is_the_last_resort() -> None:
    async def scene() -> None:
        async with serving() as site:
            first = await site.hosted(browserLanguages=["fr", "id-ID"])
            page = await Browser(site, language="en").launch(first["launchUrl"])
            assert '<html lang="id">' in page.text
            second = await site.hosted()
            page = await Browser(site, language="fr;q=x,,;").launch(second["launchUrl"])
            assert '<html lang="en">' in page.text

    asyncio.run(scene())


def test_every_page_of_a_test_environment_says_sandbox_and_is_guarded() -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.open.clear()
            browser, page, session_id = await opened(site)
            await browser.submit(page, TYPED)
            waiting = await browser.get(f"/verify/{session_id}")
            for seen in (page, waiting):
                assert seen.status == 200
                assert_guarded(seen)
                assert "SANDBOX" in seen.text
            assert 'http-equiv="refresh"' in waiting.text
            assert NIK not in waiting.text

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("body", "status"), [(b"a=1&" * 40, 413), (b"x" * 70_000, 403), (b"\xff\xfe", 403), (b"csrf=%ff", 403)]
)
def test_a_form_that_cannot_be_read_changes_nothing(body: bytes, status: int) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, _, session_id = await opened(site)
            before = await site.wired.session(UUID(session_id))
            answer = await call(
                site.app, "POST", f"/verify/{session_id}", headers={"Cookie": browser.cookie}, body=body
            )
            assert answer.status == status
            assert await site.wired.session(UUID(session_id)) == before

    asyncio.run(scene())


@pytest.mark.parametrize(
    "name", ["pages.css", "pages.js", "padan.js", "padan.svg", "providers/indonesia-nik-lookup.svg"]
)
def test_what_pages_refer_to_is_there(name: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            assert (await Browser(site).get(f"/assets/{name}")).status == 200
            for wrong in ("../routes.py", "%2e%2e/routes.py", "/etc/passwd", "", "pages.css%00"):
                assert (await Browser(site).get(f"/assets/{wrong}")).status == 404

    asyncio.run(scene())
