"""Data balikan: what owes something, and how it is sent, once, for as long as it takes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from padan.app.create import create
from padan.app.end import redact
from padan.app.feedback import AT_ONCE, FIRST_PAUSE, LONGEST_PAUSE, Courier, CourierPorts, owe
from padan.app.lines import Line
from padan.app.ports import SessionOrder
from padan.app.verify import verify
from padan.domain.activation import Activation
from padan.domain.claim import Claim
from padan.domain.environment import EnvironmentKind
from padan.domain.errors import RegistryUnavailable
from padan.domain.feedback import Feedback, FeedbackEntry, FeedbackNotTaken, FeedbackState
from padan.domain.finding import Outcome
from padan.domain.hosting import PageRules
from padan.domain.profile import Profile
from padan.domain.rules import Acceptance, RegistryRules
from padan.domain.session import Lease, Session, asking, succeeded
from padan.store.memory import MemoryStore
from padan.store.sqlite import SqliteStore, open_sqlite
from padan.vault import WorkerVault
from tests.contracts.builders import a_session
from tests.support.registries import MATCH, NOT_FOUND
from tests.support.wired import (
    KEYS,
    LIVE,
    LIVE_PROFILE,
    NIK,
    PERSON,
    PROVIDER,
    START,
    Clock,
    Wired,
    direct_order,
    wire,
)

VAULT = WorkerVault(KEYS.worker_secret, KEYS.rest)
DAY = date(2027, 1, 15)
Told = FeedbackState | Exception
LISTED: dict[str, Any] = {"order": SessionOrder.CREATED, "descending": False, "page": 1, "size": 9}


class Desk:
    """A line that answers from a list, the last answer for good; nothing may arrive twice at once."""

    def __init__(self, *told: Told, pause: float = 0.0) -> None:
        self.told = list(told) or [FeedbackState.SENT]
        self.entries: list[FeedbackEntry] = []
        self.under_way: set[str] = set()
        self.pause = pause

    async def send(self, entry: FeedbackEntry) -> FeedbackState:
        assert entry.purpose not in self.under_way, "sent twice at once"
        self.under_way.add(entry.purpose)
        self.entries.append(entry)
        await asyncio.sleep(self.pause)
        self.under_way.discard(entry.purpose)
        told = self.told.pop(0) if len(self.told) > 1 else self.told[0]
        if isinstance(told, Exception):
            raise told
        return told

    async def close(self) -> None:
        return None


@asynccontextmanager
async def live(answer: Any = MATCH, *, profile: Profile = LIVE_PROFILE) -> AsyncIterator[Wired]:
    """A Padan whose Live environment may ask, and owes feedback."""
    wired = await wire()
    wired.registry.answers = {NIK: [answer]}
    wired.ports.lines.replace(EnvironmentKind.LIVE, [Line(wired.registry)])
    wired.worker_ports = replace(wired.worker_ports, owes_feedback=True)
    await wired.store.change_profile(profile)
    yield wired


async def checked(wired: Wired) -> Session:
    """A Live session that was asked; as it is afterwards."""
    agreed = Activation(
        *(PROVIDER, "PKS-1", "Bank Contoh", DAY, date(2030, 1, 1), "1", "M", ("NIK",), "192.0.2.1", START)
    )
    await wired.store.set_activation(replace(agreed, valid_from=date(2020, 1, 1)))
    order = replace(direct_order(PERSON), profile_id=LIVE_PROFILE.id)
    created = await create(wired.ports, LIVE, order)
    now = wired.clock()
    [session] = await wired.store.take_leases("w", now, until=now + 1_000, limit=1, kind=EnvironmentKind.LIVE)
    await verify(wired.worker_ports, session, "w")
    return await wired.session(created.session.id)


def opened(feedback: Feedback) -> list[str]:
    entry: list[str] = json.loads(VAULT.open_feedback(feedback.binding, feedback.sealed or b""))
    return entry


@pytest.mark.parametrize("answer", [MATCH, NOT_FOUND], ids=["found", "not_found"])
def test_each_success_in_live_owes_who_why_what_and_when(answer: Any) -> None:
    async def run() -> None:
        told = replace(LIVE_PROFILE, pages=PageRules(purpose="membuka rekening"))
        async with live(answer, profile=told) as wired:
            session = await checked(wired)
            assert session.success
            owed = await wired.store.feedback(session.id)
            assert owed is not None
            assert opened(owed) == [NIK, "membuka rekening", answer.outcome.value, DAY.isoformat()]
            assert NIK not in repr(owed)

    asyncio.run(run())


def test_the_purpose_is_the_profiles_alias_where_people_are_told_none() -> None:
    async def run() -> None:
        async with live() as wired:
            owed = await wired.store.feedback((await checked(wired)).id)
            assert owed is not None
            assert opened(owed)[1] == LIVE_PROFILE.alias

    asyncio.run(run())


@pytest.mark.parametrize("why", ["unanswered", "not accepted", "switched off", "too late"])
def test_what_is_no_success_owes_nothing(why: str) -> None:
    async def run() -> None:
        refuses = replace(LIVE_PROFILE, rules=RegistryRules(acceptance=Acceptance.REFUSE))
        answer = RegistryUnavailable("x", may_be_charged=True) if why == "unanswered" else NOT_FOUND
        async with live(answer, profile=refuses if why == "not accepted" else LIVE_PROFILE) as wired:
            if why == "switched off":
                wired.worker_ports = replace(wired.worker_ports, owes_feedback=False)
            if why == "too late":
                wired.registry.open.clear()
                task = asyncio.create_task(checked(wired))
                await wired.registry.asked.wait()
                [one] = (await wired.store.page(LIVE.id, LIVE_PROFILE.id, **LISTED)).items
                await redact(wired.ports, LIVE, one.id)
                wired.registry.open.set()
                session = await task
            else:
                session = await checked(wired)
            assert session.success is (why == "switched off")
            assert await wired.store.feedback(session.id) is None

    asyncio.run(run())


def test_test_environments_owe_nothing() -> None:
    async def run() -> None:
        wired = await wire()
        ports = replace(wired.worker_ports, owes_feedback=True)
        session = succeeded(asking(a_session(), now=1, lease=Lease("w", 2)), now=2, sealed_result=b"r")
        claim = Claim(NIK, "X", date(1990, 5, 17))
        assert owe(ports, session, claim, finding=MATCH, purpose="p") is None
        in_live = replace(session, environment_kind=EnvironmentKind.LIVE)
        assert owe(ports, in_live, claim, finding=MATCH, purpose="p") is not None

    asyncio.run(run())


async def owing(store: MemoryStore | SqliteStore, number: int, *, now: int) -> list[UUID]:
    """That many sessions which each owe an entry, told apart by its purpose."""
    ids = []
    for index in range(number):
        session = a_session(environment_kind=EnvironmentKind.LIVE)
        asked = asking(session, now=now, lease=Lease("w", now + 1))
        done = succeeded(asked, now=now, sealed_result=b"r")
        plain = json.dumps([NIK, f"purpose {index}", Outcome.FOUND.value, DAY.isoformat()]).encode()
        sealed = VAULT.seal_feedback(session.binding, plain)
        await store.add(session)
        await store.change(session, asked)
        owed = Feedback(session.id, session.environment_id, now, now, due_at=now, sealed=sealed)
        await store.change(asked, done, feedback=owed)
        ids.append(session.id)
    return ids


def courier(
    store: MemoryStore | SqliteStore, desk: Desk, clock: Clock, *, owner: str = "courier"
) -> tuple[Courier, list[tuple[str, str]]]:
    reports: list[tuple[str, str]] = []
    ports = CourierPorts(
        queue=store,
        vault=VAULT,
        line=desk,
        clock=clock,
        random=lambda size: b"\0" * size,
        lease=30_000,
        report=lambda event, detail: reports.append((event, detail)),
    )
    return Courier(ports, owner=owner), reports


def test_an_entry_is_sent_once_and_then_erased() -> None:
    async def run() -> None:
        store, desk, clock = MemoryStore(), Desk(), Clock()
        [session_id] = await owing(store, 1, now=clock())
        sender, reports = courier(store, desk, clock)
        assert await sender.send_due() == (1, 1)
        assert await sender.send_due() == (0, 0)
        assert desk.entries == [FeedbackEntry(NIK, "purpose 0", "found", DAY)]
        kept = await store.feedback(session_id)
        assert kept is not None
        assert (kept.state, kept.sealed) == (FeedbackState.SENT, None)
        assert reports == [("feedback", "sent")]

    asyncio.run(run())


def test_a_registry_that_has_it_already_is_done() -> None:
    async def run() -> None:
        store, clock = MemoryStore(), Clock()
        [session_id] = await owing(store, 1, now=clock())
        sender, _ = courier(store, Desk(FeedbackState.ALREADY_SENT), clock)
        assert await sender.send_due() == (1, 1)
        kept = await store.feedback(session_id)
        assert kept is not None
        assert (kept.state, kept.sealed) == (FeedbackState.ALREADY_SENT, None)

    asyncio.run(run())


@pytest.mark.parametrize("wrong", [FeedbackNotTaken("status:500"), ValueError(NIK), RuntimeError(NIK)])
def test_what_is_not_taken_is_sent_again_ever_later_and_says_nothing_personal(wrong: Exception) -> None:
    async def run() -> None:
        store, desk, clock = MemoryStore(), Desk(wrong), Clock()
        [session_id] = await owing(store, 1, now=clock())
        sender, reports = courier(store, desk, clock)
        for tries in range(1, 12):
            assert await sender.send_due() == (1, 0)
            kept = await store.feedback(session_id)
            assert kept is not None
            assert kept.sealed
            assert kept.due_at - clock() == min(LONGEST_PAUSE, FIRST_PAUSE << tries - 1)
            clock.now = kept.due_at - 1
            assert await sender.send_due() == (0, 0)
            clock.now = kept.due_at
        desk.told = [FeedbackState.SENT]
        assert await sender.send_due() == (1, 1)
        assert NIK not in str(reports)
        assert "seal_broken" not in str(reports)

    asyncio.run(run())


def test_an_entry_that_does_not_open_waits_and_stops_no_other() -> None:
    async def run() -> None:
        store, desk, clock = MemoryStore(), Desk(), Clock()
        first, _ = await owing(store, 2, now=clock())
        broken = await store.feedback(first)
        assert broken is not None
        await store.change_feedback(broken, replace(broken, sealed=b"damaged", revision=1))
        sender, reports = courier(store, desk, clock)
        assert await sender.send_due() == (2, 1)
        assert [entry.purpose for entry in desk.entries] == ["purpose 1"]
        assert ("feedback", "not_taken:seal_broken") in reports

    asyncio.run(run())


def test_two_processes_on_one_database_never_send_an_entry_twice(tmp_path: Path) -> None:
    async def run() -> None:
        clock, desk = Clock(), Desk(pause=0.002)
        stores = [open_sqlite(tmp_path / "padan.db") for _ in range(2)]
        ids = await owing(stores[0], 5 * AT_ONCE, now=clock())
        senders = [courier(store, desk, clock, owner=str(n))[0] for n, store in enumerate(stores)]

        async def empty(sender: Courier) -> None:
            while (await sender.send_due())[0]:
                pass

        await asyncio.gather(*map(empty, senders))
        assert sorted(entry.purpose for entry in desk.entries) == sorted(
            f"purpose {n}" for n in range(len(ids))
        )
        for store in stores:
            await store.close()

    asyncio.run(run())


def test_what_a_killed_process_had_begun_is_sent_by_the_next_when_its_lease_is_over(tmp_path: Path) -> None:
    async def run() -> None:
        clock, path = Clock(), tmp_path / "padan.db"
        store = open_sqlite(path)
        await owing(store, 1, now=clock())
        killed = asyncio.create_task(courier(store, Desk(pause=60), clock)[0].send_due())
        await asyncio.sleep(0.05)
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)
        await store.close()
        store, desk = open_sqlite(path), Desk()
        sender, _ = courier(store, desk, clock, owner="next")
        assert await sender.send_due() == (0, 0)
        clock.pass_(30_000)
        assert await sender.send_due() == (1, 1)
        assert len(desk.entries) == 1
        await store.close()

    asyncio.run(run())


def test_a_running_courier_goes_on_after_a_failure_and_stops_when_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("padan.app.feedback.WAIT_AFTER_FAILURE", 0.01)
    monkeypatch.setattr("padan.app.feedback.LOOK_EVERY", 0.01)

    async def run() -> None:
        store, clock = MemoryStore(), Clock()
        desk = Desk(FeedbackNotTaken("timeout"), FeedbackState.SENT)
        [session_id] = await owing(store, 1, now=clock())
        sender, _ = courier(store, desk, clock)
        sender.run()
        async with asyncio.timeout(5):
            while len(desk.entries) < 2:
                clock.pass_(FIRST_PAUSE)
                await asyncio.sleep(0.01)
        await sender.stop()
        kept = await store.feedback(session_id)
        assert kept is not None
        assert kept.state is FeedbackState.SENT

    asyncio.run(run())
