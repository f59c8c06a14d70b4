"""The number itself: ``PPKKCC DDMMYY SSSS``.

Province, regency or city, and district of first registration; date of birth, the day plus 40 for
women; serial number. There is no check digit (PP 37/2007 article 37).
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from padan.nik.reasons import NikInvalid, Reason

_SIXTEEN_DIGITS: Final = re.compile(r"[0-9]{16}")
_DAYS_IN_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEMALE_DAY_OFFSET: Final = 40
_DAYS_AND_MONTHS: Final = frozenset(
    f"{day + offset:02}{month:02}"
    for month, last_day in enumerate(_DAYS_IN_MONTH, 1)
    for day in range(1, last_day + 1)
    for offset in (0, _FEMALE_DAY_OFFSET)
)
_LEAP_DAYS: Final = frozenset(("2902", "6902"))


class Sex(Enum):
    """The sex a NIK was issued for; the value is the word on the wire."""

    MALE = "Male"
    FEMALE = "Female"


@dataclass(frozen=True, slots=True, repr=False)
class Nik:
    """A well-formed NIK, made by ``parse``; its parts are read from the digits when asked for.

    It is personal data: ``repr`` and ``str`` hide the digits.
    """

    digits: str

    def __repr__(self) -> str:
        return "Nik(digits=<hidden>)"

    @property
    def province_code(self) -> str:
        """The two digits of the province of first registration."""
        return self.digits[:2]

    @property
    def regency_or_city_code(self) -> str:
        """The four digits of the regency (kabupaten) or city (kota) of first registration."""
        return self.digits[:4]

    @property
    def district_code(self) -> str:
        """The six digits of the district (kecamatan) of first registration."""
        return self.digits[:6]

    @property
    def sex(self) -> Sex:
        """The sex the number was issued for; the registry may have corrected it since."""
        return Sex.FEMALE if int(self.digits[6:8]) > _FEMALE_DAY_OFFSET else Sex.MALE

    @property
    def day(self) -> int:
        """The day of birth, 1 to 31, the offset for women taken off."""
        return int(self.digits[6:8]) % _FEMALE_DAY_OFFSET

    @property
    def month(self) -> int:
        """The month of birth, 1 to 12."""
        return int(self.digits[8:10])

    @property
    def two_digit_year(self) -> int:
        """The year of birth without its century, 0 to 99; see ``birth_date`` for the century."""
        return int(self.digits[10:12])

    @property
    def serial_number(self) -> str:
        """The four digits that tell apart people of one district, date and sex; from 0001."""
        return self.digits[12:]


def parse(text: str) -> Nik:
    """Read a NIK: exactly 16 ASCII digits, a date that can exist, a serial number other than 0000.

    Nothing is cleaned on the way (see ``clean``), and no region makes a number invalid (see
    ``region``): people keep codes that no current list has.

    Raises ``NikInvalid`` with every reason found.
    """
    if (
        _SIXTEEN_DIGITS.fullmatch(text)
        and text[6:10] in _DAYS_AND_MONTHS
        and text[12:] != "0000"
        and (text[6:10] not in _LEAP_DAYS or _may_be_leap(text[10:12]))
    ):
        return Nik(text)
    raise NikInvalid(_reasons(text))


def _may_be_leap(two_digit_year: str) -> bool:
    """Tell whether a year ending so was a leap year in the 20th or 21st century (00 was, in 2000)."""
    return int(two_digit_year) % 4 == 0


def _reasons(text: str) -> tuple[Reason, ...]:
    if not _SIXTEEN_DIGITS.fullmatch(text):
        return tuple(_shape_reasons(text))
    reasons = _date_reasons(text[6:8], text[8:10], text[10:12])
    if text[12:] == "0000":
        reasons.append(Reason("serial_zero"))
    return tuple(reasons)


def _shape_reasons(text: str) -> list[Reason]:
    reasons = []
    # Digits of other scripts are counted: whoever typed 16 of them is told about the script alone.
    digits = sum(character.isdigit() for character in text)
    if digits != 16:
        reasons.append(Reason("not_sixteen_digits", (str(digits),)))
    if not re.fullmatch(r"[0-9]*", text):
        reasons.append(Reason("not_ascii_digits"))
    return reasons


def _date_reasons(day: str, month: str, year: str) -> list[Reason]:
    reasons = []
    if not 1 <= int(month) <= 12:
        reasons.append(Reason("month_impossible", (month,)))
    day_of_month = int(day) - _FEMALE_DAY_OFFSET if int(day) > _FEMALE_DAY_OFFSET else int(day)
    if not 1 <= day_of_month <= 31:
        reasons.append(Reason("day_impossible", (day,)))
    if not reasons and (
        day + month not in _DAYS_AND_MONTHS or (day + month in _LEAP_DAYS and not _may_be_leap(year))
    ):
        reasons.append(Reason("date_impossible", (str(day_of_month), month, year)))
    return reasons
