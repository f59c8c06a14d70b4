"""Create, read, cancel, redact, expire."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from padan.app.create import Order, create
from padan.app.end import cancel, redact, sweep
from padan.app.errors import Invalid, NotLicensed, NotYours
from padan.app.ports import SessionOrder
from padan.app.read import list_sessions, read_results, read_session
from padan.domain.claim import ClaimField
from padan.domain.profile import DEFAULT_EXPIRATION, DEFAULT_REDACTION_PERIOD
from padan.domain.provider import Capability
from padan.domain.session import ErrorCode, SessionKind, SessionState
from tests.support.wired import (
    BANK,
    EMPTY_PROFILE,
    LIVE,
    LIVE_PROFILE,
    NAME,
    NIK,
    PROFILE,
    PROVIDER,
    RETURN,
    SHOP,
    direct_order,
    wire,
    working,
)


def test_a_direct_session_is_durable_queued_and_bound_to_its_periods() -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.direct()
        session = await w.session(created.session.id)
        assert session == created.session
        assert session.state is SessionState.QUEUED
        assert session.expires_at == session.created_at + DEFAULT_EXPIRATION
        assert session.redact_at == session.created_at + DEFAULT_REDACTION_PERIOD
        assert created.launch_url is None
        assert NIK.encode() not in (session.sealed_claim or b"")

    asyncio.run(scene())


def test_what_was_created_does_not_show_its_secrets() -> None:
    async def scene() -> None:
        created = await (await wire()).hosted({"fullName": NAME})
        text = repr(created)
        for secret in (created.results_access_key, created.launch_url, NAME):
            assert secret is not None
            assert secret not in text

    asyncio.run(scene())


def test_every_fault_of_an_order_is_told_together_and_nothing_is_stored() -> None:
    async def scene() -> None:
        w = await wire()
        order = Order(
            EMPTY_PROFILE.id,
            SessionKind.DIRECT,
            provider=PROVIDER,
            redirect_url="https://evil.example/",
            provider_input={PROVIDER: {"nikIdNumber": "123", "fullName": " ", "dateOfBirth": "2999-01-01"}},
        )
        with pytest.raises(Invalid) as caught:
            await create(w.ports, BANK, order)
        assert set(caught.value.errors) == {
            "redirectUrl",
            "provider",
            "capabilities",
            f"providerInput.{PROVIDER}.nikIdNumber",
            f"providerInput.{PROVIDER}.fullName",
            f"providerInput.{PROVIDER}.dateOfBirth",
        }
        assert await w.sessions_of(EMPTY_PROFILE) == 0

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"profile_id": UUID(int=99)}, "verificationProfileId"),
        ({"profile_id": LIVE_PROFILE.id}, "verificationProfileId"),
        ({"provider": "estonia-id-card"}, "provider"),
        ({"capabilities": ()}, "capabilities"),
        ({"capabilities": (Capability.SHOW_CONTENT,)}, "capabilities"),
        ({"provider_input": None}, f"providerInput.{PROVIDER}.nikIdNumber"),
        ({"provider_input": {PROVIDER: None}}, f"providerInput.{PROVIDER}.nikIdNumber"),
        ({"provider_input": {PROVIDER: [1]}}, f"providerInput.{PROVIDER}"),
        ({"provider_input": {PROVIDER: {"nikIdNumber": 1}}}, f"providerInput.{PROVIDER}.nikIdNumber"),
        ({"fallback": True}, "redirectUrl"),
        ({"redirect_url": "https://bank.example/other"}, "redirectUrl"),
        ({"kind": SessionKind.HOSTED}, "redirectUrl"),
        ({"kind": SessionKind.WIDGET, "allowed_providers": ()}, "providers"),
        ({"kind": SessionKind.WIDGET, "allowed_providers": ("other",)}, "providers[0]"),
        ({"kind": SessionKind.WIDGET, "profile_id": EMPTY_PROFILE.id}, "verificationProfileId"),
    ],
)
def test_a_wrong_order_names_the_property(fields: dict[str, object], wrong: str) -> None:
    async def scene() -> None:
        w = await wire()
        with pytest.raises(Invalid) as caught:
            await create(w.ports, BANK, replace(direct_order(), **fields))  # type: ignore[arg-type]
        assert wrong in caught.value.errors
        assert await w.sessions_of(PROFILE) == 0

    asyncio.run(scene())


def test_an_environment_without_a_registry_is_not_licensed() -> None:
    async def scene() -> None:
        w = await wire()
        with pytest.raises(NotLicensed):
            await create(w.ports, LIVE, replace(direct_order(), profile_id=LIVE_PROFILE.id))

    asyncio.run(scene())


def test_the_fallback_keeps_what_is_known_and_asks_for_the_rest() -> None:
    async def scene() -> None:
        w = await wire()
        order = replace(
            direct_order({"fullName": NAME}),
            fallback=True,
            redirect_url=RETURN,
            capabilities=(Capability.LAUNCH_BROWSER, Capability.CAPTURE_REDIRECT),
        )
        created = await create(w.ports, BANK, order)
        assert created.session.missing == (ClaimField.NIK, ClaimField.DATE_OF_BIRTH)
        assert created.session.state is SessionState.AWAITING_INPUT
        assert f"sessionId={created.session.id}&" in (created.launch_url or "")

    asyncio.run(scene())


def test_one_sessions_key_opens_no_other_session() -> None:
    async def scene() -> None:
        async with working() as w:
            one, other = await w.direct(), await w.direct()
            for created in (one, other):
                await w.until_done(created.session.id)
            wrong = [other.results_access_key, "", "x", one.results_access_key[:-1], "rak1_", "é" * 40]
            for key in wrong:
                with pytest.raises(NotYours):
                    await read_results(w.ports, BANK, one.session.id, results_access_key=key)

    asyncio.run(scene())


def test_a_key_is_checked_before_there_is_a_result() -> None:
    async def scene() -> None:
        w = await wire()
        one, other = await w.direct(), await w.direct()
        results = await read_results(w.ports, BANK, one.session.id, results_access_key=one.results_access_key)
        assert results.identity_data is None
        with pytest.raises(NotYours):
            await read_results(w.ports, BANK, one.session.id, results_access_key=other.results_access_key)

    asyncio.run(scene())


def test_another_environment_sees_nothing_and_ends_nothing() -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.direct()
        session_id, key = created.session.id, created.results_access_key
        for verb in (read_session, cancel, redact):
            with pytest.raises(NotYours):
                await verb(w.ports, SHOP, session_id)
        with pytest.raises(NotYours):
            await read_results(w.ports, SHOP, session_id, results_access_key=key)
        with pytest.raises(NotYours):
            await list_sessions(
                w.ports, SHOP, PROFILE.id, order=SessionOrder.CREATED, descending=True, page=(1, 5)
            )
        assert await w.session(session_id) == created.session

    asyncio.run(scene())


def test_cancelling_ends_what_runs_and_leaves_what_is_done() -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.direct()
        ended = await cancel(w.ports, BANK, created.session.id)
        assert (ended.error_code, ended.sealed_claim) == (ErrorCode.CANCELED, None)
        assert await cancel(w.ports, BANK, created.session.id) == ended

    asyncio.run(scene())


def test_a_redacted_session_opens_with_no_key_and_redacting_again_does_no_harm() -> None:
    async def scene() -> None:
        async with working() as w:
            created = await w.direct()
            await w.until_done(created.session.id)
            await redact(w.ports, BANK, created.session.id)
            first = await w.session(created.session.id)
            await redact(w.ports, BANK, created.session.id)
            assert await w.session(created.session.id) == first
            assert first.success
            with pytest.raises(NotYours):
                await read_results(
                    w.ports, BANK, created.session.id, results_access_key=created.results_access_key
                )

    asyncio.run(scene())


def test_the_sweep_ends_what_expired_and_redacts_what_is_due() -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.direct()
        assert await sweep(w.store, w.clock) == (0, 0)
        w.clock.now = created.session.expires_at
        assert await sweep(w.store, w.clock) == (1, 0)
        session = await w.session(created.session.id)
        assert (session.error_code, session.sealed_claim) == (ErrorCode.EXPIRED, None)
        w.clock.now = created.session.redact_at
        assert await sweep(w.store, w.clock) == (0, 1)
        assert (await w.session(created.session.id)).salt is None
        assert await sweep(w.store, w.clock) == (0, 0)

    asyncio.run(scene())


def test_a_running_worker_sweeps_by_itself() -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.hosted()
        w.clock.now = created.session.expires_at
        w.worker.run()
        assert (await w.until_done(created.session.id)).error_code is ErrorCode.EXPIRED
        await w.worker.stop()
        assert ("swept", "expired=1 redacted=0") in w.reports

    asyncio.run(scene())
