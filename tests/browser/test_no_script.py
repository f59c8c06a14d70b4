"""The whole way without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.hands import agree, asked, expect_state, fill_in, send, verify
from tests.browser.scene import Scene
from tests.support.chromium import Window


@pytest.fixture
def plain(here: Scene) -> Iterator[Window]:
    with here.window(java_script_enabled=False) as at:
        yield at


def test_hosted_to_the_end(here: Scene, plain: Window) -> None:
    plain.page.goto(here.hosted().url)
    verify(plain.page, here.person("match"))
    plain.page.wait_for_url(f"{here.shop.callback}?**")
    assert "success=true" in plain.page.url


def test_widget_with_a_search_that_reloads(here: Scene, plain: Window) -> None:
    plain.page.goto(here.widget().url)
    plain.page.locator("#search-text").fill("Atlantis")
    plain.page.get_by_role("button", name="Search").click()
    expect(plain.page.get_by_text("Nothing fits this search.")).to_be_visible()
    plain.page.locator("#search-text").fill("INDO")
    plain.page.get_by_role("button", name="Search").click()
    plain.page.locator("#choices button").click()
    expect_state(plain.page, "form")
    verify(plain.page, here.person("match"))
    plain.page.wait_for_url(f"{here.shop.callback}?**")


def test_errors_are_shown_and_what_was_typed_is_kept(here: Scene, plain: Window) -> None:
    plain.watch.refusals.add(400)
    plain.page.goto(here.hosted().url)
    person = here.person("match")
    fill_in(plain.page, person)
    send(plain.page)
    expect(plain.page.locator(".errors")).to_be_focused()
    expect(plain.page.locator("#consent-fault")).to_be_visible()
    expect(plain.page.locator("#fullName")).to_have_value(person["fullName"])
    plain.page.locator(".errors a").click()
    assert plain.page.url.endswith("#consent")
    agree(plain.page)
    send(plain.page)
    plain.page.wait_for_url(f"{here.shop.callback}?**")


def test_the_language_is_switched_with_what_was_typed(here: Scene, plain: Window) -> None:
    plain.page.goto(here.hosted().url)
    fill_in(plain.page, here.person("match"))
    plain.page.get_by_role("button", name="Bahasa Indonesia").click()
    expect(plain.page.locator("#fullName")).to_have_value(here.person("match")["fullName"])
    assert plain.page.locator("html").get_attribute("lang") == "id"
    expect(plain.page.locator(".errors")).to_have_count(0)
    agree(plain.page)
    send(plain.page)
    plain.page.wait_for_url(f"{here.shop.callback}?**")


def test_the_waiting_page_looks_again_by_itself(here: Scene, plain: Window) -> None:
    plain.page.goto(here.widget(redirectUrl=None).url)
    plain.page.locator("#choices button").click()
    verify(plain.page, here.person("slow"))
    expect_state(plain.page, "waiting")
    expect(plain.page.get_by_role("link", name="Look again")).to_be_visible()
    expect_state(plain.page, "ended")


def test_cancel(here: Scene, plain: Window) -> None:
    plain.page.goto(here.hosted().url)
    plain.page.get_by_role("button", name="Cancel").click()
    plain.page.wait_for_url(f"{here.shop.callback}?success=false**")


def test_the_button_between_opens_the_session(here: Scene, plain: Window) -> None:
    plain.page.set_extra_http_headers({"Sec-Purpose": "prefetch"})
    plain.page.goto(here.hosted().url)
    plain.page.set_extra_http_headers({})
    plain.page.get_by_role("button", name="Begin").click()
    assert asked(plain.page) == ["nikIdNumber", "fullName", "dateOfBirth"]
