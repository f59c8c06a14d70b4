"""Who opens a launch URL: a person's browser, or a program that looks at links before people do."""

from __future__ import annotations

import re

from starlette.requests import Request

# Messengers, mail filters and search engines say what they are; those that say nothing run no script either.
# Phones are named so too (CUBOT): a word that ends in "bot" is a program if it is known, or says a version.
_BOTS = (
    "adidx|ahrefs|amazon|apple|bing|cc|chatgpt|claude|discord|dot|duckduck|giga|google|gpt|linkedin|"
    "mj12|msn|oai-search|outlook|perplexity|petal|pinterest|reddit|semrush|seznam|signal|slack|"
    "telegram|twitter|uptime|viber|yandex|zoom"
)
_PROGRAMS = re.compile(
    rf"\b(?:{_BOTS})-?bot\b|\bbot\b|(?<!\bcu)bot/|crawl|spider|preview|facebookexternalhit|facebot|"
    r"\bwhatsapp/|slurp|skypeuri|embedly|scanner",
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
