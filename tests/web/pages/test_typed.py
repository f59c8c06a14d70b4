"""What people type, read as they meant it; and what cannot be read, told apart from what is wrong."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.domain.claim import ClaimField
from padan.web.pages.languages import languages
from padan.web.pages.typed import DATE_PARTS, DAY, MONTH, YEAR, Typed, read_typed

ALL = tuple(ClaimField)
ENGLISH, INDONESIAN = languages()["en"].locale, languages()["id"].locale
FIELDS = (*ClaimField, *DATE_PARTS)
dates = st.dates(date(1850, 1, 1), date(2099, 12, 31))
around = st.sampled_from(["", " ", "\u00a0", ".", "/", "-", " , "])


def typed(locale: str = "en", **fields: str) -> Typed:
    given = {name.replace("_", "."): value for name, value in fields.items()}
    return read_typed(given, ALL, locale=languages()[locale].locale)


def born(day: str, month: str, year: str, locale: str = "en") -> Typed:
    fields = {DAY: day, MONTH: month, YEAR: year}
    return read_typed(fields, [ClaimField.DATE_OF_BIRTH], locale=languages()[locale].locale)


@given(dates, st.booleans(), around, st.sampled_from(["en", "id"]))
def test_any_date_typed_in_numbers_comes_out_as_it_is(
    day: date, padded: bool, blank: str, locale: str
) -> None:
    first, second = (f"{day.day:02}", f"{day.month:02}") if padded else (str(day.day), str(day.month))
    one, two, three = (f"{blank}{part}{blank}" for part in (first, second, f"{day.year:04}"))
    read = born(one, two, three, locale)
    assert (read.given, read.faults) == ({"dateOfBirth": day.isoformat()}, {})


@given(dates, st.sampled_from(["en", "id"]), st.integers(3, 20), st.sampled_from([str.upper, str.lower, str]))
def test_a_month_may_be_written_as_its_name_or_the_beginning_of_it(
    day: date, locale: str, letters: int, case: type[str]
) -> None:
    name = languages()[locale].locale.months["format"]["wide"][day.month]
    read = born(str(day.day), case(name[:letters]), str(day.year), locale)
    assert read.given == {"dateOfBirth": day.isoformat()}


@given(dates)
def test_full_width_digits_are_digits(day: date) -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    one, two, three = (str(part).translate(wide) for part in (day.day, day.month, day.year))
    read = born(one, two, three)
    assert read.given == {"dateOfBirth": day.isoformat()}


@pytest.mark.parametrize(
    ("day", "month", "year", "code"),
    [
        ("17", "", "1945", "date_incomplete"),
        ("", "8", "1945", "date_incomplete"),
        ("17", "8", "", "date_incomplete"),
        ("0", "8", "1945", "day_unreadable"),
        ("32", "8", "1945", "day_unreadable"),
        ("017", "8", "1945", "day_unreadable"),
        ("-1x", "8", "1945", "day_unreadable"),
        ("\u0661\u0667", "8", "1945", "day_unreadable"),
        ("17", "0", "1945", "month_unreadable"),
        ("17", "13", "1945", "month_unreadable"),
        ("17", "au", "1945", "month_unreadable"),
        ("17", "augustus", "1945", "month_unreadable"),
        ("17", "\u0668", "1945", "month_unreadable"),
        ("17", "8", "45", "year_unreadable"),
        ("17", "8", "19 45", "year_unreadable"),
        ("17", "8", "+945", "year_unreadable"),
        ("17", "8", "0000", "date_nonexistent"),
        ("31", "2", "1945", "date_nonexistent"),
        ("29", "2", "1945", "date_nonexistent"),
    ],
)
def test_what_cannot_be_read_says_which_part(day: str, month: str, year: str, code: str) -> None:
    read = born(day, month, year)
    assert (read.given, read.faults) == ({}, {"dateOfBirth": [code]})


@pytest.mark.parametrize("blank", ["", " ", "  \u00a0", "."])
def test_a_date_of_blanks_is_no_fault_but_missing(blank: str) -> None:
    assert born(blank, blank, blank) == Typed({"dateOfBirth": ""}, {})


def test_a_client_without_three_fields_may_send_the_date_as_one() -> None:
    read = read_typed({"dateOfBirth": "1990-05-17"}, ALL, locale=ENGLISH)
    assert read.given["dateOfBirth"] == "1990-05-17"


@given(st.lists(st.sampled_from([" ", ".", "-", "\u00a0"]), min_size=15, max_size=15))
def test_a_number_grouped_in_any_way_is_the_same_number(between: list[str]) -> None:
    digits = "3273015705900001"
    grouped = digits[0] + "".join(sign + digit for sign, digit in zip(between, digits[1:], strict=True))
    assert typed(nikIdNumber=grouped).given["nikIdNumber"] == digits


def test_only_what_is_asked_for_is_read() -> None:
    fields = {"nikIdNumber": "1", "fullName": "SITI", DAY: "x", "admin": "true"}
    read = read_typed(fields, [ClaimField.FULL_NAME], locale=INDONESIAN)
    assert (read.given, read.faults) == ({"fullName": "SITI"}, {})


@given(
    st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40)),
    st.lists(st.sampled_from(ALL), unique=True),
    st.sampled_from([ENGLISH, INDONESIAN]),
)
def test_any_text_in_any_field_is_read_or_told_and_never_breaks(
    fields: dict[str, str], missing: list[ClaimField], locale: object
) -> None:
    read = read_typed(fields, missing, locale=locale)  # type: ignore[arg-type]
    assert set(read.given) | set(read.faults) == {str(name) for name in missing}
    assert not set(read.given) & set(read.faults)


def test_what_was_typed_is_not_written_out() -> None:
    assert "3273" not in repr(typed(nikIdNumber="3273015705900001"))
