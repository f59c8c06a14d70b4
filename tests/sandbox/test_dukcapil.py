"""The simulator on the wire: what Dukcapil's clients are known to see."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from padan.sandbox.answers import RECORD, VERIFIABLE_FIELDS
from padan.sandbox.dukcapil import SandboxOptions, build_app
from padan.sandbox.wire import ERROR_TEXTS, ErrorTextKey
from tests.sandbox.simulator import CREDENTIALS, CUSTOMER, NATION, Client, Clock, serving

PAGE_KEYS = [
    "content", "lastPage", "numberOfElements", "sort", "totalElements",
    "firstPage", "number", "size", "quotaLimiter",
]  # fmt: skip
RECORD_KEYS = [
    "EKTP_STATUS", "NO_KK", "NIK", "NAMA_LGKP", "TMPT_LHR", "TGL_LHR", "JENIS_KLMIN", "GOL_DARAH", "AGAMA",
    "STATUS_KAWIN", "STAT_HBKEL", "PDDK_AKH", "JENIS_PKRJN", "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH", "NO_AKTA_LHR",
    "ALAMAT", "NO_RT", "NO_RW", "DUSUN", "KODE_POS", "NO_PROP", "PROP_NAME", "NO_KAB", "KAB_NAME", "NO_KEC",
    "KEC_NAME", "NO_KEL", "KEL_NAME",
]  # fmt: skip
MATCH = NATION.scenario("match")


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with serving(build_app(NATION, clock=Clock())) as client:
        yield client


def dmy(day: datetime.date) -> str:
    return day.strftime("%d-%m-%Y")


def claim_of(scenario: str) -> dict[str, Any]:
    claim = NATION.scenario(scenario)
    return {"NIK": claim.nik, "NAMA_LGKP": claim.full_name, "TGL_LHR": dmy(claim.date_of_birth)}


def test_a_match_says_sesuai_to_each_field_in_the_order_sent(client: Client) -> None:
    reply = client.verify(**claim_of("match"))
    assert list(reply.content.items()) == [
        ("NIK", "Sesuai"),
        ("NAMA_LGKP", "Sesuai (100)"),
        ("TGL_LHR", "Sesuai"),
    ]


def test_every_answer_comes_in_the_page_and_is_marked_as_sandbox(client: Client) -> None:
    for reply in (client.verify(**claim_of("match")), client.verify(), client.record(MATCH.nik)):
        assert reply.status == 200
        assert reply.headers["content-type"] == "application/json"
        assert reply.headers["x-padan-sandbox"] == "synthetic data, not Dukcapil"
        page = reply.json
        assert list(page) == PAGE_KEYS
        assert (page["lastPage"], page["firstPage"], page["number"]) == (True, True, 0)
        assert page["numberOfElements"] == page["totalElements"] == page["size"] == 1
        assert isinstance(page["quotaLimiter"], int)


@pytest.mark.parametrize(
    ("scenario", "code"), [("deceased", "11"), ("duplicate", "12"), ("not_found", "13"), ("inactive", "14")]
)
def test_an_outcome_other_than_found_is_a_code_with_its_text(
    client: Client, scenario: str, code: str
) -> None:
    expected = {"RESPONSE_CODE": code, "RESPON": ERROR_TEXTS[code]}
    assert client.verify(**claim_of(scenario)).content == expected
    assert client.record(NATION.scenario(scenario).nik).content == expected


@pytest.mark.parametrize("scenario", ["retired_region", "corrected_birth"])
def test_a_lawful_oddity_is_a_match(client: Client, scenario: str) -> None:
    assert set(client.verify(**claim_of(scenario)).content.values()) == {"Sesuai", "Sesuai (100)"}


def test_another_name_and_another_date_are_told_apart(client: Client) -> None:
    name = client.verify(**claim_of("name_mismatch")).content
    date = client.verify(**claim_of("birth_date_mismatch")).content
    assert name["NAMA_LGKP"].startswith("Tidak Sesuai (")
    assert (name["NIK"], name["TGL_LHR"]) == ("Sesuai", "Sesuai")
    assert (date["NIK"], date["NAMA_LGKP"], date["TGL_LHR"]) == ("Sesuai", "Sesuai (100)", "Tidak Sesuai")


def test_the_threshold_decides_the_word_and_the_score_is_always_given(client: Client) -> None:
    nearly: dict[str, Any] = {"NIK": MATCH.nik, "NAMA_LGKP": MATCH.full_name + "X"}
    score = int(client.verify(TRESHOLD=0, **nearly).content["NAMA_LGKP"].split("(")[1].rstrip(")"))
    assert 50 < score < 100
    assert client.verify(TRESHOLD=score, **nearly).content["NAMA_LGKP"] == f"Sesuai ({score})"
    above = client.verify(TRESHOLD=str(score + 1), **nearly)
    assert above.content["NAMA_LGKP"] == f"Tidak Sesuai ({score})"


@pytest.mark.parametrize("pattern", ["%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d"])
def test_a_date_is_read_in_three_formats(client: Client, pattern: str) -> None:
    reply = client.verify(NIK=MATCH.nik, TGL_LHR=MATCH.date_of_birth.strftime(pattern))
    assert reply.content["TGL_LHR"] == "Sesuai"


def test_keys_are_read_in_any_case(client: Client) -> None:
    path = f"/dukcapil/get_json/{CUSTOMER}/call_verify_by_elemen"
    body = {
        "nik": MATCH.nik,
        "Treshold": 90,
        "user_id": "sandbox",
        "Password": "sandbox",
        "ip_user": "127.0.0.1",
    }
    assert client.send("POST", path, body).content == {"NIK": "Sesuai"}


@pytest.mark.parametrize("prefix", ["", "31-71/"])
@pytest.mark.parametrize("method", ["CALL_VERIFY_BY_ELEMEN", "nik_verifby_elemen", "call_verify"])
def test_older_addresses_ask_the_same_service(client: Client, prefix: str, method: str) -> None:
    path = f"/dukcapil/get_json/{prefix}{CUSTOMER}/{method}"
    assert client.send("POST", path, {**CREDENTIALS, "NIK": MATCH.nik}).content == {"NIK": "Sesuai"}


@pytest.mark.parametrize("method", ["CALL_NIK", "NIK", "GET_NIK", "BYNIK"])
def test_a_full_record_has_every_field_and_verifies_against_itself(client: Client, method: str) -> None:
    path = f"/dukcapil/get_json/{CUSTOMER}/{method}"
    record = client.send("POST", path, {**CREDENTIALS, "NIK": MATCH.nik}).content
    assert list(record) == RECORD_KEYS == list(RECORD)
    assert record["NAMA_LGKP"] == MATCH.full_name
    sent: dict[str, Any] = {key: record[key] for key in RECORD_KEYS if key in VERIFIABLE_FIELDS}
    assert set(client.verify(**sent).content.values()) == {"Sesuai", "Sesuai (100)"}


def test_other_values_are_tidak_sesuai(client: Client) -> None:
    sent: dict[str, Any] = dict.fromkeys(VERIFIABLE_FIELDS - {"NIK", "TGL_LHR"}, "QQ")
    verdicts = client.verify(NIK=MATCH.nik, TGL_LHR="01-01-1917", **sent).content
    assert verdicts.pop("NIK") == "Sesuai"
    assert all(verdict.startswith("Tidak Sesuai") for verdict in verdicts.values())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"USER_ID": ""}, "09"),
        ({"PASSWORD": ""}, "09"),
        ({"IP_USER": ""}, "09"),
        ({"USER_ID": "other"}, "03"),
        ({"PASSWORD": "other"}, "03"),
        ({"IP_USER": "10.0.0.1"}, "04"),
        ({"IP_USER": "not an address"}, "10"),
        ({"NIK": ""}, "07"),
        ({"TRESHOLD": ""}, "07"),
        ({"TRESHOLD": "101"}, "07"),
        ({"TRESHOLD": "-1"}, "07"),
        ({"TRESHOLD": "²"}, "07"),
        ({"TRESHOLD": True}, "07"),
        ({"TRESHOLD": 80.5}, "07"),
        ({"TGL_LHR": "1990-13-01"}, "07"),
        ({"TGL_LHR": "1-1-1990"}, "07"),
        ({"NAMA": "X"}, "07"),
        ({"NAMA_LGKP": None}, "07"),
        ({"NAMA_LGKP": ["X"]}, "07"),
        ({"NAMA_LGKP": "X" * 2000}, "07"),
        ({"NIK": "123"}, "15"),
        ({"NIK": MATCH.nik[:15]}, "15"),
        ({"NIK": MATCH.nik[:12] + "0000"}, "15"),
        ({"NIK": "３" + MATCH.nik[1:]}, "15"),
    ],
)
def test_what_is_wrong_with_a_question_has_its_code(
    client: Client, changed: dict[str, Any], code: str
) -> None:
    reply = client.verify(**{**claim_of("match"), **changed})
    assert reply.status == 200
    assert reply.content == {"RESPONSE_CODE": code, "RESPON": ERROR_TEXTS[code]}


def test_another_customer_is_an_inactive_institution(client: Client) -> None:
    path = "/dukcapil/get_json/another/CALL_VERIFY_BY_ELEMEN"
    assert client.send("POST", path, {**CREDENTIALS, "NIK": MATCH.nik}).code == "16"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"nonsense", 400),
        (b"\xff\xfe", 400),
        (b"[" * 60_000, 400),
        (b'{"NIK":' * 9000, 400),
        (b"{" + b" " * 65 * 1024 + b"}", 413),
        (b"[]", 200),
        (b'"text"', 200),
        (b"null", 200),
        (b'{"NIK": "1", "nik": "2"}', 200),
    ],
)
def test_a_bad_body_is_refused_and_never_a_server_error(client: Client, body: bytes, status: int) -> None:
    reply = client.send("POST", f"/dukcapil/get_json/{CUSTOMER}/CALL_NIK", body)
    assert reply.status == status
    assert reply.headers["x-padan-sandbox"]
    if status == 200:
        assert reply.code == "07"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/dukcapil/get_json/{CUSTOMER}/CALL_NIK", 405),
        ("POST", f"/dukcapil/get_json/{CUSTOMER}/CALL_FR", 404),
        ("POST", "/elsewhere", 404),
    ],
)
def test_other_addresses_are_not_there(client: Client, method: str, path: str, status: int) -> None:
    reply = client.send(method, path, {})
    assert reply.status == status
    assert reply.headers["x-padan-sandbox"]


def test_the_error_text_can_stand_under_another_key() -> None:
    with serving(
        build_app(NATION, options=SandboxOptions(error_text_key=ErrorTextKey.RESPONSE_DESC))
    ) as client:
        assert client.verify().content == {"RESPONSE_CODE": "07", "RESPONSE_DESC": ERROR_TEXTS["07"]}


def test_the_quota_falls_by_one_a_question_and_returns_at_midnight_in_jakarta() -> None:
    clock = Clock(datetime.datetime(2026, 3, 1, 16, 59, tzinfo=datetime.UTC))
    with serving(build_app(NATION, options=SandboxOptions(quota=2), clock=clock)) as client:
        asked = [client.verify(**claim_of("match")) for _ in range(3)]
        assert [reply.json["quotaLimiter"] for reply in asked] == [1, 0, 0]
        assert [reply.code for reply in asked] == [None, None, "05"]
        clock.now += datetime.timedelta(minutes=1)
        assert client.verify(**claim_of("match")).json["quotaLimiter"] == 1


def test_whoever_may_not_ask_uses_no_quota(client: Client) -> None:
    before = client.verify(**claim_of("match")).json["quotaLimiter"]
    client.verify(**{**claim_of("match"), "PASSWORD": "other"})
    client.verify(NIK="")
    assert client.verify(**claim_of("match")).json["quotaLimiter"] == before - 1
