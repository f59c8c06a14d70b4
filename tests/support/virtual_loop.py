"""An event loop whose time is virtual, whose order is drawn from a seed, and whose tasks can die.

Whatever is ready runs in an order that the seed decides, not in the order it came: so tasks meet in ways that
a real loop shows once in a million. Time passes only when nothing is ready. A task belongs to the process
that it was begun in; when that dies, its tasks are never resumed, wherever they stand: no `finally`, no
`except`, as after a kill.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import random
from collections.abc import Callable, Coroutine, Iterator
from contextvars import Context, ContextVar
from typing import Any


class Life:
    """What tasks belong to, and die with."""

    def __init__(self) -> None:
        self.alive = True


LIFE: ContextVar[Life | None] = ContextVar("life", default=None)


class VirtualLoop(asyncio.AbstractEventLoop):
    """The parts of a loop that coroutines without files, sockets and threads use."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._ready: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._count = 0
        self._now = 0.0
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self.resumed = 0
        self.errors: list[str] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """For a block of code this is the running loop; at its end every task is buried."""
        asyncio._set_running_loop(self)
        try:
            yield
        finally:
            self._bury()
            asyncio._set_running_loop(None)

    def run_until(self, done: Callable[[], bool], *, at_most: float) -> bool:
        """Run until `done` says so, or for so many virtual seconds; whether it said so."""
        end = self._now + at_most
        while not done():
            if not self._ready and not self._pass_time(end):
                return False
            self._resume_one()
        return True

    def _pass_time(self, end: float) -> bool:
        if not self._timers or self._timers[0][0] > end:
            self._now = end
            return False
        when, _, handle = heapq.heappop(self._timers)
        self._now = max(self._now, when)
        self._ready.append(handle)
        return True

    def _resume_one(self) -> None:
        place = self._chance.randrange(len(self._ready))
        self._ready[place], self._ready[-1] = self._ready[-1], self._ready[place]
        handle = self._ready.pop()
        life = handle._context.get(LIFE)  # type: ignore[attr-defined]
        if handle.cancelled() or (life is not None and not life.alive):
            return
        self.resumed += 1
        handle._run()

    def _bury(self) -> None:
        """End the coroutines that nobody will resume, so that the interpreter has nothing to say of them."""
        tasks, self._tasks = list(self._tasks), {}
        for task in tasks:
            if task.done():
                continue
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            coroutine: Any = task.get_coro()
            for _ in range(9):
                with contextlib.suppress(BaseException):
                    coroutine.close()
                    break
        self._ready.clear()
        self._timers.clear()

    def time(self) -> float:
        """Virtual seconds."""
        return self._now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._count += 1
        heapq.heappush(self._timers, (when, self._count, handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Nothing: it is passed over when its time comes."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, Any], *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=self, name=name or "", context=context)
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.errors.append(f"{context.get('message')}: {error!r}")
