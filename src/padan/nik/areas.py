"""The table of region codes: every province, regency, city and district of the editions since 2015.

The codes are Kemendagri's, which differ from those of the statistics office (BPS). The table is
built by ``tools/build_regions.py``; its sources and licences stand in ``data/LICENSES.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, NamedTuple

CURRENT_EDITION: Final = "2025"


class RegionGrade(StrEnum):
    """How much is known of a region code, most certain first; none of them makes a NIK invalid."""

    CURRENT = "current"
    """It stands in the edition of 2025."""
    RETIRED = "retired"
    """It stands in an earlier edition only."""
    PLAUSIBLE = "plausible"
    """It stands in no list, but fills a gap in the numbering, so it was probably once in use."""
    LEGACY = "legacy"
    """Its province stands only in lists older than these editions."""
    UNKNOWN = "unknown"
    """Nothing speaks for it."""


@dataclass(frozen=True, slots=True)
class Area:
    """A province (2 digits), a regency or city (4) or a district (6).

    ``grade`` is current or retired. ``editions`` are the years of the lists it stands in, oldest
    first, out of 2021, 2022 and 2025: together they have every code of the six editions since 2015.
    """

    code: str
    name: str
    grade: RegionGrade
    editions: tuple[str, ...]


class _Table(NamedTuple):
    provinces: Mapping[str, Area]
    regencies_and_cities: Mapping[str, Area]
    districts: Mapping[str, Area]


def provinces() -> Mapping[str, Area]:
    """Return the 38 provinces by their two digits, in the order of the codes."""
    return _table().provinces


def regencies_and_cities() -> Mapping[str, Area]:
    """Return the 540 regencies and cities by their four digits, in the order of the codes."""
    return _table().regencies_and_cities


def districts() -> Mapping[str, Area]:
    """Return the 7,879 districts by their six digits, in the order of the codes."""
    return _table().districts


@cache
def _table() -> _Table:
    areas_by_length: dict[int, dict[str, Area]] = {2: {}, 4: {}, 6: {}}
    text = files("padan.nik").joinpath("data/regions.tsv").read_text("utf-8")
    for line in text.splitlines():
        code, editions, name = line.split("\t")
        areas_by_length[len(code)][code] = Area(code, name, *_grade_and_editions(editions))
    return _Table(*(MappingProxyType(areas) for areas in areas_by_length.values()))


@cache
def _grade_and_editions(editions: str) -> tuple[RegionGrade, tuple[str, ...]]:
    years = tuple(editions.split(" "))
    return (RegionGrade.CURRENT if CURRENT_EDITION in years else RegionGrade.RETIRED), years
