"""Every state that a page can be in, and how a person comes to it."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Mapping
from types import MappingProxyType

from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser.hands import agree, expect_state, fill_in, send, verify
from tests.browser.scene import Created, Scene, known
from tests.support.browser import fill_in as give
from tests.support.chromium import Window

WRONG = {"nikIdNumber": "3273 1517 1345 0001", "fullName": "S1TI <3", "dateOfBirth": "1990-02-30"}

_turns = itertools.count(20)
Path = Callable[[Scene, Window], None]


def logo() -> bytes:
    """The logo of a bank that does not exist."""
    picture = Image.new("RGBA", (360, 120), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((6, 14, 98, 106), 26, fill="#0b6b53")
    pen.ellipse((28, 36, 76, 84), outline="#ffffff", width=11)
    for top, width in ((34, 210), (69, 140)):
        pen.rounded_rectangle((126, top, 126 + width, top + 22), 11, "#0b6b53")
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def choose(here: Scene, at: Window) -> None:
    at.page.goto(here.widget().url)


def choose_nothing_found(here: Scene, at: Window) -> None:
    choose(here, at)
    at.page.locator("#search-text").fill("Atlantis")


def choose_with_error(here: Scene, at: Window) -> None:
    choose(here, at)
    at.watch.refusals.add(400)
    choice = at.page.locator("#choices button")
    choice.evaluate("button => button.value = 'of-another-session'")
    choice.click()
    expect(at.page.locator(".errors")).to_be_focused()


def form(here: Scene, at: Window) -> None:
    profile = here.profile(logo(), PrimaryColor="#0B6B53", PrivacyUrl="https://bank.example/privacy")
    at.page.goto(here.hosted(None, profile).url)


def form_filled_in(here: Scene, at: Window) -> None:
    form(here, at)
    fill_in(at.page, here.person("match"))
    expect(at.page.locator("#nikIdNumber-live")).not_to_be_empty()
    agree(at.page)


def form_with_known_data(here: Scene, at: Window) -> None:
    person = here.person("match")
    profile = here.profile(ShowKnownData="true")
    at.page.goto(here.hosted(known(person, "fullName", "dateOfBirth"), profile).url)


def form_to_confirm(here: Scene, at: Window) -> None:
    person = here.person("match")
    profile = here.profile(ShowKnownData="true")
    at.page.goto(here.hosted(known(person, "nikIdNumber", "fullName", "dateOfBirth"), profile).url)


def form_with_errors(here: Scene, at: Window) -> None:
    at.watch.refusals.add(400)
    at.page.goto(here.hosted().url)
    fill_in(at.page, WRONG)
    send(at.page)
    expect(at.page.locator(".errors")).to_be_focused()


def form_tried_too_often(here: Scene, at: Window) -> None:
    at.watch.refusals.add(429)
    # Tries are counted for a NIK and a day, so each time it is somebody else.
    person = here.another("match", 99)[next(_turns)]
    for number in range(5):
        tried = person | {"fullName": "SITI" + " AMINAH" * number}
        give(here.hosted(known(person, "nikIdNumber")).url, tried, already_known=["nikIdNumber"])
    at.page.goto(here.hosted(known(person, "nikIdNumber")).url)
    verify(at.page, person, "fullName", "dateOfBirth")
    expect(at.page.locator(".errors")).to_be_focused()


def waiting(here: Scene, at: Window) -> None:
    here.waiting_since(_sent(here, at, "timeout"), -3600)


def waiting_while_slow(here: Scene, at: Window) -> None:
    here.waiting_since(_sent(here, at, "timeout"), 60)
    expect(at.page.locator("button.quiet")).to_be_visible()


def waiting_while_down(here: Scene, at: Window) -> None:
    _sent(here, at, "server_error")
    expect(at.page.locator("[role=status] p")).to_have_count(2)


def ended(here: Scene, at: Window) -> None:
    _ended(here, at, here.profile(), "match")


def ended_agrees(here: Scene, at: Window) -> None:
    _ended(here, at, here.profile(ResultPage="Verdict"), "match")


def ended_differs(here: Scene, at: Window) -> None:
    _ended(here, at, here.profile(ResultPage="Verdict"), "name_mismatch")


def ended_with_next_steps(here: Scene, at: Window) -> None:
    profile = here.profile(ResultPage="NextSteps")
    at.page.goto(here.hosted(None, profile).url)
    verify(at.page, here.person("name_mismatch"))
    expect_state(at.page, "ended")


def ended_cancelled(here: Scene, at: Window) -> None:
    at.page.goto(here.widget(redirectUrl=None).url)
    at.page.locator("button[value=cancel]").click()
    expect_state(at.page, "ended")


def ended_by_time(here: Scene, at: Window) -> None:
    created = here.widget(redirectUrl=None)
    at.page.goto(created.url)
    here.run_out(created)
    at.page.reload()
    expect_state(at.page, "ended")


def ended_without_answer(here: Scene, at: Window) -> None:
    here.run_out(_sent(here, at, "server_error"))
    expect_state(at.page, "ended")


def ended_by_tries(here: Scene, at: Window) -> None:
    at.watch.refusals.add(400)
    at.page.goto(here.widget(redirectUrl=None).url)
    at.page.locator("#choices button").click()
    expect_state(at.page, "form")
    for _ in range(50):
        at.page.evaluate(
            "() => fetch(location.href, {method: 'POST', headers: {'Padan-Page': 'script'}, body: "
            "new URLSearchParams({csrf: document.getElementById('page').dataset.csrf})})"
        )
    at.page.reload()
    expect_state(at.page, "ended")


def ended_by_defect(here: Scene, at: Window) -> None:
    _ended(here, at, here.profile(), "html")


def gone(here: Scene, at: Window) -> None:
    at.watch.refusals.add(403)
    at.page.goto(f"{here.server.url}/verify/none")


def launch_button(here: Scene, at: Window) -> None:
    at.page.set_extra_http_headers({"Sec-Purpose": "prefetch"})
    at.page.goto(here.hosted().url)
    at.page.set_extra_http_headers({})


def loading(here: Scene, at: Window) -> None:
    at.page.goto(f"{here.server.url}/loading")


STATES: Mapping[str, Path] = MappingProxyType(
    {
        path.__name__.replace("_", "-"): path
        for path in (
            choose,
            choose_nothing_found,
            choose_with_error,
            form,
            form_filled_in,
            form_with_known_data,
            form_to_confirm,
            form_with_errors,
            form_tried_too_often,
            waiting,
            waiting_while_slow,
            waiting_while_down,
            ended,
            ended_agrees,
            ended_differs,
            ended_with_next_steps,
            ended_cancelled,
            ended_by_time,
            ended_without_answer,
            ended_by_tries,
            ended_by_defect,
            gone,
            launch_button,
            loading,
        )
    }
)


def _sent(here: Scene, at: Window, scenario: str, profile: str | None = None) -> Created:
    """A widget without a way back, its form sent for a person of a scenario."""
    created = here.widget(profile, redirectUrl=None)
    at.page.goto(created.url)
    at.page.locator("#choices button").click()
    expect_state(at.page, "form")
    verify(at.page, here.person(scenario))
    expect(at.page.locator("#page:not([data-state=form])")).to_be_visible()
    return created


def _ended(here: Scene, at: Window, profile: str, scenario: str) -> None:
    _sent(here, at, scenario, profile)
    expect_state(at.page, "ended")
