"""A synthetic nation of 288 million people that needs no storage.

Who exists is a pure function of a seed: for each district, date of birth and sex a number is drawn
of how many serial numbers were issued, and a NIK exists where its serial is not above that number.
Everything else about a person is drawn from the NIK. What is fact and what is assumption stands in
``docs/explanation/nation.md``.
"""

import datetime
import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate, islice
from typing import Final, NamedTuple

from padan.domain.finding import Outcome
from padan.nik import Nik, NikInvalid, Sex, parse
from padan.sandbox.fault_people import FIRST_FAULT_SERIAL, fault_of, nik_of
from padan.sandbox.hashing import mix, text_key, uniform
from padan.sandbox.person import Person
from padan.sandbox.pyramid import (
    FIRST_BIRTH_YEAR,
    REFERENCE_DATE,
    days_in_year,
    heap_share,
    share_dead,
    share_heaped,
    share_of_living,
)
from padan.sandbox.scenarios import ScenarioPerson, find_scenario
from padan.sandbox.settlement import District, settlement

DEFAULT_SEED: Final = 20251231

SHARE_DUPLICATE: Final = 0.002
SHARE_INACTIVE: Final = 0.005
SHARE_BIRTH_CORRECTED: Final = 0.005
SHARE_SEX_CORRECTED: Final = 0.0002
"""Shares of the living, like the two above: assumptions."""

_PEOPLE, _STATUS, _BIRTH, _SEX, _SAMPLE = (
    text_key(t) for t in ("people", "status", "birth", "sex", "sample")
)
_DAYS_TRIED: Final = 400


class _Cohort(NamedTuple):
    """One sex and year of birth, as shares of the living: registered people a day, and heaped ones."""

    a_day: float
    heaped: float
    dead: float


class Nation:
    """The people of one seed; the same on every machine.

    Making one reads the tables of regions and population once, some 50 milliseconds. It holds no
    state that changes, so threads may share it.
    """

    def __init__(self, seed: int = DEFAULT_SEED) -> None:
        self.seed: Final = seed
        self._districts: Final = settlement(seed)
        self._cohorts: Final = {(sex, year): _cohort(sex, year) for sex in Sex for year in _birth_years()}
        self._codes: Final = tuple(self._districts)
        self._limits_before: Final = tuple(accumulate(d.born_before for d in self._districts.values()))
        self._limits_since: Final = tuple(accumulate(d.born_since for d in self._districts.values()))
        cohorts = [(sex, year) for sex in Sex for year in _birth_years()]
        self._cohort_keys: Final = tuple(cohorts)
        self._cohort_limits: Final = tuple(accumulate(self._registered_share(*key) for key in cohorts))

    def person(self, nik: str) -> Person | None:
        """Return the person of a NIK, None where nobody has it or it is no NIK at all."""
        try:
            number = parse(nik)
        except NikInvalid:
            return None
        district = self._districts.get(nik[:6])
        if district is None:
            return None
        serial = int(nik[12:])
        for born in _dates_of_birth(number):
            fault = fault_of(district.code, born.year, serial)
            if fault:
                return self._fault_person(number, born, district, fault)
            issued = self._issued(district, born, number.sex)
            if serial <= issued:
                return self._person(number, born, district)
            serial -= issued  # the later century goes on counting where the earlier one stopped
        return None

    def sample(self, count: int, seed: int = 0, *, region_code: str = "") -> list[Person]:
        """Return people drawn at random, the dead among them, each as likely as any other, nearly.

        ``region_code`` (2, 4 or 6 digits) narrows the draw to one region; raises ``ValueError``
        where no district lies in it.
        """
        key = mix(_SAMPLE, self.seed, seed, text_key(region_code))
        return [self._draw(mix(key, index), region_code) for index in range(count)]

    def people(self, region_code: str, limit: int) -> list[Person]:
        """Return the first people of a region (2, 4 or 6 digits) in the order of district and date.

        Neighbours in the list share a district and often a date, which is what makes namesakes and
        twins. Raises ``ValueError`` where no district lies in the region.
        """
        codes = self._codes_in(region_code)
        return list(islice((person for code in codes for person in self._residents(code)), limit))

    def expected_people(self) -> tuple[float, float]:
        """Return how many living and how many dead people the registry of this nation holds."""
        living = dead = 0.0
        for changed in {district.changed for district in self._districts.values()}:
            changing = [d for d in self._districts.values() if d.changed == changed]
            before, since = sum(d.born_before for d in changing), sum(d.born_since for d in changing)
            whole = replace(changing[0], born_before=before, born_since=since)
            for (_, year), cohort in self._cohorts.items():
                registered = sum(self._expected(whole, born, cohort) for born in _days_in(year))
                dead += registered * cohort.dead
                living += registered * (1 - cohort.dead)
        return living, dead

    def scenario(self, name: str, index: int = 0) -> ScenarioPerson:
        """Return a person and the claim about them that brings a scenario about.

        ``name`` is one of ``SCENARIOS``; another ``index`` gives another person (for a fault, 730 of
        them). Raises ``ValueError`` for a scenario that does not exist.
        """
        return find_scenario(self, name, index)

    def _expected(self, district: District, born: datetime.date, cohort: _Cohort) -> float:
        before = born.toordinal() < district.changed
        population = district.born_before if before else district.born_since
        return population * (cohort.a_day + cohort.heaped * heap_share(born.month, born.day))

    def _issued(self, district: District, born: datetime.date, sex: Sex) -> int:
        expected = self._expected(district, born, self._cohorts[sex, born.year])
        if not expected:
            return 0
        day_and_sex = born.toordinal() * 2 + (sex is Sex.FEMALE)
        return _poisson(expected, uniform(self.seed, _PEOPLE, int(district.code), day_and_sex))

    def _person(self, number: Nik, born: datetime.date, district: District) -> Person:
        draw = mix(self.seed, int(number.digits))
        outcome = _outcome(uniform(draw, _STATUS), self._cohorts[number.sex, born.year].dead)
        if uniform(draw, _BIRTH) < SHARE_BIRTH_CORRECTED:
            born = _corrected(born, mix(draw, _BIRTH, 1))
        sex = number.sex
        if uniform(draw, _SEX) < SHARE_SEX_CORRECTED:
            sex = Sex.FEMALE if sex is Sex.MALE else Sex.MALE
        return Person(number.digits, born, sex, outcome, district.regency_code, draw)

    def _fault_person(self, number: Nik, born: datetime.date, district: District, fault: str) -> Person:
        draw = mix(self.seed, int(number.digits))
        return Person(number.digits, born, number.sex, Outcome.FOUND, district.regency_code, draw, fault)

    def _registered_share(self, sex: Sex, year: int) -> float:
        cohort = self._cohorts[sex, year]
        return cohort.a_day * days_in_year(year) + cohort.heaped

    def _draw(self, draw: int, region_code: str) -> Person:
        codes = self._codes_in(region_code)
        for attempt in range(_DAYS_TRIED):
            key = mix(draw, attempt)
            position = uniform(key, 1) * self._cohort_limits[-1]
            sex, year = self._cohort_keys[bisect_right(self._cohort_limits, position)]
            code = self._draw_district(uniform(key, 2), codes, year)
            person = self._somebody(self._districts[code], sex, year, key)
            if person is not None:
                return person
        message = "No person could be drawn there; choose a larger region."
        raise ValueError(message)

    def _draw_district(self, fraction: float, codes: range, year: int) -> str:
        changed = self._districts[self._codes[codes.start]].changed
        limits = self._limits_since
        if year <= datetime.date.fromordinal(changed).year:
            limits = self._limits_before
        start = limits[codes.start - 1] if codes.start else 0.0
        end = limits[codes.stop - 1]
        return self._codes[
            bisect_right(limits, start + fraction * (end - start), codes.start, codes.stop - 1)
        ]

    def _somebody(self, district: District, sex: Sex, year: int, key: int) -> Person | None:
        """Return somebody of a district, sex and year: days are tried until one has people."""
        cohort = self._cohorts[sex, year]
        heaped = cohort.heaped / (cohort.a_day * days_in_year(year) + cohort.heaped)
        for attempt in range(_DAYS_TRIED):
            born = _day_of(year, uniform(key, 3, attempt), heaped)
            issued = self._issued(district, born, sex)
            if issued:
                serial = 1 + mix(key, 4) % issued + self._issued_a_century_before(district, born, sex)
                return self.person(nik_of(district.code, born, sex, serial))
        return None

    def _issued_a_century_before(self, district: District, born: datetime.date, sex: Sex) -> int:
        earlier = _on(born.year - 100, born.month, born.day)
        return self._issued(district, earlier, sex) if earlier else 0

    def _codes_in(self, region_code: str) -> range:
        if len(region_code) not in {0, 2, 4, 6}:
            message = "The region code must have 2, 4 or 6 digits."
            raise ValueError(message)
        start = bisect_right(self._codes, region_code)
        start -= bool(start) and self._codes[start - 1] == region_code
        stop = bisect_right(self._codes, region_code + "~")
        if start == stop:
            message = "The region code must be one that a list of regions has."
            raise ValueError(message)
        return range(start, stop)

    def _residents(self, codes_index: int) -> Iterator[Person]:
        district = self._districts[self._codes[codes_index]]
        day = datetime.date(FIRST_BIRTH_YEAR, 1, 1)
        while day <= REFERENCE_DATE:
            for sex in Sex:
                earlier = self._issued_a_century_before(district, day, sex)
                for serial in range(1, self._issued(district, day, sex) + 1):
                    person = self.person(nik_of(district.code, day, sex, earlier + serial))
                    if person is not None:
                        yield person
            day += datetime.timedelta(days=1)


def _days_in(year: int) -> Iterator[datetime.date]:
    first = datetime.date(year, 1, 1)
    return (first + datetime.timedelta(days=day) for day in range(days_in_year(year)))


def _birth_years() -> range:
    return range(FIRST_BIRTH_YEAR, REFERENCE_DATE.year + 1)


def _cohort(sex: Sex, year: int) -> _Cohort:
    dead = share_dead(year)
    registered = share_of_living(sex)[year] / (1 - dead)
    heaped = registered * share_heaped(year)
    return _Cohort((registered - heaped) / days_in_year(year), heaped, dead)


def _dates_of_birth(number: Nik) -> Iterator[datetime.date]:
    """Yield the dates a NIK can stand for in this nation, the earlier century first."""
    for century in (1900, 2000):
        born = _on(century + number.two_digit_year, number.month, number.day)
        if born:
            yield born


def _on(year: int, month: int, day: int) -> datetime.date | None:
    """Return a date on which somebody of the nation may be born, None for any other."""
    if not FIRST_BIRTH_YEAR <= year <= REFERENCE_DATE.year:
        return None
    if (month, day) == (2, 29) and days_in_year(year) != 366:
        return None
    return datetime.date(year, month, day)


def _day_of(year: int, fraction: float, heaped: float) -> datetime.date:
    """Return the day at a fraction of a year's births, the heaped ones first."""
    if fraction < heaped:
        fraction /= heaped
        for month, day in ((1, 1), (12, 31), (7, 1), (8, 17)):
            fraction -= heap_share(month, day)
            if fraction < 0:
                return datetime.date(year, month, day)
        return datetime.date(year, 8, 17)
    day_of_year = int((fraction - heaped) / (1 - heaped) * days_in_year(year))
    return datetime.date(year, 1, 1) + datetime.timedelta(days=day_of_year)


def _outcome(fraction: float, dead: float) -> Outcome:
    if fraction < dead:
        return Outcome.DECEASED
    among_living = (fraction - dead) / (1 - dead)
    if among_living < SHARE_DUPLICATE:
        return Outcome.DUPLICATE
    if among_living < SHARE_DUPLICATE + SHARE_INACTIVE:
        return Outcome.INACTIVE
    return Outcome.FOUND


def _corrected(born: datetime.date, draw: int) -> datetime.date:
    """Return the registry's date where it differs from the NIK's: day and month swapped, or off."""
    if draw % 3 == 0 and born.day <= 12 and born.day != born.month:
        return datetime.date(born.year, born.day, born.month)
    if draw % 3 == 1 and born.year - 1 - draw % 4 >= FIRST_BIRTH_YEAR and born.day <= 28:
        return born.replace(year=born.year - 1 - draw % 4)
    return born - datetime.timedelta(days=1 + draw % 60)


def _poisson(expected: float, fraction: float) -> int:
    """Return how many were issued: the Poisson distribution, by inversion; far below 9901."""
    probability = cumulative = math.exp(-expected)
    count = 0
    highest = min(int(expected + 12 * math.sqrt(expected)) + 12, FIRST_FAULT_SERIAL - 1)
    while fraction > cumulative and count < highest:
        count += 1
        probability *= expected / count
        cumulative += probability
    return count
