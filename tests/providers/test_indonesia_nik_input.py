from __future__ import annotations

import json
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.app.ports import InputInvalid
from padan.domain.claim import ClaimField
from padan.providers import PROVIDERS
from padan.providers.indonesia_nik_input import LONGEST_NAME, MESSAGES, IndonesiaNikInput

PROVIDER = PROVIDERS["indonesia-nik-lookup"]
TODAY = date(2026, 6, 1)
GOOD = {"fullName": "Siti Rahayu", "dateOfBirth": "1990-05-17", "nikIdNumber": "3273015705900001"}


def errors(raw: dict[str, Any], language: str = "en") -> dict[str, list[str]]:
    with pytest.raises(InputInvalid) as invalid:
        PROVIDER.read_input(raw, today=TODAY, language=language)
    return invalid.value.errors


def test_complete_input_is_a_complete_claim() -> None:
    claim = PROVIDER.read_input(GOOD, today=TODAY).complete()
    assert (claim.nik, claim.full_name, claim.date_of_birth) == (
        "3273015705900001",
        "Siti Rahayu",
        date(1990, 5, 17),
    )


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("gap", [{}, {"value": None}, {"value": ""}])
def test_what_is_missing_null_or_empty_is_left_open(field: str, gap: dict[str, Any]) -> None:
    raw: dict[str, Any] = {key: value for key, value in GOOD.items() if key != field}
    if gap:
        raw[field] = gap["value"]
    assert PROVIDER.read_input(raw, today=TODAY).missing == (ClaimField(field),)


def test_keys_nobody_asked_for_are_ignored() -> None:
    raw: dict[str, Any] = {**GOOD, "email": 5, "phoneNumber": None, "FULLNAME": []}
    assert not PROVIDER.read_input(raw, today=TODAY).missing


def test_the_input_as_the_official_sdk_writes_it_is_read() -> None:
    from trinsic_api.models.indonesia_nik_input import IndonesiaNikInput as SdkInput

    sent = json.loads(SdkInput.from_dict({**GOOD, "dateOfBirth": date(1990, 5, 17)}).to_json())
    assert not PROVIDER.read_input(sent, today=TODAY).missing


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("value", [5, 1.5, True, [], {}, ["3273015705900001"], {"a": "b"}])
def test_a_value_of_another_type_is_refused(field: str, value: Any) -> None:
    assert errors({**GOOD, field: value}) == {field: ["must be a string"]}


@pytest.mark.parametrize(
    "nik",
    [
        "327301570590000",
        "32730157059000011",
        " 3273015705900001",
        "3273 0157 0590 0001",
        "3273015705900001\n",
        "３２７３０１５７０５９００００１",
        "٣٢٧٣٠١٥٧٠٥٩٠٠٠٠١",
        "327301570590000x",
        "3273013213900001",
        "3273013002900001",
        "3273015705900000",
        "   ",
        "1" * 10_000,
    ],
)
def test_a_nik_that_cannot_be_is_refused_with_a_reason(nik: str) -> None:
    told = errors({**GOOD, "nikIdNumber": nik})
    assert list(told) == ["nikIdNumber"]
    assert all(told["nikIdNumber"])


@pytest.mark.parametrize("nik", ["9999991708450010", "9101014101801111", "5401010101500001"])
def test_no_region_is_refused(nik: str) -> None:
    assert PROVIDER.read_input({**GOOD, "nikIdNumber": nik}, today=TODAY).nik == nik


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (" ", "name_blank"),
        ("\u00a0\u2003\t\n", "name_blank"),
        ("A" * (LONGEST_NAME + 1), "name_too_long"),
        ("A" * 10_000, "name_too_long"),
        ("Siti\x00Rahayu", "name_unprintable"),
        ("Siti\nRahayu", "name_unprintable"),
        ("Siti\u202eRahayu", "name_unprintable"),
        ("Siti\u2066Rahayu", "name_unprintable"),
        ("Siti\u200bRahayu", "name_unprintable"),
        ("Siti\u2028Rahayu", "name_unprintable"),
        ("Siti \ud800", "name_unprintable"),
        ("Siti \ue000", "name_unprintable"),
        ("123", "name_without_letter"),
        ("-.'", "name_without_letter"),
        ("\u0301", "name_without_letter"),
    ],
)
def test_a_name_that_cannot_stand_on_a_card_is_refused(name: str, problem: str) -> None:
    assert errors({**GOOD, "fullName": name}) == {"fullName": [MESSAGES[problem][0]]}


@pytest.mark.parametrize(
    "name",
    [
        "Sutrisno",
        "A",
        "Hj. Siti Nur'aini, S.Pd., M.M.",
        "Moh. Ma’ruf",
        "I Gusti Ayu Made Rai-Astuti",
        "Budi 2 Santoso",
        "Zoë Nuñez",
        "A" * LONGEST_NAME,
    ],
)
def test_a_lawful_name_is_kept_as_typed(name: str) -> None:
    assert PROVIDER.read_input({**GOOD, "fullName": name}, today=TODAY).full_name == name


def test_a_name_is_composed_and_loses_only_the_blanks_around_it() -> None:
    typed = "  " + unicodedata.normalize("NFD", "Zoë  Nuñez") + "\t"
    assert PROVIDER.read_input({**GOOD, "fullName": typed}, today=TODAY).full_name == "Zoë  Nuñez"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("17-05-1990", "date_malformed"),
        ("1990-5-17", "date_malformed"),
        ("19900517", "date_malformed"),
        ("1990-W20-4", "date_malformed"),
        ("1990-02-30", "date_malformed"),
        ("1990-05-17T00:00:00", "date_malformed"),
        (" 1990-05-17", "date_malformed"),
        ("１９９０-05-17", "date_malformed"),
        ("0000-01-01", "date_malformed"),
        ("2026-06-02", "date_in_future"),
        ("9999-12-31", "date_in_future"),
        ("1849-12-31", "date_too_early"),
        ("0001-01-01", "date_too_early"),
    ],
)
def test_a_date_of_birth_that_cannot_be_is_refused(text: str, problem: str) -> None:
    assert errors({**GOOD, "dateOfBirth": text}) == {"dateOfBirth": [MESSAGES[problem][0]]}


@pytest.mark.parametrize("text", ["2026-06-01", "1850-01-01", "2000-02-29"])
def test_the_first_and_the_last_lawful_dates_are_read(text: str) -> None:
    assert PROVIDER.read_input({**GOOD, "dateOfBirth": text}, today=TODAY).date_of_birth is not None


def test_every_malformed_field_is_told_at_once() -> None:
    assert set(errors({"fullName": " ", "dateOfBirth": "x", "nikIdNumber": "1"})) == set(GOOD)


def test_a_malformed_field_is_told_even_where_others_are_open() -> None:
    assert list(errors({"dateOfBirth": "x"})) == ["dateOfBirth"]


def test_errors_speak_indonesian_where_asked_and_english_otherwise() -> None:
    bad = {"fullName": " ", "dateOfBirth": "x", "nikIdNumber": "1"}
    indonesian, english = errors(bad, "id"), errors(bad)
    assert all(indonesian[field] != english[field] for field in bad)
    assert errors(bad, "fr") == english


def test_every_message_stands_in_both_languages() -> None:
    assert all(english and indonesian and english != indonesian for english, indonesian in MESSAGES.values())


def test_the_exception_and_the_claim_hide_what_was_typed() -> None:
    with pytest.raises(InputInvalid) as invalid:
        PROVIDER.read_input({**GOOD, "fullName": "Canary\x00", "nikIdNumber": "canary"}, today=TODAY)
    assert "anary" not in repr(invalid.value) + str(invalid.value.errors)
    assert "Siti" not in repr(PROVIDER.read_input(GOOD, today=TODAY))
    assert "Siti" not in repr(IndonesiaNikInput(full_name="Siti"))


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=150)


@given(st.dictionaries(st.sampled_from([*GOOD, "other"]), VALUES | st.sampled_from(list(GOOD.values()))))
def test_any_input_is_a_lawful_claim_or_refused_by_field(raw: dict[str, Any]) -> None:
    refused: set[str] = set()
    try:
        claim = PROVIDER.read_input(raw, today=TODAY)
    except InputInvalid as invalid:
        refused = set(invalid.errors)
        claim = PROVIDER.read_input({k: v for k, v in raw.items() if k not in refused}, today=TODAY)
    assert refused <= {field for field in GOOD if raw.get(field) not in {None, ""}}
    assert claim.nik is None or (claim.nik.isascii() and claim.nik.isdigit() and len(claim.nik) == 16)
    assert claim.full_name is None or any(character.isalpha() for character in claim.full_name.strip())
    assert claim.date_of_birth is None or claim.date_of_birth <= TODAY
