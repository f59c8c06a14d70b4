"""The worker of one process: runs what the process accepted at once, and what others left behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from padan.app.end import sweep
from padan.app.ports import Event, StoreUnavailable, WorkerPorts
from padan.app.settle import Verified
from padan.app.verify import verify
from padan.domain.environment import EnvironmentKind
from padan.domain.session import Lease, Session

SCRUB_EVERY = 60_000
"""Milliseconds after which claims that ended sessions erased have left the store's logs too."""

FORGOTTEN_AT_ONCE = 200
"""Rows of redacted sessions that a sweep removes, so that nothing else waits long for it."""

LOOK_EVERY = 0.25
"""Seconds between two looks for sessions that wait, where the store does not tell of one before."""

Report = Callable[[str, str], None]


class Worker:
    """Runs sessions, at most `concurrency` at a time; more wait in their rows.

    `report(event, detail)` hears of what happens, without anything personal.
    """

    def __init__(self, ports: WorkerPorts, *, owner: str, report: Report, concurrency: int = 64) -> None:
        self._ports = ports
        self._owner = owner
        self._report = report
        self._concurrency = concurrency
        self._accepted: asyncio.Queue[Session] = asyncio.Queue()
        self._held = 0
        self._scrubbed_at = ports.clock()
        self._free = asyncio.Event()
        self._turned_away = False
        self._left = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._leaving = False

    @property
    def under_way(self) -> int:
        """How many sessions it works on, or has taken up to."""
        return self._held

    @property
    def backlog(self) -> float:
        """Sessions for each place that found none free here and were not taken up since."""
        return self._left / self._concurrency

    def lease(self, now: int, kind: EnvironmentKind) -> Lease | None:
        """A lease for a session about to be stored, while it could be asked at once.

        There has to be room, and a registry that answers: what waits for a silent one is found by its row.
        """
        if self._leaving or self._held >= self._concurrency or not self._tasks:
            # It waits in its row, where every profile gets its turn.
            self._turned_away = True
            self._left += self._held >= self._concurrency
            return None
        if not self._ports.lines.room(kind, now, free=2) > 1:
            return None
        return Lease(self._owner, now + self._ports.lease)

    def start(self, session: Session) -> None:
        """Take a session that was stored with this worker's lease."""
        self._held += 1
        self._idle.clear()
        self._accepted.put_nowait(session)

    def run(self) -> None:
        """Begin to work, in the running event loop."""
        jobs = [self._work() for _ in range(self._concurrency)]
        self._tasks = [asyncio.create_task(job) for job in (*jobs, self._look(), self._sweep())]

    async def stop(self, *, grace: float = 10.0) -> None:
        """Take nothing more, and finish what is under way within `grace` seconds.

        The rest keeps its row, and its lease until that is given back.
        """
        self._leaving = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), grace)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _work(self) -> None:
        while True:
            session = await self._accepted.get()
            try:
                verified = await verify(self._ports, session, self._owner)
            except StoreUnavailable:
                verified = Verified("store_unavailable", done=False)
            except Exception as error:
                # A defect must not end the worker. Its text may hold personal data: only its type is told.
                verified = Verified(f"defect:{type(error).__name__}", done=False)
            finally:
                self._held -= 1
                if not self._held:
                    self._idle.set()
                if self._turned_away and self._held <= self._concurrency // 2:
                    self._free.set()
            self._report("verified", verified.outcome)

    async def _look(self) -> None:
        """Find sessions that wait for another try, or whose worker died."""
        while True:
            self._free.clear()
            self._turned_away = False
            for kind in self._ports.lines.kinds:
                await self._guarded(self._take(kind))
            await self._until_worth_a_look()

    async def _until_worth_a_look(self) -> None:
        """Until somebody stored work, room became free where work waits, or it has been a while."""
        waits = [
            asyncio.ensure_future(self._free.wait()),
            asyncio.ensure_future(self._ports.sessions.await_work(LOOK_EVERY)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _take(self, kind: EnvironmentKind) -> None:
        if self._leaving:
            return
        now, free = self._ports.clock(), self._concurrency - self._held
        room = self._ports.lines.room(kind, now, free=free) if free > 0 else 0
        if not room:
            return
        until = now + self._ports.lease
        taken = await self._ports.sessions.take_leases(self._owner, now, until=until, limit=room, kind=kind)
        # Where all room was taken, more may be waiting: look again as soon as half of it is free.
        self._turned_away = self._turned_away or len(taken) == room
        self._left = max(0, self._left - len(taken)) if len(taken) == room else 0
        for session in taken:
            self.start(session)

    async def _sweep(self) -> None:
        while True:
            await self._guarded(self._end_what_is_due())
            await asyncio.sleep(1.0)

    async def _end_what_is_due(self) -> None:
        await self._ports.lines.look_around(self._ports.clock())
        expired, redacted = await sweep(self._ports.sessions, self._ports.clock)
        if expired or redacted:
            outcome = f"expired={expired} redacted={redacted}"
            self._ports.audit.note(Event(self._ports.clock(), "worker", "sweep", outcome))
            self._report("swept", outcome)
        if self._ports.keep_sessions is not None:
            before = self._ports.clock() - self._ports.keep_sessions
            if await self._ports.sessions.forget_sessions(before, limit=FORGOTTEN_AT_ONCE):
                self._report("swept", "forgotten")
        if self._ports.clock() - self._scrubbed_at > SCRUB_EVERY:
            self._scrubbed_at = self._ports.clock()
            await self._ports.guesses.forget_guesses(self._ports.clock())
            await self._ports.answers.forget_answers(self._ports.clock())
            await self._ports.sessions.make_room(self._ports.clock())
            await self._ports.sessions.scrub()

    async def _guarded(self, work: Awaitable[None]) -> None:
        """Whatever goes wrong is told by its type, and the loop goes on: nobody else finds these rows."""
        try:
            await work
        except StoreUnavailable:
            self._report("store", "unavailable")
        except Exception as error:
            self._report("store", f"defect:{type(error).__name__}")
