"""What a person typed into the form, as the provider's input; and what of it cannot be read at all."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from padan import nik
from padan.domain.claim import ClaimField

if TYPE_CHECKING:
    from babel import Locale

DAY, MONTH, YEAR = (f"{ClaimField.DATE_OF_BIRTH}.{part}" for part in ("day", "month", "year"))
DATE_PARTS = (DAY, MONTH, YEAR)
_SHORTEST_MONTH = 3


@dataclass(frozen=True, slots=True)
class Typed:
    """The input by field, and the codes of what could not be read. Both are personal data."""

    given: Mapping[str, str] = field(repr=False)
    faults: Mapping[str, list[str]] = field(repr=False)


class _Unreadable(Exception):
    """A part of the date says nothing; the text is the fault's code."""


def read_typed(fields: Mapping[str, str], missing: Collection[str], *, locale: Locale) -> Typed:
    """Read the form's fields that are asked for.

    Spaces, dots and dashes in a NIK are taken off; the page shows the number grouped, so it is seen. A month
    may be written as a number or as its name in the person's language.
    """
    given: dict[str, str] = {}
    faults: dict[str, list[str]] = {}
    for name in missing:
        if name == ClaimField.NIK:
            given[name] = nik.clean(fields.get(name, ""))
        elif name == ClaimField.DATE_OF_BIRTH:
            try:
                given[name] = _date(fields, locale)
            except _Unreadable as unreadable:
                faults[name] = [str(unreadable)]
        else:
            given[name] = fields.get(name, "")
    return Typed(given, faults)


def _date(fields: Mapping[str, str], locale: Locale) -> str:
    """The date as YYYY-MM-DD; empty where nothing was typed, and as it came from a client without parts."""
    parts = [unicodedata.normalize("NFKC", fields.get(name, "")).strip(" .,/-") for name in DATE_PARTS]
    if not any(parts):
        return fields.get(ClaimField.DATE_OF_BIRTH, "")
    if not all(parts):
        raise _Unreadable("date_incomplete")
    day, month, year = _number(parts[0], "day_unreadable"), _month(parts[1], locale), parts[2]
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise _Unreadable("year_unreadable")
    if not 1 <= day <= 31:
        raise _Unreadable("day_unreadable")
    try:
        return date(int(year), month, day).isoformat()
    except ValueError:
        raise _Unreadable("date_nonexistent") from None


def _number(text: str, code: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 2:
        return int(text)
    raise _Unreadable(code)


def _month(text: str, locale: Locale) -> int:
    if text.isascii() and text.isdigit():
        number = _number(text, "month_unreadable")
    else:
        number = _month_by_name(text.casefold(), locale)
    if not 1 <= number <= 12:
        raise _Unreadable("month_unreadable")
    return number


def _month_by_name(text: str, locale: Locale) -> int:
    names = locale.months["format"]["wide"].items()
    fitting = [number for number, name in names if name.casefold().startswith(text)]
    return int(fitting[0]) if len(text) >= _SHORTEST_MONTH and len(fitting) == 1 else 0
