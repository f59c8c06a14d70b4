"""A site to call: the whole application over real parts in memory."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from padan.domain.hosting import PageRules
from padan.web.app import build_app
from tests.support.asgi import Answer, call
from tests.support.wired import BANK, PERSON, PROFILE, PROVIDER, RETURN, TOKENS, Wired, working

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Site:
    """The application, and the parts behind it."""

    app: Any
    wired: Wired

    async def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = TOKENS[BANK],
        raw: bytes | None = None,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        headers = {"Content-Type": content_type, **(headers or {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return await call(self.app, method, path, headers=headers, body=sent)

    async def create(self, **fields: Any) -> dict[str, Any]:
        answer = await self.api("POST", "/api/v1/sessions/provider/direct", direct(**fields))
        assert answer.status == 200, answer.text
        created: dict[str, Any] = answer.json
        return created

    async def widget(self, **fields: Any) -> dict[str, Any]:
        body = {"verificationProfileId": str(PROFILE.id), **fields}
        answer = await self.api("POST", "/api/v1/sessions/widget", body)
        assert answer.status == 200, answer.text
        created: dict[str, Any] = answer.json
        return created

    async def results(self, created: Mapping[str, Any], key: str | None = None) -> Answer:
        body = {"resultsAccessKey": key or created["resultsAccessKey"]}
        return await self.api("POST", f"/api/v1/sessions/{created['sessionId']}/results", body)

    async def hosted(self, known: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        body = {
            "provider": PROVIDER,
            "verificationProfileId": str(PROFILE.id),
            "redirectUrl": RETURN,
            "providerInput": {PROVIDER: known},
            **fields,
        }
        answer = await self.api("POST", "/api/v1/sessions/provider/hosted", body)
        assert answer.status == 200, answer.text
        created: dict[str, Any] = answer.json
        return created


@dataclass(slots=True)
class Browser:
    """The person's browser: it keeps the cookie and follows nothing by itself."""

    site: Site
    language: str = "en"
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, url: str, method: str = "GET") -> Answer:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answer = await call(self.site.app, method, target, headers={**self._headers(), **self.headers})
        self._keep(answer)
        return answer

    async def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        headers = {**self._headers(), **self.headers, "Content-Type": "application/x-www-form-urlencoded"}
        answer = await call(self.site.app, "POST", path, headers=headers, body=urlencode(fields).encode())
        self._keep(answer)
        return answer

    async def launch(self, url: str) -> Answer:
        """Open a launch URL and the page it leads to."""
        opened = await self.get(url)
        assert opened.status == 303, opened.text
        return await self.get(opened.header("location") or "")

    async def submit(self, page: Answer, fields: Mapping[str, str]) -> Answer:
        """Fill in the form of a page, agree, and press its button."""
        form = re.search(r'<form id="form" method="post" action="([^"]+)"', page.text)
        assert form is not None
        return await self.post(form[1], {"action": "submit", **hidden(page), **fields})

    def _keep(self, answer: Answer) -> None:
        """What a browser keeps: the newest cookie of each name."""
        new = [value.partition(";")[0] for name, value in answer.headers if name == "set-cookie"]
        kept = {pair.partition("=")[0]: pair for pair in (*self.cookie.split("; "), *new) if pair}
        self.cookie = "; ".join(kept.values())

    def _headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "Accept-Language": self.language}


def hidden(page: Answer) -> dict[str, str]:
    """What the form itself sends: its secret, its language, and the words that are agreed to."""
    return dict(re.findall(r'name="(csrf|spoken|consent)" value="([^"]+)"', page.text))


def csrf(page: Answer) -> str:
    return hidden(page)["csrf"]


def shown(page: Answer) -> str:
    """The page without what differs each time: the nonce of its style."""
    return re.sub(r'nonce="[^"]+"', "", page.text)


def direct(**fields: Any) -> dict[str, Any]:
    """A complete direct request."""
    return {
        "provider": PROVIDER,
        "verificationProfileId": str(PROFILE.id),
        "capabilities": ["PollResult"],
        "providerInput": {PROVIDER: PERSON},
        **fields,
    }


@asynccontextmanager
async def serving(rules: PageRules | None = None, **changes: Any) -> AsyncIterator[Site]:
    """The site, its worker running; with other rules for the pages, or other parts of `Ports`."""
    async with working() as wired:
        wired.ports = replace(wired.ports, **changes)
        if rules is not None:
            await wired.store.change_profile(replace(PROFILE, pages=rules))

        def report(event: str, detail: str) -> None:
            wired.reports.append((event, detail))

        yield Site(build_app(wired.ports, version="0", report=report), wired)
