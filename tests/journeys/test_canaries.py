"""Canary values given as NIK, name, date and key are found in no file, log or error text."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import trinsic_api

from tests.support import browser
from tests.support.sdk import client, direct_request, poll
from tests.support.server import PADAN, Server, start

NAME = "Kanaria Xyzzyplugh"


def forms(canary: str) -> Iterator[bytes]:
    """A value as it might lie somewhere: plain, upper-case, hex, base64 in its three alignments, escaped."""
    raw = canary.encode()
    yield from (raw, canary.upper().encode(), raw.hex().encode(), urllib.parse.quote(canary).encode())
    yield urllib.parse.quote_plus(canary).encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[4 if shift else 0 : len(whole) - 4]


def hits(folder: Path, canaries: list[str]) -> list[str]:
    """Files that hold a canary in any form; the canary itself is not repeated."""
    found = []
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for number, canary in enumerate(canaries):
            if any(form in content for form in forms(canary)):
                found.append(f"{path.name}: canary {number}")
    return found


def people(server: Server) -> list[dict[str, str]]:
    """Claims whose parts are all canaries: real numbers of the sandbox, a name of nobody."""
    names = ("match", "not_found", "server_error", "html", "quota_exhausted")
    return [{**server.person(name), "fullName": f"{NAME} {index}"} for index, name in enumerate(names)]


def bad_requests(server: Server, person: dict[str, str]) -> list[str]:
    """The texts of errors that a bad request with canaries gets."""
    body: dict[str, Any] = {
        "provider": "indonesia-nik-lookup",
        "verificationProfileId": server.ready["verificationProfileId"],
        "capabilities": ["PollResult"],
        "providerInput": {
            "indonesia-nik-lookup": {
                "nikIdNumber": person["nikIdNumber"] + "9",
                "fullName": person["fullName"] + "\0",
                "dateOfBirth": "1999-99-99",
            }
        },
    }
    texts = [
        browser.refused(f"{server.url}/api/v1/sessions/provider/direct", body, server.ready["accessToken"])
    ]
    texts.append(browser.refused(f"{server.url}/api/v1/sessions/provider/direct", body, person["fullName"]))
    return texts


def scraped(server: Server) -> bytes:
    """All metrics of the server, which counted something."""
    with urllib.request.urlopen(str(server.ready["metricsUrl"]), timeout=5) as answer:
        shown: bytes = answer.read()
    assert b'padan_http_requests_total{operation="GetSessionResult"' in shown
    return shown


def test_no_canary_is_found_in_files_logs_or_errors(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    log.mkdir()
    server = start("--data", str(data), environment={"PADAN_METRICS_PORT": "0"}, log=log / "stderr")
    claims = people(server)
    keys, errors = [], []
    with client(server) as api:
        sessions = trinsic_api.SessionsApi(api)
        for person in claims:
            created = sessions.create_direct_provider_session(direct_request(server, person))
            key = created.result_collection.results_access_key
            keys.append(key)
            poll(sessions, created.session_id, key, seconds=1)
            errors += bad_requests(server, person)
    canaries = [value for person in claims for value in (person["nikIdNumber"], person["fullName"])]
    canaries += [person["dateOfBirth"] for person in claims] + keys
    (tmp_path / "metrics").write_bytes(scraped(server))
    assert hits(tmp_path, canaries) == []
    assert server.stop() == 0
    assert hits(tmp_path, canaries) == []
    assert b"GetSessionResult" in b"".join(one.read_bytes() for one in (data / "audit").glob("*.audit"))
    told = "\n".join(errors)
    assert not [number for number, canary in enumerate(canaries) if canary in told]


def hosted(server: Server, known: dict[str, str]) -> dict[str, Any]:
    """A hosted session with everything passed in that a page can hold."""
    body = {
        "provider": "indonesia-nik-lookup",
        "verificationProfileId": server.ready["verificationProfileId"],
        "redirectUrl": server.ready["redirectUri"],
        "providerInput": {"indonesia-nik-lookup": known},
    }
    url = f"{server.url}/api/v1/sessions/provider/hosted"
    created: dict[str, Any] = browser.post(url, body, server.ready["accessToken"])
    return created


class Visitor(urllib.request.BaseHandler):
    """A person on the hosted page; every address and header that went over the wire is noted."""

    def __init__(self) -> None:
        self.jar = CookieJar()
        self.wire: list[str] = []
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), self)

    def http_response(self, request: Any, response: Any) -> Any:
        self.wire.append(f"{request.full_url}\n{response.headers}")
        return response

    def go(self, url: str, fields: dict[str, str] | None = None) -> tuple[str, str]:
        """Where a request leads to, and the page there."""
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        try:
            with self._opener.open(urllib.request.Request(url, data), timeout=10) as page:
                return page.url, page.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.url, error.read().decode()

    def verify(self, launch_url: str, person: dict[str, str]) -> list[str]:
        """Try a form that is refused, then one that is taken, and wait; the pages that were seen."""
        year, month, day = person["dateOfBirth"].split("-")
        parts = {"dateOfBirth.day": day, "dateOfBirth.month": month, "dateOfBirth.year": year}
        here, form = self.go(launch_url)
        fields = {**person, **parts, **dict(re.findall(r'name="(csrf|consent)" value="([^"]+)"', form))}
        refused = self.go(here, {**fields, "consent": "none", "fullName": person["fullName"] + "<"})[1]
        self.go(here, fields)
        ended = browser.until(lambda: self.go(here)[1], lambda page: 'data-state="ended"' in page)
        return [form, refused, ended]


def test_a_hosted_session_leaves_no_canary_in_files_logs_addresses_or_headers(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    log.mkdir()
    server = start("--data", str(data), log=log / "stderr")
    rules = ("ShowKnownData=true", "ReturnResultsAccessKey=true", "ResultPage=NextSteps")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    profile = [PADAN, "profile", "set", server.ready["verificationProfileId"], *rules]
    subprocess.run(profile, env=clean | {"PADAN_DATA": str(data)}, check=True, capture_output=True)
    canaries: list[str] = []
    for index, known in enumerate(((), ("nikIdNumber",), ("fullName", "dateOfBirth"))):
        person = {**server.person("match"), "fullName": f"{NAME} {'ABC'[index]}"}
        created, visitor = hosted(server, {name: person[name] for name in known}), Visitor()
        personal = [
            person["nikIdNumber"],
            person["fullName"],
            person["dateOfBirth"],
            created["resultsAccessKey"],
        ]
        canaries += [*personal, created["launchUrl"].partition("token=")[2]]
        assert hits(tmp_path, canaries) == []
        form, refused, ended = visitor.verify(created["launchUrl"], person)
        canaries += [str(cookie.value) for cookie in visitor.jar]
        assert (person["fullName"] in form) == ("fullName" in known)
        assert 'href="#consent"' in refused
        assert "Not everything agrees" in ended
        assert hits(tmp_path, canaries) == []
        wire = "\n".join(visitor.wire).encode()
        told = [number for number, value in enumerate(personal) if any(form in wire for form in forms(value))]
        assert told == []
    assert server.stop() == 0
    assert hits(tmp_path, canaries) == []


def test_a_canary_left_in_a_file_would_be_found(tmp_path: Path) -> None:
    for form in forms("3171234567890123"):
        (tmp_path / "leak").write_bytes(b"..." + form + b"...")
        assert hits(tmp_path, ["3171234567890123"]) == ["leak: canary 0"]


def test_what_the_command_line_refuses_is_not_repeated() -> None:
    done = subprocess.run(
        [PADAN, "verify", "--nik", "3171999999999999", "--name", NAME, "--born", "1999-99-99"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--born" in done.stderr
    assert "3171999999999999" not in done.stderr
    assert NAME not in done.stderr
    assert json.dumps(NAME) not in done.stdout
