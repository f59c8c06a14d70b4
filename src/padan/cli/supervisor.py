"""Keeps processes: starts who died anew, replaces all without a pause, ends them in order.

It knows nothing of what they do, and imports nothing that it does not need: it stays small, and what they
break is not here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from padan.cli.child import LEAVE, STOP, Child

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0
"""Seconds before a process that died is started anew: doubled each time that it dies young."""
STEADY = 10.0
"""Seconds after which a process is not young any more."""

Spawn = Callable[[str | None], Awaitable[Child]]
"""Starts a process. The name is of the owner who died and whose place it takes."""

Report = Callable[[str, str], None]


class CannotStart(Exception):
    """The first process ended before it was ready; it said itself why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status if status > 0 else 1


class Slot:
    """A place for one process, which is taken again whenever it becomes free."""

    def __init__(self, spawn: Spawn, report: Report) -> None:
        self._spawn = spawn
        self._report = report
        self._child: Child | None = None
        self._over = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    @property
    def child(self) -> Child | None:
        """Who is in it now."""
        return self._child

    async def open(self) -> bool:
        """Start its first process. Whether it became ready; it is kept from now on in either case."""
        self._child = await self._spawn(None)
        ready = await self._child.ready_or_ended()
        self._keeping = asyncio.create_task(self._keep(self._child))
        return ready

    def end(self, word: bytes) -> None:
        """Let its process go, `STOP` or `LEAVE`, and nobody come after it."""
        self._over.set()
        if self._child is not None:
            self._child.tell(word)

    async def ended(self) -> None:
        """Return when its last process has ended."""
        if self._keeping is not None:
            await self._keeping

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE
        while True:
            await child.ended.wait()
            if self._over.is_set():
                return
            lived = asyncio.get_running_loop().time() - child.started_at
            pause = FIRST_PAUSE if lived > STEADY else min(2 * pause, LONGEST_PAUSE)
            self._report("process", f"ended:{child.status}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), pause)
                return
            self._child = child = await self._spawn(child.owner)
            if self._over.is_set():
                child.tell(STOP)


class Supervisor:
    """Several processes of one kind."""

    def __init__(self, spawn: Spawn, *, size: int, report: Report) -> None:
        self._spawn = spawn
        self._size = size
        self._report = report
        self._slots: list[Slot] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._all: list[Slot] = []

    async def start(self) -> Child:
        """Start the first process, which migrates and checks, then the others. Raises CannotStart."""
        self._slots = [Slot(self._spawn, self._report) for _ in range(self._size)]
        self._all = list(self._slots)
        first, *others = self._slots
        if not await first.open():
            first.end(STOP)
            raise CannotStart(first.child.status if first.child else 1)
        assert first.child is not None  # noqa: S101 - it was opened
        await asyncio.gather(*(slot.open() for slot in others))
        return first.child

    async def renew(self) -> bool:
        """Start fresh processes, and when they are ready let the old ones go.

        Whether it was done: where the first one does not become ready, the old ones stay.
        """
        fresh = [Slot(self._spawn, self._report) for _ in range(self._size)]
        self._all += fresh
        if not await fresh[0].open():
            fresh[0].end(STOP)
            self._all = [slot for slot in self._all if slot not in fresh]
            return False
        await asyncio.gather(*(slot.open() for slot in fresh[1:]))
        before, self._slots = self._slots, fresh
        for slot in before:
            slot.end(LEAVE)
            task = asyncio.create_task(self._forget(slot))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        return True

    async def stop(self, *, within: float) -> None:
        """End all of them; who is not gone after so many seconds is killed."""
        for slot in self._all:
            slot.end(STOP)
        gone = asyncio.gather(*(slot.ended() for slot in self._all))
        try:
            await asyncio.wait_for(asyncio.shield(gone), within)
        except TimeoutError:
            self.kill()
            await gone

    def kill(self) -> None:
        """End all of them at once."""
        for slot in self._all:
            if slot.child is not None:
                slot.child.kill()

    def kill_silent(self) -> None:
        """End those that give no sign of life; others take their places."""
        for slot in self._all:
            if slot.child is not None and slot.child.silent:
                self._report("process", "silent")
                slot.child.kill()

    async def _forget(self, slot: Slot) -> None:
        await slot.ended()
        self._all.remove(slot)
