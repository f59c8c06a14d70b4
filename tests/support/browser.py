"""A person with the plainest of browsers: cookies, forms, redirects, no scripts."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Collection
from http.cookiejar import CookieJar
from typing import Any


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow redirects on this server; stop where the relying party's address begins."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urllib.parse.urlsplit(newurl).netloc != urllib.parse.urlsplit(req.full_url).netloc:
            raise Left(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Left(Exception):
    """The person was sent back to the relying party."""


def fill_in(launch_url: str, person: dict[str, str], *, already_known: Collection[str] = ()) -> str:
    """Open the launch URL, fill in what the form asks, submit, wait. Returns where the person ends up."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _Stay())
    with browser.open(launch_url, timeout=10) as page:
        here, html = page.url, page.read().decode()
    assert "sessionId" not in here, "the launch URL is left behind"
    asked = re.findall(r'<input id="([\w.]+)"', html)
    written = _as_typed(person)
    wanted = {name for name in _AS_TYPED if name.partition(".")[0] not in already_known}
    assert set(asked) == wanted
    fields = dict(re.findall(r'name="(csrf|consent)" value="([^"]+)"', html))
    assert set(fields) == {"csrf", "consent"}
    fields |= {"action": "submit", **{name: written[name] for name in asked}}
    deadline = time.monotonic() + 20
    data: bytes | None = urllib.parse.urlencode(fields).encode()
    try:
        while time.monotonic() < deadline:
            with browser.open(urllib.request.Request(here, data), timeout=10) as page:
                html, data = page.read().decode(), None
            time.sleep(0.1)
    except Left as left:
        return str(left)
    raise AssertionError("the person waited in vain")


_AS_TYPED = ("nikIdNumber", "fullName", "dateOfBirth.day", "dateOfBirth.month", "dateOfBirth.year")


def _as_typed(person: dict[str, str]) -> dict[str, str]:
    """The fields of the form as a person fills them in."""
    year, month, day = person.get("dateOfBirth", "--").split("-")
    return {
        **{name: person.get(name, "") for name in _AS_TYPED[:2]},
        **dict(zip(_AS_TYPED[2:], (day, month, year), strict=True)),
    }


def status(url: str) -> int:
    """The status of a page."""
    try:
        with urllib.request.urlopen(url, timeout=10) as page:
            return int(page.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def post(url: str, body: Any, token: str) -> Any:
    """Send JSON as a relying party without an SDK does."""
    request = urllib.request.Request(
        url,
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def refused(url: str, body: Any, token: str) -> str:
    """The text of the error that a request gets."""
    try:
        post(url, body, token)
    except urllib.error.HTTPError as error:
        with error:
            return error.read().decode()
    raise AssertionError("the request was not refused")


def until(ask: Callable[[], Any], good: Callable[[Any], bool], *, seconds: float = 20.0) -> Any:
    """Ask again and again until the answer is good, or time is over; the last answer."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if good(answer) or time.monotonic() > deadline:
            return answer
        time.sleep(0.05)
