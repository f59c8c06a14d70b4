"""A session asks the registry once, whatever the person does with its page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.hands import agree, expect_state, fill_in, send, verify
from tests.browser.scene import Created, Scene

SEND = "() => document.querySelector('button.main').click()"


def begin(page: Page, created: Created) -> None:
    page.goto(created.url)
    page.locator("#choices button").click()
    expect_state(page, "form")


def test_a_reload_after_the_end_asks_nothing(here: Scene) -> None:
    asked = here.questions()
    created = here.widget(redirectUrl=None)
    with here.window() as at:
        begin(at.page, created)
        verify(at.page, here.person("match"))
        expect_state(at.page, "ended")
        for _ in range(3):
            at.page.reload()
            expect_state(at.page, "ended")
    assert here.questions() == asked + 1


def test_a_reload_while_waiting_asks_nothing(here: Scene) -> None:
    asked = here.questions()
    created = here.widget(redirectUrl=None)
    with here.window() as at:
        begin(at.page, created)
        verify(at.page, here.person("slow"))
        expect_state(at.page, "waiting")
        at.page.reload()
        expect_state(at.page, "waiting")
        expect_state(at.page, "ended")
    assert here.questions() == asked + 1


def test_the_back_button_leads_to_no_second_question(here: Scene) -> None:
    asked, created = here.questions(), here.hosted()
    with here.window() as at:
        at.page.goto(f"{here.shop.url}/plain")
        at.page.goto(created.url)
        verify(at.page, here.person("match"))
        at.page.wait_for_url(f"{here.shop.callback}?**")
        at.page.go_back()
        # Back on Padan's page there is only the end, which leads on again; or the shop's own page before it.
        at.page.wait_for_url(f"{here.shop.url}/**")
    assert here.questions() == asked + 1


def test_two_tabs_ask_once_and_show_the_same_end(here: Scene) -> None:
    asked = here.questions()
    created = here.widget(redirectUrl=None)
    with here.window() as at:
        begin(at.page, created)
        other = at.context.new_page()
        other.goto(at.page.url)
        for page in (at.page, other):
            fill_in(page, here.person("match"))
            agree(page)
        for page in (at.page, other):
            page.evaluate(SEND)
        for page in (at.page, other):
            expect_state(page, "ended")
            expect(page.get_by_role("heading", name="Finished")).to_be_visible()
    assert here.questions() == asked + 1


def test_a_double_click_asks_once(here: Scene) -> None:
    asked = here.questions()
    created = here.widget(redirectUrl=None)
    with here.window() as at:
        begin(at.page, created)
        fill_in(at.page, here.person("match"))
        agree(at.page)
        at.page.locator("button.main").dblclick()
        expect_state(at.page, "ended")
    assert here.questions() == asked + 1


def test_a_second_submit_without_the_script_asks_nothing_and_shows_the_end(here: Scene) -> None:
    asked = here.questions()
    created = here.widget(redirectUrl=None)
    with here.window(java_script_enabled=False) as at:
        begin(at.page, created)
        other = at.context.new_page()
        other.goto(at.page.url)
        verify(at.page, here.person("match"))
        expect_state(at.page, "ended")
        verify(other, here.person("not_found"))
        expect_state(other, "ended")
    assert here.questions() == asked + 1


def test_a_launch_url_opened_twice_in_one_browser_goes_on_where_the_person_was(here: Scene) -> None:
    created = here.hosted()
    with here.window() as at:
        at.page.goto(created.url)
        other = at.context.new_page()
        other.goto(created.url)
        expect_state(other, "form")
        verify(other, here.person("match"))
        other.wait_for_url(f"{here.shop.callback}?**")
        send(at.page)
        at.page.wait_for_url(f"{here.shop.callback}?**")
