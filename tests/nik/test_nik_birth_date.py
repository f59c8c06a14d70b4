"""The century of a date of birth: settled by a claimed date, otherwise guessed and said to be a guess."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from padan.nik import BirthDate, Nik, birth_date, parse

TODAY = date(2026, 5, 20)


def nik(day: int, month: int, year: int) -> Nik:
    return parse(f"320101{day:02}{month:02}{year:02}0001")


def test_a_claimed_date_that_agrees_settles_the_century() -> None:
    for born in (date(1905, 3, 4), date(2005, 3, 4)):
        assert birth_date(nik(4, 3, 5), today=TODAY, claimed=born) == BirthDate(born, False, True)


def test_without_a_claim_the_later_possible_date_is_a_guess() -> None:
    assert birth_date(nik(4, 3, 5), today=TODAY) == BirthDate(date(2005, 3, 4), True, None)


def test_one_possible_century_is_still_a_guess_for_only_the_rule_decided() -> None:
    assert birth_date(nik(4, 3, 80), today=TODAY) == BirthDate(date(1980, 3, 4), True, None)


def test_no_date_lies_in_the_future() -> None:
    assert birth_date(nik(21, 5, 26), today=TODAY) == BirthDate(date(1926, 5, 21), True, None)
    assert birth_date(nik(20, 5, 26), today=TODAY) == BirthDate(date(2026, 5, 20), True, None)


def test_no_date_lies_more_than_125_years_ago() -> None:
    day_of_the_rule = date(1901, 5, 20)
    assert birth_date(nik(20, 5, 1), today=TODAY, claimed=day_of_the_rule) == BirthDate(
        day_of_the_rule, False, True
    )
    assert birth_date(nik(19, 5, 1), today=TODAY, claimed=date(1901, 5, 19)) == BirthDate(
        date(2001, 5, 19), True, True
    )


def test_a_claim_in_the_future_does_not_settle_the_century() -> None:
    assert birth_date(nik(4, 3, 95), today=TODAY, claimed=date(2095, 3, 4)) == BirthDate(
        date(1995, 3, 4), True, True
    )


def test_a_claim_that_disagrees_leaves_a_guess_and_is_said_to_disagree() -> None:
    found = birth_date(nik(4, 3, 80), today=TODAY, claimed=date(1980, 4, 3))
    assert found == BirthDate(date(1980, 3, 4), True, False)


def test_a_claim_that_disagrees_still_draws_the_guess_to_its_century() -> None:
    found = birth_date(nik(4, 3, 10), today=TODAY, claimed=date(1910, 4, 3))
    assert found == BirthDate(date(1910, 3, 4), True, False)


def test_29_february_00_is_that_of_2000_for_1900_had_none() -> None:
    claimed = date(2000, 2, 29)
    assert birth_date(nik(29, 2, 0), today=TODAY) == BirthDate(claimed, True, None)
    assert birth_date(nik(29, 2, 0), today=TODAY, claimed=claimed) == BirthDate(claimed, False, True)


def test_there_is_no_date_where_no_century_has_one() -> None:
    assert birth_date(nik(29, 2, 0), today=date(1999, 12, 31)) is None


def test_29_february_and_28_february_disagree() -> None:
    found = birth_date(nik(29, 2, 4), today=TODAY, claimed=date(2004, 2, 28))
    assert found == BirthDate(date(2004, 2, 29), True, False)


def test_the_rule_works_on_29_february_itself() -> None:
    assert birth_date(nik(29, 2, 24), today=date(2024, 2, 29)) == BirthDate(date(2024, 2, 29), True, None)


@pytest.mark.parametrize("offset", [0, 40])
def test_a_womans_date_is_resolved_like_a_mans(offset: int) -> None:
    found = birth_date(parse(f"320101{4 + offset:02}03800001"), today=TODAY)
    assert found == BirthDate(date(1980, 3, 4), True, None)


def test_a_birth_date_does_not_show_the_date() -> None:
    assert "1980" not in repr(birth_date(nik(4, 3, 80), today=TODAY))


days = st.dates(date(1850, 1, 1), date(2150, 12, 31))


@given(born=days, today=days, claimed=st.none() | days)
def test_the_century_is_never_silently_guessed(born: date, today: date, claimed: date | None) -> None:
    found = birth_date(nik(born.day, born.month, born.year % 100), today=today, claimed=claimed)
    assume(found is not None)
    assert found
    assert found.is_guess == (found.date != claimed)
    assert (found.date.day, found.date.month, found.date.year % 100) == (
        born.day,
        born.month,
        born.year % 100,
    )
    assert today - timedelta(days=round(125.01 * 365.25)) <= found.date <= today


@given(age=st.integers(0, 125 * 365), today=days)
def test_whoever_claims_their_own_date_gets_it_back_as_certain(age: int, today: date) -> None:
    born = today - timedelta(days=age)
    assert birth_date(nik(born.day, born.month, born.year % 100), today=today, claimed=born) == BirthDate(
        born, False, True
    )
