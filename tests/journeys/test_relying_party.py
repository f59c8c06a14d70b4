"""The demo relying party: what it hands to a browser, and that it believes nobody but Padan."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from padan.cli.dev import REDIRECT_URI
from tests.support import browser
from tests.support.server import Server, running

FOLDER = Path(__file__).parents[2] / "examples" / "relying_party"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


class Visitor:
    """A browser on the relying party's site."""

    def __init__(self, home: str) -> None:
        self.home = home
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, url: str) -> tuple[int, str]:
        return self._answer(urllib.request.Request(url))

    def launch_url(self, kind: str) -> str:
        status, text = self._answer(urllib.request.Request(f"{self.home}/sessions/{kind}", method="POST"))
        assert status == 200, text
        told: dict[str, str] = json.loads(text)
        assert set(told) == {"launchUrl"}
        return told["launchUrl"]

    def begin(self) -> Visitor:
        assert self.get(self.home)[0] == 200
        return self

    def _answer(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as ready:
        yield ready


@pytest.fixture(scope="module")
def home(server: Server) -> Iterator[str]:
    """Where the relying party is, on a free port that the environment knows."""
    port = free_port()
    uri = {"uri": f"http://localhost:{port}/callback"}
    browser.post(f"{server.url}/api/valpha/redirect-uris", uri, server.ready["accessToken"])
    known = [server.ready[name] for name in ("baseUrl", "accessToken", "verificationProfileId")]
    command = [sys.executable, str(FOLDER / "server.py"), *known, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"Open http://localhost:{port}\n"
            _wait_for(port)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection(("localhost", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def results(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page))


@pytest.mark.parametrize("kind", ["hosted", "direct"])
def test_a_person_is_led_to_the_page_and_back_to_their_results(server: Server, home: str, kind: str) -> None:
    visitor = Visitor(home).begin()
    back = browser.fill_in(visitor.launch_url(kind), server.person("match"))
    assert back.startswith(f"{home}/callback?success=true&sessionId=")
    status, page = visitor.get(back)
    assert (status, results(page)) == (200, dict.fromkeys(("NIK", "Full name", "Born"), "matches"))


def test_what_does_not_match_is_shown_though_the_session_succeeded(server: Server, home: str) -> None:
    visitor = Visitor(home).begin()
    back = browser.fill_in(visitor.launch_url("hosted"), server.person("name_mismatch"))
    assert "success=true" in back
    assert results(visitor.get(back)[1])["Full name"] == "does not match"


def test_somebody_elses_session_shows_nothing(server: Server, home: str) -> None:
    visitor, stranger = Visitor(home).begin(), Visitor(home).begin()
    back = browser.fill_in(visitor.launch_url("hosted"), server.person("match"))
    for other in (stranger, Visitor(home)):
        status, page = other.get(back)
        assert (status, results(page)) == (404, {})
    assert results(visitor.get(back)[1])


def test_an_address_that_says_success_is_not_believed(server: Server, home: str) -> None:
    visitor = Visitor(home).begin()
    (session_id,) = parse_qs(urlsplit(visitor.launch_url("hosted")).query)["sessionId"]
    token = server.ready["accessToken"]
    browser.post(f"{server.url}/api/v1/sessions/{session_id}/cancel", {}, token)
    status, page = visitor.get(f"{home}/callback?success=true&sessionId={session_id}")
    assert (status, results(page)) == (200, {})
    assert "The check failed: Canceled." in page


@pytest.mark.parametrize("query", ["", "?sessionId=", "?sessionId=<script>&success=true"])
def test_an_address_without_a_session_of_the_visitor_is_a_404(home: str, query: str) -> None:
    status, page = Visitor(home).begin().get(f"{home}/callback{query}")
    assert status == 404
    assert "<script>&" not in page


def test_whoever_never_saw_the_page_gets_no_session(home: str) -> None:
    with pytest.raises(AssertionError):
        Visitor(home).launch_url("hosted")
    with pytest.raises(AssertionError):
        Visitor(home).begin().launch_url("other")


def test_its_page_uses_each_call_of_the_script_that_padan_serves(server: Server, home: str) -> None:
    page = Visitor(home).get(home)[1]
    assert f'<script src="{server.url}/padan.js"' in page
    script = Visitor(home).get(f"{server.url}/padan.js")[1]
    demo = Visitor(home).get(f"{home}/demo.js")[1]
    for call in ("launchIframe", "launchPopup", "launchRedirect"):
        assert f"function {call}(" in script
        assert f"PadanUI.{call}(" in demo
    for button in re.findall(r"^  (\w+): ", demo, re.MULTILINE):
        assert f'<button id="{button}">' in page


def test_it_stands_where_padan_dev_lets_people_return_to_and_stays_small() -> None:
    text = (FOLDER / "server.py").read_text("utf-8")
    assert 'port="3000"' in text
    assert REDIRECT_URI == "http://localhost:3000/callback"
    assert len(text.splitlines()) <= 200
