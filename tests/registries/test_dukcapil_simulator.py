"""Every scenario of the sandbox through the connector, over real HTTP."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import uvicorn

from padan.domain.claim import Claim
from padan.domain.errors import RefusalReason, RegistryError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Finding, Outcome
from padan.registries import DukcapilRegistry, DukcapilSettings
from padan.sandbox import SCENARIOS, Nation
from padan.sandbox import dukcapil as sandbox
from padan.sandbox.fault_people import FAULT_NAMES
from padan.sandbox.faults import FaultOptions
from tests.registries.documented import documented_faults, read_off

DEADLINE = 0.5
METHODS = ("CALL_VERIFY_BY_ELEMEN", "CALL_NIK")
FOUND = {
    "match": (True, True, True),
    "name_mismatch": (True, False, True),
    "birth_date_mismatch": (True, True, False),
    "retired_region": (True, True, True),
    "corrected_birth": (True, True, True),
}
NOT_CONFIRMED = {
    "not_found": Outcome.NOT_FOUND,
    "deceased": Outcome.DECEASED,
    "duplicate": Outcome.DUPLICATE,
    "inactive": Outcome.INACTIVE,
}
NATION = Nation()


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    """The address of a running simulator."""
    options = sandbox.SandboxOptions(faults=FaultOptions(slow=0.1))
    app = sandbox.build_app(NATION, options=options)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def settings(url: str, **changes: Any) -> DukcapilSettings:
    known = sandbox.SandboxCredentials()
    agreed = DukcapilSettings(
        base_url=url,
        customer=known.customer,
        user_id=known.user_id,
        password=known.password,
        ip=known.ip,
        deadline_s=DEADLINE,
    )
    return replace(agreed, **changes)


def ask(at: DukcapilSettings, scenario: str, *, times: int = 1) -> list[Finding | RegistryError]:
    """The answers to one question, asked so many times over the same connections."""
    person = NATION.scenario(scenario)
    claim = Claim(person.nik, person.full_name, person.date_of_birth)

    async def run() -> list[Finding | RegistryError]:
        registry = DukcapilRegistry(at)
        answers: list[Finding | RegistryError] = []
        for _ in range(times):
            try:
                answers.append(await registry.ask(claim, request_id="1"))
            except RegistryError as error:
                answers.append(error)
        await registry.close()
        return answers

    return asyncio.run(run())


def find(at: DukcapilSettings, scenario: str) -> Finding:
    (finding,) = ask(at, scenario)
    assert isinstance(finding, Finding)
    return finding


@pytest.mark.parametrize("scenario", FOUND)
def test_a_registered_person_is_compared_field_by_field(simulator: str, scenario: str) -> None:
    finding = find(settings(simulator), scenario)
    assert finding.outcome is Outcome.FOUND
    assert compared(finding) == FOUND[scenario]
    assert finding.full_name
    assert finding.full_name.score is not None
    assert finding.quota_left is not None


@pytest.mark.parametrize("method", ["CALL_NIK", "NIK", "GET_NIK", "BYNIK"])
@pytest.mark.parametrize("scenario", FOUND)
def test_a_record_is_compared_to_the_same_effect(simulator: str, scenario: str, method: str) -> None:
    finding = find(settings(simulator, method=method), scenario)
    assert compared(finding) == FOUND[scenario]
    assert finding.sex
    assert finding.full_name
    assert finding.full_name.judgement


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scenario", NOT_CONFIRMED)
def test_a_record_that_confirms_nobody_has_its_outcome(simulator: str, scenario: str, method: str) -> None:
    finding = find(settings(simulator, method=method), scenario)
    assert finding == Finding(NOT_CONFIRMED[scenario], quota_left=finding.quota_left)


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "nik_verifby_elemen", "region_segment": "31-71"},
        {"method": "call_verify", "key_case": "lower"},
        {"method": "CALL_NIK", "key_case": "upper"},
        {"basic_auth": True},
        {"date_format": "dd/MM/yyyy"},
        {"date_format": "yyyy-MM-dd"},
        {"threshold_sent": 100, "name_threshold": 100},
        {"threshold_sent": 0},
    ],
)
def test_every_way_of_asking_finds_the_same(simulator: str, changes: dict[str, Any]) -> None:
    assert compared(find(settings(simulator, **changes), "match")) == FOUND["match"]


@pytest.mark.parametrize("method", METHODS)
def test_what_the_agreement_does_not_permit_stays_unknown(simulator: str, method: str) -> None:
    finding = find(settings(simulator, method=method, fields=("NIK", "TGL_LHR")), "match")
    assert compared(finding) == (True, None, True)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fault", FAULT_NAMES)
def test_a_fault_becomes_what_the_page_says_at_the_first_try_as_at_the_next(
    simulator: str, fault: str, method: str
) -> None:
    started = time.monotonic()
    answers = ask(settings(simulator, method=method), fault, times=2)
    assert [read_off(answer) for answer in answers] == [documented_faults()[fault]] * 2
    assert time.monotonic() - started < 2 * (DEADLINE + 1)


@pytest.mark.parametrize("fault", ["too_many_requests", "service_unavailable"])
def test_when_the_registry_wants_to_be_asked_again_is_told(simulator: str, fault: str) -> None:
    (error,) = ask(settings(simulator), fault)
    assert isinstance(error, RegistryUnavailable)
    assert error.retry_after_s == FaultOptions().retry_after


def test_a_wrong_password_is_refused(simulator: str) -> None:
    (refused,) = ask(settings(simulator, password="wrong"), "match")
    assert isinstance(refused, RegistryRefused)
    assert refused.reason is RefusalReason.CREDENTIALS


def test_no_scenario_is_left_out() -> None:
    assert {*FOUND, *NOT_CONFIRMED, *documented_faults()} == set(SCENARIOS)


def compared(finding: Finding) -> tuple[bool | None, ...]:
    comparisons = (finding.nik, finding.full_name, finding.date_of_birth)
    return tuple(None if one is None else one.matches for one in comparisons)
