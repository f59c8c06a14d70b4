"""Both languages: by the relying party's wish, by the browser's, and switched by the person."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.hands import agree, expect_state, fill_in, send
from tests.browser.scene import Scene

CONFIRM = {"en": "Confirm who you are", "id": "Pastikan identitas Anda"}


def assert_speaks(page: Page, language: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(CONFIRM[language])
    assert page.locator("html").get_attribute("lang") == language
    assert page.title().startswith(CONFIRM[language])


def test_the_languages_of_the_relying_party_come_first(here: Scene) -> None:
    with here.window(locale="en-GB") as at:
        at.page.goto(here.hosted(browserLanguages=["fr", "id-ID"]).url)
        assert_speaks(at.page, "id")


def test_then_the_languages_of_the_browser(here: Scene) -> None:
    with here.window(locale="id-ID") as at:
        at.page.goto(here.hosted().url)
        assert_speaks(at.page, "id")


def test_then_english(here: Scene) -> None:
    with here.window(locale="fr-FR") as at:
        at.page.goto(here.hosted().url)
        assert_speaks(at.page, "en")


def test_what_was_typed_is_kept_when_the_person_switches_and_so_is_the_language(here: Scene) -> None:
    created, person = here.hosted(), here.person("match")
    with here.window() as at:
        at.page.goto(created.url)
        fill_in(at.page, person)
        at.page.get_by_role("button", name="Bahasa Indonesia").click()
        assert_speaks(at.page, "id")
        expect(at.page.locator("#fullName")).to_have_value(person["fullName"])
        expect(at.page.locator("[id='dateOfBirth.year']")).to_have_value(person["dateOfBirth"][:4])
        at.page.reload()
        assert_speaks(at.page, "id")
        fill_in(at.page, person)
        agree(at.page)
        send(at.page)
        at.page.wait_for_url(f"{here.shop.callback}?**")
    assert here.outcome(created)["session"]["consent"]["language"] == "id"


def test_consent_given_to_the_words_of_one_language_does_not_count_for_those_of_another(here: Scene) -> None:
    with here.window() as at:
        at.watch.refusals.add(400)
        at.page.goto(here.hosted().url)
        fill_in(at.page, here.person("match"))
        agree(at.page)
        at.page.get_by_role("button", name="Bahasa Indonesia").click()
        expect(at.page.locator("#consent")).not_to_be_checked()
        send(at.page)
        expect(at.page.locator("#consent-fault")).to_be_visible()


def test_a_tab_keeps_its_language_and_its_consent_though_another_was_switched(here: Scene) -> None:
    created = here.hosted()
    with here.window() as at:
        at.page.goto(created.url)
        fill_in(at.page, here.person("match"))
        agree(at.page)
        other = at.context.new_page()
        other.goto(at.page.url)
        other.get_by_role("button", name="Bahasa Indonesia").click()
        assert_speaks(other, "id")
        send(at.page)
        at.page.wait_for_url(f"{here.shop.callback}?**")
    assert here.outcome(created)["session"]["consent"]["language"] == "en"


def test_the_choice_and_the_end_can_be_switched_too(here: Scene) -> None:
    with here.window() as at:
        at.page.goto(here.widget(redirectUrl=None).url)
        at.page.get_by_role("button", name="Bahasa Indonesia").click()
        expect(at.page.get_by_role("heading", level=1)).to_have_text("Pilih cara memastikan identitas Anda")
        at.page.get_by_role("button", name="Batal").click()
        expect_state(at.page, "ended")
        at.page.get_by_role("link", name="English").click()
        expect(at.page.get_by_role("heading", level=1)).to_have_text("Cancelled")
