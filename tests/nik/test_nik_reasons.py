"""What a person is told about a number that is none."""

from pathlib import Path

import pytest

from padan.nik import NikInvalid, Reason, RegionGrade, parse
from padan.nik.reasons import MESSAGES

REFERENCE = Path(__file__).parents[2] / "docs/reference/nik.md"

EXAMPLES = {
    "not_sixteen_digits": "320101170895000",
    "not_ascii_digits": "320101170895000A",
    "month_impossible": "3201011713950001",
    "day_impossible": "3201013508950001",
    "date_impossible": "3201013104950001",
    "serial_zero": "3201011708950000",
}


def reasons(text: str) -> tuple[Reason, ...]:
    with pytest.raises(NikInvalid) as refusal:
        parse(text)
    return refusal.value.reasons


def test_there_is_an_example_of_every_reason() -> None:
    assert set(EXAMPLES) == set(MESSAGES)


@pytest.mark.parametrize("code", MESSAGES)
def test_each_reason_has_a_whole_sentence_in_english_and_another_in_indonesian(code: str) -> None:
    reason = next(reason for reason in reasons(EXAMPLES[code]) if reason.code == code)
    english, indonesian = reason.message(), reason.message("id")
    assert english != indonesian
    for message in (english, indonesian):
        assert message.endswith(".")
        assert "{" not in message
        assert "NIK" in message


@pytest.mark.parametrize(
    ("code", "quoted"),
    [("not_sixteen_digits", "15"), ("month_impossible", "13"), ("day_impossible", "35")],
)
def test_the_sentence_quotes_what_is_wrong(code: str, quoted: str) -> None:
    (reason,) = reasons(EXAMPLES[code])
    assert f" {quoted}" in reason.message("en")
    assert f" {quoted}" in reason.message("id")


def test_the_sentence_of_an_impossible_date_gives_the_day_without_the_offset_for_women() -> None:
    (reason,) = reasons("3201017104950001")
    assert "day 31 of month 04 of year 95" in reason.message()


def test_another_language_gets_english() -> None:
    reason = Reason("serial_zero")
    assert reason.message("fr") == reason.message("en")


def test_a_reason_shows_its_code_and_not_what_it_quotes() -> None:
    assert repr(Reason("month_impossible", ("13",))) == "Reason(code='month_impossible')"


@pytest.mark.parametrize("word", [*MESSAGES, *(grade.value for grade in RegionGrade)])
def test_the_reference_page_names_every_reason_and_every_grade(word: str) -> None:
    assert f"`{word}`" in REFERENCE.read_text("utf-8")
