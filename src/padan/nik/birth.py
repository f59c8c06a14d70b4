"""The date of birth in a NIK: six digits, so the century has to come from elsewhere."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from padan.nik.number import Nik

OLDEST_AGE_IN_YEARS: Final = 125


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A date of birth read from a NIK; ``repr`` leaves the date out.

    ``is_guess`` is False only where a claimed date settled the century. ``agrees`` says whether the
    claimed date has the day, month and two-digit year of the NIK, and is None where none was claimed.
    """

    date: datetime.date = field(repr=False)
    is_guess: bool
    agrees: bool | None


def birth_date(nik: Nik, *, today: datetime.date, claimed: datetime.date | None = None) -> BirthDate | None:
    """Resolve the century of a NIK's date of birth, and say whether that was a guess.

    A claimed date that agrees with the NIK settles it. Otherwise the date is one that is not in the
    future and at most 125 years ago: of two such dates the one nearest to the claimed date, or the
    later one where nothing was claimed. A claimed date that disagrees proves nothing by itself: a
    NIK keeps its digits when the registry corrects a date of birth.

    Returns None where no century gives a possible date.
    """
    agrees = None if claimed is None else _digits_agree(nik, claimed)
    possible = tuple(_possible_dates(nik, today))
    if not possible:
        return None
    if claimed is None:
        return BirthDate(max(possible), is_guess=True, agrees=None)
    nearest = min(possible, key=lambda candidate: abs(candidate - claimed))
    return BirthDate(nearest, is_guess=nearest != claimed, agrees=agrees)


def _digits_agree(nik: Nik, claimed: datetime.date) -> bool:
    return (nik.day, nik.month, nik.two_digit_year) == (claimed.day, claimed.month, claimed.year % 100)


def _possible_dates(nik: Nik, today: datetime.date) -> Iterator[datetime.date]:
    day, month = nik.day, nik.month
    # Two centuries are enough: the one before them is more than 125 years ago.
    latest_year = today.year - (today.year - nik.two_digit_year) % 100
    for year in (latest_year, latest_year - 100):
        try:
            born = datetime.date(year, month, day)
        except ValueError:  # 29 February of a year that was not a leap year, or no year at all
            continue
        if born <= today and _is_within_oldest_age(born, today):
            yield born


def _is_within_oldest_age(born: datetime.date, today: datetime.date) -> bool:
    years = today.year - born.year
    is_birthday_past = (born.month, born.day) < (today.month, today.day)
    return years < OLDEST_AGE_IN_YEARS or (years == OLDEST_AGE_IN_YEARS and not is_birthday_past)
