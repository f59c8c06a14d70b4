"""What is sent to Dukcapil, as the agreement has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from padan.domain.claim import Claim
from padan.domain.finding import Comparison
from padan.domain.rules import NameRules
from padan.registries.dukcapil_page import Answer
from padan.registries.dukcapil_wire import to_finding, to_question, to_request
from tests.registries.dukcapil_answers import CLAIM, SETTINGS, VERDICTS, body, read


def test_the_request_has_the_fields_of_the_wire() -> None:
    assert to_request(to_question(CLAIM, SETTINGS), SETTINGS) == {
        "TRESHOLD": "80",
        "NIK": "3273015705900001",
        "NAMA_LGKP": "CANARY SITI RAHAYU",
        "TGL_LHR": "17-05-1990",
        "USER_ID": "contoh",
        "PASSWORD": "canary-password",
        "IP_USER": "10.0.0.7",
    }


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        (("NIK",), {"NIK"}),
        (("NIK", "NAMA_LGKP"), {"NIK", "NAMA_LGKP", "TRESHOLD"}),
        (("NIK", "TGL_LHR"), {"NIK", "TGL_LHR"}),
    ],
)
def test_only_what_the_agreement_permits_is_sent_and_the_rest_is_unknown(
    fields: tuple[str, ...], sent: set[str]
) -> None:
    settings = replace(SETTINGS, fields=fields)
    request = to_request(to_question(CLAIM, settings), settings)
    assert set(request) - {"USER_ID", "PASSWORD", "IP_USER"} == sent
    finding = read(body(VERDICTS), fields=fields)
    assert finding.nik == Comparison(True)
    assert (finding.full_name is not None) is ("NAMA_LGKP" in fields)
    assert (finding.date_of_birth is not None) is ("TGL_LHR" in fields)


def test_the_keys_of_a_question_are_written_as_the_agreement_says() -> None:
    lower = replace(SETTINGS, key_case="lower")
    question = to_question(CLAIM, SETTINGS)
    written = {key.lower(): value for key, value in to_request(question, SETTINGS).items()}
    assert to_request(question, lower) == written


@pytest.mark.parametrize(
    ("verdict", "own", "expected"),
    [
        ("Sesuai (92)", 95, Comparison(False, 0.92)),
        ("Sesuai (92)", 85, Comparison(True, 0.92)),
        ("Tidak Sesuai (65)", 70, Comparison(False, 0.65)),
        ("Sesuai (72)", 70, Comparison(True, 0.72)),
    ],
)
def test_a_question_may_have_a_threshold_of_its_own(verdict: str, own: int, expected: Comparison) -> None:
    question = to_question(CLAIM, SETTINGS, names=NameRules(own))
    answer = Answer(200, "application/json", body({**VERDICTS, "NAMA_LGKP": verdict}))
    assert to_finding(answer, question, settings=SETTINGS).full_name == expected


@pytest.mark.parametrize(
    ("form", "written"),
    [("dd-MM-yyyy", "03-02-1961"), ("dd/MM/yyyy", "03/02/1961"), ("yyyy-MM-dd", "1961-02-03")],
)
def test_the_date_is_written_as_the_agreement_says(form: str, written: str) -> None:
    settings = replace(SETTINGS, date_format=form)
    request = to_request(to_question(Claim("1", "A", date(1961, 2, 3)), settings), settings)
    assert request["TGL_LHR"] == written
