"""Verification profiles, and the allow-list of where people may be sent back to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from padan.domain.hosting import PageRules
from padan.domain.rules import RegistryRules

MINUTE = 60_000
DAY = 24 * 60 * MINUTE

SHORTEST_EXPIRATION, LONGEST_EXPIRATION, DEFAULT_EXPIRATION = 15 * MINUTE, DAY, 60 * MINUTE
LONGEST_REDACTION_PERIOD = DEFAULT_REDACTION_PERIOD = 31 * DAY
REDACTION_MARGIN = 15 * MINUTE

DEFAULT_COLOR = "#1F4E8C"

_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_EXECUTABLE_SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "filesystem"})
# The origin stands in a header of the hosted pages, where other characters would mean something else.
_HOST_AND_PORT = re.compile(r"[A-Za-z0-9._*-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?", re.ASCII)
# One wildcard stands for one run of characters inside one host label or one path segment. No percent sign:
# browsers read %2e%2e as the parent folder.
_WILDCARD = "[^/?#@:\\\\.%]+"


@dataclass(frozen=True, slots=True)
class Profile:
    """One verification profile. Periods are in milliseconds, the color is `#RRGGBB`."""

    id: UUID
    environment_id: UUID
    alias: str
    brand_name: str
    created_at: int
    enabled_providers: tuple[str, ...] = ()
    external_id: str | None = None
    primary_color: str = DEFAULT_COLOR
    logo: bytes | None = None
    logo_type: str | None = None
    session_expiration: int = DEFAULT_EXPIRATION
    redaction_period: int = DEFAULT_REDACTION_PERIOD
    is_production_usage: bool = False
    pages: PageRules = field(default_factory=PageRules)
    rules: RegistryRules = field(default_factory=RegistryRules)

    @property
    def purpose(self) -> str:
        """Why people are checked with it, as it is reported: what they are told, else its alias."""
        return self.pages.purpose or self.alias


@dataclass(frozen=True, slots=True)
class RedirectUri:
    """An entry of an environment's allow-list of redirect URIs; it may hold `*` wildcards."""

    id: UUID
    environment_id: UUID
    uri: str
    created_at: int


def period_problems(session_expiration: int, redaction_period: int) -> dict[str, str]:
    """What is wrong with a profile's periods, by field: empty when nothing is."""
    problems = {}
    if not SHORTEST_EXPIRATION <= session_expiration <= LONGEST_EXPIRATION:
        problems["sessionExpiration"] = "must be between 15 minutes (00:15:00) and 24 hours (1.00:00:00)"
    if not 0 <= redaction_period <= LONGEST_REDACTION_PERIOD:
        problems["redactionPeriod"] = "must be between 0 and 31 days (31.00:00:00)"
    elif redaction_period < session_expiration + REDACTION_MARGIN:
        problems["redactionPeriod"] = "must be at least 15 minutes longer than the session expiration"
    return problems


def redirect_uri_problem(uri: str) -> str | None:
    """Why `uri` cannot be on an allow-list, or `None`. The bare `*` allows every web address."""
    if uri == "*":
        return None
    if any(ord(c) < 0x21 or c in "\\\x7f" for c in uri) or len(uri) > 2048:
        return "must be a URI of at most 2,048 characters without spaces, control characters or backslashes"
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return "must be a valid absolute URI"
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*", parts.scheme) or parts.scheme in _EXECUTABLE_SCHEMES:
        return "must be absolute, with https, or an app's own scheme"
    if "@" in parts.netloc:
        return "must not carry user information"
    if parts.fragment:
        return "must not carry a fragment"
    if _two_wildcards_in_one_part(uri):
        return "must not have more than one * in a host label, a path segment or the query"
    return _host_problem(parts) if parts.scheme in {"http", "https"} else None


def _host_problem(parts: SplitResult) -> str | None:
    if not parts.hostname:
        return "must name a host"
    if parts.scheme == "http" and parts.hostname not in _LOCAL_HOSTS:
        return "must use https; plain http is allowed for localhost alone"
    if not _HOST_AND_PORT.fullmatch(parts.netloc):
        return "must name its host in ASCII; write an international name in its xn-- form"
    return None


def _two_wildcards_in_one_part(uri: str) -> bool:
    """Two in one host label or path segment would take exponentially long to compare, for nobody's good."""
    return re.search(r"\*[^/?#@:\\.]*\*", uri) is not None


def redirect_allowed(uri: str, allowed: tuple[str, ...]) -> bool:
    """Whether a person may be sent to `uri`: it stands on the allow-list, exactly or under a wildcard."""
    if "*" in uri or redirect_uri_problem(uri) is not None:
        return False
    return any(_matches(uri, pattern) for pattern in allowed)


def _matches(uri: str, pattern: str) -> bool:
    if pattern == "*":
        return urlsplit(uri).scheme in {"http", "https"}
    if "*" not in pattern:
        return uri == pattern
    if _two_wildcards_in_one_part(pattern):
        return False
    expression = _WILDCARD.join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(expression, uri, re.ASCII) is not None
