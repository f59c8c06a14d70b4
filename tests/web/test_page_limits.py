"""Limits of the pages: one question a session, so many refusals, so many different details for one NIK."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode
from uuid import UUID

import pytest

from padan.app.ports import Limits
from padan.domain.session import ErrorCode
from padan.web.pages.forms import LARGEST_FORM
from tests.support.asgi import Answer, call
from tests.support.wired import NAME, NIK, PERSON, PROVIDER, RETURN
from tests.web.site import Browser, Site, csrf, hidden, serving, shown
from tests.web.test_pages import TYPED, opened

UNKNOWN = "3273015705900002"


def names(count: int) -> list[str]:
    return [f"{NAME} {chr(ord('A') + n)}" for n in range(count)]


async def tried(site: Site, **typed: str) -> tuple[Answer, str]:
    """A new session in which somebody sends these details."""
    browser, page, session_id = await opened(site)
    answer = await browser.submit(page, {**TYPED, **typed})
    if answer.status == 303:
        await site.wired.until_done(UUID(session_id))
    return answer, session_id


def alike(answer: Answer, session_id: str, nik: str) -> tuple[str, str]:
    """A page and its headers without what differs by session."""
    text = re.sub(r"[0-9a-f]{64}", "", shown(answer))
    headers = re.sub(r"nonce-[\w-]+", "", str(answer.headers))
    return text.replace(session_id, "ID").replace(nik, "NIK"), headers.replace(session_id, "ID")


def test_a_sixth_guess_is_a_429_and_looks_the_same_whether_the_nik_exists_or_not() -> None:
    async def scene() -> None:
        seen = []
        for nik in (NIK, UNKNOWN):
            async with serving() as site:
                for name in names(5):
                    assert (await tried(site, nikIdNumber=nik, fullName=name))[0].status == 303
                answer, session_id = await tried(site, nikIdNumber=nik, fullName="NAMA LAIN")
                assert answer.status == 429
                assert "too many different details" in answer.text
                assert 'value="NAMA LAIN"' in answer.text
                assert len(site.wired.registry.claims) == 5
                seen.append(alike(answer, session_id, nik))
        assert seen[0] == seen[1]

    asyncio.run(scene())


def test_who_verifies_often_with_the_same_details_is_never_refused() -> None:
    async def scene() -> None:
        async with serving() as site:
            for _ in range(8):
                assert (await tried(site))[0].status == 303

    asyncio.run(scene())


@pytest.mark.parametrize("language", ["en", "id"])
def test_what_differs_in_how_it_is_typed_alone_is_the_same_guess(language: str) -> None:
    async def scene() -> None:
        async with serving(limits=Limits(guesses_per_environment=1)) as site:
            for nik in (NIK, "3273 0157 0590 0001", "3273.0157.0590.0001"):
                for month in ("5", "05", "May"):
                    answer, _ = await tried(site, nikIdNumber=nik, **{"dateOfBirth.month": month})
                    assert answer.status == 303

    asyncio.run(scene())


def test_another_person_is_not_held_up() -> None:
    async def scene() -> None:
        async with serving(limits=Limits(guesses_per_environment=1)) as site:
            assert (await tried(site))[0].status == 303
            assert (await tried(site, fullName="NAMA LAIN"))[0].status == 429
            assert (await tried(site, nikIdNumber=UNKNOWN))[0].status == 303
            await site.create(providerInput={PROVIDER: {**PERSON, "fullName": "NAMA API"}})

    asyncio.run(scene())


@pytest.mark.parametrize(("environment", "server"), [(1, 20), (5, 1)])
def test_environment_and_server_have_a_limit_each(environment: int, server: int) -> None:
    async def scene() -> None:
        limits = Limits(guesses_per_environment=environment, guesses_per_server=server)
        async with serving(limits=limits) as site:
            assert (await tried(site))[0].status == 303
            assert (await tried(site, fullName="NAMA LAIN"))[0].status == 429

    asyncio.run(scene())


def test_too_many_forms_that_cannot_be_taken_end_the_session() -> None:
    async def scene() -> None:
        async with serving(limits=Limits(refusals_per_session=3)) as site:
            browser, page, session_id = await opened(site)
            path = f"/verify/{session_id}"
            wrong = {**TYPED, "nikIdNumber": "12345"}
            assert [(await browser.submit(page, wrong)).status for _ in range(3)] == [400, 400, 303]
            ended = await site.wired.session(UUID(session_id))
            assert ended.error_code is ErrorCode.SECURITY_VALIDATION_FAILED
            back = await browser.get(path)
            assert (back.header("location") or "").startswith(f"{RETURN}?success=false")
            assert (await browser.submit(page, TYPED)).status == 303
            assert site.wired.registry.claims == []
            told = (await site.api("GET", f"/api/v1/sessions/{session_id}")).json["session"]
            assert told["errorCode"] == "SecurityValidationFailed"

    asyncio.run(scene())


def test_two_tabs_and_a_second_press_ask_the_registry_once() -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            other = await browser.get(f"/verify/{session_id}")
            sent = [browser.submit(tab, TYPED) for tab in (page, other, page, other)]
            assert {answer.status for answer in await asyncio.gather(*sent)} == {303}
            await site.wired.until_done(UUID(session_id))
            late = await browser.submit(page, {**TYPED, "fullName": "NAMA LAIN"})
            assert late.status == 303
            assert len(site.wired.registry.claims) == 1

    asyncio.run(scene())


def test_cancelling_and_leaving_are_no_refusals() -> None:
    async def scene() -> None:
        async with serving(limits=Limits(refusals_per_session=2)) as site:
            browser, page, session_id = await opened(site)
            path = f"/verify/{session_id}"
            for _ in range(5):
                await browser.post(path, {"action": "left", "csrf": csrf(page)})
                await browser.get(path)
                await browser.post(path, {"csrf": csrf(page), "language": "id"})
            assert (await site.wired.session(UUID(session_id))).refusals == 0
            assert (await Browser(site, cookie=browser.cookie).get(path)).status == 200

    asyncio.run(scene())


TOO_LARGE: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "bytes": lambda fields: urlencode(fields) + "&more=" + "x" * LARGEST_FORM,
    "fields": lambda fields: urlencode(fields) + "&more=x" * 40,
}


async def sent(browser: Browser, session_id: str, body: str) -> Answer:
    headers = {"Cookie": browser.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    return await call(browser.site.app, "POST", f"/verify/{session_id}", headers=headers, body=body.encode())


@pytest.mark.parametrize("how", TOO_LARGE)
def test_a_form_that_is_too_large_is_given_back_with_what_was_read(how: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            answer = await sent(browser, session_id, TOO_LARGE[how]({**hidden(page), **TYPED}))
            assert answer.status == 413
            assert "too large" in answer.text
            assert f'value="{NAME}"' in answer.text
            assert (await site.wired.session(UUID(session_id))).refusals == 0
            assert site.wired.registry.claims == []
            assert (await browser.submit(answer, TYPED)).status == 303

    asyncio.run(scene())


@pytest.mark.parametrize("how", TOO_LARGE)
def test_of_a_foreign_form_that_is_too_large_nothing_is_given_back(how: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, _, session_id = await opened(site)
            before = await site.wired.session(UUID(session_id))
            for token in ({}, {"csrf": "0" * 64}):
                answer = await sent(
                    browser, session_id, TOO_LARGE[how]({**token, **TYPED, "action": "cancel"})
                )
                assert (answer.status, NAME in answer.text) == (413, False)
            stranger = await sent(Browser(site), session_id, TOO_LARGE[how](TYPED))
            assert (stranger.status, NAME in stranger.text) == (403, False)
            assert await site.wired.session(UUID(session_id)) == before

    asyncio.run(scene())
