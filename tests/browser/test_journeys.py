"""Whole ways through the pages, in a real browser."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import agree, asked, expect_state, fill_in, send, verify
from tests.browser.scene import Created, Scene, known
from tests.support.browser import until

FORM = ["nikIdNumber", "fullName", "dateOfBirth"]


def assert_back(here: Scene, page: Page, created: Created, success: str = "true") -> None:
    """The person stands on the relying party's callback, which heard of this session."""
    page.wait_for_url(f"{here.shop.callback}?**")
    assert parse_qs(urlsplit(page.url).query) == {"success": [success], "sessionId": [created.id]}
    expect(page.get_by_text("Welcome back.")).to_be_visible()


def begin(page: Page, created: Created) -> None:
    """Open a widget and choose its only provider."""
    page.goto(created.url)
    page.locator("#choices button").click()
    expect_state(page, "form")


def assert_matched(here: Scene, created: Created) -> None:
    answer = here.outcome(created)
    match = answer["identityData"]["match"]
    assert [field["booleanValue"] for field in match.values()] == [True, True, True]


def test_hosted_the_person_gives_everything_and_is_sent_back(here: Scene) -> None:
    created, person = here.hosted(), here.person("match")
    with here.window() as at:
        at.page.goto(created.url)
        assert at.page.url == f"{here.server.url}/verify/{created.id}"
        assert asked(at.page) == FORM
        verify(at.page, person)
        assert_back(here, at.page, created)
    assert_matched(here, created)
    consent = here.outcome(created)["session"]["consent"]
    assert (consent["language"], consent["textVersion"][:8]) == ("en", "2026-11.")


def test_fallback_with_nothing_given_asks_for_everything(here: Scene) -> None:
    created, person = here.fallback(None), here.person("match")
    with here.window() as at:
        at.page.goto(created.url)
        assert asked(at.page) == FORM
        verify(at.page, person)
        assert_back(here, at.page, created)
    assert_matched(here, created)


@pytest.mark.parametrize("missing", FORM)
def test_fallback_with_one_field_missing_asks_for_that_alone(here: Scene, missing: str) -> None:
    person = here.person("match")
    created = here.fallback(known(person, *(name for name in FORM if name != missing)))
    with here.window() as at:
        at.page.goto(created.url)
        assert asked(at.page) == [missing]
        for value in person.values():
            assert value not in at.page.content()
        verify(at.page, person, missing)
        assert_back(here, at.page, created)
    assert_matched(here, created)


def test_known_data_is_shown_for_confirmation_where_the_profile_says_so(here: Scene) -> None:
    person = here.person("match")
    created = here.hosted(known(person, *FORM), here.profile(ShowKnownData="true"))
    with here.window() as at:
        at.page.goto(created.url)
        assert asked(at.page) == []
        nik = person["nikIdNumber"]
        expect(at.page.locator(".known dd").first).to_have_text(re.sub(r"(\d{4})(?=\d)", r"\1 ", nik))
        expect(at.page.locator(".known")).to_contain_text(person["fullName"])
        agree(at.page)
        send(at.page)
        assert_back(here, at.page, created)
    assert_matched(here, created)


def test_widget_the_person_finds_a_provider_by_country_or_name(here: Scene) -> None:
    created = here.widget()
    with here.window() as at:
        at.page.goto(created.url)
        expect_state(at.page, "choose")
        choices = at.page.locator("#choices li")
        for search in ("indo", "ID", "nik"):
            at.page.get_by_label("Search by country or name").fill("Norway")
            expect(choices).to_be_hidden()
            expect(at.page.get_by_text("Nothing fits this search.")).to_be_visible()
            at.page.get_by_label("Search by country or name").fill(search)
            expect(choices).to_be_visible()
        choices.get_by_role("button").click()
        expect_state(at.page, "form")
        verify(at.page, here.person("match"))
        assert_back(here, at.page, created)
    assert_matched(here, created)


@pytest.mark.parametrize("widget", [True, False])
def test_cancel_ends_the_session_and_leads_back(here: Scene, widget: bool) -> None:
    created = here.widget() if widget else here.hosted()
    with here.window() as at:
        at.page.goto(created.url)
        at.page.get_by_role("button", name="Cancel").click()
        assert_back(here, at.page, created, "false")
    assert here.outcome(created)["session"]["errorCode"] == "Canceled"


def test_cancel_by_the_relying_party_is_told_to_who_still_fills_in_the_form(here: Scene) -> None:
    created = here.widget(redirectUrl=None)
    with here.window() as at:
        begin(at.page, created)
        here.cancel(created)
        verify(at.page, here.person("match"))
        expect(at.page.get_by_role("heading", name="Cancelled")).to_be_focused()


def test_expiry_with_the_page_open_is_a_time_out(here: Scene) -> None:
    created = here.widget(redirectUrl=None)
    with here.window() as at:
        begin(at.page, created)
        here.run_out(created)
        verify(at.page, here.person("match"))
        expect(at.page.get_by_role("heading", name="The time is over")).to_be_focused()
    assert here.outcome(created)["session"]["errorCode"] == "UserTimedOut"


def test_expiry_after_the_page_was_closed_is_an_abandonment(here: Scene) -> None:
    created = here.hosted()
    with here.window() as at:
        other = at.context.new_page()
        other.goto(created.url)
        other.close(run_before_unload=True)
        assert until(lambda: here.left(created), bool)
    here.run_out(created)
    assert here.outcome(created)["session"]["errorCode"] == "UserAbandoned"


def test_whoever_closes_the_page_and_comes_back_has_not_abandoned_it(here: Scene) -> None:
    created = here.widget(redirectUrl=None)
    with here.window() as at:
        begin(at.page, created)
        address = at.page.url
        at.page.goto("about:blank")
        assert until(lambda: here.left(created), bool)
        at.page.goto(address)
        assert not here.left(created)
        at.page.reload()
        # Browsers tell of leaving when the next page is there already, so a reload looks like one.
        assert until(lambda: here.left(created), bool)
        assert not until(lambda: here.left(created), lambda left: not left)
        here.run_out(created)
        at.page.reload()
        expect(at.page.get_by_role("heading", name="The time is over")).to_be_visible()
    assert here.outcome(created)["session"]["errorCode"] == "UserTimedOut"


def test_keyboard_alone_is_enough(here: Scene) -> None:
    created, person = here.widget(), here.person("match")
    year, month, day = person["dateOfBirth"].split("-")
    with here.window() as at:
        keys = at.page.keyboard
        at.page.goto(created.url)
        tab_to(at.page, "#choices button")
        keys.press("Enter")
        expect_state(at.page, "form")
        tab_to(at.page, "#nikIdNumber")
        for text in (person["nikIdNumber"], person["fullName"], day, month, year):
            keys.type(text)
            keys.press("Tab")
        expect(at.page.locator("#consent")).to_be_focused()
        keys.press("Space")
        tab_to(at.page, "button.main")
        keys.press("Enter")
        assert_back(here, at.page, created)
    assert_matched(here, created)


def test_the_return_key_in_a_field_sends_the_form(here: Scene) -> None:
    created = here.hosted()
    with here.window() as at:
        at.watch.refusals.add(400)
        at.page.goto(created.url)
        fill_in(at.page, here.person("match"))
        at.page.locator("#fullName").press("Enter")
        expect(at.page.locator(".errors")).to_be_focused()
        assert at.page.locator("html").get_attribute("lang") == "en"


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, and see that the focus is visible all the way."""
    for _ in range(30):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.evaluate("element => getComputedStyle(element).outlineStyle") != "none"
        if focused.evaluate("(element, selector) => element.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")
