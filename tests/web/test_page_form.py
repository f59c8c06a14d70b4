"""The form: known data, consent, languages, and every text that anybody may type into it."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from padan.domain.hosting import PageRules
from padan.providers import PROVIDERS
from padan.web.pages.consent import consent_text, consent_version
from tests.support.asgi import Answer
from tests.support.wired import NAME, NIK, PERSON, PROVIDER
from tests.web.pages.visitors import a_profile, a_visit
from tests.web.site import Browser, Site, csrf, direct, hidden, serving
from tests.web.test_pages import TYPED, opened

SHOWN_NIK = "3273 0157 0590 0001"
FIELDS = [*TYPED, "dateOfBirth", "consent", "csrf", "action", "language", "provider", "opener"]


async def known_on(site: Site) -> tuple[Browser, Answer, str]:
    return await opened(site, PERSON)


def holds_person(page: Answer) -> bool:
    texts = (NIK, SHOWN_NIK, NAME, "17 May 1990", "May 17, 1990", "1990-05-17")
    return any(text in page.text + str(page.headers) for text in texts)


def ticked(page: Answer) -> bool:
    """Whether the box of the consent is ticked."""
    (box,) = re.findall(r'<input type="checkbox" id="consent"[^>]*>', page.text)
    return " checked" in box


def test_what_was_passed_in_is_shown_where_the_profile_says_so() -> None:
    async def scene() -> None:
        async with serving(PageRules(shows_known_data=True)) as site:
            _, page, _ = await known_on(site)
            for text in (SHOWN_NIK, NAME, "May 17, 1990", "Already given by Bank Contoh"):
                assert text in page.text
            _, partly, _ = await opened(site, {"fullName": NAME})
            assert NAME in partly.text
            assert 'name="nikIdNumber"' in partly.text
            assert 'name="fullName"' not in partly.text

    asyncio.run(scene())


def test_by_default_nothing_that_was_passed_in_is_shown() -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await known_on(site)
            assert not holds_person(page)
            refused = await browser.post(f"/verify/{session_id}", {"csrf": csrf(page)})
            assert (refused.status, holds_person(refused)) == (400, False)

    asyncio.run(scene())


def test_a_stranger_is_never_shown_what_was_passed_in() -> None:
    async def scene() -> None:
        async with serving(PageRules(shows_known_data=True)) as site:
            browser, page, session_id = await known_on(site)
            other, _, _ = await opened(site)
            path = f"/verify/{session_id}"
            for stranger in (Browser(site), other, Browser(site, cookie=browser.cookie + "x")):
                for look in (path, path + "?search=", path + "?language=id", path + "?embed=iframe"):
                    answer = await stranger.get(look)
                    assert (answer.status, holds_person(answer)) == (403, False)
                answer = await stranger.post(path, {"csrf": csrf(page), "language": "id"})
                assert (answer.status, holds_person(answer)) == (403, False)

    asyncio.run(scene())


def test_what_was_shown_is_gone_when_the_person_has_agreed() -> None:
    async def scene() -> None:
        async with serving(PageRules(shows_known_data=True)) as site:
            site.wired.registry.open.clear()
            browser, page, session_id = await known_on(site)
            assert (await browser.submit(page, {})).status == 303
            assert not holds_person(await browser.get(f"/verify/{session_id}"))

    asyncio.run(scene())


def test_known_data_with_markup_is_text() -> None:
    async def scene() -> None:
        async with serving(PageRules(shows_known_data=True)) as site:
            _, page, _ = await opened(site, {"fullName": "D'ARTAGNAN (O'NEIL)"})
            assert "D&#39;ARTAGNAN (O&#39;NEIL)" in page.text

    asyncio.run(scene())


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_consent_is_recorded_with_its_words_and_shown_by_the_api(language: str) -> None:
    async def scene() -> None:
        async with serving(
            PageRules(purpose="untuk membuka rekening"), operator="Verifikasi Bersama"
        ) as site:
            created = await site.hosted()
            browser = Browser(site, language=language)
            page = await browser.launch(created["launchUrl"])
            assert (await browser.submit(page, TYPED)).status == 303
            await site.wired.until_done(UUID(created["sessionId"]))
            told = (await site.api("GET", f"/api/v1/sessions/{created['sessionId']}")).json["session"]
            visit = a_visit(profile=a_profile(purpose="untuk membuka rekening"), language=language)
            text = consent_text(visit, "Verifikasi Bersama")
            assert text in page.text
            assert told["consent"] == {
                "given": site.wired.clock() // 1000,
                "textVersion": consent_version(text),
                "language": language,
            }
            kept = (await site.wired.session(UUID(created["sessionId"]))).consent
            assert kept is not None
            assert kept.given_at == site.wired.clock()
            await site.api("POST", f"/api/v1/sessions/{created['sessionId']}/redact")
            assert (await site.wired.session(UUID(created["sessionId"]))).consent == kept

    asyncio.run(scene())


def test_a_session_that_the_relying_party_asked_has_no_consent() -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.create()
            told = (await site.api("GET", f"/api/v1/sessions/{created['sessionId']}")).json["session"]
            assert told.get("consent") is None

    asyncio.run(scene())


@pytest.mark.parametrize("box", [None, "", "on", "true", "2026-11", "2026-11.0123456789abcdef"])
def test_without_consent_to_these_words_nothing_is_asked(box: str | None) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            fields = {**TYPED, "csrf": csrf(page)} | ({} if box is None else {"consent": box})
            answer = await browser.post(f"/verify/{session_id}", fields)
            assert answer.status == 400
            assert 'href="#consent"' in answer.text
            assert f'value="{NAME}"' in answer.text
            assert not ticked(answer)
            assert (await site.wired.session(UUID(session_id))).consent is None
            assert site.wired.registry.claims == []

    asyncio.run(scene())


def test_words_that_changed_meanwhile_have_to_be_agreed_to_again() -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            await site.wired.store.change_profile(a_profile(purpose="to sell you something"))
            refused = await browser.submit(page, TYPED)
            assert refused.status == 400
            assert "to sell you something" in refused.text
            assert hidden(refused)["consent"] != hidden(page)["consent"]
            assert (await browser.submit(refused, TYPED)).status == 303
            assert await site.wired.until_done(UUID(session_id))

    asyncio.run(scene())


def test_the_consent_of_one_language_is_none_to_the_words_of_another() -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            path = f"/verify/{session_id}"
            fields = {**TYPED, **hidden(page)}
            switched = await browser.post(path, {**fields, "language": "id"})
            assert not ticked(switched)
            assert (await browser.post(path, {**fields, "spoken": "id"})).status == 400
            assert (await browser.submit(switched, TYPED)).status == 303

    asyncio.run(scene())


def test_a_form_is_answered_in_its_own_language_though_another_tab_was_switched() -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            other = await browser.get(f"/verify/{session_id}?language=id")
            assert '<html lang="id">' in other.text
            refused = await browser.submit(page, {**TYPED, "fullName": ""})
            assert '<html lang="en">' in refused.text
            assert ticked(refused)
            assert (await browser.submit(refused, TYPED)).status == 303
            consent = (await site.wired.session(UUID(session_id))).consent
            assert consent is not None
            assert consent.language == "en"
            assert consent.text_version == hidden(page)["consent"] != hidden(other)["consent"]

    asyncio.run(scene())


@pytest.mark.parametrize("spoken", ["xx", "", "en\0", "../id"])
def test_a_language_that_the_pages_do_not_speak_is_none_of_a_form(spoken: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, _ = await opened(site)
            assert (await browser.submit(page, {**TYPED, "spoken": spoken})).status == 303

    asyncio.run(scene())


def test_switching_the_language_keeps_what_was_typed() -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            path = f"/verify/{session_id}"
            before = await site.wired.session(UUID(session_id))
            half = {"nikIdNumber": "3273 0157", "fullName": '"Siti" <', "dateOfBirth.month": "May"}
            switched = await browser.post(path, {**hidden(page), **half, "language": "id"})
            assert switched.status == 200
            assert '<html lang="id">' in switched.text
            assert "Tanggal lahir" in switched.text
            for text in ('value="3273 0157"', 'value="&#34;Siti&#34; &lt;"', 'value="May"'):
                assert text in switched.text
            assert 'class="fault"' not in switched.text.replace('class="fault" id="offline"', "")
            assert '<html lang="id">' in (await browser.get(path)).text
            assert await site.wired.session(UUID(session_id)) == before
            unknown = await browser.post(path, {**hidden(switched), "language": "xx"})
            assert '<html lang="id">' in unknown.text

    asyncio.run(scene())


LAWFUL = [
    "SITI",
    "A",
    "Siti Nur'aini, S.Kom.",
    "R. A. Kartini",
    "Ni Luh Putu-Ayu",
    "I GEDE 2",
    "Müller",
    "A/B (C)",
]
UNLAWFUL = {
    "SITI <b>": "holds a sign",
    "SITI > X": "holds a sign",
    "SITI \U0001f600": "holds a sign",
    "\U0001f1ee\U0001f1e9": "holds a sign",
    "SITI \u2764": "holds a sign",
    "\U00020000": "holds a sign",
    "SITI@CONTOH": "holds a sign",
    "SITI=1": "holds a sign",
    "123": "no letter",
    "SITI\u202eX": "cannot be seen",
    "SITI\nX": "cannot be seen",
}


@pytest.mark.parametrize("name", UNLAWFUL)
def test_a_name_that_stands_on_no_card_is_refused_by_form_and_api_with_the_reason(name: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            answer = await browser.submit(page, {**TYPED, "fullName": name})
            assert answer.status == 400
            assert re.findall(r'<li><a href="#(\w+)">', answer.text) == ["fullName"]
            assert UNLAWFUL[name] in answer.text
            body = direct(providerInput={PROVIDER: {**PERSON, "fullName": name}})
            asked = await site.api("POST", "/api/v1/sessions/provider/direct", body)
            assert asked.status == 400
            assert list(asked.json["errors"]) == [f"providerInput.{PROVIDER}.fullName"]
            assert name not in asked.text
            assert not (await site.wired.session(UUID(session_id))).done
            assert site.wired.registry.claims == []

    asyncio.run(scene())


@pytest.mark.parametrize("name", LAWFUL)
def test_a_name_that_stands_on_cards_is_taken_by_form_and_api(name: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            assert (await browser.submit(page, {**TYPED, "fullName": name})).status == 303
            await site.wired.until_done(UUID(session_id))
            created = await site.create(providerInput={PROVIDER: {**PERSON, "fullName": name}})
            await site.wired.until_done(UUID(created["sessionId"]))
            assert [claim.full_name for claim in site.wired.registry.claims] == [name, name]

    asyncio.run(scene())


def lawful(fields: dict[str, Any]) -> bool:
    """Whether the provider itself would take what the form asks with."""
    from padan.app.ports import InputInvalid
    from padan.app.times import jakarta_date
    from padan.web.pages.languages import languages
    from padan.web.pages.typed import read_typed
    from tests.support.wired import START

    names = ("nikIdNumber", "fullName", "dateOfBirth")
    typed = read_typed(fields, names, locale=languages()["en"].locale)
    try:
        claim = PROVIDERS[PROVIDER].read_input(typed.given, today=jakarta_date(START))
    except InputInvalid:
        return False
    return not typed.faults and not claim.missing


anything = st.text(max_size=30) | st.sampled_from(
    [
        *LAWFUL,
        *UNLAWFUL,
        *TYPED.values(),
        "3273 0157 0590 0002",
        "29",
        "2",
        "2031",
        "x" * 3_000,
        "\0",
        "%00",
        "'--",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*TYPED, "dateOfBirth", "extra"]), anything), st.booleans())
def test_whatever_is_typed_the_form_answers_and_asks_only_with_what_is_lawful(
    changed: dict[str, str], agreed: bool
) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            fields = {**TYPED, **changed}
            sent = {**fields, **hidden(page)} if agreed else {**fields, "csrf": csrf(page)}
            answer = await browser.post(f"/verify/{session_id}", sent)
            takes = agreed and lawful(fields)
            assert answer.status == (303 if takes else 400)
            if takes:
                await site.wired.until_done(UUID(session_id))
            else:
                assert answer.text.count('role="alert" tabindex="-1"') == 1
                assert "<script>" not in answer.text
                assert "\0" not in answer.text
            assert len(site.wired.registry.claims) == takes
            assert "defect" not in [event for event, _ in site.wired.reports]

    asyncio.run(scene())


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), anything))
def test_whatever_is_sent_without_the_forms_secret_changes_nothing(fields: dict[str, str]) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, _, session_id = await opened(site)
            before = await site.wired.session(UUID(session_id))
            for path in (f"/verify/{session_id}", f"/verify/{session_id}/nik"):
                assert (await browser.post(path, fields)).status == 403
            assert await site.wired.session(UUID(session_id)) == before

    asyncio.run(scene())


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120))
def test_whatever_is_typed_as_a_nik_is_looked_at_and_nobody_is_asked(text: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser, page, session_id = await opened(site)
            before = await site.wired.session(UUID(session_id))
            seen = await browser.post(f"/verify/{session_id}/nik", {"csrf": csrf(page), "nik": text})
            assert seen.status == 200
            assert set(seen.json) == {"problem", "region"}
            assert await site.wired.session(UUID(session_id)) == before
            assert site.wired.registry.claims == []

    asyncio.run(scene())
