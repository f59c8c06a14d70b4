"""An answer of Dukcapil's as HTTP brings it, down to the one object in its page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from padan.domain.errors import RefusalReason, RegistryProtocolError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Outcome
from padan.registries.dukcapil_codes import outcome_of

LONGEST_RETRY_AFTER_S: Final = 86_400.0
_MOST_BRACKETS: Final = 1000
_COUNTS: Final = ("TOTALELEMENTS", "NUMBEROFELEMENTS")
_JSON_TYPE: Final = re.compile(
    r"\s*(application|text)/([a-z0-9.-]+\+)?json\s*(;.*)?", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What came back: its status, the headers that matter as they stood, and the body."""

    status: int
    content_type: str
    body: bytes
    retry_after: str = ""
    date: str = ""

    def __repr__(self) -> str:
        return f"Answer(status={self.status}, <hidden>)"


@dataclass(frozen=True, slots=True, repr=False)
class RegistryPage:
    """The one object in `content`, its keys in upper case; how many questions are left today; the outcome."""

    record: dict[str, Any]
    quota_left: int | None
    outcome: Outcome

    def __repr__(self) -> str:
        return "RegistryPage(<hidden>)"


def read_page(answer: Answer) -> RegistryPage:
    """Read an answer down to the object it is about.

    Raises:
        RegistryUnavailable: HTTP 408, 429 or 5xx.
        RegistryRefused: HTTP 401 or 403, or a code or text that says so.
        RegistryProtocolError: any other status but 200, a body that is no page with one object in it, a code
            or text that is not known, or a page that says `found` and counts nobody.
    """
    _require_ok(answer)
    if not _JSON_TYPE.fullmatch(answer.content_type):
        raise RegistryProtocolError("the registry's answer is not declared as JSON")
    page = _parse(answer.body)
    outcome = outcome_of(page)
    content = page.get("CONTENT")
    if not isinstance(content, list) or len(content) != 1 or not isinstance(content[0], dict):
        raise RegistryProtocolError("the registry's answer does not hold exactly one object in content")
    if outcome is Outcome.FOUND:
        outcome = outcome_of(content[0])
    if outcome is Outcome.FOUND and any(page.get(count) in (0, "0") for count in _COUNTS):
        raise RegistryProtocolError("the registry's answer holds a record and counts none")
    return RegistryPage(content[0], _quota_left(page), outcome)


def retry_after_s(answer: Answer) -> float | None:
    """Seconds until the registry wants to be asked again: 0 to a day; None where it says nothing readable.

    `Retry-After` is seconds or a date (RFC 9110, 10.2.3); a date is measured by the answer's own `Date`, so
    that neither clock has to be right.
    """
    text = answer.retry_after.strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return min(float(text), LONGEST_RETRY_AFTER_S)
    then, now = _date(text), _date(answer.date)
    if then is None or now is None:
        return None
    return min(max((then - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)


def _date(text: str) -> datetime | None:
    """A date as HTTP servers write it now; the two obsolete forms count as unreadable."""
    try:
        return datetime.strptime(text.strip(), "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None


def _require_ok(answer: Answer) -> None:
    # The registry says its own errors with 200; any other status is the line's or of what stands before it.
    status = answer.status
    if status == 200:
        return
    if status in {408, 429} or status >= 500:
        raise RegistryUnavailable(
            f"the registry answered HTTP {status}", may_be_charged=True, retry_after_s=retry_after_s(answer)
        )
    if status == 401:
        raise RegistryRefused("the registry answered HTTP 401", reason=RefusalReason.CREDENTIALS)
    if status == 403:
        raise RegistryRefused("the registry answered HTTP 403", reason=RefusalReason.ADDRESS)
    raise RegistryProtocolError(f"the registry answered HTTP {status}; check base_url, customer and method")


def _parse(body: bytes) -> dict[str, Any]:
    # A page has four brackets. How deep a parser can go is its own affair, so it never gets the chance.
    if body.count(b"[") + body.count(b"{") > _MOST_BRACKETS:
        raise RegistryProtocolError("the registry's answer is nested as no page of it is")
    try:
        page = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_caseless_object, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):
        # The parser's own message can quote the answer, so it is not passed on.
        raise RegistryProtocolError("the registry's answer is not well-formed JSON") from None
    if not isinstance(page, dict):
        raise RegistryProtocolError("the registry's answer is not a JSON object")
    return page


def _caseless_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object by its keys in upper case; a key that stands twice has no meaning.

    Only ASCII keys are raised: the upper case of a dotless i is the I of NIK.
    """
    result = {key.upper() if key.isascii() else key: value for key, value in pairs}
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _quota_left(page: dict[str, Any]) -> int | None:
    quota = page.get("QUOTALIMITER")
    return quota if isinstance(quota, int) and not isinstance(quota, bool) and quota >= 0 else None
