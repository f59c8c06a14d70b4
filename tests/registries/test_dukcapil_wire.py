from __future__ import annotations

from typing import Any

import pytest

from padan.domain.errors import RefusalReason, RegistryProtocolError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Comparison, Finding, Outcome
from padan.registries.dukcapil_codes import CODES
from padan.registries.dukcapil_page import Answer
from padan.registries.dukcapil_wire import to_finding, to_question
from tests.registries.dukcapil_answers import CANARIES, CLAIM, SETTINGS, VERDICTS, body, read

PROTOCOL = RegistryProtocolError

# Every code of the table, its text as far as it is known, and what it has to become.
TABLE: list[tuple[str, str, Outcome | RefusalReason | type[Exception]]] = [
    ("02", "", PROTOCOL),
    ("03", "Login Gagal", RefusalReason.CREDENTIALS),
    ("04", "IP Address Tidak Sesuai", RefusalReason.ADDRESS),
    ("05", "Kuota Akses Hari Ini Telah Habis", RefusalReason.QUOTA),
    ("06", "", RefusalReason.HOURS),
    ("07", "Parameter Tidak Lengkap / Tidak Valid", RefusalReason.PARAMETERS),
    ("08", "", RefusalReason.UNPROCESSABLE_NIK),
    ("09", "User, password dan IP tidak boleh kosong", RefusalReason.CREDENTIALS),
    ("10", "IP Client  Tidak Terdaftar", RefusalReason.ADDRESS),
    ("11", "Data Ditemukan, Meninggal Dunia", Outcome.DECEASED),
    ("12", "Data Ditemukan, Data Ganda", Outcome.DUPLICATE),
    ("13", "Data Tidak Ditemukan, NIK tidak terdapat di database Kependudukan", Outcome.NOT_FOUND),
    ("14", "Data Ditemukan, Status Non Aktif silahkan hubungi Dinas Dukcapil", Outcome.INACTIVE),
    ("15", "Data Tidak Ditemukan, NIK tidak sesuai format Dukcapil", Outcome.NOT_FOUND),
    ("16", "Instansi Tidak Aktif", RefusalReason.INSTITUTION),
    ("17", "User ID Tidak Aktif", RefusalReason.CREDENTIALS),
    ("18", "", PROTOCOL),
    ("99", "Data Ditemukan", PROTOCOL),
]


def assert_becomes(answer: bytes, expected: Outcome | RefusalReason | type[Exception]) -> None:
    if isinstance(expected, Outcome):
        assert read(answer) == Finding(expected, quota_left=998)
    elif isinstance(expected, RefusalReason):
        with pytest.raises(RegistryRefused) as refused:
            read(answer)
        assert refused.value.reason is expected
    else:
        with pytest.raises(expected):
            read(answer)


@pytest.mark.parametrize("text_key", ["RESPON", "RESPONSE", "RESPONSE_DESC"])
@pytest.mark.parametrize(("code", "text", "expected"), TABLE)
def test_each_code_has_its_outcome_or_its_error(text_key: str, code: str, text: str, expected: Any) -> None:
    assert_becomes(body({"RESPONSE_CODE": code, text_key: text}), expected)


@pytest.mark.parametrize(("code", "text", "expected"), TABLE)
def test_an_error_beside_verdicts_wins_over_them(code: str, text: str, expected: Any) -> None:
    assert_becomes(body({**VERDICTS, "response_code": code, "RESPON": text}), expected)


@pytest.mark.parametrize(("code", "text", "expected"), [row for row in TABLE if row[1] and row[0] < "18"])
@pytest.mark.parametrize("case", [str, str.upper, str.lower, lambda text: f"  {text.replace(' ', '  ')}. "])
def test_a_text_alone_says_the_same_as_its_code(code: str, text: str, expected: Any, case: Any) -> None:
    assert_becomes(body({"RESPONSE": case(text)}), expected)


@pytest.mark.parametrize(("code", "text", "expected"), TABLE)
def test_the_code_decides_before_the_text(code: str, text: str, expected: Any) -> None:
    assert_becomes(body({"RESPONSE_CODE": code, "RESPON": "Data Tidak Ditemukan"}), expected)


@pytest.mark.parametrize("code", [13, " 13 "])
def test_a_code_may_be_a_number_or_padded(code: Any) -> None:
    assert_becomes(body({"RESPONSE_CODE": code}), Outcome.NOT_FOUND)


@pytest.mark.parametrize("code", ["", "3", "003", "1３", "xx", -3, 100, 3.0, True, [], {}])
def test_a_code_that_is_not_two_digits_is_an_error(code: Any) -> None:
    assert_becomes(body({**VERDICTS, "RESPONSE_CODE": code}), PROTOCOL)


def test_the_table_has_no_code_beyond_the_known_ones() -> None:
    assert set(CODES) == {"00", "01", *(row[0] for row in TABLE if row[2] is not PROTOCOL)}


@pytest.mark.parametrize("extra", [{}, {"RESPONSE_CODE": "00"}, {"RESPONSE_CODE": "01", "RESPON": "Sukses"}])
@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_verdicts_without_an_error_are_a_finding(extra: dict[str, str], case: Any) -> None:
    record = {case(key): case(value) for key, value in {**VERDICTS, **extra}.items()}
    assert read(body(record)) == Finding(
        Outcome.FOUND, Comparison(True), Comparison(True, 1.0), Comparison(True), 998
    )


def test_a_success_code_without_verdicts_is_an_error() -> None:
    assert_becomes(body({"RESPONSE_CODE": "00"}), PROTOCOL)


def test_a_success_code_with_the_text_of_an_error_is_an_error() -> None:
    assert_becomes(body({**VERDICTS, "RESPONSE_CODE": "00", "RESPON": "Data Tidak Ditemukan"}), PROTOCOL)


@pytest.mark.parametrize("code", ["00", "01"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Silakan coba lagi", PROTOCOL),
        ("Data Ditemukan, namun", PROTOCOL),
        ("Login Gagal", RefusalReason.CREDENTIALS),
        ("Kuota Akses Hari Ini Telah Habis", RefusalReason.QUOTA),
        ("Data Ditemukan, Meninggal Dunia", PROTOCOL),
    ],
)
def test_a_success_code_is_not_believed_against_its_text(code: str, text: str, expected: Any) -> None:
    assert_becomes(body({**VERDICTS, "RESPONSE_CODE": code, "RESPON": text}), expected)


SIGNS: list[tuple[Any, Any]] = [
    ("03", RefusalReason.CREDENTIALS),
    ("13", Outcome.NOT_FOUND),
    (5, RefusalReason.QUOTA),
    ("02", PROTOCOL),
    (True, PROTOCOL),
    ({"code": "13"}, PROTOCOL),
    (500, PROTOCOL),
]
TEXT_SIGNS: list[tuple[Any, Any]] = [
    ("Login Gagal", RefusalReason.CREDENTIALS),
    ("data tidak  ditemukan", Outcome.NOT_FOUND),
    ("Internal Server Error", PROTOCOL),
]
OTHER_KEYS = [
    "error",
    "status",
    "message",
    "errorCode",
    "ERROR_MESSAGE",
    "responseCode",
    "Message_Id",
    "STATUS_X",
]


@pytest.mark.parametrize("key", OTHER_KEYS)
@pytest.mark.parametrize(("value", "expected"), [*SIGNS, *TEXT_SIGNS])
def test_whatever_looks_like_an_error_beside_verdicts_wins(key: str, value: Any, expected: Any) -> None:
    assert_becomes(body({**VERDICTS, key: value}), expected)
    assert_becomes(body(VERDICTS, **{key: value}), expected)


@pytest.mark.parametrize("key", ["RESPON", "Response", "RESPONSE_DESC"])
@pytest.mark.parametrize(("value", "expected"), TEXT_SIGNS)
def test_the_text_of_an_error_may_stand_on_the_page(key: str, value: Any, expected: Any) -> None:
    assert_becomes(body(VERDICTS, **{key: value}), expected)


@pytest.mark.parametrize(("value", "expected"), SIGNS)
def test_the_code_of_an_error_may_stand_on_the_page(value: Any, expected: Any) -> None:
    assert_becomes(body(VERDICTS, RESPONSE_CODE=value), expected)


def test_a_refusal_on_a_page_without_content_is_that_refusal() -> None:
    assert_becomes(body(RESPONSE_CODE="05"), RefusalReason.QUOTA)
    assert_becomes(body(RESPONSE_CODE="13"), PROTOCOL)


@pytest.mark.parametrize("key", ["totalElements", "numberOfElements"])
@pytest.mark.parametrize("none", [0, "0", 0.0])
def test_a_page_that_counts_nobody_holds_no_verdicts(key: str, none: Any) -> None:
    assert_becomes(body(VERDICTS, **{key: none}), PROTOCOL)
    assert_becomes(body({"RESPONSE_CODE": "13"}, **{key: none}), Outcome.NOT_FOUND)


@pytest.mark.parametrize(
    "extra",
    [{"STATUS_KAWIN": "Sesuai"}, {"error": None}, {"message": ""}, {"status": "Sukses"}, {"error": "00"}],
)
def test_what_is_no_error_spoils_no_answer(extra: dict[str, Any]) -> None:
    assert read(body({**VERDICTS, **extra})).outcome is Outcome.FOUND


def test_a_text_nobody_knows_is_an_error_even_beside_verdicts() -> None:
    assert_becomes(body({**VERDICTS, "RESPON": "Silakan coba lagi"}), PROTOCOL)


@pytest.mark.parametrize("field", ["NIK", "TGL_LHR"])
@pytest.mark.parametrize("verdict", ["Tidak Sesuai", "TIDAK SESUAI", " tidak  sesuai "])
def test_an_exact_field_that_differs_does_not_match(field: str, verdict: str) -> None:
    finding = read(body({**VERDICTS, field: verdict}))
    assert {"NIK": finding.nik, "TGL_LHR": finding.date_of_birth}[field] == Comparison(False)
    assert finding.full_name == Comparison(True, 1.0)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ("Sesuai (100)", Comparison(True, 1.0)),
        ("SESUAI(90)", Comparison(True, 0.9)),
        ("Sesuai (89)", Comparison(False, 0.89)),
        ("Tidak Sesuai (79)", Comparison(False, 0.79)),
        ("Tidak Sesuai (85)", Comparison(False, 0.85)),
        ("TIDAK SESUAI(0)", Comparison(False, 0.0)),
        ("Tidak Sesuai", Comparison(False)),
    ],
)
def test_a_name_is_judged_by_its_score(verdict: str, expected: Comparison) -> None:
    assert read(body({**VERDICTS, "NAMA_LGKP": verdict})).full_name == expected


@pytest.mark.parametrize(
    "verdict", ["Tidak Sesuai (90)", "Tidak Sesuai (100)", "Sesuai (79)", "Sesuai (101)"]
)
def test_a_word_that_contradicts_its_score_is_an_error(verdict: str) -> None:
    assert_becomes(body({**VERDICTS, "NAMA_LGKP": verdict}), PROTOCOL)


def test_a_word_without_a_score_counts_only_where_the_registry_used_our_threshold() -> None:
    answer = body({**VERDICTS, "NAMA_LGKP": "Sesuai"})
    assert read(answer, threshold_sent=90).full_name == Comparison(True)
    assert_becomes(answer, PROTOCOL)


@pytest.mark.parametrize("field", list(VERDICTS))
@pytest.mark.parametrize(
    "verdict",
    [None, "", True, 100, "3273015705900001", "Ya", "Sesuai?", "Belum Sesuai", "Sesuai (9O)", "Sesuai (٩٩)",
     "Sesuai (-1)", "Sesuai (1000)", "Sesuai (100", "ſesuai", "Sesuai Tidak", ["Sesuai"], {"Sesuai": 100}],
)  # fmt: skip
def test_a_verdict_that_cannot_be_read_is_an_error(field: str, verdict: Any) -> None:
    assert_becomes(body({**VERDICTS, field: verdict}), PROTOCOL)


@pytest.mark.parametrize("field", list(VERDICTS))
def test_a_verdict_that_is_missing_is_an_error(field: str) -> None:
    assert_becomes(body({key: value for key, value in VERDICTS.items() if key != field}), PROTOCOL)


@pytest.mark.parametrize("field", ["NIK", "TGL_LHR"])
def test_an_exact_field_with_a_score_is_an_error(field: str) -> None:
    assert_becomes(body({**VERDICTS, field: "Sesuai (60)"}), PROTOCOL)


@pytest.mark.parametrize(
    ("quota", "left"), [(0, 0), (5, 5), (-1, None), (None, None), ("12", None), (True, None), (1.5, None)]
)
def test_the_quota_is_read_and_never_decides(quota: Any, left: int | None) -> None:
    finding = read(body(VERDICTS, quotaLimiter=quota))
    assert finding.quota_left == left
    assert finding.outcome is Outcome.FOUND


GOOD = body(VERDICTS)
DAMAGED = {
    "nothing": b"",
    "blanks": b"  \n",
    "HTML": b"<html><body>Sesuai (100)</body></html>",
    "cut": GOOD[:-20],
    "two documents": GOOD + GOOD,
    "null": b"null",
    "a list": b"[" + GOOD + b"]",
    "a text": b'"Sesuai"',
    "no content": b'{"quotaLimiter": 5}',
    "content null": body(content=None),
    "content an object": body(content=VERDICTS),
    "content empty": body(),
    "content of two": body(VERDICTS, VERDICTS),
    "content of texts": body("Sesuai"),
    "an empty object": body({}),
    "NaN": GOOD.replace(b"998", b"NaN"),
    "Infinity": GOOD.replace(b"998", b"-Infinity"),
    "a number too long": GOOD.replace(b"998", b"9" * 5000),
    "nested too deep": b"[" * 200_000,
    "nested 10,000 deep": GOOD.replace(b"998", b"[" * 10_000 + b"]" * 10_000),
    "more brackets than a page has": GOOD.replace(b"998", b"[" + b"{}," * 1000 + b"1]"),
    "nested too deep inside": GOOD.replace(b"998", b"[" * 100_000 + b"]" * 100_000),
    "conflicting keys": GOOD.replace(b'"NIK": "Sesuai"', b'"NIK": "Tidak Sesuai", "NIK": "Sesuai"'),
    "a key twice": GOOD.replace(b'"NIK": "Sesuai"', b'"nik": "Sesuai", "NIK": "Sesuai"'),
    "a key of the page twice": GOOD.replace(b'"size": 1', b'"size": 1, "Content": []'),
    "conflicting case": GOOD.replace(b'"NIK": "Sesuai"', b'"nik": "Tidak Sesuai", "NIK": "Sesuai"'),
    "a look-alike key": GOOD.replace(b'"NIK"', '"nık"'.encode()),
    "UTF-16": GOOD.decode().encode("utf-16"),
    "broken UTF-8": GOOD.replace(b"Sesuai", b"\xffSesuai"),
}


@pytest.mark.parametrize("answer", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_body_is_an_error(answer: bytes) -> None:
    assert_becomes(answer, PROTOCOL)


@pytest.mark.parametrize("declared", ["application/json", "Application/JSON; charset=UTF-8", "text/json"])
def test_an_answer_declared_as_json_is_read(declared: str) -> None:
    assert read(GOOD, content_type=declared).outcome is Outcome.FOUND


@pytest.mark.parametrize("declared", ["", "text/html", "text/plain", "application/octet-stream", "json"])
def test_an_answer_declared_as_anything_else_is_an_error(declared: str) -> None:
    with pytest.raises(RegistryProtocolError):
        read(GOOD, content_type=declared)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 599])
def test_a_server_in_trouble_is_unavailable_and_may_have_charged(status: int) -> None:
    with pytest.raises(RegistryUnavailable) as unavailable:
        read(GOOD, status=status)
    assert unavailable.value.may_be_charged


@pytest.mark.parametrize(
    ("status", "reason"), [(401, RefusalReason.CREDENTIALS), (403, RefusalReason.ADDRESS)]
)
def test_http_401_and_403_are_refusals(status: int, reason: RefusalReason) -> None:
    with pytest.raises(RegistryRefused) as refused:
        read(GOOD, status=status)
    assert refused.value.reason is reason


@pytest.mark.parametrize("status", [100, 201, 204, 206, 301, 302, 304, 307, 400, 404, 405, 413, 418])
def test_every_other_status_is_a_protocol_error_whatever_the_body_says(status: int) -> None:
    with pytest.raises(RegistryProtocolError):
        read(GOOD, status=status)


@pytest.mark.parametrize(("code", "text", "expected"), TABLE)
def test_a_refusal_is_free_unless_the_person_was_looked_up(code: str, text: str, expected: Any) -> None:
    if isinstance(expected, RefusalReason):
        with pytest.raises(RegistryRefused) as refused:
            read(body({"RESPONSE_CODE": code}))
        assert refused.value.may_be_charged is (code == "08")


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("120", "", 120.0),
        (" 0 ", "", 0.0),
        ("999999", "", 86_400.0),
        ("Tue, 24 Nov 2026 10:00:30 GMT", "Tue, 24 Nov 2026 10:00:00 GMT", 30.0),
        ("Tue, 24 Nov 2026 09:00:00 GMT", "Tue, 24 Nov 2026 10:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 10:00:30 GMT", "", None),
        ("", "Tue, 24 Nov 2026 10:00:00 GMT", None),
        ("soon", "", None),
        ("-5", "", None),
        ("1.5", "", None),
        ("٣", "", None),
        ("9" * 5000, "", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_when_to_ask_again_is_read_where_the_registry_says_it(
    status: int, retry_after: str, date: str, seconds: float | None
) -> None:
    answer = Answer(status, "", b"", retry_after, date)
    with pytest.raises(RegistryUnavailable) as unavailable:
        to_finding(answer, to_question(CLAIM, SETTINGS), settings=SETTINGS)
    assert unavailable.value.retry_after_s == seconds


def test_no_error_text_holds_what_was_answered() -> None:
    leaks = [
        body({"RESPONSE_CODE": CANARIES[0], "RESPON": "canary"}),
        body({"RESPON": "canary 3273015705900001"}),
        body({**VERDICTS, "NIK": "3273015705900001"}),
        body({"canary": 1}) + b"canary",
    ]
    for answer in leaks:
        with pytest.raises(RegistryProtocolError) as error:
            read(answer)
        assert not any(canary in repr(error.value) for canary in (*CANARIES, "canary"))
        assert error.value.__cause__ is None
