"""A launch URL works once, for one browser; everything else gets a page that says what to do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import expect_state
from tests.browser.scene import Scene


def assert_says_what_to_do(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("This link cannot be used")
    expect(page.get_by_role("heading", name="What you can do")).to_be_visible()
    assert page.locator("main li").count() == 3
    assert page.locator("input").count() == 0


def test_a_used_one_in_another_browser(here: Scene) -> None:
    created = here.hosted()
    with here.window() as first, here.window() as second:
        first.page.goto(created.url)
        expect_state(first.page, "form")
        second.watch.refusals.add(403)
        second.page.goto(created.url)
        assert_says_what_to_do(second.page)
        first.page.reload()
        expect_state(first.page, "form")


def test_an_expired_one(here: Scene) -> None:
    created = here.hosted()
    here.run_out(created)
    with here.window() as at:
        at.watch.refusals.add(403)
        at.page.goto(created.url)
        assert_says_what_to_do(at.page)
    assert here.outcome(created)["session"]["errorCode"] == "Expired"


def test_a_foreign_ones_token(here: Scene) -> None:
    mine, foreign = here.hosted(), here.hosted()
    url = re.sub("token=[^&]+", "token=" + foreign.url.partition("token=")[2], mine.url)
    with here.window() as at:
        at.watch.refusals.add(403)
        at.page.goto(url)
        assert_says_what_to_do(at.page)


@pytest.mark.parametrize(
    "made_up",
    [
        "/launch",
        "/launch?sessionId=00000000-0000-0000-0000-000000000001&token=x",
        "/launch?sessionId=%00&token=%ff",
        "/verify/00000000-0000-0000-0000-000000000001",
    ],
)
def test_a_made_up_one(here: Scene, made_up: str) -> None:
    with here.window() as at:
        at.watch.refusals.add(403)
        at.page.goto(here.server.url + made_up)
        assert_says_what_to_do(at.page)


def test_one_of_a_session_that_the_relying_party_cancelled(here: Scene) -> None:
    created = here.hosted()
    here.cancel(created)
    with here.window() as at:
        at.watch.refusals.add(403)
        at.page.goto(created.url)
        assert_says_what_to_do(at.page)


def test_one_that_was_prefetched_is_still_good(here: Scene) -> None:
    created = here.hosted()
    with here.window() as at:
        at.page.set_extra_http_headers({"Sec-Purpose": "prefetch"})
        at.page.goto(created.url)
        at.page.set_extra_http_headers({})
        at.page.get_by_role("button", name="Begin").click()
        expect_state(at.page, "form")
        assert "token" not in at.page.url


def test_nothing_personal_and_no_secret_stands_in_any_address_after_the_launch(here: Scene) -> None:
    with here.window() as at:
        created = here.hosted()
        at.page.goto(created.url)
        expect_state(at.page, "form")
        assert at.page.evaluate("() => document.referrer") == ""
        assert [url for url in at.watch.requests if "token=" in url] == [created.url]
