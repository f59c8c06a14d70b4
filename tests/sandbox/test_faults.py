"""A registry in trouble, by person and by the side door."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator

import pytest

from padan.sandbox.dukcapil import SandboxOptions, build_app
from padan.sandbox.fault_people import FAULT_NAMES
from padan.sandbox.faults import FAULTS, FaultTimes
from tests.sandbox.simulator import NATION, Client, serving


@pytest.fixture
def client() -> Iterator[Client]:
    times = FaultTimes(slow=0.2)
    with serving(build_app(NATION, options=SandboxOptions(fault_times=times))) as client:
        yield client


def nik_of(fault: str) -> str:
    return NATION.scenario(fault).nik


def test_every_fault_has_its_people_and_its_function() -> None:
    assert tuple(FAULTS) == FAULT_NAMES


def test_a_timeout_answers_nothing_and_ends_when_the_client_leaves(client: Client) -> None:
    with pytest.raises(TimeoutError):
        client.verify(NIK=nik_of("timeout"), wait=0.3)
    assert client.verify(NIK=nik_of("slow")).status == 200


def test_a_timeout_does_not_last_for_ever() -> None:
    options = SandboxOptions(fault_times=FaultTimes(timeout=0.1))
    with serving(build_app(NATION, options=options)) as client, pytest.raises(http.client.RemoteDisconnected):
        client.verify(NIK=nik_of("timeout"))


def test_a_reset_closes_the_connection_without_a_byte(client: Client) -> None:
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        client.verify(NIK=nik_of("reset"))


def test_a_server_error_is_a_500(client: Client) -> None:
    assert client.verify(NIK=nik_of("server_error")).status == 500


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


def test_a_slow_answer_is_late_and_right(client: Client) -> None:
    start = time.monotonic()
    assert client.verify(NIK=nik_of("slow")).content == {"NIK": "Sesuai"}
    assert time.monotonic() - start >= 0.2


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
    assert counted["questions"] == 4
    assert counted["answers"] == {"found": 1, "deceased": 1, "fault_html": 1, "not_a_nik": 1}


def test_the_front_page_says_loudly_what_it_is(client: Client) -> None:
    reply = client.send("GET", "/")
    assert b"SANDBOX" in reply.body
    assert b"NOT DUKCAPIL" in reply.body
