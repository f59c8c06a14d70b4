"""A whole Padan in memory, of real parts; only the registry answers from a table."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from padan.app.create import Created, Order, create
from padan.app.lines import Line, Lines
from padan.app.ports import LEASE, Ports, SessionOrder, WorkerPorts
from padan.app.worker import Worker
from padan.domain.activation import Terms
from padan.domain.environment import AccessToken, Environment, EnvironmentKind
from padan.domain.profile import Profile, RedirectUri
from padan.domain.provider import Capability
from padan.domain.session import Session, SessionKind
from padan.providers import PROVIDERS
from padan.store.memory import MemoryStore
from padan.store.redactions import MemoryRedactions
from padan.vault import ResultsVault, WorkerVault, ephemeral
from tests.support.registries import MATCH, TableRegistry

PROVIDER = "indonesia-nik-lookup"
NIK, NAME, BORN = "3273015705900001", "SITI CONTOH", "1990-05-17"
PERSON = {"nikIdNumber": NIK, "fullName": NAME, "dateOfBirth": BORN}

START = 1_800_000_000_000
BANK = Environment(UUID(int=0xBA), "Bank Contoh", EnvironmentKind.TEST, START)
SHOP = Environment(UUID(int=0x5A), "Toko Contoh", EnvironmentKind.TEST, START)
LIVE = Environment(UUID(int=0x11), "Bank Contoh", EnvironmentKind.LIVE, START)
TOKENS = {BANK: "bank-token", SHOP: "shop-token", LIVE: "live-token"}
PROFILE = Profile(UUID(int=0xF1), BANK.id, "bank", "Bank Contoh", START, enabled_providers=(PROVIDER,))
SHOP_PROFILE = Profile(UUID(int=0xF2), SHOP.id, "shop", "Toko Contoh", START, enabled_providers=(PROVIDER,))
LIVE_PROFILE = Profile(UUID(int=0xF3), LIVE.id, "live", "Bank Contoh", START, enabled_providers=(PROVIDER,))
EMPTY_PROFILE = Profile(UUID(int=0xF4), BANK.id, "empty", "Bank Contoh", START)
RETURN = "https://bank.example/return"
KEYS = ephemeral()


class Clock:
    """Unix milliseconds that pass when a test says so."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def pass_(self, milliseconds: int) -> None:
        self.now += milliseconds


@dataclass
class Wired:
    """The parts, and what was reported."""

    store: MemoryStore
    registry: TableRegistry
    clock: Clock
    ports: Ports
    worker_ports: WorkerPorts
    worker: Worker
    reports: list[tuple[str, str]] = field(default_factory=list)

    def another_worker(self, owner: str) -> Worker:
        return Worker(self.worker_ports, owner=owner, report=lambda *_: None, concurrency=2)

    async def session(self, session_id: UUID) -> Session:
        found = await self.store.find(session_id)
        assert found is not None
        return found

    async def until_done(self, session_id: UUID) -> Session:
        async with asyncio.timeout(5):
            # a store has no event for it
            while not (session := await self.session(session_id)).done:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
        return session

    async def until_reported(self, count: int = 1) -> None:
        async with asyncio.timeout(5):
            while len(self.reports) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.002)

    async def take(self, owner: str) -> list[Session]:
        now = self.clock()
        return list(
            await self.store.take_leases(owner, now, until=now + LEASE, limit=10, kind=EnvironmentKind.TEST)
        )

    async def sessions_of(self, profile: Profile) -> int:
        """How many sessions are stored for a profile."""
        found = await self.store.page(
            profile.environment_id,
            profile.id,
            order=SessionOrder.CREATED,
            descending=False,
            page=1,
            size=1,
        )
        return found.total

    async def direct(self, person: Mapping[str, Any] | None = None) -> Created:
        return await create(self.ports, BANK, direct_order(person))

    async def hosted(self, known: Mapping[str, Any] | None = None, **fields: Any) -> Created:
        given = None if known is None else {PROVIDER: known}
        order = Order(
            PROFILE.id,
            SessionKind.HOSTED,
            provider=PROVIDER,
            redirect_url=RETURN,
            provider_input=given,
            **fields,
        )
        return await create(self.ports, BANK, order)


def direct_order(person: Mapping[str, Any] | None = None) -> Order:
    return Order(
        PROFILE.id,
        SessionKind.DIRECT,
        provider=PROVIDER,
        capabilities=(Capability.POLL_RESULT,),
        provider_input={PROVIDER: PERSON if person is None else person},
    )


async def wire() -> Wired:
    """The parts; the worker does not run yet, so that a new session is nobody's."""
    store, clock, rng = MemoryStore(), Clock(), random.Random(7)
    registry = TableRegistry({NIK: [MATCH]})
    lines = Lines({EnvironmentKind.TEST: [Line(registry, Terms(tariff=1_000, price=1_200))]})
    reports: list[tuple[str, str]] = []
    worker_vault = WorkerVault(KEYS.worker_secret, KEYS.rest)
    worker_ports = WorkerPorts(
        sessions=store,
        directory=store,
        guesses=store,
        answers=store,
        vault=worker_vault,
        providers=PROVIDERS,
        lines=lines,
        clock=clock,
        random=rng.randbytes,
        report=lambda event, detail: reports.append((event, detail)),
    )
    worker = Worker(
        worker_ports,
        owner="first",
        report=lambda event, detail: reports.append((event, detail)),
        concurrency=4,
    )
    ports = Ports(
        sessions=store,
        directory=store,
        guesses=store,
        vault=ResultsVault(KEYS.ring, KEYS.worker_public),
        runner=worker,
        providers=PROVIDERS,
        lines=lines,
        redactions=MemoryRedactions(),
        clock=clock,
        random=rng.randbytes,
        public_url="https://padan.example",
    )
    await _fill(store)
    return Wired(store, registry, clock, ports, worker_ports, worker, reports)


@asynccontextmanager
async def working() -> AsyncIterator[Wired]:
    """The parts with the worker running."""
    wired = await wire()
    wired.worker.run()
    try:
        yield wired
    finally:
        wired.registry.open.set()
        await wired.worker.stop(grace=1)


async def _fill(store: MemoryStore) -> None:
    for number, (environment, token) in enumerate(TOKENS.items()):
        await store.add_environment(environment)
        digest = hashlib.sha256(token.encode()).digest()
        await store.add_token(AccessToken(UUID(int=number + 1), environment.id, "till", digest, START))
    for profile in (PROFILE, SHOP_PROFILE, LIVE_PROFILE, EMPTY_PROFILE):
        await store.add_profile(profile)
    await store.add_redirect_uri(RedirectUri(UUID(int=1), BANK.id, RETURN, START))
