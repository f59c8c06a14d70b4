"""Which texts are a NIK, what is read from one, and why others are none."""

import pickle

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from padan.nik import NikInvalid, Sex, clean, parse

REGION = "320101"


def codes(text: str) -> tuple[str, ...]:
    with pytest.raises(NikInvalid) as refusal:
        parse(text)
    return tuple(reason.code for reason in refusal.value.reasons)


def test_the_parts_of_a_number_are_read() -> None:
    nik = parse("3201011708950012")
    assert nik.digits == "3201011708950012"
    assert (nik.province_code, nik.regency_or_city_code, nik.district_code) == ("32", "3201", "320101")
    assert (nik.day, nik.month, nik.two_digit_year) == (17, 8, 95)
    assert nik.serial_number == "0012"
    assert nik.sex is Sex.MALE


@pytest.mark.parametrize("day", range(1, 32))
def test_a_womans_day_is_the_day_plus_40(day: int) -> None:
    nik = parse(f"{REGION}{day + 40}01900001")
    assert (nik.day, nik.sex) == (day, Sex.FEMALE)


@pytest.mark.parametrize("day", range(1, 32))
def test_a_mans_day_is_the_day_itself(day: int) -> None:
    nik = parse(f"{REGION}{day:02}01900001")
    assert (nik.day, nik.sex) == (day, Sex.MALE)


@pytest.mark.parametrize("day", [0, *range(32, 41), *range(72, 100)])
def test_a_day_outside_1_to_31_and_41_to_71_is_refused(day: int) -> None:
    assert codes(f"{REGION}{day:02}01900001") == ("day_impossible",)


@pytest.mark.parametrize("month", [0, *range(13, 100)])
def test_a_month_outside_1_to_12_is_refused(month: int) -> None:
    assert codes(f"{REGION}01{month:02}900001") == ("month_impossible",)


@pytest.mark.parametrize("day_and_month", ["3002", "3102", "3104", "3106", "3109", "3111", "7002", "7111"])
def test_a_day_that_its_month_never_has_is_refused(day_and_month: str) -> None:
    assert codes(f"{REGION}{day_and_month}960001") == ("date_impossible",)


@pytest.mark.parametrize("day", ["29", "69"])
@pytest.mark.parametrize("year", range(100))
def test_29_february_stands_in_every_fourth_year_and_in_00_which_was_2000(day: str, year: int) -> None:
    text = f"{REGION}{day}02{year:02}0001"
    if year % 4 == 0:
        assert (parse(text).day, parse(text).month) == (29, 2)
    else:
        assert codes(text) == ("date_impossible",)


def test_serial_0000_is_refused() -> None:
    assert codes("3201011708950000") == ("serial_zero",)


def test_every_rule_broken_is_named_at_once() -> None:
    assert codes("3201010013950000") == ("month_impossible", "day_impossible", "serial_zero")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("3201011708950010", "the last digit is 0"),
        ("3201011708951111", "four equal digits"),
        ("9102011708950001", "Wamena in the Papua of before 2022"),
        ("9271011708950001", "the city of Sorong before 2022"),
        ("5401011708950001", "East Timor"),
        ("6404011708950001", "a regency that became North Kalimantan"),
        ("3201991708950001", "a district in no list"),
        ("9900001708950001", "a province in no list"),
        ("0101011708950001", "a leading zero"),
    ],
)
def test_lawful_numbers_that_others_refuse_are_accepted(text: str, why: str) -> None:
    assert parse(text).digits == text, why


@pytest.mark.parametrize(
    "digits",
    [
        "٣٢٠١٠١١٧٠٨٩٥٠٠٠١",
        "３２０１０１１７０８９５０００１",
        "³²⁰¹⁰¹¹⁷⁰⁸⁹⁵⁰⁰⁰¹",
        "320101170895000١",
        "३२०१०११७०८९५०००१",
    ],
    ids=["arabic-indic", "full-width", "superscript", "one arabic-indic digit", "devanagari"],
)
def test_sixteen_digits_of_another_script_are_refused_for_their_script_alone(digits: str) -> None:
    assert codes(digits) == ("not_ascii_digits",)


@pytest.mark.parametrize("text", ["", "320101170895000", "32010117089500011"])
def test_another_number_of_digits_is_refused(text: str) -> None:
    assert codes(text) == ("not_sixteen_digits",)


@pytest.mark.parametrize("text", [" 3201011708950001", "3201011708950001\n", "3201.0117.0895.0001", "NIK 1"])
def test_nothing_but_digits_may_stand_in_the_text(text: str) -> None:
    assert "not_ascii_digits" in codes(text)


@pytest.mark.parametrize(
    "text", ["３２０１０１１７０８９５０００１", " 32.01.01-170895 0001\n", "3201 0117—0895\u200b0001"]
)
def test_a_cleaned_text_is_accepted(text: str) -> None:
    assert parse(clean(text)).digits == "3201011708950001"


def test_cleaning_leaves_letters_and_arabic_indic_digits_to_be_refused() -> None:
    assert clean("32O1 ٣") == "32O1٣"


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text() | st.text(st.characters(categories=["Nd", "No"]), min_size=16, max_size=16))
def test_no_text_is_accepted_that_is_not_sixteen_ascii_digits(text: str) -> None:
    assume(not (len(text) == 16 and text.isascii() and text.isdigit()))
    assert codes(text)


@given(st.from_regex(r"[0-9]{16}", fullmatch=True))
def test_sixteen_digits_are_accepted_exactly_where_their_date_exists_and_the_serial_is_not_0000(
    text: str,
) -> None:
    day, month, year = int(text[6:8]), int(text[8:10]), int(text[10:12])
    day -= 40 if day > 40 else 0
    leap_day_exists = year % 4 == 0
    last_day = {2: 29 if leap_day_exists else 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
    lawful = 1 <= month <= 12 and 1 <= day <= last_day and text[12:] != "0000"
    if lawful:
        assert parse(text).digits == text
    else:
        assert codes(text)


def test_neither_the_number_nor_the_exception_shows_digits() -> None:
    nik = parse("3201011708950001")
    assert "3201" not in f"{nik!r} {nik}"
    with pytest.raises(NikInvalid) as refusal:
        parse("3201011713950000")
    assert str(refusal.value) == "month_impossible, serial_zero"
    assert "13" not in repr(refusal.value)


def test_a_refusal_survives_the_way_between_processes() -> None:
    with pytest.raises(NikInvalid) as refusal:
        parse("32")
    assert pickle.loads(pickle.dumps(refusal.value)).reasons == refusal.value.reasons  # noqa: S301
