"""Who opens a launch URL: a person's browser, or a program that looks at links before people do."""

from __future__ import annotations

import re

from starlette.requests import Request

# Messengers, mail filters and search engines say what they are; those that say nothing run no script either.
_PROGRAMS = re.compile(
    r"bot\b|bot/|crawl|spider|preview|facebookexternalhit|whatsapp|slurp|skypeuri|embedly|scanner",
    re.IGNORECASE,
)


def looks_like_a_person(request: Request) -> bool:
    """Whether a request is a navigation, and of no known program.

    Browsers say what a request is for (Fetch Metadata): something fetched ahead of time, or from a script,
    must not use up a link that works once. A client that says nothing is believed.
    """
    headers = request.headers
    if "prefetch" in headers.get("sec-purpose", "") + headers.get("purpose", "") + headers.get("x-moz", ""):
        return False
    if headers.get("sec-fetch-mode", "navigate") not in {"navigate", "nested-navigate"}:
        return False
    return _PROGRAMS.search(headers.get("user-agent", "")) is None
