"""What is looked at on a page: rules of accessibility, and whether everything fits."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"

# Whatever reaches beyond the screen, and whatever is cut off inside its own box; what only screen readers and
# the return key use is one pixel small on purpose.
_DOES_NOT_FIT = """() => [...document.querySelectorAll("#page, #page *")].filter((element) => {
  const box = element.getBoundingClientRect();
  if (box.width <= 1 || box.height <= 1) return false;
  const cut = element.tagName !== "INPUT" && getComputedStyle(element).overflow !== "visible"
    && element.scrollWidth > element.clientWidth + 1;
  return box.left < -1 || box.right > document.documentElement.clientWidth + 1 || cut;
}).map((element) => element.outerHTML.slice(0, 120))"""
_SCROLLS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")


def violations(page: Page) -> list[Any]:
    """What axe-core finds on the page: rule, and where."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate("() => axe.run({reporter: 'v2'})")
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]


def assert_fits(page: Page) -> None:
    """Nothing has to be scrolled sideways, nothing is cut off."""
    assert page.evaluate(_DOES_NOT_FIT) == []
    assert page.evaluate(_SCROLLS) == 0
