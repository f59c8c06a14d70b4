"""Who exists, and that machines agree on it."""

from __future__ import annotations

import datetime
import statistics
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from padan.domain.finding import Outcome
from padan.nik import NikInvalid, RegionGrade, Sex, parse, region
from padan.sandbox import REFERENCE_DATE, SCENARIOS, Nation, Person
from padan.sandbox.fault_people import FAULT_NAMES, fault_nik
from padan.sandbox.scenarios import is_corrected
from tests.sandbox.simulator import NATION

SAMPLE = NATION.sample(8000, seed=1)
DISTRICT = "340103"


def test_two_nations_of_one_seed_agree_and_of_two_seeds_do_not() -> None:
    mine, same, another = NATION.sample(300), Nation().sample(300), Nation(7).sample(300)
    assert [(p.nik, p.full_name, p.outcome) for p in mine] == [(p.nik, p.full_name, p.outcome) for p in same]
    assert len({p.nik for p in mine} & {p.nik for p in another}) < 3


def test_the_people_of_the_default_seed_stay_who_they_are() -> None:
    """A frozen sample: whoever changes a table or a hash changes everybody's test data."""
    assert {nik: who(nik) for nik in FROZEN} == FROZEN


def who(nik: str) -> str:
    person = NATION.person(nik)
    assert person
    return f"{person.full_name}|{person.date_of_birth}|{person.outcome}"


FROZEN = {
    "3317040111880002": "IMRON|1988-11-01|found",
    "3273152603760001": "NANANG DARMAWAN|1976-03-26|found",
    "5103036511780002": "NI LUH PUTU SUASTINI|1978-11-04|found",
    "5108072103430001": "I NYOMAN NARAYANA|1943-03-21|deceased",
    "1202032605000001": "MOHAMAD ERLANGGA MAHENDRA|2000-05-26|found",
    "1202077105250001": "YOSEPHIN BANGUN|2025-05-31|found",
    "1371092010780001": "RIFKI ABDUL WAHID|1978-10-20|found",
    "1305010206030001": "FERDI OKTAVIAN|2003-06-02|found",
    "3374022605030004": "ARIEF SUDARMADI|2003-05-26|found",
    "3374151009200001": "AHMAD SHOLEH|2020-09-10|found",
    "7371050403580001": "SUARDI|1958-01-06|found",
    "7371091912180001": "MUHAMAD DERI MUSTAMIN|2018-12-19|found",
    "1117020512690001": "H. KHAIRUL|1969-12-05|found",
    "1103181804020001": "GERY ADNAN|2002-04-18|found",
    "9101124107160001": "INTAN RUMKOREM|2016-07-01|found",
    "9101082911150002": "JORDI PICAULY|2015-11-29|found",
    "5371035809970002": "FLORENTINA BOIMAU|1997-09-18|found",
    "5371012401230002": "DIMAS NGONGO|2023-01-24|found",
    "7174020301830001": "RICO GOBEL|1983-01-03|found",
    "7171054510680002": "APOLONIA SUMENDAP|1968-10-05|found",
}


@given(st.text(max_size=20) | st.text("0123456789", min_size=14, max_size=18))
def test_only_a_lawful_nik_can_be_somebodys(text: str) -> None:
    person = NATION.person(text)
    try:
        parse(text)
    except NikInvalid:
        assert person is None
    assert person is None or person.nik == text


@pytest.mark.parametrize(
    "nik",
    [
        "",
        "1234",
        "3171014601900000",
        "9999994601900001",
        "317101460190000１",
        "3171013202900001",
        "3171014601909999",
    ],
)
def test_a_number_that_no_rule_issues_is_nobody(nik: str) -> None:
    assert NATION.person(nik) is None


@given(st.integers(0, len(SAMPLE) - 1))
def test_serial_numbers_have_no_gaps(index: int) -> None:
    nik = SAMPLE[index].nik
    assert all(NATION.person(f"{nik[:12]}{serial:04}") for serial in range(1, int(nik[12:]) + 1))


def test_every_nik_parses_and_agrees_with_the_registry_unless_it_was_corrected() -> None:
    corrected = [person for person in SAMPLE if is_corrected(person)]
    assert 0.002 < len(corrected) / len(SAMPLE) < 0.010
    for person in SAMPLE:
        number = parse(person.nik)
        if person not in corrected:
            born = person.date_of_birth
            assert number.sex is person.sex
            assert (number.day, number.month, number.two_digit_year) == (
                born.day,
                born.month,
                born.year % 100,
            )
        assert NATION.person(person.nik) == person
        assert person.date_of_birth <= REFERENCE_DATE


def test_the_living_are_the_288_million_of_the_registry() -> None:
    living, dead = NATION.expected_people()
    assert living == pytest.approx(288_315_089, abs=2)
    assert 10e6 < dead < 16e6


@pytest.fixture(scope="module")
def villagers() -> list[Person]:
    """Everybody of one district."""
    return NATION.people(DISTRICT, 10**6)


def test_a_district_counted_head_by_head_has_the_people_that_its_weight_says(villagers: list[Person]) -> None:
    weight = NATION._districts[DISTRICT].born_since
    living, dead = NATION.expected_people()
    assert len(villagers) == pytest.approx(weight * (living + dead) / living, rel=0.02)


@pytest.mark.parametrize(
    ("retired", "last_day"),
    [("910101", datetime.date(2022, 7, 24)), ("920101", datetime.date(2022, 12, 7))],
)
def test_a_retired_code_issues_until_the_day_before_its_province_was_split(
    retired: str, last_day: datetime.date
) -> None:
    district = NATION._districts[retired]
    days = [last_day + datetime.timedelta(days=after) for after in range(-60, 60)]
    issued = {day for day in days for sex in Sex if NATION._issued(district, day, sex)}
    assert last_day - datetime.timedelta(days=30) < max(issued) <= last_day


def test_two_centuries_share_the_digits_of_a_date_without_sharing_a_nik(villagers: list[Person]) -> None:
    """Somebody of 105 and a child of 5 have the same six digits; the serial tells them apart."""
    assert [p for p in villagers if p.date_of_birth.year < 1926]
    assert len({p.nik for p in villagers}) == len(villagers)
    for old in (p for p in villagers if p.date_of_birth.year < 1926 and not is_corrected(p)):
        century_later = old.date_of_birth.replace(year=old.date_of_birth.year + 100)
        district = NATION._districts[DISTRICT]
        both = sum(NATION._issued(district, day, old.sex) for day in (old.date_of_birth, century_later))
        found = [NATION.person(f"{old.nik[:12]}{serial:04}") for serial in range(1, both + 2)]
        assert None not in found[:-1]
        assert found[-1] is None


def test_provinces_have_their_share() -> None:
    share = {code: sum(p.nik[:2] == code for p in SAMPLE) / len(SAMPLE) for code in ("32", "35", "33", "31")}
    assert share["32"] == pytest.approx(0.178, abs=0.015)
    assert share["35"] == pytest.approx(0.147, abs=0.015)
    assert share["33"] == pytest.approx(0.134, abs=0.015)
    assert share["31"] == pytest.approx(0.039, abs=0.008)


def test_bogor_is_the_largest_regency_and_supiori_the_smallest() -> None:
    people: dict[str, float] = {}
    for district in NATION._districts.values():
        people[district.regency_code] = people.get(district.regency_code, 0) + district.born_since
    ordered = sorted(people, key=lambda code: people[code])
    assert (ordered[0], ordered[-1]) == ("9119", "3201")
    assert people["3201"] == pytest.approx(5.8e6, rel=0.03)


def test_ages_and_sexes_are_those_of_the_census() -> None:
    living = [p for p in SAMPLE if p.outcome is not Outcome.DECEASED]
    ages = [p.age_on(REFERENCE_DATE) for p in living]
    assert 28 <= statistics.median(ages) <= 33
    assert sum(p.sex is Sex.MALE for p in living) / len(living) == pytest.approx(0.505, abs=0.02)
    assert sum(age >= 60 for age in ages) / len(ages) == pytest.approx(0.097, abs=0.015)


def test_birthdays_of_older_people_heap_on_the_first_of_january() -> None:
    def share(people: list[datetime.date]) -> float:
        return sum((day.month, day.day) == (1, 1) for day in people) / len(people)

    older = [p.date_of_birth for p in SAMPLE if p.date_of_birth.year < 1970]
    younger = [p.date_of_birth for p in SAMPLE if p.date_of_birth.year > 1990]
    assert share(older) > 0.02
    assert share(younger) < 0.01


def test_serial_numbers_are_small() -> None:
    serials = [int(p.nik[12:]) for p in SAMPLE]
    assert sum(serial <= 10 for serial in serials) / len(serials) > 0.97
    assert max(serials) < 200


def test_the_dead_duplicates_and_inactive_have_their_assumed_shares() -> None:
    shares = {o: sum(p.outcome is o for p in SAMPLE) / len(SAMPLE) for o in Outcome}
    assert shares[Outcome.NOT_FOUND] == 0
    assert shares[Outcome.DECEASED] == pytest.approx(0.043, abs=0.01)
    assert shares[Outcome.DUPLICATE] == pytest.approx(0.002, abs=0.0015)
    assert shares[Outcome.INACTIVE] == pytest.approx(0.005, abs=0.0025)


def test_who_was_born_in_papua_before_the_splits_mostly_holds_a_retired_code() -> None:
    people = NATION.sample(600, 3, region_code="91") + NATION.sample(600, 3, region_code="95")
    split = datetime.date(2022, 7, 25)
    for person in people:
        if region(person.nik[:6]).grade is RegionGrade.RETIRED and not is_corrected(person):
            assert person.date_of_birth < split
    born_before = [p for p in NATION.sample(400, 4, region_code="9102") if not is_corrected(p)]
    assert all(region(p.nik[:6]).grade is RegionGrade.RETIRED for p in born_before)


@pytest.mark.parametrize("code", ["32", "3201", "320105"])
def test_people_of_a_region_live_in_it(code: str) -> None:
    people = NATION.people(code, 50)
    assert len({p.nik for p in people}) == 50
    assert all(p.nik.startswith(code) for p in people + NATION.sample(50, 9, region_code=code))


@pytest.mark.parametrize("code", ["99", "3", "32010", "32x1"])
def test_a_region_that_no_list_has_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="region code"):
        NATION.people(code, 1)


@pytest.mark.parametrize("name", SCENARIOS)
def test_repr_says_nothing_personal(name: str) -> None:
    claim = NATION.scenario(name)
    shown = f"{claim!r} {claim.person!r}"
    assert claim.nik not in shown
    assert claim.full_name not in shown
    assert str(claim.date_of_birth) not in shown


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_scenario_has_many_people_and_the_same_ones_each_time(name: str) -> None:
    claims = [NATION.scenario(name, index) for index in range(4)]
    assert claims == [Nation().scenario(name, index) for index in range(4)]
    assert len({claim.nik for claim in claims}) == 4
    for claim in claims:
        assert claim.scenario == name
        assert NATION.person(claim.nik) == claim.person
        assert claim.date_of_birth <= REFERENCE_DATE


def test_the_lawful_oddities_are_what_their_scenarios_say() -> None:
    assert region(NATION.scenario("retired_region").nik[:6]).grade is RegionGrade.RETIRED
    corrected = NATION.scenario("corrected_birth")
    assert corrected.person is not None
    assert is_corrected(corrected.person)


def test_a_scenario_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="use one of: match"):
        NATION.scenario("maybe")


@pytest.mark.parametrize("fault", FAULT_NAMES)
def test_a_fault_has_730_people_of_its_own(fault: str) -> None:
    niks = {fault_nik(fault, index) for index in range(730)}
    assert len(niks) == 730
    assert all((person := NATION.person(nik)) and person.fault == fault for nik in niks)


def test_nobody_else_makes_the_simulator_misbehave() -> None:
    assert all(person.fault is None for person in SAMPLE)


@settings(max_examples=20)
@given(st.integers(0, 2**63), st.integers(1, 30))
def test_samples_are_as_long_as_asked_and_the_same_again(seed: int, count: int) -> None:
    assert NATION.sample(count, seed) == NATION.sample(count, seed)
    assert len(NATION.sample(count, seed)) == count


def test_a_person_is_answered_for_in_microseconds() -> None:
    niks = [person.nik for person in SAMPLE[:2000]]
    start = time.perf_counter()
    for nik in niks:
        NATION.person(nik)
    assert (time.perf_counter() - start) / len(niks) < 150e-6  # ten times what it takes on a quiet machine
