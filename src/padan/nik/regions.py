"""Which region a NIK was issued in, as far as it can be known, and how sure that is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

from padan.nik.areas import Area, RegionGrade, districts, provinces, regencies_and_cities
from padan.nik.number import Nik

_SIX_DIGITS: Final = re.compile(r"[0-9]{6}")
_FIRST_CITY_NUMBER: Final = 71
_OLDER_PROVINCES: Final = MappingProxyType({"54": "Timor Timur"})


@dataclass(frozen=True, slots=True)
class Region:
    """The region of a district code: its grade, and the names as far as they are known.

    A name is None where no list has the code. The codes are part of somebody's NIK, so ``repr``
    shows the grade alone.
    """

    grade: RegionGrade
    province_code: str = field(repr=False)
    province: str | None = field(repr=False)
    regency_or_city_code: str = field(repr=False)
    regency_or_city: str | None = field(repr=False)
    district_code: str = field(repr=False)
    district: str | None = field(repr=False)


def region(nik_or_code: Nik | str) -> Region:
    """Grade the region of a NIK, or of the six ASCII digits of a district code, and name it.

    No code is refused: a person keeps the NIK of a region that was split or renumbered. The table
    is loaded at the first call.

    Raises ``ValueError`` where a text is not six ASCII digits.
    """
    code = nik_or_code.district_code if isinstance(nik_or_code, Nik) else nik_or_code
    if not _SIX_DIGITS.fullmatch(code):
        message = "The district code must be six digits 0 to 9; pass the first six of a NIK."
        raise ValueError(message)
    return _region_of(code)


@lru_cache(maxsize=8_192)
def _region_of(code: str) -> Region:
    return Region(
        grade=_grade(code),
        province_code=code[:2],
        province=_name(provinces(), code[:2]) or _OLDER_PROVINCES.get(code[:2]),
        regency_or_city_code=code[:4],
        regency_or_city=_name(regencies_and_cities(), code[:4]),
        district_code=code,
        district=_name(districts(), code),
    )


def _name(areas: Mapping[str, Area], code: str) -> str | None:
    area = areas.get(code)
    return area.name if area else None


def _grade(code: str) -> RegionGrade:
    district = districts().get(code)
    if district:
        return district.grade
    if code in _district_gaps() or (code[:4] in _regency_gaps() and code[4:] != "00"):
        return RegionGrade.PLAUSIBLE
    return RegionGrade.LEGACY if code[:2] in _OLDER_PROVINCES else RegionGrade.UNKNOWN


@cache
def _district_gaps() -> frozenset[str]:
    """Return the district codes below the highest of their regency that no list has."""
    return _gaps(districts(), first=1)


@cache
def _regency_gaps() -> frozenset[str]:
    """Return the codes below the highest regency (from 01) or city (from 71) that no list has."""
    regencies = (code for code in regencies_and_cities() if int(code[2:]) < _FIRST_CITY_NUMBER)
    cities = (code for code in regencies_and_cities() if int(code[2:]) >= _FIRST_CITY_NUMBER)
    return _gaps(regencies, first=1) | _gaps(cities, first=_FIRST_CITY_NUMBER)


def _gaps(codes: Iterable[str], *, first: int) -> frozenset[str]:
    """Return the codes that are missing between ``first`` and the highest of each parent area."""
    known = frozenset(codes)
    highest = {code[:-2]: int(code[-2:]) for code in sorted(known)}
    return frozenset(
        code
        for parent, last in highest.items()
        for number in range(first, last)
        if (code := f"{parent}{number:02}") not in known
    )
