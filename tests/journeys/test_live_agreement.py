"""Live, from the agreement's registration to its suspension, with `padan serve` over a real simulator."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support import browser
from tests.support.server import PADAN, running

PROVIDER = "indonesia-nik-lookup"
AGREEMENT = """
number = "PKS 7/2026"
holder = "PT Bank Contoh"
valid_from = 2020-01-01
valid_until = {until}
quota = {quota}
price = 1500
"""


@dataclass
class Operator:
    """Who runs Padan here: a data folder, and the commands over it."""

    home: Path
    settings: dict[str, str]
    url: str = ""
    token: str = ""
    profile: str = ""
    created: dict[str, Any] = field(default_factory=dict)

    def padan(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
        ran = subprocess.run(
            [PADAN, *arguments],
            env=clean | self.settings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == status, ran.stderr
        told = ran.stdout.splitlines()[-1:] if status == 0 else [json.dumps({"error": ran.stderr})]
        answer: dict[str, Any] = json.loads(told[0])
        return answer

    def agree(self, *, quota: int = 1_000, until: str = "2099-12-31") -> dict[str, Any]:
        file = self.home / "agreement.toml"
        file.write_text(AGREEMENT.format(quota=quota, until=until))
        return self.padan("provider", "activate", str(file), "--json")

    def order(self, person: dict[str, str]) -> dict[str, Any]:
        known = {name: person[name] for name in ("nikIdNumber", "fullName", "dateOfBirth")}
        return {
            "provider": PROVIDER,
            "verificationProfileId": self.profile,
            "capabilities": ["PollResult"],
            "providerInput": {PROVIDER: known},
        }

    def create(self, person: dict[str, str]) -> dict[str, Any]:
        created: dict[str, Any] = browser.post(
            f"{self.url}/api/v1/sessions/provider/direct", self.order(person), self.token
        )
        return created

    def refusal(self, person: dict[str, str]) -> str:
        return browser.refused(f"{self.url}/api/v1/sessions/provider/direct", self.order(person), self.token)

    def result(self, created: dict[str, Any]) -> dict[str, Any]:
        key = {"resultsAccessKey": created["resultCollection"]["resultsAccessKey"]}
        answer: dict[str, Any] = browser.until(
            lambda: browser.post(
                f"{self.url}/api/v1/sessions/{created['sessionId']}/results", key, self.token
            ),
            lambda told: bool(told["session"]["done"]),
        )
        return answer

    def provider(self) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/api/v1/providers/{PROVIDER}", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            told: dict[str, Any] = json.loads(answer.read())["provider"]
        return told


@contextmanager
def serving(operator: Operator) -> Iterator[None]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    with subprocess.Popen(
        [PADAN, "serve", "--json"],
        env=clean | operator.settings,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        operator.url = json.loads(process.stdout.readline())["baseUrl"]
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.fixture
def registry() -> Iterator[dict[str, Any]]:
    """A simulator that plays Dukcapil, and its people."""
    with running() as sandbox:
        yield sandbox.ready


@pytest.fixture
def operator(registry: dict[str, Any], tmp_path: Path) -> Operator:
    settings = {
        "PADAN_DATA": str(tmp_path / "data"),
        "PADAN_PORT": "0",
        "PADAN_DUKCAPIL_URL": registry["registryUrl"],
        "PADAN_DUKCAPIL_DEADLINE": "5",
    }
    one = Operator(tmp_path, settings)
    one.padan("migrate", "--json")
    one.padan("environment", "create", "Bank Contoh", "--live", "--json")
    one.token = one.padan("token", "create", "till", "--json")["accessToken"]
    one.profile = one.padan("profile", "create", "p", "--brand", "Bank Contoh", "--json")["id"]
    return one


def person(registry: dict[str, Any], scenario: str) -> dict[str, str]:
    return next(one for one in registry["people"] if one["scenario"] == scenario)


def test_live_begins_with_the_agreement_and_ends_with_its_suspension(
    operator: Operator, registry: dict[str, Any]
) -> None:
    match = person(registry, "match")
    with serving(operator):
        assert "not activated" in operator.refusal(match)
        assert operator.provider()["licensed"] is False
        assert operator.provider()["liveHealth"] == "Offline"
        assert operator.agree()["state"] == "active"
        browser.until(operator.provider, lambda told: bool(told["licensed"]))
        assert operator.provider()["liveHealth"] == "Online"
        assert operator.result(operator.create(match))["session"]["success"] is True
        shown = operator.padan("provider", "show", "--json")
        assert (shown["usedToday"], shown["quota"]) == (1, 1_000)
        assert (shown["price"], shown["tariff"]) == (1_500, 1_000)
        operator.padan("provider", "suspend", "--because", "audit", "--json")
        assert "suspended" in browser.until(
            lambda: operator.refusal(match) if not operator.provider()["licensed"] else "",
            bool,
        )
        operator.padan("provider", "suspend", "--resume", "--json")
        browser.until(operator.provider, lambda told: bool(told["licensed"]))
        assert operator.result(operator.create(match))["session"]["success"] is True


def test_a_quota_holds_over_restarts_and_the_operator_sees_why(
    operator: Operator, registry: dict[str, Any]
) -> None:
    operator.agree(quota=2)
    match = person(registry, "match")
    with serving(operator):
        assert operator.result(operator.create(match))["session"]["success"] is True
    with serving(operator):
        assert operator.result(operator.create(match))["session"]["success"] is True
        third = operator.create(match)
        told = operator.result(third)["session"]
        assert (told["success"], told["errorCode"]) == (False, "Internal")
    assert operator.padan("provider", "show", "--json")["usedToday"] == 2


def test_an_agreement_that_has_expired_is_a_clear_refusal(
    operator: Operator, registry: dict[str, Any]
) -> None:
    assert operator.agree(until="2020-12-31")["state"] == "expired"
    with serving(operator):
        assert "expired" in operator.refusal(person(registry, "match"))


def test_an_agreement_that_cannot_be_is_refused_by_its_key(operator: Operator) -> None:
    file = operator.home / "wrong.toml"
    for text, names in (
        ("number = 5", "number"),
        ("", "number"),
        (AGREEMENT.format(quota=-1, until="2099-01-01"), "quota"),
        (AGREEMENT.format(quota=1, until="2001-01-01"), "valid_until"),
        (AGREEMENT.format(quota=1, until="2099-01-01") + "password = 'x'", "password"),
        ("number = ", "TOML"),
    ):
        file.write_text(text)
        assert names in operator.padan("provider", "activate", str(file), status=2)["error"]
    assert operator.padan("provider", "show", "--json")["state"] == "missing"


def test_live_does_not_start_over_a_line_that_nothing_protects(operator: Operator) -> None:
    operator.settings["PADAN_DUKCAPIL_URL"] = "http://registry.invalid"
    assert "PADAN_DUKCAPIL_UNPINNED" in operator.padan("serve", "--json", status=1)["error"]
