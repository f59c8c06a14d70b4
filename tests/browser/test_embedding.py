"""Embedded, in a popup, by redirect: Padan's own script and the published web SDK 2.0.1, across sites."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.hands import expect_state, verify
from tests.browser.scene import Created, Scene
from tests.support.browser import until
from tests.support.chromium import Window

# The promise of a launch, kept in the page until the person has finished; what it was settled with.
_LAUNCH = """([library, call, url]) => {
  const launched = window[library][call](call === "launchPopup" ? async () => url : url);
  launched.then((told) => { window.told = ["resolved", told]; },
                (told) => { window.told = ["rejected", told.message || told]; });
}"""
_TOLD = "() => window.told || null"
SDK_STYLE = "content.trinsic.id"


def launch(page: Page, library: str, call: str, url: str) -> None:
    # Popups are opened from a click alone, as a person's is.
    page.evaluate("() => { document.body.insertAdjacentHTML('afterbegin', '<button id=go>Go</button>'); }")
    page.evaluate(
        "([launch, given]) => { document.getElementById('go').onclick = () => eval(launch)(given); }",
        [_LAUNCH, [library, call, url]],
    )
    page.locator("#go").click()


def told(page: Page) -> Any:
    """How the promise was settled, and with what."""
    answer = until(lambda: page.evaluate(_TOLD), bool)
    assert answer, "the promise was not settled"
    return answer


def embedded(page: Page) -> Frame:
    """The frame with Padan's page in it."""
    frame = page.locator("iframe").element_handle().content_frame()
    assert frame is not None
    return frame


def shop(here: Scene, at: Window, path: str) -> Page:
    if path == "/sdk":
        # The published SDK loads a stylesheet from its maker's host; there is no way to it here.
        at.watch.aborted.add(SDK_STYLE)
        at.watch.expected.append("net::ERR_FAILED")
        at.context.route(f"**://{SDK_STYLE}/**", lambda route: route.abort())
    at.page.goto(here.shop.url + path)
    return at.page


def message(created: Created, msg: str, *, success: bool) -> dict[str, Any]:
    return {"success": success, "msg": msg, "sessionId": created.id}


@pytest.mark.parametrize(
    ("path", "library"), [("/sdk", "TrinsicUI"), ("/padan", "PadanUI"), ("/as-sdk", "TrinsicUI")]
)
def test_iframe_the_page_hears_of_the_end(here: Scene, path: str, library: str) -> None:
    created = here.hosted()
    with here.window() as at:
        page = shop(here, at, path)
        launch(page, library, "launchIframe", created.url)
        frame = embedded(page)
        expect_state(frame, "form")
        verify(frame, here.person("match"))
        assert told(page) == ["resolved", message(created, "complete", success=True)]
        assert page.url == here.shop.url + path


@pytest.mark.parametrize(("path", "library"), [("/sdk", "TrinsicUI"), ("/padan", "PadanUI")])
def test_iframe_the_page_hears_of_a_cancel(here: Scene, path: str, library: str) -> None:
    created = here.hosted()
    with here.window() as at:
        page = shop(here, at, path)
        launch(page, library, "launchIframe", created.url)
        frame = embedded(page)
        expect_state(frame, "form")
        frame.get_by_role("button", name="Cancel").click()
        assert told(page) == ["rejected", message(created, "user-closed", success=False)]
    assert here.outcome(created)["session"]["errorCode"] == "Canceled"


def test_iframe_a_widget_is_chosen_from_and_finished_inside(here: Scene) -> None:
    created = here.widget()
    with here.window() as at:
        page = shop(here, at, "/padan")
        launch(page, "PadanUI", "launchIframe", created.url)
        frame = embedded(page)
        frame.locator("#search-text").fill("Indonesia")
        frame.get_by_role("button", name="Search").click()
        frame.locator("#choices button").click()
        expect_state(frame, "form")
        verify(frame, here.person("match"))
        assert told(page) == ["resolved", message(created, "complete", success=True)]


def test_iframe_a_reload_inside_and_another_language_keep_the_session(here: Scene) -> None:
    created = here.hosted()
    with here.window() as at:
        page = shop(here, at, "/padan")
        launch(page, "PadanUI", "launchIframe", created.url)
        frame = embedded(page)
        frame.get_by_role("button", name="Bahasa Indonesia").click()
        expect(frame.get_by_role("heading", level=1)).to_have_text("Pastikan identitas Anda")
        frame.evaluate("() => location.reload()")
        expect(frame.get_by_role("heading", level=1)).to_have_text("Pastikan identitas Anda")
        verify(frame, here.person("match"))
        assert told(page)[0] == "resolved"


def test_iframe_the_cookies_are_partitioned_and_no_script_can_read_them(here: Scene) -> None:
    with here.window() as at:
        page = shop(here, at, "/padan")
        launch(page, "PadanUI", "launchIframe", here.hosted().url)
        expect_state(embedded(page), "form")
        (cookie,) = at.context.cookies()
        assert (cookie["name"], cookie["httpOnly"], cookie["secure"]) == ("padan_page", True, True)
        assert cookie["sameSite"] == "None"
        assert cookie.get("partitionKey")
        assert embedded(page).evaluate("() => document.cookie") == ""


def test_iframe_without_the_script_the_whole_way_leads_to_the_callback_inside(here: Scene) -> None:
    created = here.hosted()
    with here.window(java_script_enabled=False) as at:
        at.page.goto(here.shop.embed(created.url + "&embed=iframe"))
        frame = embedded(at.page)
        expect_state(frame, "form")
        verify(frame, here.person("match"))
        expect(frame.get_by_text("Welcome back.")).to_be_visible()


def test_closing_the_dialog_is_told_as_closed_by_the_person(here: Scene) -> None:
    created = here.hosted()
    with here.window() as at:
        page = shop(here, at, "/padan")
        launch(page, "PadanUI", "launchIframe", created.url)
        expect_state(embedded(page), "form")
        page.get_by_role("button", name="Close").click()
        assert told(page) == ["rejected", message(created, "user-closed", success=False)]
        expect(page.locator("iframe")).to_have_count(0)


# Contrast as WCAG 2.2 counts it, between the colours that the button has when it is shown.
_CONTRAST = """(button) => {
  const style = getComputedStyle(button);
  const light = (colour) => colour.match(/\\d+/g).slice(0, 3).map(Number)
    .map((c) => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const [dark, bright] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
  return (bright + .05) / (dark + .05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialogs_button_lies_over_nothing_and_can_be_seen_and_hit(here: Scene, scheme: str) -> None:
    with here.window(color_scheme=scheme) as at:
        page = shop(here, at, "/padan")
        launch(page, "PadanUI", "launchIframe", here.hosted().url)
        inside = embedded(page)
        expect_state(inside, "form")
        inside.evaluate("() => document.querySelector('.sandbox').remove()")
        button = page.get_by_role("button", name="Close")
        place, below = button.bounding_box(), page.locator("iframe").bounding_box()
        assert place is not None
        assert below is not None
        assert min(place["width"], place["height"]) >= 44
        assert place["y"] + place["height"] <= below["y"]
        assert below["y"] + below["height"] <= page.evaluate("innerHeight")
        assert button.evaluate(_CONTRAST) >= 4.5
        inside.get_by_role("button", name="Bahasa Indonesia").click()
        expect(inside.get_by_role("heading", level=1)).to_have_text("Pastikan identitas Anda")


@pytest.mark.parametrize("finish", ["complete", "user-closed"])
def test_popup_opens_at_once_and_the_page_hears_of_the_end(here: Scene, finish: str) -> None:
    created = here.hosted()
    with here.window() as at:
        page = shop(here, at, "/padan")
        with at.context.expect_page() as opened:
            launch(page, "PadanUI", "launchPopup", created.url)
        popup = opened.value
        expect_state(popup, "form")
        assert f"{here.server.url}/loading" in at.watch.requests
        if finish == "complete":
            verify(popup, here.person("match"))
            assert told(page) == ["resolved", message(created, finish, success=True)]
        else:
            popup.get_by_role("button", name="Cancel").click()
            assert told(page) == ["rejected", message(created, finish, success=False)]
        assert until(popup.is_closed, bool)


def test_popup_that_the_person_closes_is_told(here: Scene) -> None:
    created = here.hosted()
    with here.window() as at:
        page = shop(here, at, "/padan")
        with at.context.expect_page() as opened:
            launch(page, "PadanUI", "launchPopup", created.url)
        expect_state(opened.value, "form")
        opened.value.close()
        assert told(page) == ["rejected", message(created, "user-closed", success=False)]


def test_redirect_leaves_the_page_and_comes_back(here: Scene) -> None:
    created = here.widget(redirectUrl=None)
    with here.window() as at:
        page = shop(here, at, "/padan")
        page.evaluate(
            "([url, back]) => { PadanUI.launchRedirect(url, back); }", [created.url, here.shop.callback]
        )
        page.locator("#choices button").click()
        verify(page, here.person("match"))
        page.wait_for_url(f"{here.shop.callback}?success=true&sessionId={created.id}")


def test_redirect_of_the_published_sdk_too(here: Scene) -> None:
    created = here.widget(redirectUrl=None)
    with here.window() as at:
        page = shop(here, at, "/sdk")
        page.evaluate(
            "([url, back]) => { TrinsicUI.launchRedirect(url, back); }", [created.url, here.shop.callback]
        )
        page.locator("#choices button").click()
        verify(page, here.person("match"))
        page.wait_for_url(f"{here.shop.callback}?success=true&sessionId={created.id}")


def test_a_message_of_another_origin_or_window_is_not_believed(here: Scene) -> None:
    created = here.hosted()
    lie = message(created, "complete", success=True)
    with here.window() as at:
        page = shop(here, at, "/padan")
        page.evaluate("() => { window.heard = []; addEventListener('message', (e) => heard.push(e.data)); }")
        launch(page, "PadanUI", "launchIframe", created.url)
        expect_state(embedded(page), "form")
        page.evaluate("(lie) => postMessage(lie, '*')", lie)
        frame(page, f"{here.server.url}/padan.js")
        session, other = page.frames[1:]
        page.wait_for_load_state("networkidle")
        assert other.evaluate("() => origin") == here.server.url
        other.evaluate("(lie) => parent.postMessage(lie, '*')", lie)
        session.evaluate("(lie) => parent.postMessage(lie, '*')", lie | {"sessionId": "another"})
        session.evaluate("() => parent.postMessage('complete', '*')")
        assert until(lambda: page.evaluate("() => heard.length"), lambda number: number == 4) == 4
        assert page.evaluate(_TOLD) is None


def test_a_launch_url_of_another_server_is_refused_by_the_script(here: Scene) -> None:
    with here.window() as at:
        page = shop(here, at, "/padan")
        launch(page, "PadanUI", "launchIframe", f"{here.shop.url}/plain?sessionId=1")
        outcome, reason = told(page)
        assert outcome == "rejected"
        assert "the launch URL is of" in reason
        assert page.locator("iframe").count() == 0


def test_a_page_of_an_origin_that_is_not_allowed_cannot_frame_the_pages(here: Scene) -> None:
    with here.window() as at:
        at.page.goto(f"{here.shop.elsewhere}/plain")
        assert_not_framed(at, here.hosted().url + "&embed=iframe")


def test_a_page_that_was_not_launched_to_be_embedded_is_not_shown_in_a_frame_even_of_an_allowed_origin(
    here: Scene,
) -> None:
    with here.window() as at:
        at.page.goto(here.hosted().url)
        expect_state(at.page, "form")
        address = at.page.url
        at.page.goto(f"{here.shop.url}/plain")
        at.watch.refusals.add(403)
        frame(at.page, address)
        expect_state(embedded(at.page), "gone")


LIBRARIES = pytest.mark.parametrize(("path", "library"), [("/sdk", "TrinsicUI"), ("/padan", "PadanUI")])


@pytest.mark.parametrize(
    ("path", "library", "call"),
    [
        ("/sdk", "TrinsicUI", "launchIframe"),
        ("/padan", "PadanUI", "launchIframe"),
        ("/padan", "PadanUI", "launchPopup"),
    ],
)
@pytest.mark.parametrize("how", ["used", "expired"])
def test_the_page_hears_of_a_launch_url_that_opens_nothing(
    here: Scene, path: str, library: str, call: str, how: str
) -> None:
    created = here.hosted()
    with here.window() as first:
        first.page.goto(created.url) if how == "used" else here.run_out(created)
    with here.window() as at:
        at.watch.refusals.add(403)
        page = shop(here, at, path)
        launch(page, library, call, created.url)
        assert told(page) == ["rejected", message(created, "unrecoverable-error", success=False)]


@LIBRARIES
def test_the_page_hears_that_the_cookie_vanished(here: Scene, path: str, library: str) -> None:
    created = here.hosted()
    with here.window() as at:
        at.watch.refusals.add(403)
        page = shop(here, at, path)
        launch(page, library, "launchIframe", created.url)
        frame = embedded(page)
        expect_state(frame, "form")
        at.context.clear_cookies()
        frame.get_by_role("button", name="Cancel").click()
        assert told(page) == ["rejected", message(created, "unrecoverable-error", success=False)]


def test_an_embedded_launch_url_that_was_used_goes_on_where_its_cookie_is(here: Scene) -> None:
    created = here.hosted()
    with here.window() as at:
        page = shop(here, at, "/padan")
        for _ in range(2):
            launch(page, "PadanUI", "launchIframe", created.url)
            expect_state(embedded(page), "form")
            page.reload()


def test_a_used_launch_url_is_shown_in_no_frame_of_an_origin_that_is_not_allowed(here: Scene) -> None:
    created = here.hosted()
    with here.window() as first:
        first.page.goto(created.url)
    with here.window() as at:
        at.watch.refusals.add(403)
        at.page.goto(f"{here.shop.elsewhere}/plain")
        assert_not_framed(at, f"{created.url}&embed=iframe&origin={here.shop.elsewhere}")


def assert_not_framed(at: Window, url: str) -> None:
    at.watch.expected.append("frame-ancestors")
    with at.page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        frame(at.page, url)
    embedded(at.page).wait_for_url(lambda shown: shown.startswith("chrome-error:"))


def frame(page: Page, url: str) -> None:
    page.evaluate(
        "(url) => { document.body.append(Object.assign(document.createElement('iframe'), {src: url})); }", url
    )
