"""The explanation has the same keys whatever the text, and says only what is known."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.nik import RegionGrade, Sex, explain

TODAY = date(2026, 5, 20)
KEYS = [
    "nik", "valid", "reasons", "provinceCode", "province", "regencyOrCityCode", "regencyOrCity",
    "districtCode", "district", "regionGrade", "sex", "dateOfBirth", "dateOfBirthIsGuess", "serialNumber",
]  # fmt: skip

texts = st.text() | st.from_regex(r"[0-9]{16}", fullmatch=True) | st.text("0123456789٣３³", max_size=20)


def test_a_number_is_explained_whole() -> None:
    assert explain("9102015708950010", today=TODAY).to_dict() == {
        "nik": "9102015708950010",
        "valid": True,
        "reasons": [],
        "provinceCode": "91",
        "province": "Papua",
        "regencyOrCityCode": "9102",
        "regencyOrCity": "Kabupaten Jayawijaya",
        "districtCode": "910201",
        "district": "Wamena",
        "regionGrade": "retired",
        "sex": "Female",
        "dateOfBirth": "1995-08-17",
        "dateOfBirthIsGuess": True,
        "serialNumber": "0010",
    }


def test_a_claimed_date_takes_the_guess_away() -> None:
    told = explain("9102015708950010", today=TODAY, claimed=date(1995, 8, 17)).to_dict()
    assert (told["dateOfBirth"], told["dateOfBirthIsGuess"]) == ("1995-08-17", False)


def test_a_refused_number_of_sixteen_digits_still_has_its_region() -> None:
    told = explain("3201011713950001", today=TODAY).to_dict()
    assert told["district"] == "Cibinong"
    assert [told[key] for key in ("sex", "dateOfBirth", "dateOfBirthIsGuess", "serialNumber")] == [None] * 4


@pytest.mark.parametrize(
    ("language", "start"), [("en", "The month in the NIK is 13;"), ("id", "Bulan dalam NIK adalah 13;")]
)
def test_the_reasons_are_told_in_the_language_asked_for(language: str, start: str) -> None:
    told = explain("3201011713950001", today=TODAY, language=language).to_dict()
    (reason,) = told["reasons"]
    assert reason["code"] == "month_impossible"
    assert reason["message"].startswith(start)


def test_a_region_in_no_list_leaves_a_number_valid_and_its_names_null() -> None:
    told = explain("9900001708950001", today=TODAY).to_dict()
    assert told["valid"] is True
    assert told["regionGrade"] == "unknown"
    assert (told["province"], told["regencyOrCity"], told["district"]) == (None, None, None)


def test_a_date_that_no_century_has_by_today_is_null_and_so_is_its_guess() -> None:
    told = explain("3201012902000001", today=date(1999, 1, 1)).to_dict()
    assert (told["valid"], told["dateOfBirth"], told["dateOfBirthIsGuess"]) == (True, None, None)


@given(text=texts, claimed=st.none() | st.dates(), today=st.dates())
def test_any_text_is_explained_with_the_same_keys(text: str, claimed: date | None, today: date) -> None:
    explanation = explain(text, today=today, claimed=claimed)
    told = explanation.to_dict()
    assert list(told) == KEYS
    assert told["nik"] == text
    assert told["valid"] == (not told["reasons"]) == explanation.valid
    assert told["valid"] <= (len(text) == 16 and text.isascii() and text.isdigit())
    assert told["sex"] in {None, *(sex.value for sex in Sex)}
    assert told["regionGrade"] in {None, *(grade.value for grade in RegionGrade)}
    json.dumps(told)


@given(texts.filter(lambda text: len(text) > 3))
def test_an_explanation_does_not_show_the_text(text: str) -> None:
    shown = repr(explain(text, today=TODAY))
    assert not any(character.isdigit() for character in shown)
