"""Sessions whose registry gives data and not verdicts: the own register, and Dukcapil's full-data lookup.

The same claims through both, with the official SDK, explanations included.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trinsic_api
from trinsic_api.models.get_session_result_request import GetSessionResultRequest

from tests.journeys.test_live_agreement import Operator, serving
from tests.support import browser
from tests.support.sdk import PROVIDER, client, direct_request, poll
from tests.support.server import PADAN, Server, running

STATUSES = {"match": "alive", "deceased": "deceased", "duplicate": "duplicate", "inactive": "inactive"}


def padan(*arguments: str, environment: dict[str, str]) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    ran = subprocess.run(
        [PADAN, *arguments], env=clean | environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def write_register(file: Path, people: list[dict[str, str]]) -> None:
    with file.open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["nik", "full_name", "date_of_birth", "status"])
        for one in people:
            if one["scenario"] in STATUSES:
                row = [one["nikIdNumber"], one["fullName"], one["dateOfBirth"]]
                writer.writerow([*row, STATUSES[one["scenario"]]])


@contextmanager
def over_the_register(folder: Path) -> Iterator[Server]:
    """A server whose Test environment asks a sealed register of the sandbox's people."""
    with running() as sandbox:
        people = sandbox.ready["people"]
    write_register(folder / "people.csv", people)
    data = {"PADAN_DATA": str(folder / "data")}
    padan("register", "load", str(folder / "people.csv"), environment=data)
    with running("--data", data["PADAN_DATA"], environment={"PADAN_TEST_REGISTRY": "register"}) as server:
        yield server


@contextmanager
def over_call_nik(folder: Path) -> Iterator[Server]:
    """A server whose Test environment asks the simulator for records."""
    with running("--data", str(folder / "data"), environment={"PADAN_DUKCAPIL_METHOD": "CALL_NIK"}) as server:
        yield server


@pytest.fixture(scope="module", params=[over_the_register, over_call_nik])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with request.param(tmp_path_factory.mktemp("compared")) as ready:
        yield ready


def result(server: Server, person: dict[str, str]) -> tuple[Any, dict[str, Any]]:
    """The session by the SDK's model, and Padan's own explanations, which the SDK hands on as JSON."""
    with client(server) as api:
        sessions = trinsic_api.SessionsApi(api)
        created = sessions.create_direct_provider_session(direct_request(server, person))
        key = created.result_collection.results_access_key
        answer = poll(sessions, created.session_id, key)
        raw = sessions.get_session_result_with_http_info(
            created.session_id, GetSessionResultRequest(results_access_key=key)
        ).raw_data
    data = json.loads(raw)["identityData"]
    return answer, data["providerOutput"][PROVIDER]["explanations"] if data else {}


def test_a_variation_matches_and_the_result_says_why_and_how_sure(server: Server) -> None:
    person = server.person("match")
    words = person["fullName"].split()
    # What a form makes of a name: another order where there is one, and titles around it.
    claimed = f"Dr. {' '.join(reversed(words))}, S.H."
    answer, explained = result(server, person | {"fullName": claimed})
    assert answer.session.success
    assert answer.identity_data.match.full_name.boolean_value is True
    assert answer.identity_data.match.full_name.probability_value == explained["fullName"]["score"]
    told = explained["fullName"]
    assert (told["agreement"], told["comparedBy"]) == ("agrees", "padan")
    assert told["verdict"] == ("variation" if len(words) > 1 else "exact")
    assert 0.8 <= told["score"] <= 1
    assert told["model"]
    title = next(reason for reason in told["reasons"] if reason["code"] == "title")
    assert title["text"]["en"] == "The title 'Dr Sh' is left out."
    assert title["text"]["id"] == "Gelar 'Dr Sh' tidak dicantumkan."
    assert explained["dateOfBirth"]["reasons"][0]["code"] == "same_date"
    assert explained["nationalIdNumber"]["reasons"][0]["code"] == "on_record"


def test_another_name_and_another_date_are_told_apart_and_the_record_is_not_told(server: Server) -> None:
    person = server.person("match")
    claim = person | {"fullName": "Xaverius Zebedeus", "dateOfBirth": "1901-01-31"}
    answer, explained = result(server, claim)
    assert answer.session.success
    assert answer.identity_data.match.national_id_number.boolean_value is True
    for field, match in (("fullName", "full_name"), ("dateOfBirth", "date_of_birth")):
        assert getattr(answer.identity_data.match, match).boolean_value is False
        assert explained[field]["agreement"] == "differs"
    held = {*person["fullName"].split(), person["dateOfBirth"]}
    told = json.dumps(explained).upper()
    assert not {word for word in held if word.upper() in told}


@pytest.mark.parametrize("scenario", ["deceased", "duplicate", "inactive"])
def test_nothing_is_compared_with_who_is_not_alive(server: Server, scenario: str) -> None:
    answer, explained = result(server, server.person(scenario))
    assert answer.identity_data.match.full_name.boolean_value is False
    assert {told["agreement"] for told in explained.values()} == {"unknown"}
    assert explained["fullName"]["reasons"][0]["code"] == scenario


def test_the_profile_says_which_verdict_is_enough_and_what_follows(server: Server) -> None:
    person = server.person("match")
    claim = person | {"fullName": f"{person['fullName']} Simanjuntak"}
    profile = server.ready["verificationProfileId"]
    environment = {"PADAN_DATA": str(server_data(server))}

    def rule(*given: str) -> None:
        padan("profile", "set", profile, *given, environment=environment)

    answer, explained = result(server, claim)
    assert explained["fullName"]["verdict"] == "partial"
    assert answer.identity_data.match.full_name.boolean_value is False
    try:
        rule("Acceptance=Refuse")
        assert result(server, claim)[0].session.error_code == "AssuranceLevelNotMet"
        rule("NameVerdict=Partial")
        answer, explained = result(server, claim)
        assert answer.session.success
        assert answer.identity_data.match.full_name.boolean_value is True
        rule("NameThreshold=95")
        assert result(server, claim)[0].session.error_code == "AssuranceLevelNotMet"
    finally:
        rule("Acceptance=", "NameVerdict=", "NameThreshold=")


def server_data(server: Server) -> Path:
    """The folder that a server was told on its command line."""
    arguments = Path(f"/proc/{server.process.pid}/cmdline").read_bytes().decode().split("\0")
    return Path(arguments[arguments.index("--data") + 1])


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Who runs a server whose Live and Test environments both ask the own register."""
    with running() as sandbox:
        people = sandbox.ready["people"]
    write_register(tmp_path / "people.csv", people)
    settings = {"PADAN_DATA": str(tmp_path / "data"), "PADAN_PORT": "0", "PADAN_LIVE_REGISTRY": "register"}
    one = Operator(tmp_path, settings | {"PADAN_TEST_REGISTRY": "register"}, created={"people": people})
    one.padan("migrate", "--json")
    one.padan("register", "load", str(tmp_path / "people.csv"), "--json")
    enter(one, "--live")
    return one


def enter(operator: Operator, *live: str) -> None:
    """Make an environment, and ask in it from now on."""
    environment = operator.padan("environment", "create", "Bank Contoh", *live, "--json")["id"]
    own = ("--environment", environment, "--json")
    operator.token = operator.padan("token", "create", "till", *own)["accessToken"]
    operator.profile = operator.padan("profile", "create", "p", "--brand", "Bank Contoh", *own)["id"]


def test_live_and_test_ask_the_own_register_beside_one_another(operator: Operator) -> None:
    match = next(one for one in operator.created["people"] if one["scenario"] == "match")
    with serving(operator):
        assert "not activated" in operator.refusal(match)
        operator.agree()
        browser.until(operator.provider, lambda told: bool(told["licensed"]))
        told = operator.result(operator.create(match))
        assert told["session"]["success"] is True
        explained = told["identityData"]["providerOutput"][PROVIDER]["explanations"]
        assert explained["fullName"]["verdict"] == "exact"
        # The line under the old terms goes on for a while beside the new one.
        operator.agree(quota=500)
        browser.until(lambda: operator.padan("provider", "show", "--json"), lambda told: told["quota"] == 500)
        assert operator.result(operator.create(match))["session"]["success"] is True
        enter(operator)
        assert operator.result(operator.create(match))["session"]["success"] is True


def test_a_verification_by_hand_keeps_to_the_agreement(operator: Operator) -> None:
    match = next(one for one in operator.created["people"] if one["scenario"] == "match")
    claim = ("--nik", match["nikIdNumber"], "--name", match["fullName"], "--born", match["dateOfBirth"])
    operator.agree()
    assert operator.padan("verify", *claim, "--json")["registry"] == "register"
    operator.padan("provider", "suspend", "--because", "audit", "--json")
    assert "suspended" in operator.padan("verify", *claim, "--json", status=3)["error"]
    assert operator.padan("doctor", "--json", status=1)


def test_a_server_whose_register_is_empty_says_so_at_its_start(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    ran = subprocess.run(
        [PADAN, "dev", "--port", "0", "--data", str(tmp_path)],
        env=clean | {"PADAN_TEST_REGISTRY": "register"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode
    assert "PADAN_TEST_REGISTRY=register, but the register holds nothing yet" in ran.stderr
