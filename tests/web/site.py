"""A site to call: the whole application over real parts in memory."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

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
        self.cookie = (answer.header("set-cookie") or self.cookie).partition(";")[0]
        return answer

    async def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        headers = {**self._headers(), **self.headers, "Content-Type": "application/x-www-form-urlencoded"}
        return await call(self.site.app, "POST", path, headers=headers, body=urlencode(fields).encode())

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

    def _headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "Accept-Language": self.language}


def hidden(page: Answer) -> dict[str, str]:
    """What the form itself sends: its secret, and the words that are agreed to."""
    return dict(re.findall(r'name="(csrf|consent)" value="([^"]+)"', page.text))


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
async def serving() -> AsyncIterator[Site]:
    """The site, its worker running."""
    async with working() as wired:

        def report(event: str, detail: str) -> None:
            wired.reports.append((event, detail))

        yield Site(build_app(wired.ports, version="0", report=report), wired)
