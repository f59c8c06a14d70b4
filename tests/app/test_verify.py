"""From creation to result through a real worker: money counted, claim erased, nothing asked twice."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from padan.app.end import cancel, redact
from padan.app.errors import NotYours
from padan.app.ports import LEASE
from padan.app.read import read_results
from padan.app.settle import FIRST_PAUSE, LONGEST_PAUSE
from padan.app.verify import verify
from padan.app.visit import launch
from padan.domain.attempt import Charge
from padan.domain.environment import EnvironmentKind
from padan.domain.errors import (
    RefusalReason,
    RegistryError,
    RegistryProtocolError,
    RegistryRefused,
    RegistryUnavailable,
)
from padan.domain.finding import Finding, Outcome
from padan.domain.session import ErrorCode, Lease, SessionState
from tests.support.registries import MATCH, NOT_FOUND
from tests.support.wired import BANK, NAME, NIK, wire, working

TEST = EnvironmentKind.TEST


def identity(data: bytes | None) -> dict[str, Any]:
    assert data is not None
    decoded: dict[str, Any] = json.loads(data)
    return decoded


def test_a_complete_claim_is_asked_once_sealed_and_erased() -> None:
    async def scene() -> None:
        async with working() as w:
            created = await w.direct()
            session = await w.until_done(created.session.id)
            assert session.success
            assert (session.sealed_claim, session.sealed_supplement, session.lease) == (None, None, None)
            assert [(c.nik, c.full_name) for c in w.registry.claims] == [(NIK, NAME)]
            (attempt,) = await w.store.attempts(session.id)
            assert (attempt.outcome, attempt.charge) == ("found", Charge.CHARGED)
            assert (attempt.tariff, attempt.price) == (1_000, 1_200)
            key = created.results_access_key
            results = await read_results(w.ports, BANK, session.id, results_access_key=key)
            assert identity(results.identity_data)["match"] == {
                "nationalIdNumber": {"booleanValue": True},
                "fullName": {"booleanValue": True, "probabilityValue": 1.0},
                "dateOfBirth": {"booleanValue": True},
            }
            assert w.reports == [("verified", "found")]

    asyncio.run(scene())


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.FOUND])
def test_a_check_that_ran_is_a_success_that_matches_nobody(outcome: Outcome) -> None:
    async def scene() -> None:
        async with working() as w:
            w.registry.answers[NIK] = [Finding(outcome)]
            created = await w.direct()
            assert (await w.until_done(created.session.id)).success
            key = created.results_access_key
            results = await read_results(w.ports, BANK, created.session.id, results_access_key=key)
            match = identity(results.identity_data)["match"]
            for name in ("fullName", "dateOfBirth"):
                assert match[name]["booleanValue"] is False
            assert match["nationalIdNumber"]["booleanValue"] is False

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("error", "code", "charge", "outcome"),
    [
        (RegistryProtocolError("x"), ErrorCode.INVALID_RESPONSE, Charge.UNKNOWN, "protocol_error"),
        (
            RegistryRefused("x", reason=RefusalReason.UNPROCESSABLE_NIK),
            ErrorCode.OTHER,
            Charge.NOT_CHARGED,
            "refused:unprocessable_nik",
        ),
        *(
            (RegistryRefused("x", reason=reason), ErrorCode.INTERNAL, Charge.NOT_CHARGED, f"refused:{reason}")
            for reason in RefusalReason
            if reason is not RefusalReason.UNPROCESSABLE_NIK
        ),
    ],
)
def test_an_error_that_asking_again_cannot_heal_ends_the_session(
    error: RegistryError, code: ErrorCode, charge: Charge, outcome: str
) -> None:
    async def scene() -> None:
        async with working() as w:
            w.registry.answers[NIK] = [error, MATCH]
            created = await w.direct()
            session = await w.until_done(created.session.id)
            assert (session.state, session.error_code) == (SessionState.FAILED, code)
            assert session.sealed_claim is None
            (attempt,) = await w.store.attempts(session.id)
            assert (attempt.outcome, attempt.charge) == (outcome, charge)
            key = created.results_access_key
            results = await read_results(w.ports, BANK, session.id, results_access_key=key)
            assert results.identity_data is None

    asyncio.run(scene())


@pytest.mark.parametrize(("arrived", "charge"), [(True, Charge.UNKNOWN), (False, Charge.NOT_CHARGED)])
def test_an_unavailable_registry_is_asked_again_later(arrived: bool, charge: Charge) -> None:
    async def scene() -> None:
        w = await wire()
        w.registry.answers[NIK] = [RegistryUnavailable("x", may_be_charged=arrived), MATCH]
        created = await w.direct()
        first = await verify(w.worker_ports, created.session, "first")
        waiting = await w.session(created.session.id)
        assert (first.outcome, waiting.state, waiting.lease) == ("unavailable", SessionState.QUEUED, None)
        assert FIRST_PAUSE // 2 <= waiting.due_at - w.clock.now <= FIRST_PAUSE
        assert waiting.sealed_claim is not None
        assert await w.take("first") == []
        w.clock.pass_(FIRST_PAUSE)
        (leased,) = await w.take("second")
        assert (await verify(w.worker_ports, leased, "second")).done
        attempts = await w.store.attempts(created.session.id)
        assert [(a.number, a.outcome, a.charge) for a in attempts] == [
            (1, "unavailable", charge),
            (2, "found", Charge.CHARGED),
        ]
        assert len(set(w.registry.request_ids)) == 2

    asyncio.run(scene())


def test_the_pauses_between_questions_grow_to_a_minute() -> None:
    async def scene() -> None:
        w = await wire()
        w.registry.answers[NIK] = [RegistryUnavailable("x", may_be_charged=False)]
        created = await w.direct()
        pauses = []
        for _ in range(12):
            (leased,) = await w.take("first")
            await verify(w.worker_ports, leased, "first")
            due = (await w.session(created.session.id)).due_at
            pauses.append(due - w.clock.now)
            w.clock.now = due
        assert max(pauses) <= LONGEST_PAUSE
        assert pauses[-1] >= LONGEST_PAUSE // 2
        assert pauses[4] > pauses[0]

    asyncio.run(scene())


def test_a_running_worker_finds_what_waits_for_another_try() -> None:
    async def scene() -> None:
        async with working() as w:
            w.registry.answers[NIK] = [RegistryUnavailable("x", may_be_charged=False), NOT_FOUND]
            created = await w.direct()
            await asyncio.wait_for(w.registry.asked.wait(), 2)
            w.clock.pass_(LONGEST_PAUSE)
            assert (await w.until_done(created.session.id)).success

    asyncio.run(scene())


def test_cancelling_while_the_registry_is_asked_ends_the_session_but_the_ledger_has_the_question() -> None:
    async def scene() -> None:
        async with working() as w:
            w.registry.open.clear()
            created = await w.direct()
            await asyncio.wait_for(w.registry.asked.wait(), 2)
            ended = await cancel(w.ports, BANK, created.session.id)
            w.registry.open.set()
            await w.until_reported()
            assert await w.session(created.session.id) == ended
            assert ended.error_code is ErrorCode.CANCELED
            assert w.reports == [("verified", "too_late")]
            (attempt,) = await w.store.attempts(created.session.id)
            assert (attempt.outcome, attempt.charge) == ("found", Charge.CHARGED)

    asyncio.run(scene())


def test_redacting_while_the_registry_is_asked_keeps_the_answer_out() -> None:
    async def scene() -> None:
        async with working() as w:
            w.registry.open.clear()
            created = await w.direct()
            await asyncio.wait_for(w.registry.asked.wait(), 2)
            await redact(w.ports, BANK, created.session.id)
            w.registry.open.set()
            await w.until_reported()
            session = await w.session(created.session.id)
            assert (session.sealed_result, session.salt, session.sealed_claim) == (None, None, None)

    asyncio.run(scene())


def test_two_workers_never_ask_for_one_lease_twice() -> None:
    async def scene() -> None:
        w = await wire()
        created = [await w.direct() for _ in range(20)]
        workers = [w.another_worker(f"worker {n}") for n in range(3)]
        for worker in workers:
            worker.run()
        for one in created:
            await w.until_done(one.session.id)
        for worker in workers:
            await worker.stop()
        assert len(w.registry.request_ids) == len(set(w.registry.request_ids)) == 20

    asyncio.run(scene())


def test_a_worker_whose_lease_was_taken_over_does_not_ask() -> None:
    async def scene() -> None:
        w = await wire()
        await w.direct()
        (mine,) = await w.take("first")
        w.clock.pass_(LEASE + 1)
        (theirs,) = await w.take("second")
        assert (await verify(w.worker_ports, mine, "first")).outcome == "taken_over"
        assert w.registry.claims == []
        assert (await verify(w.worker_ports, theirs, "second")).done

    asyncio.run(scene())


def test_a_session_left_while_asking_is_asked_again_and_the_lost_question_stays_on_the_ledger() -> None:
    async def scene() -> None:
        w = await wire()
        w.registry.open.clear()
        created = await w.direct()
        (mine,) = await w.take("first")
        lost = asyncio.create_task(verify(w.worker_ports, mine, "first"))
        await asyncio.wait_for(w.registry.asked.wait(), 2)
        lost.cancel()
        w.registry.open.set()
        w.clock.pass_(LEASE + 1)
        (found,) = await w.take("second")
        assert (await verify(w.worker_ports, found, "second")).done
        attempts = await w.store.attempts(created.session.id)
        assert [(a.outcome, a.charge) for a in attempts] == [
            (None, Charge.UNKNOWN),
            ("found", Charge.CHARGED),
        ]

    asyncio.run(scene())


def test_a_session_whose_claim_does_not_open_fails_without_a_question() -> None:
    async def scene() -> None:
        w = await wire()
        one, other = await w.direct(), await w.direct()
        stolen = replace(one.session, sealed_claim=other.session.sealed_claim, revision=1)
        assert await w.store.change(one.session, stolen)
        assert (await verify(w.worker_ports, stolen, "first")).outcome == "not_runnable"
        session = await w.session(one.session.id)
        assert session.error_code is ErrorCode.INTERNAL
        assert w.registry.claims == []

    asyncio.run(scene())


def test_a_worker_that_stands_still_gives_no_lease_and_its_stop_leaves_the_session_to_others() -> None:
    async def scene() -> None:
        w = await wire()
        assert w.worker.lease(w.clock(), TEST) is None
        w.worker.run()
        assert w.worker.lease(w.clock(), TEST) == Lease("first", w.clock() + LEASE)
        w.registry.open.clear()
        created = await w.direct()
        await asyncio.wait_for(w.registry.asked.wait(), 2)
        await w.worker.stop(grace=0.01)
        assert not (await w.session(created.session.id)).done
        assert w.worker.lease(w.clock(), TEST) is None

    asyncio.run(scene())


def test_a_defect_of_a_registry_ends_neither_the_worker_nor_tells_anything_personal() -> None:
    async def scene() -> None:
        async with working() as w:
            w.registry.answers[NIK] = [ValueError(f"cannot read {NIK}")]  # type: ignore[list-item]
            await w.direct()
            await w.until_reported(2)
            assert w.reports == [("alarm", "AttributeError"), ("verified", "defect:AttributeError")]
            w.registry.answers[NIK] = [MATCH]
            assert (await w.until_done((await w.direct()).session.id)).success

    asyncio.run(scene())


def test_a_defect_ends_the_session_instead_of_asking_and_paying_again() -> None:
    async def scene() -> None:
        async with working() as w:
            w.registry.answers[NIK] = []  # no answer in the table: the registry itself breaks
            created = await w.direct()
            session = await w.until_done(created.session.id)
            assert session.error_code is ErrorCode.INTERNAL
            (attempt,) = await w.store.attempts(session.id)
            assert (attempt.outcome, attempt.charge) == ("defect:IndexError", Charge.UNKNOWN)
            assert len(w.registry.claims) == 1

    asyncio.run(scene())


def test_a_person_cannot_begin_once_the_sessions_time_is_over() -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.hosted()
        token = parse_qs(urlsplit(created.launch_url or "").query)["token"][0]
        w.clock.pass_(created.session.expires_at - w.clock())
        with pytest.raises(NotYours):
            await launch(w.ports, created.session.id, launch_token=token)
        ended = await w.store.find(created.session.id)
        assert ended is not None
        assert ended.error_code is ErrorCode.EXPIRED

    asyncio.run(scene())


def test_questions_that_may_have_been_charged_are_not_repeated_without_end() -> None:
    async def scene() -> None:
        w = await wire()
        w.registry.answers[NIK] = [RegistryUnavailable("timed out", may_be_charged=True)]
        created = await w.direct()
        most = w.worker_ports.most_unknown_charges
        for _ in range(most):
            w.clock.pass_(2 * LONGEST_PAUSE)
            for session in await w.take("worker"):
                await verify(w.worker_ports, session, "worker")
        ended = await w.store.find(created.session.id)
        assert ended is not None
        assert ended.error_code is ErrorCode.INTERNAL, "the last of them ends it, and nobody waits for more"
        assert ended.reason == "too_many_unknown_charges"
        assert len(w.registry.claims) == most

    asyncio.run(scene())
