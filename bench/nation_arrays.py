"""The nation district by district, with numpy: the people of `padan.sandbox.Nation`, twenty times as fast.

Only what is frequent is done with arrays. Whoever has a title, a corrected date or too long a name is left to
the nation's own functions, so there is one truth; `check` compares the two.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from padan.nik import Sex
from padan.sandbox import Nation, names, nation
from padan.sandbox.pyramid import FIRST_BIRTH_YEAR, REFERENCE_DATE, heap_share
from padan.sandbox.settlement import District

Array = NDArray[Any]
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
A, B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S30, S27, S31, S11 = (np.uint64(n) for n in (30, 27, 31, 11))
SEXES = (Sex.MALE, Sex.FEMALE)
AGES = ("older", "middle", "younger", "newborn")
OUTCOMES = ("found", "deceased", "inactive", "duplicate")


def mix(*values: Any) -> Array:
    """`hashing.mix` over arrays."""
    state = np.zeros(1, dtype=np.uint64)
    for value in values:
        state = state + np.asarray(value, dtype=np.uint64) + GOLDEN
        state = (state ^ (state >> S30)) * A
        state = (state ^ (state >> S27)) * B
        state = state ^ (state >> S31)
    return state


def uniform(*values: Any) -> Array:
    return (mix(*values) >> S11) * 2.0**-53


@dataclass
class Residents:
    """People of a district, in the order of their dates; `status` and `sex` index OUTCOMES and SEXES."""

    nik: Array
    full_name: list[str]
    ordinal: Array
    status: Array
    sex: Array
    corrected_sex: Array


class Arrays:
    """What does not change from district to district."""

    def __init__(self, people: Nation) -> None:
        self.nation = people
        first = datetime.date(FIRST_BIRTH_YEAR, 1, 1).toordinal()
        days = [datetime.date.fromordinal(o) for o in range(first, REFERENCE_DATE.toordinal() + 1)]
        self.ordinals = np.repeat(np.arange(first, first + len(days)), 2)
        self.sexes = np.tile([0, 1], len(days))
        cohorts = people._cohorts
        pairs = [(day, sex) for day in days for sex in SEXES]
        self.share = np.array(
            [
                cohorts[sex, day.year].a_day + cohorts[sex, day.year].heaped * heap_share(day.month, day.day)
                for day, sex in pairs
            ]
        )
        self.dead = np.array([cohorts[sex, day.year].dead for day, sex in pairs])
        self.years = np.array([day.year for day, _ in pairs])
        self.digits = np.array(
            [
                (day.day + 40 * (sex is Sex.FEMALE)) * 10**8 + day.month * 10**6 + day.year % 100 * 10**4
                for day, sex in pairs
            ],
            dtype=np.int64,
        )
        places: dict[datetime.date | None, int] = {day: place for place, day in enumerate(days)}
        earlier = [
            places.get(_century_before(day), -1) if day.year - 100 >= FIRST_BIRTH_YEAR else -1 for day in days
        ]
        self.earlier = np.array([-1 if e < 0 else 2 * e + s for e in earlier for s in (0, 1)])

    def residents(self, district: District) -> Residents:
        """Everybody of a district."""
        issued = self._issued(district)
        before = np.where(self.earlier >= 0, issued[self.earlier], 0)
        cell = np.repeat(np.arange(len(issued)), issued)
        within = np.arange(len(cell)) - np.repeat(np.cumsum(issued) - issued, issued)
        nik = int(district.code) * 10**10 + self.digits[cell] + before[cell] + within + 1
        draw = mix(self.nation.seed, nik.astype(np.uint64))
        ordinal, sex = self.ordinals[cell], self.sexes[cell]
        moved = np.flatnonzero(uniform(draw, nation._BIRTH) < nation.SHARE_BIRTH_CORRECTED)
        for i in moved.tolist():
            born = datetime.date.fromordinal(int(ordinal[i]))
            key = int(mix(draw[i], nation._BIRTH, 1)[0])
            ordinal[i] = nation._corrected(born, key).toordinal()
        flipped = uniform(draw, nation._SEX) < nation.SHARE_SEX_CORRECTED
        sex = np.where(flipped, 1 - sex, sex)
        status = _status(uniform(draw, nation._STATUS), self.dead[cell])
        full_name = _full_names(district.regency_code, sex, ordinal=ordinal, draw=draw)
        return Residents(nik, full_name, ordinal, status, sex, flipped)

    def _issued(self, district: District) -> Array:
        people = np.where(self.ordinals < district.changed, district.born_before, district.born_since)
        expected = people * self.share
        keys = self.ordinals * 2 + self.sexes
        fraction = uniform(self.nation.seed, nation._PEOPLE, int(district.code), keys)
        return _poisson(expected, fraction)


def _century_before(day: datetime.date) -> datetime.date | None:
    try:
        return day.replace(year=day.year - 100)
    except ValueError:
        return None


def _poisson(expected: Array, fraction: Array) -> Array:
    count = np.zeros(len(expected), dtype=np.int64)
    probability = np.exp(-expected)
    active = np.flatnonzero((fraction > probability) & (expected > 0))
    probability, cumulative = probability[active], probability[active].copy()
    expected, fraction = expected[active], fraction[active]
    highest = np.minimum((expected + 12 * np.sqrt(expected)).astype(np.int64) + 12, 9900)
    step = 0
    while len(active):
        step += 1
        count[active] = step
        probability = probability * expected / step
        cumulative = cumulative + probability
        on = (fraction > cumulative) & (step < highest)
        active, probability, cumulative = active[on], probability[on], cumulative[on]
        expected, fraction, highest = expected[on], fraction[on], highest[on]
    return count


def _status(fraction: Array, dead: Array) -> Array:
    among = (fraction - dead) / (1 - dead)
    status = np.zeros(len(fraction), dtype=np.int64)
    status[among < nation.SHARE_DUPLICATE + nation.SHARE_INACTIVE] = 2
    status[among < nation.SHARE_DUPLICATE] = 3
    status[fraction < dead] = 1
    return status


@cache
def _vocabulary() -> dict[str, int]:
    return {}


@cache
def _words_of(words: tuple[str, ...]) -> Array:
    known = _vocabulary()
    return np.array([known.setdefault(word, len(known)) for word in words])


def _full_names(regency: str, sex: Array, *, ordinal: Array, draw: Array) -> list[str]:
    groups, regions = names._tables()
    shares = regions.get(regency) or regions[regency[:2]]
    group = np.searchsorted(shares.limits, uniform(draw, 1) * shares.limits[-1], side="right")
    bounds = [datetime.date(1965, 1, 1), datetime.date(1990, 1, 1), names.TWO_WORDS_SINCE]
    age = np.searchsorted([day.toordinal() for day in bounds], ordinal, side="right")
    kind = (group * 4 + age) * 2 + sex
    chance = uniform(draw, 3)
    fractions = [uniform(draw, 4, place) for place in range(6)]
    ids = np.full((7, len(draw)), -1)
    order = np.argsort(kind, kind="stable")
    kinds, starts = np.unique(kind[order], return_index=True)
    for value, chosen in zip(kinds.tolist(), np.split(order, starts[1:]), strict=True):
        sex_word = ("male", "female")[value % 2]
        patterns = groups[shares.choices[value // 8]].patterns[f"{AGES[value // 2 % 4]}_{sex_word}"]
        pattern = np.searchsorted(patterns.limits, chance[chosen] * patterns.limits[-1], side="right")
        for number, parts in enumerate(patterns.choices):
            own = chosen[pattern == number]
            if len(own):
                _choose(ids, own, parts=parts, fractions=fractions)
    return _spelt(ids, regency, sex=sex, ordinal=ordinal, draw=draw)


def _choose(ids: Array, own: Array, *, parts: Any, fractions: list[Array]) -> None:
    for place, words in enumerate(parts):
        numbers = _words_of(tuple(words))
        fraction = fractions[place][own]
        rank = (fraction * (0.4 + 0.6 * fraction) * len(numbers)).astype(np.int64)
        word = numbers[rank]
        again = np.zeros(len(own), dtype=bool)
        for earlier in range(place):
            again |= ids[earlier, own] == word
        ids[place, own] = np.where(again, numbers[(rank + 1) % len(numbers)], word)


def _spelt(ids: Array, regency: str, *, sex: Array, ordinal: Array, draw: Array) -> list[str]:
    spelling = np.array([*_vocabulary(), ""], dtype=object)
    places = [spelling[ids[place]].tolist() for place in range(7) if (ids[place] >= 0).any()]
    spelt = [" ".join(words).rstrip() for words in zip(*places, strict=True)]
    titled = (ordinal < datetime.date(1985, 1, 1).toordinal()) & (uniform(draw, 5) <= 0.033)
    rare = set(np.flatnonzero(titled).tolist()) | {i for i, name in enumerate(spelt) if len(name) > 60}
    for i in rare:
        one = int(draw[i])
        born = datetime.date.fromordinal(int(ordinal[i]))
        spelt[i] = names.full_name(names.group_of(regency, one), SEXES[sex[i]], born, one)
    return spelt


def check(people: Nation, district: District) -> Iterator[str]:
    """Everybody of a district in whom the arrays and the nation differ, the NIK aside."""
    found = Arrays(people).residents(district)
    for i, number in enumerate(found.nik.tolist()):
        person = people.person(f"{number:016}")
        if person is None:
            yield "nobody"
            continue
        told = (found.full_name[i], int(found.ordinal[i]), OUTCOMES[found.status[i]], SEXES[found.sex[i]])
        true = (person.full_name, person.date_of_birth.toordinal(), person.outcome.value, person.sex)
        if told != true:
            yield f"{told[1:]} is not {true[1:]}"
