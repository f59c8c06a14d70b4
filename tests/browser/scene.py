"""A scene for the browser: a real `padan dev`, a relying party's site on another site, and one Chromium."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from playwright.sync_api import Browser

from tests.support.browser import post, until
from tests.support.chromium import Window, window
from tests.support.server import Server, running
from tests.support.shop_site import RelyingParty, relying_party

PROVIDER = "indonesia-nik-lookup"
BORDER = "padan-border"
FALLBACK = {
    "capabilities": ["PollResult", "LaunchBrowser", "CaptureRedirect"],
    "fallbackToHostedUI": True,
}


@dataclass(frozen=True)
class Created:
    """A session as its relying party knows it."""

    id: str
    url: str
    key: str


@dataclass(frozen=True)
class Scene:
    """What a test plays in."""

    browser: Browser
    server: Server
    shop: RelyingParty
    data: Path

    @property
    def host(self) -> str:
        return urlsplit(self.server.url).netloc

    def person(self, scenario: str) -> dict[str, str]:
        return self.server.person(scenario)

    def another(self, scenario: str, count: int = 20) -> list[dict[str, str]]:
        """More people of a scenario than the server printed: each test its own, since tries are counted."""
        url = f"{self.server.ready['registryUrl']}/sandbox/people?scenario={scenario}&count={count}"
        people: list[dict[str, str]] = _get(url)["people"]
        return people

    # ---- what the relying party does

    def api(self, path: str, body: Any) -> Any:
        return post(f"{self.server.url}/api/{path}", body, self.server.ready["accessToken"])

    def hosted(
        self, known: Mapping[str, str] | None = None, profile: str | None = None, **fields: Any
    ) -> Created:
        body = self._body(profile, known, fields)
        made = self.api("v1/sessions/provider/hosted", {"redirectUrl": self.shop.callback, **body})
        return Created(made["sessionId"], made["launchUrl"], made["resultsAccessKey"])

    def fallback(self, known: Mapping[str, str] | None) -> Created:
        body = {"redirectUrl": self.shop.callback, **FALLBACK, **self._body(None, known, {})}
        made = self.api("v1/sessions/provider/direct", body)
        assert made["nextStep"]["method"] == "LaunchBrowser"
        key = made["resultCollection"]["resultsAccessKey"]
        return Created(made["sessionId"], made["nextStep"]["content"], key)

    def widget(self, profile: str | None = None, **fields: Any) -> Created:
        body = {"verificationProfileId": profile or self.server.ready["verificationProfileId"], **fields}
        made = self.api("v1/sessions/widget", {"redirectUrl": self.shop.callback, **body})
        return Created(made["sessionId"], made["launchUrl"], made["resultsAccessKey"])

    def profile(self, logo: bytes | None = None, **form: str) -> str:
        """A new verification profile; the arguments are the form's own fields."""
        fields = {"Alias": str(uuid4()), "BrandName": "Bank Contoh", "Providers": PROVIDER, **form}
        parts = [_part(name, value.encode()) for name, value in fields.items()]
        if logo is not None:
            parts.append(_part('Logo"; filename="logo.png', logo))
        request = urllib.request.Request(
            f"{self.server.url}/api/valpha/verification-profiles",
            b"".join(parts) + f"--{BORDER}--\r\n".encode(),
            {
                "Authorization": f"Bearer {self.server.ready['accessToken']}",
                "Content-Type": f"multipart/form-data; boundary={BORDER}",
            },
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(json.loads(answer.read())["id"])

    def outcome(self, created: Created) -> Any:
        """The session's results once it is done."""
        path = f"v1/sessions/{created.id}/results"
        key = {"resultsAccessKey": created.key}
        return until(lambda: self.api(path, key), lambda answer: bool(answer["session"]["done"]))

    def cancel(self, created: Created) -> None:
        self.api(f"v1/sessions/{created.id}/cancel", {})

    # ---- what only a test does

    def questions(self) -> int:
        """How often the registry was asked, by its own count."""
        return int(_get(f"{self.server.ready['registryUrl']}/sandbox/count")["questions"])

    def left(self, created: Created) -> bool:
        """Whether the person has closed the page."""
        with closing(sqlite3.connect(self.data / "padan.db", timeout=10)) as database:
            asked = database.execute("SELECT left_at FROM sessions WHERE id = ?", (UUID(created.id).bytes,))
            return asked.fetchone()[0] is not None

    def run_out(self, created: Created) -> None:
        """Let the session's time be over, as if it had been created long ago."""
        self._write(created, "expires_at = created_at + 1")

    def waiting_since(self, created: Created, seconds: int) -> None:
        """Let the person have sent the form so many seconds ago; negative for a clock that stands still."""
        self._write(created, f"consent_given_at = {time.time_ns() // 1_000_000 - 1000 * seconds}")

    @contextmanager
    def window(self, **options: Any) -> Iterator[Window]:
        """A person's own browser profile; it may talk to Padan and to the shop alone."""
        hosts = (self.host, self.shop.host, urlsplit(self.shop.elsewhere).netloc)
        with window(self.browser, *hosts, **options) as opened:
            yield opened

    def _write(self, created: Created, change: str) -> None:
        with closing(sqlite3.connect(self.data / "padan.db", timeout=10)) as database, database:
            done = database.execute(
                f"UPDATE sessions SET {change} WHERE id = ?",  # noqa: S608 - the changes are those above
                (UUID(created.id).bytes,),
            )
            assert done.rowcount == 1

    def _body(
        self, profile: str | None, known: Mapping[str, str] | None, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "provider": PROVIDER,
            "verificationProfileId": profile or self.server.ready["verificationProfileId"],
            "providerInput": {PROVIDER: known},
            **fields,
        }


@contextmanager
def scene(browser: Browser, data: Path, **environment: str) -> Iterator[Scene]:
    """A server and a shop that it may send people back to."""
    with (
        running("--data", str(data), environment=environment, log=data / "log") as server,
        relying_party(server.url) as shop,
    ):
        playing = Scene(browser, server, shop, data)
        playing.api("valpha/redirect-uris", {"uri": shop.callback})
        yield playing


def known(person: Mapping[str, str], *names: str) -> dict[str, str]:
    """The part of a person's claim that the relying party knows already."""
    return {name: person[name] for name in names}


def _part(name: str, value: bytes) -> bytes:
    return f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.loads(answer.read())
