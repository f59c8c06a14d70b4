"""Where the nation's people were first registered: the weight of every district code.

A regency's people come from the official count; how they are spread over its districts is assumed.
Papua's codes changed in 2022: whoever was born before keeps a number of the old code.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from padan.nik import Area, RegionGrade, districts, regencies_and_cities
from padan.sandbox.hashing import text_key, uniform

LIVING: Final = 288_315_089
"""People in the registry on 31 December 2025."""

SHARE_REGISTERED_LATE: Final = 0.05
"""Of those born before a code changed, the share first registered under the new one: an assumption."""

_DISTRICT: Final = text_key("district")
_BEFORE, _SINCE = "2021", "2025"
_SPLIT_OF_PAPUA: Final = datetime.date(2022, 7, 25)
_SPLIT_OF_SOUTHWEST_PAPUA: Final = datetime.date(2022, 12, 8)
_SOUTHWEST_PAPUA: Final = "96"


@dataclass(frozen=True, slots=True)
class District:
    """A district code and its living people, by when they were born.

    ``born_before`` and ``born_since`` are the whole population the code would have if everybody were
    born before, or since, the ordinal day ``changed``. For most codes the two are equal.
    """

    code: str
    regency_code: str
    """The regency or city as it is coded today."""
    grade: RegionGrade
    born_before: float
    born_since: float
    changed: int


@cache
def settlement(seed: int) -> Mapping[str, District]:
    """Return all 7,879 district codes by code, weighted for this seed."""
    population = _population()
    weights: dict[str, float] = {}
    totals: dict[tuple[str, str], float] = {}
    for code, area in districts().items():
        weights[code] = 0.4 + 1.2 * uniform(seed, _DISTRICT, int(code))
        for edition in (_BEFORE, _SINCE):
            if edition not in area.editions:
                continue
            key = (edition, _regency_today(code[:4]))
            totals[key] = totals.get(key, 0.0) + weights[code]

    def people_in(area: Area, edition: str) -> float:
        regency = _regency_today(area.code[:4])
        if edition not in area.editions:
            return 0.0
        return population[regency] * weights[area.code] / totals[edition, regency]

    return MappingProxyType(
        {
            code: _district(area, people_in(area, _BEFORE), people_in(area, _SINCE))
            for code, area in districts().items()
        }
    )


def _district(area: Area, before: float, since: float) -> District:
    regency = _regency_today(area.code[:4])
    southwest = regency.startswith(_SOUTHWEST_PAPUA)
    changed = _SPLIT_OF_SOUTHWEST_PAPUA if southwest else _SPLIT_OF_PAPUA
    late = SHARE_REGISTERED_LATE
    return District(
        code=area.code,
        regency_code=regency,
        grade=area.grade,
        born_before=(1 - late) * before + late * since,
        born_since=since,
        changed=changed.toordinal(),
    )


def _population() -> dict[str, float]:
    text = files("padan.sandbox").joinpath("data/population.tsv").read_text("utf-8")
    counted = {code: int(people) for code, people in (line.split("\t") for line in text.splitlines())}
    total = sum(counted.values())
    return {code: people * LIVING / total for code, people in counted.items()}


@cache
def _regency_today(code: str) -> str:
    """Return today's code of a regency: the same, or the one that took over its name."""
    area = regencies_and_cities()[code]
    return code if area.grade is RegionGrade.CURRENT else _codes_by_name()[area.name]


@cache
def _codes_by_name() -> Mapping[str, str]:
    areas: Iterable[Area] = regencies_and_cities().values()
    return {area.name: area.code for area in areas if area.grade is RegionGrade.CURRENT}
