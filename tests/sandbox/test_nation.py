"""The nation: who exists is a pure function of a seed, and looks like Indonesia."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from padan.domain.finding import Outcome
from padan.nik import NikInvalid, RegionGrade, birth_date, parse
from padan.sandbox import PERSON_SCENARIOS, REFERENCE_DATE, SCENARIOS, Nation, Person
from padan.sandbox.scenarios import is_corrected

NATION = Nation()

FROZEN = {
    "3206230205160001": "ENCEP SAPUTRA",
    "1101044704060001": "KIRANA FAUZIAH",
    "3517215405080002": "RANI NABILAH",
    "3672035710050001": "NENG NIA MARIAM",
    "1703115606120001": "RUKMI DAMAYANTI",
    "1872050404130001": "MOHAMMAD RIAN JANUAR",
    "3603290107860002": "YAYAT",
    "5371010903080002": "PASKALIS DOSANTOS",
    "9122012202560001": "DONATUS WANMA",
    "3509302007850003": "JONATHAN LIMANTO",
    "7603090101820002": "MUH. ARAS",
    "7201046104070001": "RUQAYYAH",
}


@cache
def sampled() -> tuple[Person, ...]:
    return tuple(NATION.sample(6000, seed=3))


@pytest.mark.parametrize("nik", FROZEN)
def test_the_seed_gives_the_people_it_always_gave(nik: str) -> None:
    person = NATION.person(nik)
    assert person is not None
    assert person.full_name == FROZEN[nik]


def test_two_nations_of_one_seed_agree_and_another_seed_differs() -> None:
    again, other = Nation(), Nation(seed=1)
    people = sampled()[:200]
    assert [again.person(p.nik) for p in people] == list(people)
    assert [other.person(p.nik) for p in people] != list(people)


@given(st.text(max_size=20) | st.from_regex(r"[0-9]{16}", fullmatch=True))
def test_nobody_has_what_is_no_nik(text: str) -> None:
    person = NATION.person(text)
    try:
        parse(text)
    except NikInvalid:
        assert person is None


@given(st.integers(0, 5999))
@settings(max_examples=200)
def test_everybody_sampled_is_found_under_a_lawful_nik_and_name(index: int) -> None:
    person = sampled()[index]
    assert NATION.person(person.nik) == person
    number = parse(person.nik)
    assert 0 < len(person.full_name) <= 60
    assert person.full_name == person.full_name.upper()
    read = birth_date(number, today=REFERENCE_DATE, claimed=person.date_of_birth)
    assert read is not None
    assert is_corrected(person) == (not (read.agrees and number.sex is person.sex))


def test_the_nation_has_as_many_living_people_as_the_registry() -> None:
    living, dead = NATION.expected_people()
    assert round(living) == 288_315_089
    assert 0.02 < dead / living < 0.08


def test_provinces_ages_sexes_and_serials_are_those_of_indonesia() -> None:
    people = sampled()
    by_province = Counter(p.nik[:2] for p in people)
    assert [code for code, _ in by_province.most_common(3)] == ["32", "35", "33"]
    ages = sorted(p.age_on(REFERENCE_DATE) for p in people)
    assert 28 <= ages[len(ages) // 2] <= 36
    assert ages[0] >= 0
    women = sum(parse(p.nik).sex.value == "Female" for p in people)
    assert 0.46 < women / len(people) < 0.54
    assert sum(int(p.nik[12:]) <= 10 for p in people) > 0.98 * len(people)


def test_retired_codes_the_dead_and_corrected_births_occur_and_are_few() -> None:
    people = sampled()
    shares = {
        "retired": sum(p.region.grade is RegionGrade.RETIRED for p in people),
        "dead": sum(p.outcome is Outcome.DECEASED for p in people),
        "corrected": sum(is_corrected(p) for p in people),
        "one word": sum(" " not in p.full_name for p in people),
    }
    assert all(0 < count < 0.3 * len(people) for count in shares.values()), shares


def test_names_follow_the_region() -> None:
    bali = " ".join(p.full_name for p in NATION.people("5103", 200))
    assert any(word in bali.split() for word in ("WAYAN", "MADE", "NYOMAN", "KETUT"))
    assert len({p.full_name for p in NATION.people("3404", 300)}) > 100


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_has_many_people_and_the_same_ones_each_time(name: str) -> None:
    first = [NATION.scenario(name, index) for index in range(5)]
    assert first == [Nation().scenario(name, index) for index in range(5)]
    assert len({person.nik for person in first}) == 5


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(ValueError, match="no such scenario"):
        NATION.scenario("maybe")


def test_a_person_of_the_nation_hides_behind_their_repr() -> None:
    for name in PERSON_SCENARIOS:
        person = NATION.scenario(name)
        told = repr(person) + repr(person.person)
        assert person.nik not in told
        assert person.full_name not in told
