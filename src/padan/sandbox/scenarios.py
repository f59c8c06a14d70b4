"""An outcome asked for on purpose: a person of the nation, and the claim that brings it about."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from padan.domain.finding import Outcome
from padan.nik import RegionGrade, birth_date, parse, region
from padan.sandbox.fault_people import FAULT_NAMES, fault_nik
from padan.sandbox.hashing import mix, text_key
from padan.sandbox.person import Person
from padan.sandbox.pyramid import REFERENCE_DATE
from padan.sandbox.similarity import similarity

_TRIES: Final = 50_000
_ADULT_AGE: Final = 17
_OLDEST_AGE: Final = 90
_CLEARLY_ANOTHER_NAME: Final = 50
_NEVER_ISSUED: Final = 900
_PROVINCES_WITH_RETIRED_CODES: Final = ("91", "92")


class _Nation(Protocol):
    """What a search needs of a nation."""

    def person(self, nik: str) -> Person | None: ...
    def sample(self, count: int, seed: int = 0, *, region_code: str = "") -> list[Person]: ...


@dataclass(frozen=True, slots=True)
class ScenarioPerson:
    """What to send about whom: the claim's NIK, full name and date of birth, and the person if any.

    ``person`` is None for ``not_found``: nobody has that NIK. ``repr`` shows the scenario alone.
    """

    scenario: str
    nik: str = field(repr=False)
    full_name: str = field(repr=False)
    date_of_birth: datetime.date = field(repr=False)
    person: Person | None = field(repr=False)


_Finder = Callable[[_Nation, int], ScenarioPerson]


def find_scenario(nation: _Nation, name: str, index: int) -> ScenarioPerson:
    """Return the index-th person of a scenario; raises ``ValueError`` where there is no such one."""
    if name in FAULT_NAMES:
        return _truly(name, _existing(nation, fault_nik(name, index)))
    finder = _FINDERS.get(name)
    if finder is None:
        message = f"There is no such scenario; use one of: {', '.join(SCENARIOS)}."
        raise ValueError(message)
    return finder(nation, mix(text_key(name), index))


def _existing(nation: _Nation, nik: str) -> Person:
    person = nation.person(nik)
    if person is None:
        message = "The nation lacks a person that its own rules promise."
        raise LookupError(message)
    return person


def _search(nation: _Nation, seed: int, wanted: Callable[[Person], bool], region_code: str = "") -> Person:
    for attempt in range(_TRIES):
        (person,) = nation.sample(1, mix(seed, attempt), region_code=region_code)
        if _ADULT_AGE <= person.age_on(REFERENCE_DATE) <= _OLDEST_AGE and wanted(person):
            return person
    message = "No person of this scenario was found; use another index."
    raise LookupError(message)


def _truly(scenario: str, person: Person) -> ScenarioPerson:
    return ScenarioPerson(scenario, person.nik, person.full_name, person.date_of_birth, person)


def _is_plain(person: Person) -> bool:
    """Tell whether nothing is unusual: found, uncorrected, a region of today."""
    current = region(person.nik[:6]).grade is RegionGrade.CURRENT
    return person.outcome is Outcome.FOUND and current and not is_corrected(person)


def is_corrected(person: Person) -> bool:
    """Tell whether the registry's date of birth or sex differs from what the NIK carries."""
    number = parse(person.nik)
    read = birth_date(number, today=REFERENCE_DATE, claimed=person.date_of_birth)
    return read is None or not read.agrees or number.sex is not person.sex


def _birth_is_corrected(person: Person) -> bool:
    return person.outcome is Outcome.FOUND and is_corrected(person) and parse(person.nik).sex is person.sex


def _match(nation: _Nation, seed: int) -> ScenarioPerson:
    return _truly("match", _search(nation, seed, _is_plain))


def _name_mismatch(nation: _Nation, seed: int) -> ScenarioPerson:
    person = _search(nation, seed, _is_plain)
    name = person.full_name

    def is_another(other: Person) -> bool:
        return other.sex is person.sex and similarity(other.full_name, name) < _CLEARLY_ANOTHER_NAME

    other = _search(nation, mix(seed, 1), is_another)
    return ScenarioPerson("name_mismatch", person.nik, other.full_name, person.date_of_birth, person)


def _birth_date_mismatch(nation: _Nation, seed: int) -> ScenarioPerson:
    person = _search(nation, seed, _is_plain)
    claimed = person.date_of_birth - datetime.timedelta(days=400 + mix(seed, 2) % 1000)
    return ScenarioPerson("birth_date_mismatch", person.nik, person.full_name, claimed, person)


def _not_found(nation: _Nation, seed: int) -> ScenarioPerson:
    person = _search(nation, seed, _is_plain)
    nik = f"{person.nik[:12]}{_NEVER_ISSUED + mix(seed, 3) % 90:04}"
    return ScenarioPerson("not_found", nik, person.full_name, person.date_of_birth, None)


def _with_outcome(outcome: Outcome) -> _Finder:
    def find(nation: _Nation, seed: int) -> ScenarioPerson:
        return _truly(outcome.value, _search(nation, seed, lambda person: person.outcome is outcome))

    return find


def _retired_region(nation: _Nation, seed: int) -> ScenarioPerson:
    def wanted(person: Person) -> bool:
        retired = region(person.nik[:6]).grade is RegionGrade.RETIRED
        return person.outcome is Outcome.FOUND and retired and not is_corrected(person)

    province = _PROVINCES_WITH_RETIRED_CODES[seed % 2]
    return _truly("retired_region", _search(nation, seed, wanted, province))


def _corrected_birth(nation: _Nation, seed: int) -> ScenarioPerson:
    return _truly("corrected_birth", _search(nation, seed, _birth_is_corrected))


_FINDERS: Final[Mapping[str, _Finder]] = MappingProxyType(
    {
        "match": _match,
        "name_mismatch": _name_mismatch,
        "birth_date_mismatch": _birth_date_mismatch,
        "not_found": _not_found,
        "deceased": _with_outcome(Outcome.DECEASED),
        "duplicate": _with_outcome(Outcome.DUPLICATE),
        "inactive": _with_outcome(Outcome.INACTIVE),
        "retired_region": _retired_region,
        "corrected_birth": _corrected_birth,
    }
)

PERSON_SCENARIOS: Final = tuple(_FINDERS)
"""The scenarios that lie in a person or a claim."""

SCENARIOS: Final = (*PERSON_SCENARIOS, *FAULT_NAMES)
"""Every scenario; the later ones are the registry's faults."""
