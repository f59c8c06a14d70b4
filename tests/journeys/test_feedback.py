"""A whole server under a Live agreement tells the registry back, once, and keeps nothing of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from padan.app.lines import Lines
from padan.domain.activation import Activation, Terms
from padan.domain.environment import AccessToken, Environment, EnvironmentKind
from padan.domain.feedback import FeedbackState
from padan.domain.profile import Profile
from padan.main import Service, build_service, clock
from padan.sandbox.dukcapil import SandboxCredentials, build_app
from padan.sandbox.feedback import FEEDBACK_PATH, FEEDBACK_TOKEN
from padan.settings import Settings, load_settings
from tests.sandbox.simulator import NATION, Client, serving
from tests.support.asgi import call

PROVIDER = "indonesia-nik-lookup"
LIVE = Environment(UUID(int=1), "Bank Contoh", EnvironmentKind.LIVE, 1)
PROFILE = Profile(UUID(int=2), LIVE.id, "rekening", "Bank Contoh", 1, enabled_providers=(PROVIDER,))


def settings_for(client: Client, folder: Path, *, feedback: bool = True) -> Settings:
    url = f"http://127.0.0.1:{client.port}"
    given = {"PADAN_DATA": str(folder), "PADAN_DUKCAPIL_URL": url, "PADAN_DUKCAPIL_DEADLINE": "2"}
    if feedback:
        given |= {
            "PADAN_DUKCAPIL_FEEDBACK_URL": url + FEEDBACK_PATH,
            "PADAN_DUKCAPIL_FEEDBACK_TOKEN": FEEDBACK_TOKEN,
            "PADAN_DUKCAPIL_FEEDBACK_INSTITUTION": "0123",
            "PADAN_DUKCAPIL_FEEDBACK_NAME": "Bank Contoh",
        }
    return load_settings(given)


async def serve(settings: Settings) -> Service:
    return await build_service(
        settings,
        public_url="https://padan.example",
        lines=Lines({}),
        create_keys=True,
        sandboxes=frozenset(),
    )


async def prepare(service: Service) -> None:
    known, store = SandboxCredentials(), service.store
    await store.add_environment(LIVE)
    digest = hashlib.sha256(b"token").digest()
    await store.add_token(AccessToken(UUID(int=3), LIVE.id, "till", digest, 1))
    await store.add_profile(PROFILE)
    agreed = Activation(
        provider=PROVIDER,
        agreement="PKS-1",
        holder="Bank Contoh",
        valid_from=date(2020, 1, 1),
        valid_until=date(2190, 1, 1),
        customer=known.customer,
        method="CALL_VERIFY_BY_ELEMEN",
        fields=("NIK", "NAMA_LGKP", "TGL_LHR"),
        address=known.ip,
        registered_at=1,
        terms=Terms(tariff=1000, price=1000),
    )
    await store.set_activation(agreed)


async def verify(service: Service, scenario: str = "match") -> UUID:
    """A session carried through the API to its end; its id."""
    person = NATION.scenario(scenario)
    claim = {
        "nikIdNumber": person.nik,
        "fullName": person.full_name,
        "dateOfBirth": person.date_of_birth.isoformat(),
    }
    order = {
        "provider": PROVIDER,
        "verificationProfileId": str(PROFILE.id),
        "capabilities": ["PollResult"],
        "providerInput": {PROVIDER: claim},
    }
    headers = {"Authorization": "Bearer token", "Content-Type": "application/json"}
    path = "/api/v1/sessions/provider/direct"
    created = await call(service.app, "POST", path, headers=headers, body=json.dumps(order).encode())
    session_id = UUID(created.json["sessionId"])
    async with asyncio.timeout(10):
        while not (await found(service, session_id)).done:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return session_id


async def found(service: Service, session_id: UUID) -> Any:
    session = await service.store.find(session_id)
    assert session is not None
    return session


async def until_gone(service: Service, session_id: UUID) -> FeedbackState:
    async with asyncio.timeout(15):
        while True:
            owed = await service.store.feedback(session_id)
            assert owed is not None
            if owed.state is not FeedbackState.WAITING:
                assert owed.sealed is None
                return owed.state
            await asyncio.sleep(0.05)


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def counts(client: Client) -> dict[str, int]:
    told: dict[str, int] = client.send("GET", "/sandbox/data-balikan").json
    return told


@contextlib.contextmanager
def registry() -> Iterator[Client]:
    with serving(build_app(NATION)) as client:
        yield client


def test_each_live_success_is_told_back_once_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    async def run(client: Client) -> None:
        service = await serve(settings_for(client, tmp_path))
        await service.start()
        await prepare(service)
        await service.live.look()
        for scenario in ("match", "not_found", "wrong_credentials"):
            session_id = await verify(service, scenario)
            if scenario == "wrong_credentials":
                assert await service.store.feedback(session_id) is None
            else:
                assert await until_gone(service, session_id) is FeedbackState.SENT
        await service.stop()

    with registry() as client:
        asyncio.run(run(client))
        assert counts(client) == {"taken": 2, "repeated": 0, "invalid": 0, "unauthorized": 0}
    assert NATION.scenario("match").nik.encode() not in everything_in(tmp_path)


def test_without_an_address_nothing_is_owed(tmp_path: Path) -> None:
    async def run(client: Client) -> None:
        service = await serve(settings_for(client, tmp_path, feedback=False))
        await service.start()
        await prepare(service)
        await service.live.look()
        assert await service.store.feedback(await verify(service)) is None
        await service.stop()

    with registry() as client:
        asyncio.run(run(client))
        assert counts(client)["taken"] == 0


def test_what_was_owed_at_the_end_of_one_process_is_sent_by_the_next(tmp_path: Path) -> None:
    """The address is wrong at first: the entry is put off, and lies there when the process ends."""

    async def first(client: Client) -> UUID:
        settings = settings_for(client, tmp_path)
        service = await serve(replace(settings, dukcapil_feedback_token="old"))
        await service.start()
        await prepare(service)
        await service.live.look()
        session_id = await verify(service)
        async with asyncio.timeout(10):
            while (await service.store.count_feedback())[0].reason != "status:401":  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await service.stop()
        return session_id

    async def second(client: Client, session_id: UUID) -> FeedbackState:
        service = await serve(settings_for(client, tmp_path))
        owed = await service.store.feedback(session_id)
        assert owed is not None
        due_now = replace(owed, due_at=clock(), revision=owed.revision + 1)
        assert await service.store.change_feedback(owed, due_now)
        await service.start()
        state = await until_gone(service, session_id)
        await service.stop()
        return state

    with registry() as client:
        session_id = asyncio.run(first(client))
        assert NATION.scenario("match").nik.encode() not in everything_in(tmp_path)
        before = time.monotonic()
        assert asyncio.run(second(client, session_id)) is FeedbackState.SENT
        assert time.monotonic() - before < 10
        assert counts(client) == {"taken": 1, "repeated": 0, "invalid": 0, "unauthorized": 1}
