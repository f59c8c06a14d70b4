"""A registry in trouble, by person and by the side door."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from padan.sandbox.dukcapil import SandboxOptions, build_app
from padan.sandbox.fault_people import FAULT_NAMES, LINE_FAULTS
from padan.sandbox.faults import CHARGED_FAULTS, FAULTS, LINK_LOCAL, FaultOptions
from tests.sandbox.simulator import CREDENTIALS, CUSTOMER, NATION, Client, serving


@pytest.fixture(scope="module")
def simulator() -> Iterator[Client]:
    options = SandboxOptions(faults=FaultOptions(slow=0.2, very_slow=0.3, drip=0.001, retry_after=7))
    with serving(build_app(NATION, options=options)) as client:
        yield client


@pytest.fixture
def client(simulator: Client) -> Client:
    for wishes in ("scenario", "faults", "count"):
        simulator.send("DELETE", f"/sandbox/{wishes}")
    return simulator


def nik_of(fault: str) -> str:
    return NATION.scenario(fault).nik


def endure(client: Client, fault: str, nik: str) -> None:
    """Ask under a fault; what is never answered is given up soon."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        client.verify(NIK=nik, wait=0.3 if fault.startswith("timeout") else 20)


def question(nik: str) -> bytes:
    """A question as bytes, for a line that is not polite."""
    body = json.dumps({**CREDENTIALS, "NIK": nik}).encode()
    head = f"POST /dukcapil/get_json/{CUSTOMER}/CALL_VERIFY HTTP/1.1\r\nHost: x\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def test_every_fault_has_its_people_and_its_function() -> None:
    assert tuple(FAULTS) == FAULT_NAMES


def test_a_timeout_answers_nothing_and_ends_when_the_client_leaves(client: Client) -> None:
    with pytest.raises(TimeoutError):
        client.verify(NIK=nik_of("timeout"), wait=0.3)
    assert client.verify(NIK=nik_of("slow")).status == 200


def test_a_timeout_does_not_last_for_ever() -> None:
    options = SandboxOptions(faults=FaultOptions(timeout=0.1))
    with serving(build_app(NATION, options=options)) as client, pytest.raises(ConnectionResetError):
        client.verify(NIK=nik_of("timeout"))


@pytest.mark.parametrize("fault", ["reset", *LINE_FAULTS])
def test_a_reset_and_what_stands_for_a_broken_line_end_the_connection_without_a_byte(
    client: Client, fault: str
) -> None:
    with pytest.raises(ConnectionResetError):
        client.verify(NIK=nik_of(fault))


@pytest.mark.parametrize(
    ("fault", "status"),
    [("server_error", 500), ("bad_request", 400), ("too_many_requests", 429), ("service_unavailable", 503)],
)
def test_a_fault_of_http_has_its_status(client: Client, fault: str, status: int) -> None:
    assert client.verify(NIK=nik_of(fault)).status == status


@pytest.mark.parametrize("fault", ["too_many_requests", "service_unavailable"])
def test_whoever_shall_come_back_is_told_when(client: Client, fault: str) -> None:
    assert client.verify(NIK=nik_of(fault)).headers["retry-after"] == "7"


def test_a_redirect_leads_to_a_link_local_address(client: Client) -> None:
    reply = client.verify(NIK=nik_of("redirect"))
    assert (reply.status, reply.headers["location"]) == (307, LINK_LOCAL)


def test_an_answer_can_stop_in_its_middle(client: Client) -> None:
    with pytest.raises(TimeoutError):
        client.verify(NIK=nik_of("timeout_in_body"), wait=0.3)


def test_an_answer_can_be_reset_in_its_middle_once_its_first_half_has_arrived(client: Client) -> None:
    with socket.create_connection(("127.0.0.1", client.port), timeout=5) as line:
        line.sendall(question(nik_of("reset_in_body")))
        head, _, body = read_until_reset(line).partition(b"\r\n\r\n")
    promised = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert len(body) == promised // 2


def read_until_reset(line: socket.socket) -> bytes:
    """What arrives before the other side resets the connection; an end in order fails the test."""
    arrived = b""
    try:
        while block := line.recv(1 << 16):
            arrived += block
    except ConnectionResetError:
        return arrived
    raise AssertionError("the connection ended in order")


def test_a_right_answer_can_be_declared_as_something_else(client: Client) -> None:
    reply = client.verify(NIK=nik_of("wrong_content_type"))
    assert reply.headers["content-type"].startswith("text/plain")
    assert reply.content == {"NIK": "Sesuai"}


def test_malformed_json_is_none(client: Client) -> None:
    body = client.verify(NIK=nik_of("malformed_json")).body
    assert b"Sesuai" in body
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_nesting_is_ten_thousand_deep(client: Client) -> None:
    body = client.verify(NIK=nik_of("deep_nesting")).body
    assert b"[" * 10_000 + b"]" * 10_000 in body


def test_a_huge_body_holds_a_right_answer_behind_a_hundred_megabytes(client: Client) -> None:
    body = client.verify(NIK=nik_of("huge_body"), wait=60).body
    assert len(body) > 100 * 1024 * 1024
    assert json.loads(body)["content"] == [{"NIK": "Sesuai"}]


def test_a_gzip_bomb_is_small_until_somebody_opens_it(client: Client) -> None:
    reply = client.verify(NIK=nik_of("gzip_bomb"), wait=60)
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.body) < 200_000
    opened = gzip.decompress(reply.body)
    assert len(opened) > 100 * 1024 * 1024
    assert json.loads(opened)["content"] == [{"NIK": "Sesuai"}]


@pytest.mark.parametrize("fault", ["huge_body", "gzip_bomb"])
def test_others_are_answered_while_a_long_answer_is_made(client: Client, fault: str) -> None:
    reader = threading.Thread(target=client.verify, kwargs={"wait": 60, "NIK": nik_of(fault)})
    match, start = NATION.scenario("match").nik, time.monotonic()
    reader.start()
    while not client.open_requests():
        time.sleep(0.001)
    assert client.verify(NIK=match).content == {"NIK": "Sesuai"}
    answered = time.monotonic() - start
    reader.join()
    assert answered < (time.monotonic() - start) / 2


def test_an_answer_can_drip(client: Client) -> None:
    start = time.monotonic()
    reply = client.verify(NIK=nik_of("drip"))
    assert reply.content == {"NIK": "Sesuai"}
    assert time.monotonic() - start >= 0.001 * len(reply.body)


def test_a_key_can_stand_twice_with_the_pleasant_value_last(client: Client) -> None:
    reply = client.verify(NIK=nik_of("duplicate_keys"))
    assert b'"NIK":"Tidak Sesuai","NIK":"Sesuai"' in reply.body
    assert reply.content == {"NIK": "Sesuai"}


def test_a_number_can_be_none(client: Client) -> None:
    assert client.verify(NIK=nik_of("not_a_number")).body.endswith(b'"quotaLimiter":NaN}')


def test_another_nik_is_echoed_by_both_methods(client: Client) -> None:
    nik = nik_of("another_nik")
    for reply in (client.verify(NIK=nik), client.record(nik)):
        echoed = reply.content["NIK"]
        assert echoed.isdigit()
        assert echoed != nik


def test_an_error_can_stand_beside_verdicts_that_agree(client: Client) -> None:
    content = client.verify(NIK=nik_of("error_and_verdict")).content
    assert (content["NIK"], content["RESPONSE_CODE"]) == ("Sesuai", "07")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("text_only_error", "IP Client  Tidak Terdaftar"),
        ("text_only_not_found", "Data Tidak Ditemukan, NIK tidak terdapat di database Kependudukan"),
    ],
)
def test_the_oldest_service_says_its_errors_by_text_alone(client: Client, fault: str, text: str) -> None:
    assert client.verify(NIK=nik_of(fault)).content == {"RESPON": text}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_question_is_counted_once_under_its_fault_and_charged_as_the_table_says(
    client: Client, fault: str
) -> None:
    match = NATION.scenario("match").nik
    left = client.verify(NIK=match).json["quotaLimiter"]
    endure(client, fault, nik_of(fault))
    charged = int(fault in CHARGED_FAULTS)
    counted = client.send("GET", "/sandbox/count").json
    assert counted["answers"] == {"found": 1, f"fault_{fault}": 1}
    assert (counted["questions"], counted["charged"]) == (2, 1 + charged)
    assert client.verify(NIK=match).json["quotaLimiter"] == left - 1 - charged


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_strikes_whoever_is_asked_about_where_it_has_every_share(
    client: Client, fault: str
) -> None:
    client.send("POST", "/sandbox/faults", {"fault": fault, "share": 1})
    endure(client, fault, NATION.scenario("deceased").nik)
    assert client.send("GET", "/sandbox/count").json["answers"] == {f"fault_{fault}": 1}


def test_faults_that_last_end_when_their_clients_have_left() -> None:
    with serving(build_app(NATION)) as client:
        for fault in ("timeout", "timeout_in_body", "very_slow", "drip", "huge_body", "gzip_bomb"):
            with socket.create_connection(("127.0.0.1", client.port)) as line:
                line.sendall(question(nik_of(fault)))
                time.sleep(0.05)
                assert client.open_requests() == 1
            deadline = time.monotonic() + 2
            while client.open_requests() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert client.open_requests() == 0


def test_html_comes_with_200(client: Client) -> None:
    reply = client.verify(NIK=nik_of("html"))
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert reply.body.startswith(b"<html>")


def test_a_truncated_answer_is_whole_as_http_and_broken_as_json(client: Client) -> None:
    reply = client.verify(NIK=nik_of("truncated"))
    assert int(reply.headers["content-length"]) == len(reply.body)
    assert reply.body.startswith(b'{"content":[{"NIK":')
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.body)


def test_an_empty_content_is_an_empty_page(client: Client) -> None:
    page = client.verify(NIK=nik_of("empty_content")).json
    assert (page["content"], page["numberOfElements"], page["totalElements"]) == ([], 0, 0)


@pytest.mark.parametrize(
    ("fault", "code"),
    [("unknown_code", "99"), ("quota_exhausted", "05"), ("outside_hours", "06"), ("wrong_credentials", "03")],
)
def test_a_fault_of_the_service_is_its_code(client: Client, fault: str, code: str) -> None:
    assert client.verify(NIK=nik_of(fault)).code == code


@pytest.mark.parametrize(("fault", "seconds"), [("slow", 0.2), ("very_slow", 0.3)])
def test_a_slow_answer_is_late_and_right(client: Client, fault: str, seconds: float) -> None:
    start = time.monotonic()
    assert client.verify(NIK=nik_of(fault)).content == {"NIK": "Sesuai"}
    assert time.monotonic() - start >= seconds


def test_a_fault_is_had_by_the_full_record_too(client: Client) -> None:
    assert client.record(nik_of("unknown_code")).code == "99"


def test_the_side_door_makes_a_nik_answer_otherwise_until_it_is_cleared(client: Client) -> None:
    nik = NATION.scenario("match").nik
    for scenario, code in (
        ("deceased", "11"),
        ("not_found", "13"),
        ("inactive", "14"),
        ("unknown_code", "99"),
    ):
        assert client.send("POST", "/sandbox/scenario", {"nik": nik, "scenario": scenario}).status == 200
        assert client.verify(NIK=nik).code == code
    assert client.send("POST", "/sandbox/scenario", {"nik": nik, "fault": "server_error"}).status == 200
    assert client.verify(NIK=nik).status == 500
    assert client.send("POST", "/sandbox/scenario", {"nik": nik, "scenario": None}).status == 200
    assert client.verify(NIK=nik).content == {"NIK": "Sesuai"}
    client.send("POST", "/sandbox/scenario", {"nik": nik, "scenario": "deceased"})
    client.send("DELETE", "/sandbox/scenario")
    assert client.verify(NIK=nik).content == {"NIK": "Sesuai"}


@pytest.mark.parametrize(
    ("scenario", "name", "date"),
    [
        ("match", "Sesuai (100)", "Sesuai"),
        ("name_mismatch", "Tidak Sesuai (30)", "Sesuai"),
        ("birth_date_mismatch", "Sesuai (100)", "Tidak Sesuai"),
    ],
)
def test_the_side_door_lets_a_nik_that_nobody_has_be_found(
    client: Client, scenario: str, name: str, date: str
) -> None:
    nik = NATION.scenario("not_found").nik
    client.send("POST", "/sandbox/scenario", {"nik": nik, "scenario": scenario})
    content = client.verify(NIK=nik, NAMA_LGKP="ANYBODY", TGL_LHR="01-01-1990").content
    assert content == {"NIK": "Sesuai", "NAMA_LGKP": name, "TGL_LHR": date}


def test_a_fault_strikes_the_share_of_questions_that_was_asked_for(client: Client) -> None:
    nik = NATION.scenario("match").nik
    client.send("POST", "/sandbox/faults", {"fault": "server_error", "share": 0.5})
    struck = sum(client.verify(NIK=nik).status == 500 for _ in range(80))
    assert 20 < struck < 60
    client.send("DELETE", "/sandbox/faults")
    assert all(client.verify(NIK=nik).status == 200 for _ in range(5))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sandbox/scenario", b"nonsense"),
        ("/sandbox/scenario", b"[" * 50_000),
        ("/sandbox/scenario", b'{"nik": "1", "scenario": "match"}'),
        ("/sandbox/scenario", b'{"nik": "3171014601909901", "scenario": "maybe"}'),
        ("/sandbox/scenario", b'{"nik": "3171014601909901", "scenario": "match", "fault": "slow"}'),
        ("/sandbox/scenario", b'{"nik": "3171014601909901", "other": 1}'),
        ("/sandbox/faults", b'{"fault": "maybe", "share": 0.1}'),
        ("/sandbox/faults", b'{"fault": "slow", "share": 1.5}'),
        ("/sandbox/faults", b'{"fault": "slow", "share": -0.1}'),
    ],
)
def test_the_side_door_refuses_what_it_does_not_know_and_repeats_none_of_it(
    client: Client, path: str, body: bytes
) -> None:
    reply = client.send("POST", path, body)
    assert reply.status == 400
    assert "NOT DUKCAPIL" in reply.json["sandbox"]
    assert "3171014601909901" not in reply.body.decode()


def test_the_side_door_gives_people_by_scenario(client: Client) -> None:
    people = client.send("GET", "/sandbox/people?scenario=deceased&count=3").json["people"]
    claims = [NATION.scenario("deceased", index) for index in range(3)]
    assert [one["nikIdNumber"] for one in people] == [claim.nik for claim in claims]
    assert {one["scenario"] for one in client.send("GET", "/sandbox/people").json["people"]} >= set(
        FAULT_NAMES
    )


@pytest.mark.parametrize("query", ["count=0", "count=1001", "count=x", "count=²", "scenario=maybe"])
def test_the_side_door_refuses_a_query_that_it_cannot_answer(client: Client, query: str) -> None:
    assert client.send("GET", f"/sandbox/people?{query.replace('²', '%C2%B2')}").status == 400


def test_the_side_door_counts_questions_by_their_answer(client: Client) -> None:
    client.verify(NIK=NATION.scenario("match").nik)
    client.verify(NIK=NATION.scenario("deceased").nik)
    client.verify(NIK=nik_of("html"))
    client.verify(NIK="1")
    counted = client.send("GET", "/sandbox/count").json
    assert (counted["questions"], counted["charged"]) == (4, 3)
    assert counted["answers"] == {"found": 1, "deceased": 1, "fault_html": 1, "not_a_nik": 1}
    client.send("DELETE", "/sandbox/count")
    again = client.send("GET", "/sandbox/count").json
    assert (again["questions"], again["charged"], again["answers"]) == (0, 0, {})


def test_the_front_page_says_loudly_what_it_is(client: Client) -> None:
    reply = client.send("GET", "/")
    assert b"SANDBOX" in reply.body
    assert b"NOT DUKCAPIL" in reply.body


def test_a_fault_wished_for_so_many_questions_ends_after_them(client: Client) -> None:
    nik = NATION.scenario("match").nik
    client.send("POST", "/sandbox/scenario", {"nik": nik, "fault": "server_error", "times": 2})
    assert [client.verify(NIK=nik).status for _ in range(4)] == [500, 500, 200, 200]


def test_a_wish_for_no_question_at_all_is_refused(client: Client) -> None:
    wish = {"nik": NATION.scenario("match").nik, "fault": "html", "times": 0}
    answer = client.send("POST", "/sandbox/scenario", wish)
    assert answer.status == 400
    assert "times" in answer.json["error"]
