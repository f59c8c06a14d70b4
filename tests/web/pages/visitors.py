"""Somebody looking at a page of a session, without a request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request

from padan.domain.hosting import PageRules
from padan.domain.profile import Profile
from padan.domain.session import Session
from padan.web.pages.languages import languages
from padan.web.pages.visits import Visit
from tests.domain.sessions import a_session
from tests.support.wired import PROFILE


def a_visit(*, session: Session | None = None, language: str = "en", **fields: Any) -> Visit:
    base = Visit(
        session=session or a_session(),
        profile=PROFILE,
        language=languages()[language],
        page_token="cookie",
        origins=("https://bank.example",),
        opener=None,
        embedded=False,
        by_script=False,
        secure=True,
    )
    return replace(base, **fields)


def a_profile(brand: str = "Bank Contoh", *, redaction_period: int | None = None, **rules: Any) -> Profile:
    changed = replace(PROFILE, brand_name=brand, pages=PageRules(**rules))
    return changed if redaction_period is None else replace(changed, redaction_period=redaction_period)


def a_request(query: str = "", **headers: str) -> Request:
    """A request with these headers (`sec_fetch_mode` for `Sec-Fetch-Mode`)."""
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "query_string": query.encode(), "headers": pairs})
