"""The form under a person's fingers: the NIK field, mistakes, and values that mean harm."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.hands import agree, expect_state, fill_in, send, verify
from tests.browser.scene import Scene
from tests.support.chromium import Window

MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
HOSTILE = {
    "markup": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "right-to-left": "SITI\u202eHAIMANA",
    "nul": "SITI\0AMINAH",
    "four bytes": "SITI \U0001f480",
}


def nik(page: Page) -> Locator:
    return page.locator("#nikIdNumber")


def caret(page: Page) -> int:
    return int(nik(page).evaluate("field => field.selectionStart"))


def opened(here: Scene, at: Window) -> Page:
    at.page.goto(here.hosted().url)
    return at.page


def paste(page: Page, text: str) -> None:
    """As the clipboard does it: all at once, where the caret is."""
    nik(page).focus()
    page.keyboard.insert_text(text)


def test_digits_are_grouped_while_they_are_typed(here: Scene) -> None:
    with here.window() as at:
        page = opened(here, at)
        nik(page).press_sequentially("32730157")
        expect(nik(page)).to_have_value("3273 0157")
        nik(page).press_sequentially("05900001")
        expect(nik(page)).to_have_value("3273 0157 0590 0001")
        assert caret(page) == 19


def test_the_caret_stays_where_the_person_corrects(here: Scene) -> None:
    with here.window() as at:
        page = opened(here, at)
        nik(page).fill("3273 0157 0590 0001")
        nik(page).evaluate("field => field.setSelectionRange(6, 6)")
        page.keyboard.press("Backspace")
        expect(nik(page)).to_have_value("3273 1570 5900 001")
        page.keyboard.type("99")
        expect(nik(page)).to_have_value("3273 9915 7059 0000 1")
        assert caret(page) == 7


@pytest.mark.parametrize(
    ("pasted", "shown"),
    [
        ("3273-0157 0590.0001", "3273 0157 0590 0001"),
        ("  3273015705900001\n", "3273 0157 0590 0001"),
        ("３２７３０１５７０５９００００１", "3273 0157 0590 0001"),
    ],
)
def test_a_pasted_number_is_taken_in_any_writing(here: Scene, pasted: str, shown: str) -> None:
    with here.window() as at:
        page = opened(here, at)
        paste(page, pasted)
        expect(nik(page)).to_have_value(shown)
        expect(page.locator("#nikIdNumber-live")).to_contain_text("Jawa Barat")


def test_a_wrong_month_is_told_in_words_with_its_last_digit(here: Scene) -> None:
    with here.window() as at:
        page = opened(here, at)
        live = page.locator("#nikIdNumber-live")
        nik(page).press_sequentially("32730157")
        expect(live).to_contain_text("Jawa Barat")
        expect(nik(page)).not_to_have_attribute("aria-invalid", "true")
        nik(page).press_sequentially("13")
        expect(live).to_contain_text("13")
        expect(live).to_contain_text("month")
        expect(nik(page)).to_have_attribute("aria-invalid", "true")
        page.keyboard.press("Backspace")
        page.keyboard.press("Backspace")
        expect(live).to_contain_text("Jawa Barat")
        expect(nik(page)).not_to_have_attribute("aria-invalid", "true")


def test_a_mistake_that_was_mended_is_no_longer_complained_about(here: Scene) -> None:
    with here.window() as at:
        at.watch.refusals.add(400)
        page = opened(here, at)
        fill_in(page, here.person("match") | {"nikIdNumber": "3273015713900001"})
        send(page)
        expect(page.locator("#nikIdNumber-fault")).to_be_visible()
        expect(page.locator("#nikIdNumber-live")).to_be_empty()
        nik(page).fill("3273015705900001")
        expect(page.locator("#nikIdNumber-fault")).to_be_hidden()
        expect(nik(page)).not_to_have_attribute("aria-invalid", "true")


def test_an_error_takes_the_focus_and_leads_to_its_field(here: Scene) -> None:
    with here.window() as at:
        at.watch.refusals.add(400)
        page = opened(here, at)
        send(page)
        expect(page.locator(".errors")).to_be_focused()
        assert page.title().startswith("Error:")
        links = page.locator(".errors a")
        assert links.count() == 4
        wanted = ("nikIdNumber", "fullName", "dateOfBirth.day", "consent")
        for link, field in zip(links.all(), wanted, strict=True):
            link.click()
            expect(page.locator(f"[id='{field}']")).to_be_focused()


def test_what_was_typed_is_kept_through_an_error(here: Scene) -> None:
    with here.window() as at:
        at.watch.refusals.add(400)
        page = opened(here, at)
        person = here.person("match")
        verify(page, person | {"dateOfBirth": "1990-02-30"})
        expect(page.locator(".errors")).to_be_focused()
        expect(page.locator("#fullName")).to_have_value(person["fullName"])
        assert nik(page).input_value().replace(" ", "") == person["nikIdNumber"]
        for part, value in (("day", "30"), ("month", "02"), ("year", "1990")):
            expect(page.locator(f"[id='dateOfBirth.{part}']")).to_have_value(value)
        expect(page.locator("#consent")).to_be_checked()
        fill_in(page, person, "dateOfBirth")
        send(page)
        page.wait_for_url(f"{here.shop.callback}?**")


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_value_shows_the_field_and_the_reason_and_does_nothing(here: Scene, kind: str) -> None:
    asked = here.questions()
    with here.window() as at:
        at.watch.refusals.add(400)
        page = opened(here, at)
        verify(page, here.person("match") | {"fullName": HOSTILE[kind], "nikIdNumber": HOSTILE[kind]})
        expect(page.locator(".errors")).to_be_focused()
        for field in ("nikIdNumber", "fullName"):
            expect(page.locator(f"#{field}-fault")).not_to_be_empty()
        # Neither HTML nor a field can hold a NUL.
        expect(page.locator("#fullName")).to_have_value(HOSTILE[kind].replace("\0", ""))
        assert page.locator("main script, main img").count() == 0
    assert here.questions() == asked


def test_a_value_of_100_kilobytes_shows_the_field_and_the_reason(here: Scene) -> None:
    with here.window() as at:
        at.watch.refusals |= {400, 413}
        page = opened(here, at)
        person = here.person("match")
        verify(page, person | {"fullName": "SITI " * 20_480})
        expect(page.locator(".errors")).to_be_focused()
        expect(page.locator("#fullName-fault")).to_contain_text("120")
        fill_in(page, person, "fullName")
        send(page)
        page.wait_for_url(f"{here.shop.callback}?**")


def test_a_month_may_be_written_as_its_name(here: Scene) -> None:
    with here.window(locale="id-ID") as at:
        page = opened(here, at)
        person = here.person("match")
        fill_in(page, person)
        month = MONTHS[int(person["dateOfBirth"][5:7]) - 1]
        page.locator("[id='dateOfBirth.month']").fill(month)
        agree(page)
        send(page)
        page.wait_for_url(f"{here.shop.callback}?**")


def test_without_a_connection_nothing_is_lost_and_the_form_can_be_sent_again(here: Scene) -> None:
    with here.window() as at:
        page = opened(here, at)
        fill_in(page, here.person("match"))
        agree(page)
        expect(page.locator("#nikIdNumber-live")).not_to_be_empty()
        at.watch.expected.append("net::ERR_INTERNET_DISCONNECTED")
        at.context.set_offline(True)
        send(page)
        expect(page.locator("#offline")).to_contain_text("no connection")
        at.context.set_offline(False)
        send(page)
        page.wait_for_url(f"{here.shop.callback}?**")


@pytest.mark.parametrize(
    ("status", "body"), [(502, "<h1>Bad Gateway</h1>"), (500, '{"status": 500}'), (200, "<p>Log in</p>")]
)
def test_an_answer_that_is_no_page_loses_nothing_and_the_form_can_be_sent_again(
    here: Scene, status: int, body: str
) -> None:
    with here.window() as at:
        at.watch.refusals.add(status)
        page, person = opened(here, at), here.person("match")
        fill_in(page, person)
        agree(page)
        expect(page.locator("#nikIdNumber-live")).not_to_be_empty()
        page.route("**/verify/*", lambda route: route.fulfill(status=status, body=body), times=1)
        send(page)
        expect(page.locator("#offline")).to_contain_text("try again in a moment")
        expect(page.locator("#fullName")).to_have_value(person["fullName"])
        expect(page.locator("#consent")).to_be_checked()
        send(page)
        page.wait_for_url(f"{here.shop.callback}?**")


@pytest.mark.parametrize(
    "click", [{"modifiers": ["Control"]}, {"modifiers": ["Shift"]}, {"button": "middle"}]
)
def test_a_link_opened_in_another_tab_leaves_this_page_as_it_was(here: Scene, click: dict[str, Any]) -> None:
    with here.window() as at:
        page = opened(here, at)
        # The form switches by buttons; its links to the same server are as those of the other pages.
        page.evaluate(
            "() => document.querySelector('main').insertAdjacentHTML("
            "'beforeend', '<a id=other href=\"?other\">Other</a>')"
        )
        page.locator("#other").click(**click)
        verify(page, here.person("match"))
        page.wait_for_url(f"{here.shop.callback}?**")


def test_a_widgets_search_that_finds_nothing_says_so(here: Scene) -> None:
    with here.window() as at:
        at.page.goto(here.widget().url)
        at.page.locator("#search-text").fill("Atlantis")
        at.page.keyboard.press("Enter")
        expect_state(at.page, "choose")
        expect(at.page.locator("#nothing")).to_be_visible()
        expect(at.page.locator("#choices li")).to_have_count(0)
