"""What is said of a NIK while it is typed: as early as possible, and never too early."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan import nik
from padan.web.pages.languages import languages
from padan.web.pages.live import Seen, look_at
from tests.support.wired import NIK

ENGLISH, INDONESIAN = languages()["en"], languages()["id"]
REGION = "Sukasari, Kota Bandung, Jawa Barat"


def number(day: int, month: int, year: int, serial: int) -> str:
    return f"327301{day:02}{month:02}{year:02}{serial:04}"


def lawful(text: str) -> bool:
    try:
        nik.parse(text)
    except nik.NikInvalid:
        return False
    return True


numbers = st.builds(
    number, st.integers(1, 71), st.integers(1, 12), st.integers(0, 99), st.integers(1, 9_999)
).filter(lawful)


@given(numbers, st.integers(0, 16), st.sampled_from([ENGLISH, INDONESIAN]))
def test_the_beginning_of_a_lawful_number_is_never_called_wrong(
    whole: str, length: int, language: object
) -> None:
    seen = look_at(whole[:length], language)  # type: ignore[arg-type]
    assert seen.problem is None
    assert seen.region == (REGION if length >= 6 else None)


@given(st.text("0123456789", min_size=16, max_size=20))
def test_a_whole_number_is_wrong_exactly_where_it_cannot_be(text: str) -> None:
    assert (look_at(text, ENGLISH).problem is None) == lawful(text)


@given(st.text(max_size=30))
def test_any_text_is_looked_at_and_none_breaks(text: str) -> None:
    seen = look_at(text, INDONESIAN)
    assert seen.problem is None or seen.problem.strip()


def test_a_thirteenth_month_shows_with_its_second_digit() -> None:
    assert look_at("327301171", ENGLISH).problem is None
    assert "13" in (look_at("3273011713", ENGLISH).problem or "")
    assert "13" in (look_at("3273011713", INDONESIAN).problem or "")


def test_a_leap_day_waits_for_its_year() -> None:
    assert look_at("3273012902", ENGLISH).problem is None
    assert look_at("327301290299", ENGLISH).problem is not None
    assert look_at("327301290296", ENGLISH).problem is None


@pytest.mark.parametrize("text", ["327a", "３２７３", "-", "3273 01", "<script>"])
def test_what_is_no_digit_is_told_at_once(text: str) -> None:
    seen = look_at(text, ENGLISH)
    assert seen.problem
    assert seen.region is None
    assert "<script>" not in seen.problem


def test_nothing_typed_is_no_fault() -> None:
    assert look_at("", ENGLISH) == Seen(None, None)


def test_a_number_of_nowhere_has_no_region() -> None:
    assert look_at("999999", ENGLISH).region is None
    assert look_at(NIK, ENGLISH) == Seen(None, REGION)
