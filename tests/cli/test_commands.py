"""The commands that scripts outside the repository rely on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.support import browser
from tests.support.server import PADAN, running

VALID = "3171015708450001"


def padan(*arguments: str, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command with exactly these settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    # What it leaves in its folder is nobody's: by default that is where it is run.
    with tempfile.TemporaryDirectory(prefix="padan-command-") as here:
        return subprocess.run(
            [PADAN, *arguments],
            cwd=here,
            input=given,
            env=clean | settings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The JSON objects a command printed, one a line, and nothing else."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_help_names_every_command() -> None:
    told = padan("--help").stdout
    for name in ("dev", "serve", "migrate", "doctor", "verify", "nik", "sandbox", "token", "profile"):
        assert name in told


def test_nik_explains_a_number_as_json() -> None:
    done = padan("nik", VALID, "--json")
    assert done.returncode == 0
    [told] = lines(done)
    assert list(told) == [
        "nik", "valid", "reasons", "provinceCode", "province", "regencyOrCityCode", "regencyOrCity",
        "districtCode", "district", "regionGrade", "sex", "dateOfBirth", "dateOfBirthIsGuess", "serialNumber",
    ]  # fmt: skip
    assert told["sex"] == "Female"
    assert told["dateOfBirth"] == "1945-08-17"


def test_nik_reads_standard_input_and_tells_by_its_status_that_one_is_invalid() -> None:
    done = padan("nik", "--json", given=f"{VALID}\n317101570845000\n\n")
    assert done.returncode == 1
    assert [told["valid"] for told in lines(done)] == [True, False, False]
    assert lines(done)[1]["reasons"][0]["code"] == "not_sixteen_digits"


def test_nik_speaks_indonesian() -> None:
    assert padan("nik", VALID[:8] + "13" + VALID[10:], "--language", "id").stdout.count("NIK") >= 1


@pytest.mark.parametrize("scenario", ["match", "name_mismatch", "not_found", "retired_region", "html"])
def test_sandbox_people_are_the_same_at_every_call(scenario: str) -> None:
    asked = ("sandbox", "people", "--scenario", scenario, "--count", "3", "--json")
    first, again = padan(*asked), padan(*asked)
    assert first.stdout == again.stdout
    assert len({told["nikIdNumber"] for told in lines(first)}) == 3
    assert all(told["scenario"] == scenario for told in lines(first))


def test_an_unknown_scenario_is_refused_with_the_known_ones() -> None:
    done = padan("sandbox", "people", "--scenario", "maybe")
    assert done.returncode == 2
    assert "name_mismatch" in done.stderr


def test_verify_asks_the_sandbox_where_no_registry_is_set() -> None:
    [person] = lines(padan("sandbox", "people", "--scenario", "match", "--count", "1", "--json"))
    claim = ("--nik", person["nikIdNumber"], "--name", person["fullName"], "--born", person["dateOfBirth"])
    done = padan("verify", *claim, "--json")
    assert done.returncode == 0, done.stderr
    [told] = lines(done)
    assert told["registry"] == "sandbox"
    assert told["identityData"]["match"]["nationalIdNumber"]["booleanValue"] is True
    assert "SANDBOX" in padan("verify", *claim).stdout


def test_verify_tells_by_its_status_that_something_does_not_match() -> None:
    [person] = lines(
        padan("sandbox", "people", "--scenario", "birth_date_mismatch", "--count", "1", "--json")
    )
    claim = ("--nik", person["nikIdNumber"], "--name", person["fullName"], "--born", person["dateOfBirth"])
    done = padan("verify", *claim)
    assert done.returncode == 1
    assert "date of birth" in done.stdout


def test_verify_says_when_the_registry_cannot_be_reached() -> None:
    claim = ("--nik", VALID, "--name", "Siti", "--born", "1945-08-17")
    done = padan("verify", *claim, PADAN_DUKCAPIL_URL="http://127.0.0.1:9")
    assert done.returncode == 3
    assert "RegistryUnavailable" in done.stderr


def test_a_wrong_setting_stops_the_start_with_its_source_and_what_is_expected() -> None:
    done = padan("serve", PADAN_PORT="eighty")
    assert done.returncode == 2
    assert "PADAN_PORT in the environment is wrong: expected a whole number" in done.stderr


def test_serve_says_what_is_missing_before_the_first_migration(tmp_path: Path) -> None:
    done = padan("serve", PADAN_DATA=str(tmp_path / "none"), PADAN_PORT="0")
    assert done.returncode == 1
    assert "padan migrate" in done.stderr


def test_dev_keeps_everything_in_its_folder(tmp_path: Path) -> None:
    with running("--data", str(tmp_path / "kept")) as server:
        first = server.ready
        assert server.stop() == 0
    with running("--data", str(tmp_path / "kept")) as server:
        assert server.ready["accessToken"] == first["accessToken"]
        assert server.ready["verificationProfileId"] == first["verificationProfileId"]
        assert server.ready["people"] == first["people"]


def test_dev_asks_the_registry_it_is_told_to(tmp_path: Path) -> None:
    with (
        running("--data", str(tmp_path / "a")) as other,
        running(environment={"PADAN_DUKCAPIL_URL": other.ready["registryUrl"]}) as server,
    ):
        assert server.ready["registryUrl"] == other.ready["registryUrl"]


def test_production_is_prepared_by_commands_alone(tmp_path: Path) -> None:
    home = {"PADAN_DATA": str(tmp_path / "data"), "PADAN_PORT": "0"}
    assert padan("migrate", **home).returncode == 0
    [environment] = lines(padan("environment", "create", "Bank Contoh", "--json", **home))
    assert padan("environment", "create", "Bank Contoh", **home).returncode == 1
    [token] = lines(padan("token", "create", "first", "--json", **home))
    [spare] = lines(padan("token", "create", "spare", "--json", **home))
    [profile] = lines(padan("profile", "create", "shop", "--brand", "Bank Contoh", "--json", **home))
    [uri] = lines(padan("redirect-uri", "add", "https://bank.example/back", "--json", **home))
    assert padan("redirect-uri", "add", "javascript:alert(1)", **home).returncode == 2
    assert lines(padan("environment", "list", "--json", **home)) == [environment]
    assert lines(padan("profile", "list", "--json", **home)) == [profile]
    assert lines(padan("redirect-uri", "list", "--json", **home)) == [uri]
    assert padan("token", "revoke", spare["id"], **home).returncode == 0
    assert padan("token", "revoke", spare["id"], **home).returncode == 1
    listed = lines(padan("token", "list", "--json", **home))
    assert [row["revokedAt"] is None for row in listed] == [True, False]
    assert token["accessToken"] not in padan("token", "list", **home).stdout
    assert padan("redirect-uri", "remove", uri["id"], **home).returncode == 0
    [other] = lines(padan("profile", "create", "old", "--brand", "Bank Lama", "--json", **home))
    assert padan("profile", "revoke", other["id"], **home).returncode == 0
    assert padan("profile", "revoke", other["id"], **home).returncode == 1
    checks = lines(padan("doctor", "--json", **home))
    assert all(check["ok"] for check in checks), checks
    _serves(home, token["accessToken"], spare["accessToken"], profile["id"])


def _serves(home: dict[str, str], token: str, revoked: str, profile: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    with subprocess.Popen(
        [PADAN, "serve", "--json"],
        env=clean | home,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["baseUrl"]
        [person] = lines(padan("sandbox", "people", "--scenario", "match", "--count", "1", "--json"))
        given = {name: person[name] for name in ("nikIdNumber", "fullName", "dateOfBirth")}
        body = {
            "provider": "indonesia-nik-lookup",
            "verificationProfileId": profile,
            "capabilities": ["PollResult"],
            "providerInput": {"indonesia-nik-lookup": given},
        }
        created = browser.post(f"{url}/api/v1/sessions/provider/direct", body, token)
        key = {"resultsAccessKey": created["resultCollection"]["resultsAccessKey"]}
        told = browser.until(
            lambda: browser.post(f"{url}/api/v1/sessions/{created['sessionId']}/results", key, token),
            lambda answer: bool(answer["session"]["done"]),
        )
        assert told["session"]["success"]
        assert "401" in browser.refused(f"{url}/api/v1/sessions/provider/direct", body, revoked)
        environment = lines(padan("environment", "list", "--json", **home))[0]["id"]
        [revoked_all] = lines(padan("environment", "revoke", environment, "--json", **home))
        assert revoked_all["revokedTokens"] == 1
        assert "401" in browser.refused(f"{url}/api/v1/sessions/provider/direct", body, token)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.parametrize(
    "begin",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ",
        b"POST / HTTP/1.1\r\nHost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\nX-Long: ",
    ],
)
def test_heads_and_trailers_of_any_size_are_not_kept(begin: bytes) -> None:
    with running() as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(begin)
            with pytest.raises(ConnectionError):
                connection.sendall(b"a" * 32 * 1024 * 1024)
        assert browser.status(f"{server.url}/openapi.json") == 200


def test_a_request_behind_a_large_body_on_the_same_connection_is_answered() -> None:
    with running() as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            body = b"x" * 60_000
            connection.sendall(
                b"POST /openapi.json HTTP/1.1\r\nHost: x\r\ncontent-length: 60000\r\n\r\n" + body
                + b"GET /assets/pages.css HTTP/1.1\r\nho"
            )  # fmt: skip
            connection.sendall(b"st: x\r\nconnection: close\r\n\r\n")
            told = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert told.count(b"HTTP/1.1 ") == 2
        assert b"HTTP/1.1 200" in told
        assert b" 431 " not in told


def test_dev_gives_a_new_token_where_the_old_one_was_revoked(tmp_path: Path) -> None:
    home = tmp_path / "kept"
    with running("--data", str(home)) as server:
        first = server.ready["accessToken"]
        [row] = lines(padan("token", "list", "--json", PADAN_DATA=str(home)))
        assert padan("token", "revoke", row["id"], PADAN_DATA=str(home)).returncode == 0
    with running("--data", str(home)) as server:
        assert server.ready["accessToken"] != first
        api = f"{server.url}/api/v1/sessions/providers/recommend"
        asked = {"verificationProfileId": server.ready["verificationProfileId"]}
        assert browser.post(api, asked, server.ready["accessToken"])["recommendedProviders"]


def test_dev_says_in_a_sentence_what_cannot_be_opened() -> None:
    done = padan("dev", "--port", "0", PADAN_DATABASE="sqlite:////proc/padan.db")
    assert done.returncode == 1
    assert "/proc/padan.db" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_says_when_a_real_registry_would_be_asked_with_the_sandboxs_credentials() -> None:
    done = padan("doctor", "--json", PADAN_DUKCAPIL_URL="http://127.0.0.1:9", PADAN_DUKCAPIL_USER="bank")
    told = {check["check"]: check for check in lines(done)}
    assert not told["credentials"]["ok"]
    assert "PADAN_DUKCAPIL_PASSWORD" in told["credentials"]["detail"]
    assert "PADAN_DUKCAPIL_USER" not in told["credentials"]["detail"]


def test_live_does_not_start_with_the_sandboxs_credentials(tmp_path: Path) -> None:
    home = {"PADAN_DATA": str(tmp_path / "data"), "PADAN_PORT": "0", "PADAN_DUKCAPIL_UNPINNED": "accept"}
    home |= {"PADAN_DUKCAPIL_URL": "https://registry.invalid", "PADAN_DUKCAPIL_USER": "bank"}
    assert padan("migrate", **home).returncode == 0
    done = padan("serve", **home)
    assert done.returncode == 1
    assert "PADAN_DUKCAPIL_CUSTOMER, PADAN_DUKCAPIL_PASSWORD still as in the sandbox" in done.stderr
    assert "PADAN_DUKCAPIL_USER" not in done.stderr


def test_a_standby_beyond_this_machine_is_no_sandbox_either(tmp_path: Path) -> None:
    home = {"PADAN_DATA": str(tmp_path / "data"), "PADAN_PORT": "0", "PADAN_DUKCAPIL_UNPINNED": "accept"}
    home |= {
        "PADAN_DUKCAPIL_URL": "http://127.0.0.1:9",
        "PADAN_DUKCAPIL_STANDBY_URL": "https://registry.invalid",
    }
    assert padan("migrate", **home).returncode == 0
    assert "PADAN_DUKCAPIL_PASSWORD" in padan("serve", **home).stderr


def test_doctor_holds_nothing_against_a_running_server_and_says_once_that_it_asked_nothing() -> None:
    with running() as server:
        port = server.url.rpartition(":")[2]
        told = {
            check["check"]: check
            for check in lines(
                padan(
                    "doctor",
                    "--json",
                    PADAN_PORT=port,
                    PADAN_DUKCAPIL_URL=server.ready["registryUrl"],
                )
            )
        }
    assert told["port"]["ok"]
    assert "in use, maybe by a running server" in told["port"]["detail"]
    assert told["dukcapil"]["detail"].count("(no question was asked)") == 1


def test_doctor_still_fails_over_an_address_that_is_not_this_machines() -> None:
    told = {check["check"]: check for check in lines(padan("doctor", "--json", PADAN_HOST="192.0.2.1"))}
    assert not told["port"]["ok"]
