"""Whatever colour a brand has, its pages can be read and its button can be seen."""

from __future__ import annotations

import pytest

from tests.browser.hands import expect_state, verify
from tests.browser.looks import violations
from tests.browser.scene import Scene

AWKWARD = ("#FFFF00", "#000000", "#FFFFFF", "#12181F", "#FF0000", "#808080")

# The contrast (WCAG) of an element's border, or else its ground, with what lies around it.
_BORDER_CONTRAST = """(element) => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [getComputedStyle(element).borderTopColor, getComputedStyle(document.body).backgroundColor]
    .map(luminance).sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""


@pytest.mark.parametrize("colour", AWKWARD)
def test_an_awkward_colour_is_made_readable(here: Scene, colour: str) -> None:
    profile = here.profile(
        PrimaryColor=colour, ShowKnownData="true", ResultPage="NextSteps", PrivacyUrl="https://bank.example/p"
    )
    person = here.person("name_mismatch")
    created = here.hosted({"fullName": person["fullName"]}, profile)
    with here.window() as at:
        at.page.goto(created.url)
        for state in ("form", "ended"):
            expect_state(at.page, state)
            for scheme in ("dark", "light"):
                at.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                assert violations(at.page) == []
                assert at.page.locator(".main").evaluate(_BORDER_CONTRAST) >= 3
            if state == "form":
                verify(at.page, person, "nikIdNumber", "dateOfBirth")


def test_a_long_name_without_a_space_breaks_instead_of_scrolling(here: Scene) -> None:
    with here.window(viewport={"width": 320, "height": 568}) as at:
        at.page.goto(here.hosted(None, here.profile(BrandName="Bank" + "rakyat" * 40)).url)
        assert at.page.evaluate("() => document.documentElement.scrollWidth") == 320
