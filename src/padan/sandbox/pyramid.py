"""When the nation's people were born, and how many of them have died.

Ages follow the census of 2020 (SP2020) by five years of age and sex. What the census figures at
hand leave open is assumed here and said so in ``docs/explanation/nation.md``.
"""

import datetime
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from padan.nik import Sex

REFERENCE_DATE: Final = datetime.date(2025, 12, 31)
"""The day the nation is counted on; nobody in it is born later. Fixed, so that machines agree."""
OLDEST_AGE: Final = 109
FIRST_BIRTH_YEAR: Final = REFERENCE_DATE.year - OLDEST_AGE

_BAND: Final = 5
_MEN: Final = (10_205, 11_242, 11_356, 11_433, 11_553, 11_486, 11_215, 10_743, 10_207, 9_378, 8_241, 6_945)
_WOMEN: Final = (9_720, 10_772, 10_732, 10_731, 10_937, 10_978, 10_851, 10_505, 10_088, 9_349, 8_260, 7_016)
_OLDER_BANDS: Final = (128, 91, 52)
_AGED_75_AND_MORE: Final = 45
_PER_AGED_55_TO_59: Final = 168
_SURVIVAL_PER_YEAR_AFTER_75: Final = 0.86

_HEAP_DAYS: Final = MappingProxyType({(1, 1): 0.50, (12, 31): 0.25, (7, 1): 0.15, (8, 17): 0.10})


@cache
def share_of_living(sex: Sex) -> Mapping[int, float]:
    """Return, by year of birth, the share of all living people who have this sex and that year."""
    total = sum(sum(_thousands_by_age(each)) for each in Sex)
    return MappingProxyType(
        {REFERENCE_DATE.year - age: people / total for age, people in enumerate(_thousands_by_age(sex))}
    )


def _thousands_by_age(sex: Sex) -> list[float]:
    bands = _MEN if sex is Sex.MALE else _WOMEN
    aged_55_to_59 = bands[-1]
    older = [aged_55_to_59 * band / _PER_AGED_55_TO_59 for band in _OLDER_BANDS]
    ages = [people / _BAND for band in (*bands, *older) for people in [band] * _BAND]
    tail = [_SURVIVAL_PER_YEAR_AFTER_75**year for year in range(OLDEST_AGE - 75 + 1)]
    aged_75_and_more = aged_55_to_59 * _AGED_75_AND_MORE / _PER_AGED_55_TO_59
    return ages + [aged_75_and_more * part / sum(tail) for part in tail]


def share_dead(birth_year: int) -> float:
    """Return the share of the registered people of a year of birth who have died: an assumption."""
    age = REFERENCE_DATE.year - birth_year
    steps = ((40, 0.006), (50, 0.02), (60, 0.05), (70, 0.12), (80, 0.30), (90, 0.60))
    return next((share for below, share in steps if age < below), 0.80)


def share_heaped(birth_year: int) -> float:
    """Return the share of a year's people whose recorded birthday is a round one: an assumption."""
    steps = ((1950, 0.12), (1970, 0.06), (1985, 0.02))
    return next((share for before, share in steps if birth_year < before), 0.003)


def heap_share(month: int, day: int) -> float:
    """Return how much of a year's heap lies on a day; the whole lies on four days."""
    return _HEAP_DAYS.get((month, day), 0.0)


def days_in_year(year: int) -> int:
    """Return 365 or 366."""
    return 366 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 365
