"""The first view is small."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.scene import Scene

LARGEST_FIRST_VIEW = 30 * 1024


def test_the_first_view_is_at_most_30_kilobytes_over_the_wire(here: Scene) -> None:
    created = here.hosted()
    with here.window() as at:
        sizes: dict[str, int] = {}
        at.page.on("requestfinished", lambda r: sizes.update({r.url: sum_of(r.sizes())}))
        at.page.goto(created.url, wait_until="networkidle")
        expect(at.page.locator("#nikIdNumber")).to_be_visible()
    kinds = [url.partition("?")[0].rpartition(".")[2] for url in sizes if "/assets/" in url]
    assert {"css", "js"} <= set(kinds)
    print(sizes)
    assert 3_000 < sum(sizes.values()) <= LARGEST_FIRST_VIEW


def sum_of(sizes: object) -> int:
    """Headers and body of an answer, as they came."""
    assert isinstance(sizes, dict)
    return int(sizes["responseHeadersSize"]) + int(sizes["responseBodySize"])
