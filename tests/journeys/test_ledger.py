"""The ledger says what the registry counted, and the operator sees why a session failed."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trinsic_api

from tests.support.sdk import client, direct_request, poll
from tests.support.server import PADAN, Server, running

ANSWERED = {
    "match": "found",
    "name_mismatch": "found",
    "birth_date_mismatch": "found",
    "retired_region": "found",
    "corrected_birth": "found",
    "not_found": "not_found",
    "deceased": "deceased",
    "duplicate": "duplicate",
    "inactive": "inactive",
}
FAULTY = {
    "fault_html": "protocol_error",
    "fault_truncated": "protocol_error",
    "fault_quota_exhausted": "refused:quota",
    "fault_wrong_credentials": "refused:credentials",
    "fault_timeout": "unavailable",
    "fault_reset_in_body": "unavailable",
    "fault_server_error": "unavailable",
    "fault_another_nik": "protocol_error",
    "fault_duplicate_keys": "protocol_error",
    "fault_gzip_bomb": "protocol_error",
    "fault_redirect": "protocol_error",
    "fault_error_and_verdict": "refused:parameters",
    "fault_outside_hours": "refused:hours",
    "fault_text_only_error": "refused:address",
    "fault_text_only_not_found": "not_found",
}
OUTCOMES = {**{name: name for name in ANSWERED.values()}, **FAULTY}


def told(*arguments: str, data: Path) -> list[dict[str, Any]]:
    """What a command prints as JSON, over a server's own folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    done = subprocess.run(
        [PADAN, *arguments, "--json"],
        env=clean | {"PADAN_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def counted(registry: str) -> dict[str, Any]:
    """What the registry says it was asked, by its side door."""
    with urllib.request.urlopen(f"{registry}/sandbox/count", timeout=10) as answer:
        known: dict[str, Any] = json.loads(answer.read())
        return known


@contextmanager
def simulator() -> Iterator[str]:
    """`padan sandbox serve` as another process."""
    command = [PADAN, "sandbox", "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["registryUrl"])
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, dict[str, str]]]:
    """A server that has asked about everybody: its folder, the registry, and the sessions by scenario."""
    data = tmp_path_factory.mktemp("ledger")
    settings = {
        "PADAN_DUKCAPIL_DEADLINE": "0.5",
        "PADAN_DUKCAPIL_PRICE": "1000",
        "PADAN_DUKCAPIL_MOST_UNKNOWN_CHARGES": "2",
    }
    with simulator() as registry:
        settings["PADAN_DUKCAPIL_URL"] = registry
        with running("--data", str(data), environment=settings) as server:
            yield data, registry, everybody(server)


def everybody(server: Server) -> dict[str, str]:
    created = {}
    with client(server) as api:
        sessions = trinsic_api.SessionsApi(api)
        for scenario in [*ANSWERED, *(name.removeprefix("fault_") for name in FAULTY)]:
            one = sessions.create_direct_provider_session(direct_request(server, server.person(scenario)))
            created[scenario] = (str(one.session_id), one.result_collection.results_access_key)
        for session_id, key in created.values():
            assert poll(sessions, session_id, key, seconds=40).session.done
    return {scenario: session_id for scenario, (session_id, _) in created.items()}


def test_the_report_equals_what_the_registry_counted(asked: tuple[Path, str, dict[str, str]]) -> None:
    data, registry, _ = asked
    rows, known = told("cost", "report", data=data), counted(registry)
    by_registry: Counter[str] = Counter()
    for answer, number in known["answers"].items():
        by_registry[OUTCOMES[answer]] += number
    assert sum(row["questions"] for row in rows) == known["questions"]
    assert {row["outcome"]: row["questions"] for row in rows} == by_registry
    answers = sum(by_registry[name] for name in set(ANSWERED.values()))
    assert sum(row["tariffCharged"] for row in rows) == 1000 * answers
    assert sum(row["charged"] for row in rows) == answers
    # What was answered was charged for sure; of what was not, the registry alone knows which.
    unknown = sum(row["unknownCharge"] for row in rows)
    assert answers <= known["charged"] <= answers + unknown
    assert sum(row["tariffAtMost"] for row in rows) == 1000 * (answers + unknown)
    assert {row["outcome"] for row in rows if row["possiblyTwice"]} == {"unavailable"}


def test_a_month_without_questions_and_a_profile_without_any_cost_nothing(
    asked: tuple[Path, str, dict[str, str]],
) -> None:
    data, _, _ = asked
    everything = told("cost", "report", data=data)
    assert told("cost", "report", "--month", "2001-01", data=data) == []
    nobody = "00000000-0000-0000-0000-000000000000"
    assert told("cost", "report", "--profile", nobody, data=data) == []
    assert told("cost", "report", "--profile", everything[0]["profileId"], data=data) == everything
    assert told("cost", "report", "--month", everything[0]["month"], data=data) == everything


def test_people_read_the_report_with_totals(asked: tuple[Path, str, dict[str, str]]) -> None:
    data, registry, _ = asked
    done = subprocess.run(
        [PADAN, "cost", "report"],
        env=os.environ | {"PADAN_DATA": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    total = next(line for line in done.stdout.splitlines() if line.startswith("total"))
    assert total.split()[1] == str(counted(registry)["questions"])


@pytest.mark.parametrize(
    ("scenario", "code", "reason", "charges"),
    [
        ("match", None, None, ["charged"]),
        ("quota_exhausted", "Internal", "refused:quota", ["not_charged"]),
        ("html", "InvalidResponse", "protocol_error", ["unknown"]),
        ("timeout", "Internal", "too_many_unknown_charges", ["unknown", "unknown"]),
    ],
)
def test_an_operator_sees_at_once_why_a_session_failed(
    asked: tuple[Path, str, dict[str, str]],
    *,
    scenario: str,
    code: str | None,
    reason: str | None,
    charges: list[str],
) -> None:
    data, _, sessions = asked
    [row] = told("session", "show", sessions[scenario], data=data)
    assert row["state"] == ("failed" if code else "succeeded")
    assert (row["errorCode"], row["reason"]) == (code, reason)
    assert [question["charge"] for question in row["questions"]] == charges
    assert [question["number"] for question in row["questions"]] == list(range(1, len(charges) + 1))
    assert all(question["startedAt"].endswith("+07:00") for question in row["questions"])
    assert {question["tariff"] for question in row["questions"]} == {1000}


def test_a_session_is_shown_without_anything_of_the_person(asked: tuple[Path, str, dict[str, str]]) -> None:
    data, _, sessions = asked
    [row] = told("session", "show", sessions["match"], data=data)
    assert not {name for name in row if "sealed" in name or "key" in name.lower() or "url" in name.lower()}
    assert not any(word in json.dumps(row) for word in ("nikIdNumber", "salt", "http"))


def test_a_session_that_is_not_there_is_said_so(asked: tuple[Path, str, dict[str, str]]) -> None:
    data, _, _ = asked
    done = subprocess.run(
        [PADAN, "session", "show", "00000000-0000-0000-0000-000000000000"],
        env=os.environ | {"PADAN_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "no such session" in done.stderr
