"""Who uses the simulated world: relying parties, people at forms, and the misfortunes of a machine."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import Any
from urllib.parse import parse_qs, urlsplit

from padan.app.create import Created, Order, create
from padan.app.end import cancel, redact
from padan.app.errors import Invalid, NotYours, TooManyTries
from padan.app.ports import StoreUnavailable
from padan.app.submit import Agreement, Submission, choose_provider, give_up, submit
from padan.app.visit import come_back, launch, leave, visit
from padan.domain.provider import Capability
from padan.domain.session import Session, SessionKind
from tests.faults.session_cases import person_of
from tests.faults.simulated_world import Process, World
from tests.support.wired import BANK, PROVIDER, RETURN

HOUR = 3_600_000
PEOPLE = [person_of("match", index) for index in range(40)]
EXPECTED = (StoreUnavailable, Invalid, NotYours, TooManyTries)
"""What a verb may say instead of doing it."""


class Crowd:
    """Everything that happens to a world from outside, drawn from its seed."""

    def __init__(self, world: World, sessions: int) -> None:
        self._world = world
        self._left = sessions
        self._chance = random.Random(f"{world.seed} crowd")

    def begin(self) -> None:
        """Start the machine, those who use it, and what befalls it."""
        world = self._world
        for _ in range(world.weather.processes):
            world.start()
        for work in (self._arrive(), self._crash(), self._set_the_clock(), self._take_the_registry_away()):
            world.loop.create_task(work)

    @property
    def finished(self) -> bool:
        """Whether nobody new comes."""
        return self._left <= 0

    def _somewhere(self) -> Process | None:
        alive = [process for process in self._world.processes if process.alive and process.ready]
        return self._chance.choice(alive) if alive else None

    def _do(self, process: Process, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        async def guarded() -> None:
            try:
                await work
            except EXPECTED:
                return
            except Exception as error:
                self._world.broken.append(f"{type(error).__name__}: {error}")

        return self._world.spawn(process, guarded())

    async def _arrive(self) -> None:
        while self._left > 0:
            await asyncio.sleep(self._chance.expovariate(4.0))
            process = self._somewhere()
            if process is None:
                continue
            self._left -= 1
            self._do(process, self._one(process))

    async def _one(self, process: Process) -> None:
        """One relying party's session; whatever dies on the way, others may go on with it."""
        kind = self._chance.choice(
            (SessionKind.DIRECT, SessionKind.DIRECT, SessionKind.HOSTED, SessionKind.WIDGET)
        )
        person, direct = self._chance.choice(PEOPLE), kind is SessionKind.DIRECT
        order = Order(
            self._world.profile.id,
            kind,
            provider=None if kind is SessionKind.WIDGET else PROVIDER,
            redirect_url=None if direct else RETURN,
            capabilities=(Capability.POLL_RESULT,) if direct else (),
            provider_input={PROVIDER: person} if direct or self._chance.random() < 0.2 else None,
        )
        created = await create(process.ports, BANK, order)
        # What follows is not that process's: it goes on when it dies.
        self._world.loop.create_task(self._later(created))
        if not direct:
            self._world.loop.create_task(self._fill_in(created, person))

    async def _later(self, created: Created) -> None:
        """The relying party cancels some, and has some erased, sooner or later."""
        chance = self._chance
        if chance.random() < 0.15:
            await asyncio.sleep(chance.expovariate(1 / 5))
            await self._elsewhere(lambda process: cancel(process.ports, BANK, created.session.id))
        if chance.random() < 0.3:
            await asyncio.sleep(chance.expovariate(1 / 120))
            await self._elsewhere(lambda process: redact(process.ports, BANK, created.session.id))

    async def _elsewhere(self, verb: Any) -> None:
        process = self._somewhere()
        if process is not None:
            self._do(process, verb(process))

    async def _fill_in(self, created: Created, person: dict[str, str]) -> None:
        """A person opens the page and does what people do, each request at whatever process answers."""
        chance, token = self._chance, parse_qs(urlsplit(created.launch_url or "").query)["token"][0]
        opened: list[str] = []

        async def open_it(process: Process) -> None:
            _, page = await launch(process.ports, created.session.id, launch_token=token)
            opened.append(page)

        for _ in range(chance.randrange(1, 8)):
            await asyncio.sleep(chance.expovariate(1 / 3))
            if not opened:
                await self._elsewhere(open_it)
            else:
                page = opened[0]
                await self._elsewhere(
                    lambda process, page=page: self._visit(process, created, page, person=person)
                )

    async def _visit(self, process: Process, created: Created, page: str, *, person: dict[str, str]) -> None:
        chance, ports = self._chance, process.ports
        session: Session = await visit(ports, created.session.id, page)
        what = chance.choices(("leave", "return", "wrong", "submit", "give_up"), (2, 2, 2, 8, 1))[0]
        if what == "leave":
            return await leave(ports, session)
        if what == "give_up":
            await give_up(ports, session)
            return None
        session = await come_back(ports, session)
        if what == "return":
            return None
        if session.provider is None and not session.done:
            session = await choose_provider(ports, session, PROVIDER)
        if session.provider is None:
            return None
        given = {**person, "nikIdNumber": "12"} if what == "wrong" else person
        agreement = None if chance.random() < 0.1 else Agreement("1", "en")
        await submit(ports, session, Submission(given, "en", agreement))
        return None

    async def _crash(self) -> None:
        world, chance = self._world, self._chance
        while not world.calm:
            await asyncio.sleep(chance.expovariate(1 / world.weather.crash_every_s))
            process = self._somewhere()
            if process is None or world.calm:
                continue
            if chance.random() < 0.2:
                await self._stop_in_order(process)
            world.kill(process)
            await asyncio.sleep(chance.choice((0.0, 0.5, 2.0, 10.0)))
            world.start()

    async def _stop_in_order(self, process: Process) -> None:
        grace = self._chance.choice((0.0, 1.0, 10.0))
        stopping = self._do(process, process.worker.stop(grace=grace))
        await asyncio.wait([stopping], timeout=60)

    async def _set_the_clock(self) -> None:
        world, chance = self._world, self._chance
        while not world.calm:
            await asyncio.sleep(chance.expovariate(1 / world.weather.jump_every_s))
            if not world.calm:
                # Back to the right time as often as away from it.
                world.jump(-world.offset_ms if world.offset_ms else chance.choice((HOUR, -HOUR)))

    async def _take_the_registry_away(self) -> None:
        world, chance = self._world, self._chance
        while not world.calm:
            await asyncio.sleep(chance.expovariate(1 / world.weather.away_every_s))
            world.registry.away = not world.calm
            await asyncio.sleep(chance.uniform(1.0, 60.0))
            world.registry.away = False
