"""Every scenario of the sandbox through the connector, over real HTTP."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from padan.domain.claim import Claim
from padan.domain.errors import RefusalReason, RegistryError, RegistryProtocolError, RegistryUnavailable
from padan.domain.finding import Finding, Outcome
from padan.registries import DukcapilRegistry, DukcapilSettings
from padan.sandbox import SCENARIOS, Nation
from padan.sandbox import dukcapil as sandbox

DEADLINE = 1.0
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
FAULTS: dict[str, RefusalReason | type[RegistryError]] = {
    "timeout": RegistryUnavailable,
    "server_error": RegistryUnavailable,
    "reset": RegistryUnavailable,
    "slow": RegistryUnavailable,
    "html": RegistryProtocolError,
    "truncated": RegistryProtocolError,
    "empty_content": RegistryProtocolError,
    "unknown_code": RegistryProtocolError,
    "quota_exhausted": RefusalReason.QUOTA,
    "outside_hours": RefusalReason.HOURS,
    "wrong_credentials": RefusalReason.CREDENTIALS,
}
NATION = Nation()


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    """The address of a running simulator."""
    app = sandbox.build_app(NATION, credentials=sandbox.SandboxCredentials())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def settings(url: str, *, password: str | None = None) -> DukcapilSettings:
    known = sandbox.SandboxCredentials()
    return DukcapilSettings(
        base_url=url,
        customer=known.customer,
        user_id=known.user_id,
        password=password or known.password,
        ip=known.ip,
        deadline_s=DEADLINE,
    )


def ask(at: DukcapilSettings, scenario: str) -> Finding:
    person = NATION.scenario(scenario)
    claim = Claim(person.nik, person.full_name, person.date_of_birth)

    async def run() -> Finding:
        registry = DukcapilRegistry(at)
        try:
            return await registry.ask(claim, request_id="1")
        finally:
            await registry.close()

    return asyncio.run(run())


@pytest.mark.parametrize("scenario", FOUND)
def test_a_registered_person_is_compared_field_by_field(simulator: str, scenario: str) -> None:
    finding = ask(settings(simulator), scenario)
    assert finding.outcome is Outcome.FOUND
    assert finding.nik
    assert finding.full_name
    assert finding.date_of_birth
    compared = (finding.nik, finding.full_name, finding.date_of_birth)
    assert tuple(comparison.matches for comparison in compared) == FOUND[scenario]
    assert finding.full_name.score is not None
    assert finding.quota_left is not None


@pytest.mark.parametrize("scenario", NOT_CONFIRMED)
def test_a_record_that_confirms_nobody_has_its_outcome(simulator: str, scenario: str) -> None:
    finding = ask(settings(simulator), scenario)
    assert finding == Finding(NOT_CONFIRMED[scenario], quota_left=finding.quota_left)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_registry_has_its_error(simulator: str, fault: str) -> None:
    started = time.monotonic()
    with pytest.raises(RegistryError) as error:
        ask(settings(simulator), fault)
    assert FAULTS[fault] in {type(error.value), getattr(error.value, "reason", None)}
    assert time.monotonic() - started < DEADLINE + 1


def test_a_wrong_password_is_refused(simulator: str) -> None:
    with pytest.raises(RegistryError) as refused:
        ask(settings(simulator, password="wrong"), "match")
    assert getattr(refused.value, "reason", None) is RefusalReason.CREDENTIALS


def test_no_scenario_is_left_out() -> None:
    assert {*FOUND, *NOT_CONFIRMED, *FAULTS} == set(SCENARIOS)
