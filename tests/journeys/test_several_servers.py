"""Two servers over one PostgreSQL database: none is special, and the death of one loses nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import new_database, sql
from tests.support.relying_party import PROVIDER, call
from tests.support.server import Server, running


def create(server: Server, scenario: str = "match") -> dict[str, Any]:
    person = server.person(scenario)
    body = {
        "provider": PROVIDER,
        "verificationProfileId": server.ready["verificationProfileId"],
        "capabilities": ["PollResult"],
        "providerInput": {PROVIDER: {n: person[n] for n in ("nikIdNumber", "fullName", "dateOfBirth")}},
    }
    return call(server, "/api/v1/sessions/provider/direct", body)


def result(server: Server, created: dict[str, Any]) -> dict[str, Any]:
    """The result, asked of any server until it is there."""
    key = {"resultsAccessKey": created["resultCollection"]["resultsAccessKey"]}
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        told = call(server, f"/api/v1/sessions/{created['sessionId']}/results", key)
        if told["session"]["done"]:
            return told
        time.sleep(0.02)
    raise AssertionError("no result in time")


@pytest.fixture
def environment() -> dict[str, str]:
    return {"PADAN_DATABASE": new_database()}


def test_what_one_server_took_the_other_answers_and_outlives(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with (
        running("--data", str(tmp_path), environment=environment) as first,
        running("--data", str(tmp_path), environment=environment) as second,
    ):
        same = ("accessToken", "verificationProfileId")
        assert [first.ready[name] for name in same] == [second.ready[name] for name in same]
        told = result(second, create(first))
        assert told["session"]["success"]
        assert told["identityData"]["match"]["fullName"]["booleanValue"] is True
        acknowledged = [create(first, "not_found") for _ in range(5)]
        for created in acknowledged:
            result(first, created)
        first.kill()
        assert {result(second, created)["session"]["success"] for created in acknowledged} == {True}
        assert result(second, create(second))["session"]["success"]
    assert sql(environment["PADAN_DATABASE"], "SELECT count(*) FROM sessions") == [(7,)]
    assert not list(tmp_path.glob("*.db*")), "the folder keeps keys and token, and no database"
