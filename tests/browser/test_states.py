"""Every state of the pages: rules of accessibility, small screens, large text, and their pictures."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looks import assert_fits, violations
from tests.browser.scene import Scene, scene
from tests.browser.states import STATES
from tests.support.chromium import PHONE

LANGUAGES = ("id", "en")
PICTURES = Path(__file__).parents[2] / "docs/images/pages"
SIZE_LIMIT = 120_000
# Questions without an answer tell a server that its registry is away: each of these has its own.
UNANSWERED = ("waiting", "waiting-while-slow", "waiting-while-down")
# Pictures beyond the one of each state: in the dark, in English, on the smallest screen.
MORE = ("choose", "form-filled-in", "form-with-errors", "waiting", "ended-agrees", "gone")


@pytest.fixture(scope="module")
def patient(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A server that waits for a registry's answer longer than any test takes."""
    with scene(browser, tmp_path_factory.mktemp("padan"), PADAN_DUKCAPIL_DEADLINE="300") as playing:
        yield playing


@pytest.fixture(scope="module", params=list(itertools.product(STATES, LANGUAGES)), ids="-".join)
def shown(
    request: pytest.FixtureRequest,
    patient: Scene,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, str, Page]]:
    state, language = request.param
    with contextlib.ExitStack() as stack:
        here = patient
        if state in UNANSWERED:
            folder = tmp_path_factory.mktemp("padan")
            here = stack.enter_context(scene(browser, folder, PADAN_DUKCAPIL_DEADLINE="300"))
        at = stack.enter_context(here.window(locale={"id": "id-ID", "en": "en-GB"}[language]))
        STATES[state](here, at)
        assert at.page.locator("html").get_attribute("lang") == language
        yield state, language, at.page


@pytest.fixture
def page(shown: tuple[str, str, Page]) -> Iterator[Page]:
    page = shown[2]
    yield page
    page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    assert violations(page) == []


def test_nothing_scrolls_sideways_on_a_screen_of_320_pixels(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 568})
    assert_fits(page)


def test_nothing_is_lost_at_200_percent(page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 400})
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    assert_fits(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert_fits(page)


def test_the_picture_of_the_state_stands_in_the_documentation(
    shown: tuple[str, str, Page], page: Page, tmp_path: Path
) -> None:
    state, language, _ = shown
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    gallery = (Path(PICTURES.parents[1]) / "reference/hosted-pages-gallery.md").read_text("utf-8")
    names = pictures(state, language)
    for name in names:
        take(page, folder / name)
    for name in names:
        assert (folder / name).stat().st_size < SIZE_LIMIT
        assert (PICTURES / name).is_file()
        assert re.search(rf"!\[[^\]]{{20,}}\]\(\.\./images/pages/{re.escape(name)}\)", gallery)


def test_no_picture_is_left_over_from_a_state_that_is_gone() -> None:
    known = {name for state in STATES for language in LANGUAGES for name in pictures(state, language)}
    assert {path.name for path in PICTURES.iterdir()} == known


def pictures(state: str, language: str) -> list[str]:
    """The names of the pictures that are taken of a state in one language."""
    if language == "id":
        return [f"{state}.png", *([f"{state}-dark.png", f"{state}-320.png"] if state in MORE else [])]
    return [f"{state}-english.png"] if state in MORE else []


def take(page: Page, path: Path) -> None:
    """A picture as small as it can be: the whole page, standing still, in few colours."""
    from PIL import Image

    if path.stem.endswith("-dark"):
        page.emulate_media(color_scheme="dark")
    if path.stem.endswith("-320"):
        page.set_viewport_size({"width": 320, "height": 568})
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True, animations="disabled", caret="hide")
    page.emulate_media(color_scheme="light")
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(64)
    few.save(path, optimize=True)
