"""While the registry is asked, the page says honestly how it goes."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.hands import expect_state, verify
from tests.browser.scene import Created, Scene


def sent(here: Scene, page: Page, scenario: str) -> Created:
    created = here.widget(redirectUrl=None)
    page.goto(created.url)
    page.locator("#choices button").click()
    verify(page, here.person(scenario))
    expect_state(page, "waiting")
    return created


def test_a_usual_answer_is_said_to_take_seconds_and_then_the_end_takes_the_focus(here: Scene) -> None:
    with here.window() as at:
        sent(here, at.page, "slow")
        expect(at.page.get_by_text("This takes a few seconds.")).to_be_visible()
        expect(at.page.get_by_role("button", name="Cancel")).to_have_count(0)
        expect(at.page.get_by_role("heading", name="Finished")).to_be_focused()


def test_a_slow_register_is_called_slow_and_can_be_left(here: Scene) -> None:
    with here.window() as at:
        created = sent(here, at.page, "timeout")
        here.waiting_since(created, 7)
        expect(at.page.get_by_text("is slow at the moment")).to_be_visible()
        at.page.get_by_role("button", name="Cancel").click()
        expect(at.page.get_by_role("heading", name="Cancelled")).to_be_focused()
    assert here.outcome(created)["session"]["errorCode"] == "Canceled"


def test_a_register_that_does_not_answer_is_not_called_slow(here: Scene) -> None:
    with here.window() as at:
        created = sent(here, at.page, "server_error")
        expect(at.page.get_by_text("does not answer at the moment")).to_be_visible()
        expect(at.page.get_by_text("You may close this page")).to_be_visible()
        here.run_out(created)
        expect(at.page.get_by_role("heading", name="The register did not answer")).to_be_focused()
    assert here.outcome(created)["session"]["errorCode"] == "Expired"


def test_the_page_waits_on_when_the_connection_comes_back(here: Scene) -> None:
    with here.window() as at:
        sent(here, at.page, "slow")
        at.watch.expected.append("net::ERR_INTERNET_DISCONNECTED")
        at.context.set_offline(True)
        at.page.wait_for_event("requestfailed")
        at.context.set_offline(False)
        expect_state(at.page, "ended")
