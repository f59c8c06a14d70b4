"""How sessions end on the pages: what the last page tells, what goes back, and what nobody learns before."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from padan.app.end import redact
from padan.domain.errors import RefusalReason, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.hosting import PageRules, ResultPage
from padan.domain.rules import Acceptance, RegistryRules
from padan.domain.session import ErrorCode
from tests.support.asgi import Answer
from tests.support.wired import BANK, NIK, PROFILE, RETURN
from tests.web.site import Browser, Site, csrf, serving, shown
from tests.web.test_pages import TYPED, opened

MISMATCH = Finding(Outcome.FOUND, Comparison(True), Comparison(False, 0.2), Comparison(True))
AGREE = "Your data agree with the population register."
DIFFER = "Not everything agrees with the population register."
STEP = "Enter the full name exactly as it is printed"


async def finished(site: Site, *answers: Any, query: str = "") -> tuple[Browser, Answer, dict[str, Any]]:
    """A session that a person went through, and what they see at its end."""
    if answers:
        site.wired.registry.answers[NIK] = list(answers)
    created = await site.hosted()
    browser = Browser(site)
    page = await browser.launch(created["launchUrl"] + query)
    assert (await browser.submit(page, TYPED)).status == 303
    await site.wired.until_done(UUID(created["sessionId"]))
    path = re.search(r'<form id="form" method="post" action="([^"]+)"', page.text)
    assert path is not None
    return browser, await browser.get(unescape(path[1])), created


def message(page: Answer) -> dict[str, Any]:
    found = re.search(r'data-message="([^"]*)"', page.text)
    assert found is not None
    told: dict[str, Any] = json.loads(unescape(found[1]))
    return told


def returned(page: Answer) -> dict[str, list[str]]:
    assert page.status == 303
    where = page.header("location") or ""
    assert where.startswith(RETURN + "?")
    return parse_qs(urlsplit(where).query)


@pytest.mark.parametrize(
    ("rules", "finding", "texts", "silent"),
    [
        (ResultPage.VERDICT, None, [AGREE], [DIFFER, "What you can do"]),
        (ResultPage.NEXT_STEPS, None, [AGREE], [DIFFER, "What you can do"]),
        (ResultPage.VERDICT, MISMATCH, [DIFFER], [AGREE, "What you can do", STEP]),
        (ResultPage.NEXT_STEPS, MISMATCH, [DIFFER, "What you can do", STEP], [AGREE]),
        (ResultPage.VERDICT, Finding(Outcome.NOT_FOUND), [DIFFER], [AGREE]),
    ],
)
def test_the_last_page_says_what_the_profile_lets_it_say(
    rules: ResultPage, finding: Finding | None, texts: list[str], silent: list[str]
) -> None:
    async def scene() -> None:
        async with serving(PageRules(result_page=rules)) as site:
            _, page, created = await finished(site, *([finding] if finding else []))
            assert page.status == 200
            for text in (*texts, "The check is finished."):
                assert text in page.text
            for text in (*silent, "resultsAccessKey", created["resultsAccessKey"]):
                assert text not in page.text
            assert f'href="{RETURN}?success=true&amp;sessionId={created["sessionId"]}"' in page.text

    asyncio.run(scene())


@pytest.mark.parametrize("finding", [None, MISMATCH, Finding(Outcome.NOT_FOUND), Finding(Outcome.DECEASED)])
def test_a_page_that_may_say_nothing_is_the_same_whatever_was_found(finding: Finding | None) -> None:
    async def scene() -> None:
        async with serving() as site:
            _, page, created = await finished(site, *([finding] if finding else []))
            assert returned(page) == {"success": ["true"], "sessionId": [created["sessionId"]]}
            _, embedded, _ = await finished(site, *([finding] if finding else []), query="&embed=iframe")
            for text in (AGREE, DIFFER, "What you can do", "verdict"):
                assert text not in embedded.text
            assert "The check is finished." in embedded.text
            assert message(embedded)["msg"] == "complete"

    asyncio.run(scene())


@pytest.mark.parametrize("rules", ResultPage)
def test_a_refused_check_looks_like_any_other_unless_the_profile_shows_the_verdict(rules: ResultPage) -> None:
    async def scene() -> None:
        async with serving(PageRules(result_page=rules)) as site:
            _, fine, _ = await finished(site, query="&embed=iframe")
            strict = RegistryRules(acceptance=Acceptance.REFUSE)
            await site.wired.store.change_profile(
                replace(PROFILE, rules=strict, pages=PageRules(result_page=rules))
            )
            _, page, _ = await finished(site, MISMATCH, query="&embed=iframe")
            assert (message(page)["success"], message(page)["msg"]) == (False, "failed")
            if rules is ResultPage.NOTHING:
                assert main(page) == main(fine)
            else:
                for text in ("data-focus>Finished</h1>", DIFFER, "What you can do", "go back and try again."):
                    assert text in page.text

    asyncio.run(scene())


def main(page: Answer) -> str:
    """What a person sees of a last page: without the addresses and the message of its session."""
    found = re.search(r"<main>.*</main>", page.text, re.DOTALL)
    assert found is not None
    return re.sub(r'(data-message|data-next|href)="[^"]*"', "", found[0])


def test_the_verdict_is_shown_to_the_person_alone_and_not_after_redaction() -> None:
    async def scene() -> None:
        async with serving(PageRules(result_page=ResultPage.NEXT_STEPS)) as site:
            browser, page, created = await finished(site, MISMATCH)
            path = f"/verify/{created['sessionId']}"
            assert DIFFER in page.text
            for stranger in (Browser(site), Browser(site, cookie="padan_page=x")):
                assert (await stranger.get(path)).status == 403
            await redact(site.wired.ports, BANK, UUID(created["sessionId"]))
            gone = await browser.get(path)
            assert (gone.status, DIFFER in gone.text) == (403, False)

    asyncio.run(scene())


def test_older_sdks_get_the_key_and_it_opens_the_result() -> None:
    async def scene() -> None:
        rules = PageRules(returns_results_access_key=True, returns_canceled=True)
        async with serving(rules) as site:
            _, page, created = await finished(site)
            told = returned(page)
            assert set(told) == {"success", "sessionId", "resultsAccessKey", "canceled"}
            assert told["canceled"] == ["false"]
            (key,) = told["resultsAccessKey"]
            opened_ = await site.results(created, key)
            assert opened_.json["identityData"]["match"]["fullName"]["booleanValue"] is True
            assert key == created["resultsAccessKey"]

    asyncio.run(scene())


@pytest.mark.parametrize("canceled", [True, False])
def test_a_cancelled_session_says_so_in_the_address_where_the_profile_wants_it(canceled: bool) -> None:
    async def scene() -> None:
        async with serving(PageRules(returns_canceled=canceled)) as site:
            browser, page, session_id = await opened(site)
            path = f"/verify/{session_id}"
            await browser.post(path, {"action": "cancel", "csrf": csrf(page)})
            told = returned(await browser.get(path))
            assert told["success"] == ["false"]
            assert told.get("canceled") == (["true"] if canceled else None)
            assert "resultsAccessKey" not in told

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("query", "targets"),
    [
        ("&launchMode=popup&origin=http://localhost:3000", "http://localhost:3000"),
        ("&launchMode=iframe&origin=https://bank.example", "https://bank.example"),
        ("&launchMode=iframe&origin=https://evil.example", "https://bank.example"),
        ("&launchMode=iframe", "https://bank.example"),
    ],
)
def test_the_end_is_told_to_allowed_origins_alone(query: str, targets: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            _, page, created = await finished(site, query=query)
            assert f'data-targets="{targets}"' in page.text
            assert message(page) == {"success": True, "msg": "complete", "sessionId": created["sessionId"]}
            assert "evil.example" not in page.text + str(page.headers)

    asyncio.run(scene())


def test_the_pages_own_script_is_told_the_address_and_not_sent_there() -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, _, created = await finished(site)
            browser.headers["Padan-Page"] = "script"
            page = await browser.get(f"/verify/{created['sessionId']}")
            assert page.status == 200
            assert f'data-next="{RETURN}?success=true&amp;sessionId={created["sessionId"]}"' in page.text

    asyncio.run(scene())


async def left_behind(site: Site, *, back: bool) -> ErrorCode | None:
    browser, page, session_id = await opened(site)
    path = f"/verify/{session_id}"
    away = await browser.post(path, {"action": "left", "csrf": csrf(page)})
    assert away.status < 400
    if back:
        await browser.get(path)
    session = await site.wired.session(UUID(session_id))
    assert (session.left_at is None) == back
    site.wired.clock.now = session.expires_at
    told = returned(await browser.get(path))
    assert told["success"] == ["false"]
    answer = await site.api("GET", f"/api/v1/sessions/{session_id}")
    return ErrorCode(answer.json["session"]["errorCode"])


@pytest.mark.parametrize(("back", "code"), [(False, "UserAbandoned"), (True, "UserTimedOut")])
def test_whoever_closed_the_page_abandoned_it_and_whoever_kept_it_open_timed_out(
    back: bool, code: str
) -> None:
    async def scene() -> None:
        async with serving() as site:
            assert await left_behind(site, back=back) == code

    asyncio.run(scene())


def test_a_page_left_needs_the_forms_own_secret() -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, _, session_id = await opened(site)
            assert (await browser.post(f"/verify/{session_id}", {"action": "left"})).status == 403
            assert (await site.wired.session(UUID(session_id))).left_at is None

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("how", "heading"),
    [
        (ErrorCode.CANCELED, "Cancelled"),
        (ErrorCode.USER_TIMED_OUT, "The time is over"),
        (ErrorCode.OTHER, "The check did not work"),
    ],
)
def test_an_ending_without_a_result_says_what_happened(how: ErrorCode, heading: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.widget() if how is not ErrorCode.OTHER else await site.hosted()
            browser = Browser(site)
            query = "&embed=iframe" if how is ErrorCode.OTHER else ""
            page = await browser.launch(created["launchUrl"] + query)
            path = f"/verify/{created['sessionId']}"
            if how is ErrorCode.CANCELED:
                await browser.post(path, {"action": "cancel", "csrf": csrf(page)})
            elif how is ErrorCode.OTHER:
                site.wired.registry.answers[NIK] = [RegistryRefused("no", reason=RefusalReason.QUOTA)]
                await browser.submit(page, TYPED)
                await site.wired.until_done(UUID(created["sessionId"]))
                path += "?embed=iframe"
            else:
                site.wired.clock.pass_(86_400_000)
            ended = await browser.get(path)
            assert f"data-focus>{heading}</h1>" in ended.text
            assert message(ended)["success"] is False
            assert message(ended)["msg"] == ("user-closed" if how is ErrorCode.CANCELED else "failed")

    asyncio.run(scene())


def test_the_page_waits_with_honest_words_and_can_be_cancelled_when_it_takes_long() -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.open.clear()
            browser, page, session_id = await opened(site)
            path = f"/verify/{session_id}"
            await browser.submit(page, TYPED)
            usual = await browser.get(path)
            assert "This takes a few seconds." in usual.text
            site.wired.clock.pass_(6_000)
            assert "is slow at the moment" in (await browser.get(path)).text
            await browser.post(path, {"action": "cancel", "csrf": csrf(page)})
            assert returned(await browser.get(path))["success"] == ["false"]

    asyncio.run(scene())


def test_while_the_register_is_down_the_page_says_so_and_goes_on() -> None:
    async def scene() -> None:
        async with serving() as site:
            site.wired.registry.answers[NIK] = [RegistryUnavailable("down", may_be_charged=False)]
            browser, page, session_id = await opened(site)
            await browser.submit(page, TYPED)
            await site.wired.until_reported()
            waiting = await browser.get(f"/verify/{session_id}")
            assert "does not answer at the moment" in waiting.text

    asyncio.run(scene())


def test_a_nik_that_exists_and_one_that_does_not_look_alike_until_the_end() -> None:
    """Same pages, same statuses, same headers, from the first look to the way back."""

    async def walk(nik: str) -> list[tuple[int, str, str]]:
        seen: list[tuple[int, str, str]] = []

        def note(answer: Answer, session_id: str) -> None:
            text = re.sub(r'value="[0-9a-f]{64}"|data-csrf="[0-9a-f]{64}"', "", shown(answer))
            headers = re.sub(r"nonce-[\w-]+", "", str(answer.headers))
            text, headers = (part.replace(session_id, "ID") for part in (text.replace(nik, "NIK"), headers))
            seen.append((answer.status, text, headers))

        async with serving() as site:
            site.wired.registry.open.clear()
            browser, page, session_id = await opened(site)
            path, typed = f"/verify/{session_id}", {**TYPED, "nikIdNumber": nik}
            note(await browser.post(path + "/nik", {"csrf": csrf(page), "nik": nik}), session_id)
            note(await browser.submit(page, {**typed, "fullName": ""}), session_id)
            note(await browser.submit(page, typed), session_id)
            note(await browser.get(path), session_id)
            site.wired.registry.open.set()
            await site.wired.until_done(UUID(session_id))
            note(await browser.get(path), session_id)
        return seen

    async def scene() -> None:
        assert await walk(NIK) == await walk("3273015705900002")

    asyncio.run(scene())
