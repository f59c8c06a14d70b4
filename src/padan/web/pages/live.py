"""What can be said of a NIK while it is being typed. Nobody is asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from padan import nik
from padan.web.pages.languages import PageLanguage

_REGION, _MONTH, _DATE, _WHOLE = 6, 10, 12, 16


@dataclass(frozen=True, slots=True)
class Seen:
    """A sentence about what is wrong, and the region of first registration; either may be `None`."""

    problem: str | None
    region: str | None


def look_at(text: str, language: PageLanguage) -> Seen:
    """Look at a number of any length, cleaned.

    A number that is still too short is no fault; that its month is 13 shows with the tenth digit.
    """
    if not text.isascii() or not text.isdigit():
        return Seen(_problem(text, language) if text else None, None)
    region = _region(text) if len(text) >= _REGION else None
    return Seen(_problem(_as_if_whole(text), language), region)


def _as_if_whole(text: str) -> str:
    """The number with its open part filled in so that only what is there can be wrong."""
    if len(text) >= _WHOLE:
        return text
    if len(text) >= _DATE:
        return text[:_DATE] + "0001"
    if len(text) >= _MONTH:
        # 00 may be a leap year, so that 29 February is not refused before its year is known.
        return text[:_MONTH] + "000001"
    return ""


def _problem(text: str, language: PageLanguage) -> str | None:
    if not text:
        return None
    try:
        nik.parse(text)
    except nik.NikInvalid as invalid:
        return " ".join(reason.message(language.for_providers) for reason in invalid.reasons)
    return None


def _region(text: str) -> str | None:
    found = nik.region(text[:_REGION])
    names = (found.district, found.regency_or_city, found.province)
    return ", ".join(name for name in names if name) or None
