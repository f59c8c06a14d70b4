"""What a person does on the pages."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Frame, Page, expect

FIELDS = ("nikIdNumber", "fullName", "dateOfBirth")

Place = Page | Frame


def fill_in(page: Place, person: Mapping[str, str], *names: str) -> None:
    """Write the named fields (all of them, unless told otherwise) as a person does."""
    year, month, day = person.get("dateOfBirth", "--").split("-")
    typed = {
        "nikIdNumber": {"nikIdNumber": person["nikIdNumber"]},
        "fullName": {"fullName": person["fullName"]},
        "dateOfBirth": {"dateOfBirth.day": day, "dateOfBirth.month": month, "dateOfBirth.year": year},
    }
    for name in names or FIELDS:
        for field, value in typed[name].items():
            page.locator(f"[id='{field}']").fill(value)


def agree(page: Place) -> None:
    page.locator("#consent").check()


def send(page: Place) -> None:
    page.locator("button.main").click()


def verify(page: Place, person: Mapping[str, str], *names: str) -> None:
    """Fill in, agree, send."""
    fill_in(page, person, *names)
    agree(page)
    send(page)


def expect_state(page: Place, state: str) -> None:
    """Wait until the page shows this state."""
    expect(page.locator(f"#page[data-state='{state}']")).to_be_visible()


def asked(page: Place) -> list[str]:
    """The fields that the form asks for."""
    return [name for name in FIELDS if page.locator(f"#{name}").count()]
