"""How a profile's hosted pages behave: what they show, who may embed them, what they hand back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

LOCAL_ORIGINS = ("http://localhost:*", "http://127.0.0.1:*")
"""Developers' own machines: a Test environment's pages may always be embedded there."""

_PORTS = {"http": 80, "https": 443}
# Scheme, host and port as they stand in a header: `*.` in front of a host and `:*` as the port are wildcards.
_ORIGIN = re.compile(r"(https?)://((?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}|\*))?", re.ASCII)
# No address of IPv6: a Content-Security-Policy has no way to write one.
_LOOPBACK = frozenset({"localhost", "127.0.0.1"})


class ResultPage(StrEnum):
    """What the last page tells the person."""

    NOTHING = "Nothing"
    """That it is finished."""
    VERDICT = "Verdict"
    """Whether everything agreed."""
    NEXT_STEPS = "NextSteps"
    """That, and what the person can do about what did not agree."""


@dataclass(frozen=True, slots=True)
class PageRules:
    """One profile's rules. `allowed_origins` is who may embed the pages and hear of their end.

    Without `allowed_origins`, those are the origins of the environment's redirect URIs. `purpose` completes
    the sentence that the person agrees to. The two `returns_…` switch on what older SDKs read from the
    redirect: `resultsAccessKey` and `canceled`.
    """

    allowed_origins: tuple[str, ...] = ()
    shows_known_data: bool = False
    result_page: ResultPage = ResultPage.NOTHING
    purpose: str | None = None
    privacy_url: str | None = None
    returns_results_access_key: bool = False
    returns_canceled: bool = False

    @property
    def page_needs_results_key(self) -> bool:
        """Whether the page has to hold the results access key for the person."""
        return self.returns_results_access_key or self.result_page is not ResultPage.NOTHING


@dataclass(frozen=True, slots=True)
class Consent:
    """That a person agreed: when (Unix milliseconds), and to which text in which language.

    `text_version` names the version of the sentence and, after a dot, the first 16 hexadecimal digits of the
    SHA-256 of the whole text as it was shown.
    """

    given_at: int
    text_version: str
    language: str


def origin_problem(origin: str) -> str | None:
    """Why a text cannot be an allowed origin, or `None`. `*.` leads a host, `:*` stands for any port."""
    match = _ORIGIN.fullmatch(origin)
    if match is None or ".." in match[2]:
        return "must be an origin such as https://shop.example, in lower case and without a path"
    if match[1] == "http" and match[2] not in _LOOPBACK:
        return "must use https; plain http is allowed for localhost alone"
    return None


def privacy_url_problem(url: str) -> str | None:
    """Why a text cannot be linked to as a privacy notice, or `None`."""
    origin = origin_of(url)
    if origin is None or origin_problem(origin) is not None or any(c <= " " or c in "\\\x7f" for c in url):
        return "must be a web address that begins with https://"
    return None


def origin_of(url: str) -> str | None:
    """The origin of a web address as browsers write it, or `None` for anything else."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not host:
        return None
    written = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{written}" + (f":{port}" if port and port != _PORTS[parts.scheme] else "")


def origin_allowed(origin: str, allowed: tuple[str, ...]) -> bool:
    """Whether an origin, as a browser writes it, is among the allowed ones."""
    asked = _ORIGIN.fullmatch(origin)
    if asked is None or "*" in origin:
        return False
    return any(_fits(asked, pattern) for pattern in allowed)


def _fits(asked: re.Match[str], pattern: str) -> bool:
    known = _ORIGIN.fullmatch(pattern)
    if known is None or known[1] != asked[1]:
        return False
    host = known[2]
    same_host = asked[2].endswith(host[1:]) if host.startswith("*.") else asked[2] == host
    return same_host and (known[3] == "*" or _port(known) == _port(asked))


def _port(origin: re.Match[str]) -> int:
    """Browsers leave the usual port out; whoever lists an origin may write it."""
    return int(origin[3] or _PORTS[origin[1]])


def origins_of_redirects(uris: tuple[str, ...]) -> tuple[str, ...]:
    """The origins that redirect URIs name; an entry with a wildcard inside its host names none."""
    origins = (origin_of(uri) for uri in uris)
    return tuple(dict.fromkeys(o for o in origins if o is not None and origin_problem(o) is None))
