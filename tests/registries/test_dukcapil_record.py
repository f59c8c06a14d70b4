"""The full-data lookup: the record in plain text, compared here, and nothing of it kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import traceback
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.domain.errors import RefusalReason, RegistryError, RegistryProtocolError, RegistryRefused
from padan.domain.finding import ComparedBy, Comparison, Finding, NameVerdict, Outcome
from padan.domain.rules import NameRules
from padan.registries import DukcapilRegistry
from padan.registries.dukcapil_page import Answer, read_page
from padan.registries.dukcapil_wire import to_question, to_request
from padan.registries.record import compare_names
from tests.registries.dukcapil_answers import CANARIES, CLAIM, SETTINGS, body, matches, page, read
from tests.registries.rude_server import http, rude_server, says
from tests.registries.test_dukcapil_damage import JSON

RECORD = {
    "EKTP_STATUS": "Sudah Rekam",
    "NO_KK": "3273010101900002",
    "NIK": CLAIM.nik,
    "NAMA_LGKP": "CANARY SITI RAHAYU",
    "TGL_LHR": "17-05-1990",
    "JENIS_KLMIN": "PEREMPUAN",
    "ALAMAT": "JL. CANARY NO. 1",
}
SAME_NAME = compare_names(CLAIM.full_name, RECORD["NAMA_LGKP"], rules=NameRules())
MATCH = Finding(
    *(Outcome.FOUND, Comparison(True), SAME_NAME, Comparison(True)),
    quota_left=998,
    sex=Comparison(True),
    compared_by=ComparedBy.PADAN,
)


def look(record: Any, **settings: Any) -> Finding:
    return read(body(record), method="CALL_NIK", **settings)


def test_the_question_has_the_nik_and_the_credentials_in_lower_case() -> None:
    settings = replace(SETTINGS, method="CALL_NIK")
    assert to_request(to_question(CLAIM, settings), settings) == {
        "nik": CLAIM.nik,
        "user_id": "contoh",
        "password": "canary-password",
        "ip_user": "10.0.0.7",
    }


def test_the_keys_of_the_question_may_be_in_upper_case() -> None:
    settings = replace(SETTINGS, method="CALL_NIK", key_case="upper")
    assert set(to_request(to_question(CLAIM, settings), settings)) == {
        "NIK",
        "USER_ID",
        "PASSWORD",
        "IP_USER",
    }


@pytest.mark.parametrize("method", ["CALL_NIK", "NIK", "GET_NIK", "bynik"])
@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_a_record_that_is_the_claims_matches_in_each_field(method: str, case: Any) -> None:
    assert read(body({case(key): value for key, value in RECORD.items()}), method=method) == MATCH


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"TGL_LHR": "17/05/1990"}, "date_of_birth", True),
        ({"TGL_LHR": "1990-05-17"}, "date_of_birth", True),
        ({"TGL_LHR": "05-07-1990"}, "date_of_birth", False),
        ({"TGL_LHR": "17-05-1991"}, "date_of_birth", False),
        ({"JENIS_KLMIN": "LAKI-LAKI"}, "sex", False),
        ({"JENIS_KLMIN": "perempuan"}, "sex", True),
        ({"JENIS_KLMIN": "P"}, "sex", True),
        ({"JENIS_KLMIN": None}, "sex", None),
        ({"JENIS_KLMIN": ""}, "sex", None),
        ({"NIK": int(CLAIM.nik)}, "nik", True),
    ],
)
def test_each_field_is_compared_by_us(change: dict[str, Any], field: str, expected: bool | None) -> None:
    finding = look({**RECORD, **change})
    compared: dict[str, Any] = {field: None if expected is None else Comparison(expected)}
    assert finding == replace(MATCH, **compared)


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        ("canary  siti rahayu ", NameVerdict.EXACT),
        ("CANARY SITI RAHAYU SH", NameVerdict.EXACT),
        ("CANARYSITI RAHAYU", NameVerdict.VARIATION),
        ("CANARY SITI", NameVerdict.PARTIAL),
        ("AGUS SUSANTO", NameVerdict.DIFFERENT),
    ],
)
def test_the_name_is_compared_as_padan_compares_names(held: str, verdict: NameVerdict) -> None:
    name = look({**RECORD, "NAMA_LGKP": held}).full_name
    assert name is not None
    assert name.judgement is not None
    assert name.judgement.verdict is verdict
    assert name.matches is (verdict in {NameVerdict.EXACT, NameVerdict.VARIATION})


@pytest.mark.parametrize(
    "change",
    [
        {"NIK": "3273015705900002"},
        {"NIK": None},
        {"NIK": "Sesuai"},
        {"NIK": True},
        {"NAMA_LGKP": None},
        {"NAMA_LGKP": "  "},
        {"NAMA_LGKP": ["CANARY SITI RAHAYU"]},
        {"TGL_LHR": None},
        {"TGL_LHR": "17-05/1990"},
        {"TGL_LHR": "31-02-1990"},
        {"TGL_LHR": "00-00-1990"},
        {"TGL_LHR": "17-5-1990"},
        {"TGL_LHR": "١٧-05-1990"},
        {"TGL_LHR": 17051990},
        {"JENIS_KLMIN": "?"},
        {"JENIS_KLMIN": []},
    ],
)
def test_the_record_of_another_or_one_that_cannot_be_read_is_an_error(change: dict[str, Any]) -> None:
    with pytest.raises(RegistryProtocolError) as error:
        look({**RECORD, **change})
    told = "".join(traceback.format_exception(error.value))
    assert not any(canary in told for canary in CANARIES)


@pytest.mark.parametrize("missing", ["NIK", "NAMA_LGKP", "TGL_LHR"])
def test_a_permitted_field_that_is_missing_is_an_error(missing: str) -> None:
    with pytest.raises(RegistryProtocolError, match=missing):
        look({key: value for key, value in RECORD.items() if key != missing})


def test_a_field_that_the_agreement_does_not_permit_is_unknown_although_the_record_has_it() -> None:
    finding = look(RECORD, fields=("NIK",))
    assert finding == replace(MATCH, full_name=None, date_of_birth=None)


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        ({"RESPONSE_CODE": "13"}, Outcome.NOT_FOUND),
        ({**RECORD, "RESPONSE_CODE": "11"}, Outcome.DECEASED),
        ({"RESPON": "Data Ditemukan, Data Ganda"}, Outcome.DUPLICATE),
        ({"RESPONSE_CODE": "14"}, Outcome.INACTIVE),
    ],
)
def test_an_error_is_looked_for_before_the_record(record: dict[str, str], outcome: Outcome) -> None:
    assert look(record) == Finding(outcome, quota_left=998)


def test_a_refusal_beside_a_record_refuses() -> None:
    with pytest.raises(RegistryRefused) as refused:
        look({**RECORD, "RESPONSE_CODE": "04"})
    assert refused.value.reason is RefusalReason.ADDRESS


def test_verdicts_are_no_record_and_a_record_holds_no_verdicts() -> None:
    with pytest.raises(RegistryProtocolError):
        look({"NIK": "Sesuai", "NAMA_LGKP": "Sesuai (100)", "TGL_LHR": "Sesuai"})
    with pytest.raises(RegistryProtocolError):
        read(body(RECORD))


@pytest.mark.parametrize("record", [RECORD, {**RECORD, "TGL_LHR": "nonsense"}, {**RECORD, "NIK": "1"}])
def test_nothing_of_a_record_is_logged_or_told(
    record: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> Finding | RegistryError:
        async with rude_server(says(http(body(record)))) as server:
            url = f"http://127.0.0.1:{server.port}"
            registry = DukcapilRegistry(replace(SETTINGS, base_url=url, method="CALL_NIK"))
            try:
                return await registry.ask(CLAIM, request_id="1")
            except RegistryError as error:
                return error
            finally:
                await registry.close()

    caplog.set_level(logging.DEBUG)
    answer = asyncio.run(run())
    told = repr(answer) + caplog.text
    if isinstance(answer, RegistryError):
        told += "".join(traceback.format_exception(answer))
    assert not any(held in told for held in {*CANARIES, *record.values()} - {"1"})


def test_what_holds_a_claim_or_a_record_hides_it() -> None:
    answer = Answer(200, "application/json", body(RECORD))
    for holder in (answer, read_page(answer), to_question(CLAIM, SETTINGS), look(RECORD)):
        assert not any(held in f"{holder!r} {holder}" for held in {*CANARIES, *RECORD.values()})


@given(st.dictionaries(st.sampled_from(list(RECORD)), JSON | st.sampled_from(list(RECORD.values()))))
def test_an_arbitrary_record_matches_only_where_it_says_what_was_claimed(record: dict[str, Any]) -> None:
    with contextlib.suppress(RegistryError):
        finding = read(json.dumps(page(record)).encode(), method="BYNIK")
        said = {"NIK": CLAIM.nik, "NAMA_LGKP": "CANARY SITI RAHAYU", "TGL_LHR": "17-05-1990"}
        for field in matches(finding):
            if field == "NAMA_LGKP":
                assert compare_names(said[field], record[field], rules=NameRules()).matches
            else:
                assert record[field] == said[field]
