"""Data balikan over the wire: two answers are done, everything else is not taken."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.domain.feedback import FeedbackEntry, FeedbackNotTaken, FeedbackState
from padan.registries import (
    DataBalikan,
    DataBalikanSettings,
    read_params,
    unprotected_feedback_problem,
)
from padan.registries.data_balikan import to_body, to_state
from padan.sandbox.dukcapil import build_app
from padan.sandbox.feedback import FEEDBACK_PATH, FEEDBACK_TOKEN
from tests.registries.rude_server import (
    CHUNKED,
    Manner,
    RudeServer,
    drips,
    endless,
    hangs,
    http,
    resets_after,
    rude_server,
    says,
)
from tests.sandbox.simulator import NATION, serving

ENTRY = FeedbackEntry("3273015705900001", "pembukaan rekening", "found", date(2026, 11, 24))
SETTINGS = DataBalikanSettings(
    "http://127.0.0.1/x",
    FEEDBACK_TOKEN,
    "0123",
    "Bank Contoh",
    params=read_params("TUJUAN=purpose,HASIL=outcome,TANGGAL=date"),
    deadline_s=0.5,
)
SUCCESS, REPEAT = b'{"message": "Success"}', b'{"message": "Data sudah pernah dikirim"}'


async def send(settings: DataBalikanSettings, entry: FeedbackEntry = ENTRY) -> FeedbackState | str:
    """What becomes of one entry: its state, or the reason that it was not taken."""
    line = DataBalikan(settings)
    try:
        return await line.send(entry)
    except FeedbackNotTaken as error:
        return error.reason
    finally:
        await line.close()


def sent_to(manner: Manner, **changes: object) -> tuple[FeedbackState | str, RudeServer]:
    async def run() -> tuple[FeedbackState | str, RudeServer]:
        async with rude_server(manner) as server:
            url = f"http://127.0.0.1:{server.port}/data"
            return await send(replace(SETTINGS, url=url, **changes)), server  # type: ignore[arg-type]

    return asyncio.run(run())


def test_the_request_has_the_form_that_clients_send() -> None:
    state, server = sent_to(says(http(SUCCESS)))
    assert state is FeedbackState.SENT
    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /data HTTP/1.1\r\n")
    assert f"Authorization: Bearer {FEEDBACK_TOKEN}".encode() in head
    assert json.loads(body) == [
        {
            "id_lembaga": "0123",
            "nama_lembaga": "Bank Contoh",
            "data": [
                {
                    "NIK": ENTRY.nik,
                    "param": [{"TUJUAN": "pembukaan rekening", "HASIL": "found", "TANGGAL": "2026-11-24"}],
                }
            ],
        }
    ]


def test_the_names_of_the_parameters_are_those_of_the_settings() -> None:
    [told] = to_body(ENTRY, replace(SETTINGS, params=read_params("a=date,b=date")))
    assert told["data"][0]["param"] == [{"a": "2026-11-24", "b": "2026-11-24"}]


@pytest.mark.parametrize("body", [SUCCESS, b'{"message":" success "}', b'{"x":1,"message":"SUCCESS"}'])
def test_success_is_done(body: bytes) -> None:
    assert to_state(200, body) is FeedbackState.SENT


@pytest.mark.parametrize(
    "body",
    [REPEAT, b"data SUDAH  pernah\ndikirim", b'[{"error": "Data sudah pernah dikirim."}]', REPEAT + b"\xff"],
)
def test_a_repeat_is_done_whatever_stands_around_its_text(body: bytes) -> None:
    assert to_state(400, body) is FeedbackState.ALREADY_SENT


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"", "not_understood"),
        (200, REPEAT, "not_understood"),
        (200, b'{"message": "Gagal"}', "not_understood"),
        (200, b'["Success"]', "not_understood"),
        (200, b'{"message": ["Success"]}', "not_understood"),
        (200, b"[" * 100_000, "not_understood"),
        (200, b"\xff\xfe", "not_understood"),
        (201, SUCCESS, "status:201"),
        (302, SUCCESS, "status:302"),
        (400, b"Format salah", "status:400"),
        (401, REPEAT, "status:401"),
        (500, SUCCESS, "status:500"),
    ],
)
def test_any_other_answer_is_not_taken(status: int, body: bytes, reason: str) -> None:
    with pytest.raises(FeedbackNotTaken, match=f"^{reason}$"):
        to_state(status, body)


@given(st.integers(100, 599), st.binary(max_size=200))
def test_no_chance_answer_counts_as_done(status: int, body: bytes) -> None:
    with pytest.raises(FeedbackNotTaken):
        to_state(status, body)


FAULTS: dict[str, tuple[Manner, str]] = {
    "hangs": (hangs, "timeout"),
    "one byte at a time": (drips(http(SUCCESS)), "timeout"),
    "resets": (resets_after(http(SUCCESS)[:40]), "unavailable:"),
    "closes early": (says(http(SUCCESS, length=500), then_close=True), "unavailable:"),
    "floods": (endless(CHUNKED, b"10000\r\n" + b" " * 0x10000 + b"\r\n"), "answer_too_large"),
    "is not HTTP": (says(b"SSH-2.0-x\r\n", then_close=True), "unavailable:"),
    "is compressed": (says(http(SUCCESS, headers="Content-Encoding: gzip\r\n")), "compressed"),
    "moves away": (says(http(b"", status="302 Found", headers="Location: /elsewhere\r\n")), "status:302"),
    "moves for good": (
        says(http(b"", status="308 Moved", headers="Location: http://169.254.169.254/\r\n")),
        "status:308",
    ),
    "is in trouble": (says(http(SUCCESS, status="503 Unavailable")), "status:503"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_not_taken_within_the_deadline_and_asked_once(fault: str) -> None:
    manner, reason = FAULTS[fault]
    told, server = sent_to(manner)
    assert isinstance(told, str)
    assert told.startswith(reason)
    assert len(server.requests) == 1
    assert not any(part in told for part in (ENTRY.nik, FEEDBACK_TOKEN, "rekening"))


def test_nobody_there_is_not_taken() -> None:
    assert str(asyncio.run(send(replace(SETTINGS, url="http://127.0.0.1:9/")))).startswith("unavailable:")


@pytest.mark.parametrize(
    ("url", "pin", "problem"),
    [
        ("https://registry.example/x", b"p" * 32, False),
        ("https://registry.example/x", None, True),
        ("http://registry.example/x", b"p" * 32, True),
        ("http://127.0.0.1:1/x", None, False),
    ],
)
def test_an_unprotected_line_is_refused_with_the_remedy_unless_the_operator_answers_for_it(
    url: str, pin: bytes | None, problem: bool
) -> None:
    here = replace(SETTINGS, url=url, certificate_sha256=pin)
    told = unprotected_feedback_problem(here, accept_unpinned=False)
    assert (told is not None) is problem
    assert not told or "PADAN_DUKCAPIL_FEEDBACK_CERTIFICATE" in told
    assert unprotected_feedback_problem(here, accept_unpinned=True) is None


def test_neither_settings_nor_entries_show_what_they_hold() -> None:
    told = f"{SETTINGS!r} {ENTRY!r}"
    assert not any(part in told for part in (ENTRY.nik, "Bearer", "0123", "rekening", "sandbox"))


def test_the_simulator_takes_an_entry_once_and_knows_it_again() -> None:
    with serving(build_app(NATION)) as client:
        here = replace(SETTINGS, url=f"http://127.0.0.1:{client.port}{FEEDBACK_PATH}", deadline_s=5)
        told = [
            asyncio.run(send(here)),
            asyncio.run(send(here)),
            asyncio.run(send(here, replace(ENTRY, outcome="not_found"))),
            asyncio.run(send(replace(here, token="another"))),
            asyncio.run(send(replace(here, institution_id=""))),
        ]
        counts = client.send("GET", "/sandbox/data-balikan").json
    sent, again = FeedbackState.SENT, FeedbackState.ALREADY_SENT
    assert told == [sent, again, sent, "status:401", "status:400"]
    assert counts == {"taken": 2, "repeated": 1, "invalid": 1, "unauthorized": 1}


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"[1]", b"[" * 50_000, b"x" * 70_000, b'[{"data": []}]'])
def test_the_simulator_refuses_what_has_another_form(body: bytes) -> None:
    import http.client

    with serving(build_app(NATION)) as client:
        line = http.client.HTTPConnection("127.0.0.1", client.port, timeout=5)
        line.request("POST", FEEDBACK_PATH, body, {"Authorization": f"Bearer {FEEDBACK_TOKEN}"})
        answer = line.getresponse()
        assert (answer.status, json.loads(answer.read())["message"]) == (400, "Format data tidak sesuai")
        line.close()
