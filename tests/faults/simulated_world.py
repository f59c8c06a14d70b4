"""A Padan of several processes over one store, in one loop of virtual time, whose processes die at any await.

Verbs, worker, vault and store are the real ones. Around the store stands `Watched`: it lets time pass before
and after every call, so that a task can die or be overtaken there, sometimes says that the store is
unavailable (before the call, or after it was made), and holds the rules at every change.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from padan.app.lines import Line, Lines
from padan.app.ports import Ports, Store, StoreUnavailable, WorkerPorts
from padan.app.worker import Worker
from padan.domain.activation import Terms
from padan.domain.attempt import Attempt
from padan.domain.environment import EnvironmentKind
from padan.domain.profile import MINUTE, Profile, RedirectUri
from padan.domain.rules import Patience, RegistryRules
from padan.domain.session import Session, SessionState
from padan.providers import PROVIDERS
from padan.store.redactions import MemoryRedactions
from padan.vault import ResultsVault, WorkerVault
from tests.faults.simulated_registry import ScriptedRegistry
from tests.faults.simulated_rules import Broken, hold, hold_step
from tests.support.virtual_loop import LIFE, Life, VirtualLoop
from tests.support.wired import BANK, KEYS, PROVIDER, RETURN, START

LEASE = 30_000
SESSION_LIFE = 2 * MINUTE
"""Shorter than a profile may say, so that sessions run out while things happen."""
OVERDUE_FOR_S = 20.0
"""Seconds of peace after which no session may be overdue that nobody holds."""
_WRITES = frozenset({"add", "change", "begin", "take_leases", "free_leases"})


@dataclass(frozen=True)
class Weather:
    """What one world is like; drawn from its seed."""

    processes: int
    concurrency: int
    most_unknown: int
    quota: int | None
    per_second: float | None
    frees_leases: bool
    answers_kept: int
    crash_every_s: float
    jump_every_s: float
    away_every_s: float
    store_fails: float

    @classmethod
    def draw(cls, chance: random.Random) -> Weather:
        """One of many."""
        return cls(
            processes=chance.choice((1, 1, 2, 3)),
            concurrency=chance.choice((1, 3, 8)),
            most_unknown=chance.choice((1, 2, 4)),
            quota=chance.choice((None, None, 60)),
            per_second=chance.choice((None, None, 5.0)),
            frees_leases=chance.random() < 0.5,
            answers_kept=chance.choice((0, 0, 10)),
            crash_every_s=chance.choice((1.0, 4.0, 15.0)),
            jump_every_s=chance.choice((5.0, 30.0, 1e9)),
            away_every_s=chance.choice((30.0, 1e9)),
            store_fails=chance.choice((0.0, 0.0, 0.002, 0.02)),
        )


class Watched:
    """The store as one process reaches it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method, world = getattr(self._world.store, name), self._world
        writes = name in _WRITES

        async def call(*args: Any, **named: Any) -> Any:
            await world.pause()
            if world.store_fails():
                raise StoreUnavailable("it does not answer")
            answer = await method(*args, **named)
            if writes:
                await world.look_at(name, args, answer)
            await world.pause()
            if writes and world.store_fails():
                raise StoreUnavailable("its answer was lost")
            return answer

        setattr(self, name, call)
        return call

    async def await_work(self, seconds: float) -> None:
        """A lazy hint: idle looks would be most of all steps."""
        await self._world.store.await_work(seconds * 8)


@dataclass
class Process:
    """One server process."""

    owner: str
    life: Life
    context: Context
    ports: Ports
    worker: Worker
    started_s: float
    freeing: bool = False
    """Whether it holds the lock of processes for itself, to free the leases of the dead."""
    ready: bool = False

    @property
    def alive(self) -> bool:
        return self.life.alive


@dataclass
class World:
    """Everything, and what is known of it."""

    seed: str
    store: Store
    chance: random.Random = field(init=False)
    loop: VirtualLoop = field(init=False)
    weather: Weather = field(init=False)
    registry: ScriptedRegistry = field(init=False)
    offset_ms: int = 0
    calm: bool = False
    processes: list[Process] = field(default_factory=list)
    sessions: dict[UUID, Session] = field(default_factory=dict)
    open: dict[UUID, Session] = field(default_factory=dict)
    """Those that have not ended."""
    asking: dict[UUID, tuple[Process, int]] = field(default_factory=dict)
    """Whose question about a session is under way, and until when its lease holds."""
    asked_by: dict[str, Process] = field(default_factory=dict)
    asked_s: float = 0.0
    leased_s: dict[UUID, float] = field(default_factory=dict)
    jumped_s: float = -1.0
    overtaken: Counter[UUID] = field(default_factory=Counter)
    """How often a session was taken from a question under way, whose lease a jump of the clock had ended."""
    disturbed_s: float = 0.0
    """When something last happened that may delay a sweep."""
    born: int = 0
    steps: int = 0
    crashes: int = 0
    jumps: int = 0
    broken: list[str] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.loop = VirtualLoop(random.Random(f"{self.seed} order"))  # type: ignore[abstract]
        self.weather = Weather.draw(self.chance)
        self.registry = ScriptedRegistry(
            random.Random(f"{self.seed} registry"), self.question, self.answered, self.trace
        )
        rules = RegistryRules(when_used_up=Patience.WAIT, answers_kept=self.weather.answers_kept)
        self.profile = Profile(
            *(UUID(int=0xF1), BANK.id, "bank", "Bank Contoh", START),
            enabled_providers=(PROVIDER,),
            session_expiration=SESSION_LIFE,
            redaction_period=2 * SESSION_LIFE,
            rules=rules,
        )

    def clock(self) -> int:
        """The wall's clock, which jumps."""
        return START + int(self.loop.time() * 1000) + self.offset_ms

    def trace(self, *what: object) -> None:
        """Add to what a replay from the same seed has to give again."""
        self.digest.update(repr((round(self.loop.time(), 6), *what)).encode())

    async def pause(self) -> None:
        """A moment at which anything may happen."""
        await asyncio.sleep(0 if self.chance.random() < 0.9 else self.chance.uniform(0.0, 0.05))

    def store_fails(self) -> bool:
        """Whether the store is unavailable to this call."""
        return not self.calm and self.chance.random() < self.weather.store_fails

    async def prepare(self) -> None:
        """What an operator sets up first."""
        await self.store.add_environment(BANK)
        await self.store.add_profile(self.profile)
        await self.store.add_redirect_uri(RedirectUri(UUID(int=1), BANK.id, RETURN, START))

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Whoever breaks a rule may catch it as an error of the store; it is kept here."""
        try:
            yield
        except Broken as broken:
            self.broken.append(str(broken))
            raise

    async def look_at(self, name: str, args: tuple[Any, ...], answer: Any) -> None:
        """Hold the rules after a write, for every session that it may have changed."""
        if name == "free_leases":
            ids = list(self.sessions)
        elif name == "take_leases":
            ids = [session.id for session in answer]
        else:
            ids = [args[0].id]
        for id_ in ids:
            now, before = await self.store.find(id_), self.sessions.get(id_)
            hold(now is not None or before is None, "a session is gone")
            if now is None or now == before:
                continue
            self.steps += 1
            with self.watching():
                hold_step(before, now)
                if name == "take_leases" and before is not None:
                    self.hold_taken(before)
            self.leased_s[id_] = self.loop.time()
            self.sessions[id_] = now
            self.open[id_] = now
            if now.done:
                del self.open[id_]
            held = now.lease.owner if now.lease else None
            self.trace(
                name, str(id_), now.state, now.revision, now.attempts, now.error_code, now.reason, held
            )

    def hold_taken(self, before: Session) -> None:
        """Nobody's question under way is taken over, but where the clock says that its lease is over."""
        other = self.asking.get(before.id)
        held_by = before.lease.owner if before.lease else None
        alive = any(one.alive and one.owner == held_by for one in self.processes)
        if before.state is not SessionState.ASKING or not alive:
            return
        self.overtaken[before.id] += 1
        # A lease is reckoned a moment before it is stored.
        jumped = self.jumped_s >= self.leased_s[before.id] - 1.0
        asks = other is not None and other[0].alive
        hold(jumped or not asks, "a lease ended while its question was under way")

    async def question(self, request_id: str) -> None:
        """A question is about to be asked: it is written down, and nobody else asks."""
        text, _, number = request_id.rpartition("-")
        id_ = UUID(text)
        process = next(one for one in self.processes if one.life is LIFE.get())
        attempts, other = await self.store.attempts(id_), self.asking.get(id_)
        with self.watching():
            hold(any(one.number == int(number) for one in attempts), "a question that is not written down")
            hold(request_id not in self.asked_by, "a question was asked twice")
            if other is not None and other[0].alive:
                hold(other[1] <= self.clock(), "two ask at once while a lease holds")
        self.asked_by[request_id] = process
        self.asked_s = self.loop.time()
        session = self.sessions[id_]
        # Who has begun may have been overtaken since, by a cancellation or by another after the lease's end.
        until = session.lease.until if session.lease and session.lease.owner == process.owner else 0
        self.asking[id_] = (process, until)

    def answered(self, request_id: str) -> None:
        """The question is over."""
        self.asking.pop(UUID(request_id.rpartition("-")[0]), None)

    def spawn(self, process: Process, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something in a process; it dies with it."""
        return self.loop.create_task(work, context=process.context.copy())

    def start(self) -> Process:
        """One more process."""
        self.born += 1
        life, context = Life(), copy_context()
        context.run(LIFE.set, life)
        ports, worker = self._wired(f"p{self.born}")
        process = Process(f"p{self.born}", life, context, ports, worker, self.loop.time())
        self.processes.append(process)
        self.spawn(process, self._begin(process))
        self.trace("start", process.owner)
        return process

    async def _begin(self, process: Process) -> None:
        """As `Service.start` does it: who is alone frees the leases, and nobody else begins meanwhile."""
        while any(one.alive and one.freeing for one in self.processes):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
        process.freeing = self.weather.frees_leases and not any(
            one.alive and one.ready for one in self.processes
        )
        while process.freeing:
            # Where the store is unavailable at a start, the process ends and is started again.
            with contextlib.suppress(StoreUnavailable):
                await process.ports.sessions.free_leases(self.clock())
                process.freeing = False
        process.ready = True
        process.worker.run()

    def kill(self, process: Process) -> None:
        """The process is gone, wherever its tasks stand."""
        process.life.alive = False
        self.crashes += 1
        self.disturbed_s = self.loop.time()
        self.trace("kill", process.owner)

    def jump(self, milliseconds: int) -> None:
        """Somebody sets the clock."""
        self.offset_ms += milliseconds
        self.jumps += 1
        self.jumped_s = self.loop.time()
        self.disturbed_s = self.loop.time()
        self.trace("jump", milliseconds)

    def _wired(self, owner: str) -> tuple[Ports, Worker]:
        watched: Any = Watched(self)
        weather = self.weather
        terms = Terms(quota=weather.quota, per_second=weather.per_second, tariff=1_000, price=1_200)
        lines = Lines({EnvironmentKind.TEST: [Line(self.registry, terms, name="Test scripted")]})
        lines.share_over(watched)
        worker_ports = WorkerPorts(
            sessions=watched,
            directory=watched,
            guesses=watched,
            answers=watched,
            vault=WorkerVault(KEYS.worker_secret, KEYS.rest),
            providers=PROVIDERS,
            lines=lines,
            clock=self.clock,
            random=self.chance.randbytes,
            lease=LEASE,
            most_unknown_charges=weather.most_unknown,
        )
        worker = Worker(worker_ports, owner=owner, report=self._report, concurrency=weather.concurrency)
        ports = Ports(
            sessions=watched,
            directory=watched,
            guesses=watched,
            vault=ResultsVault(KEYS.ring, KEYS.worker_public),
            runner=worker,
            providers=PROVIDERS,
            lines=lines,
            redactions=MemoryRedactions(),
            clock=self.clock,
            random=self.chance.randbytes,
            public_url="https://padan.example",
        )
        return ports, worker

    def _report(self, event: str, detail: str) -> None:
        if "defect:" in detail:
            # What the worker caught: a rule of ours that does not hold, or a defect of the product.
            self.broken.append(f"{event}: {detail}")

    @property
    def peaceful(self) -> bool:
        """Whether nothing has disturbed anybody for a while."""
        now = self.loop.time()
        awake = any(one.alive and now - one.started_s > OVERDUE_FOR_S for one in self.processes)
        return awake and now - self.disturbed_s > OVERDUE_FOR_S

    def overdue(self) -> list[Session]:
        """Sessions past their time that nobody holds, though it is peaceful."""
        if not self.peaceful:
            return []
        then = self.clock() - int(OVERDUE_FOR_S * 1000)
        return [
            session
            for session in self.open.values()
            if session.expires_at < then
            and (session.lease is None or session.lease.until < then)
            and session.updated_at < then
        ]

    def forgotten(self) -> list[Session]:
        """Sessions that could be asked, while the registry answers everybody and nobody asks it anything."""
        if not (self.peaceful and self.calm and self.loop.time() - self.asked_s > OVERDUE_FOR_S):
            return []
        now = self.clock()
        then = now - int(OVERDUE_FOR_S * 1000)
        return [
            session
            for session in self.open.values()
            if session.state in {SessionState.QUEUED, SessionState.ASKING}
            and session.due_at < then
            and session.expires_at > now
            and (session.lease is None or session.lease.until < then)
        ]

    async def all_attempts(self) -> dict[UUID, list[Attempt]]:
        """The ledger."""
        return {id_: list(await self.store.attempts(id_)) for id_ in self.sessions}
