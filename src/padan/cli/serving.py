"""Serve ASGI applications on sockets of our own, until told to end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvicorn
import uvloop

from padan.cli.draining import KEEP_ALIVE, DrainingServer
from padan.cli.ending import Ending
from padan.cli.listening import Listener

if TYPE_CHECKING:
    from padan.app.lines import Line
    from padan.main import Simulator
    from padan.settings import Settings


async def serve_beside(app: Any, listener: Listener) -> tuple[uvicorn.Server, asyncio.Task[None]]:
    """Start a server in this event loop that leaves signals alone; returns when it accepts."""
    server = DrainingServer(app)
    server.patience = 0.0
    task = asyncio.create_task(server.serve(sockets=[listener.socket]))
    await _started(server, task)
    return server, task


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a server goes. It accepts for `notice` seconds more; then `finish` is called beside the drain."""

    ending: Ending
    notice: float
    finish: Callable[[], Awaitable[None]]


async def serve_here(
    app: Any, listener: Listener, *, ready: Callable[[], None], leaving: Leaving | None = None
) -> None:
    """Serve until told to end; `ready` is called when it accepts. Without `leaving`, a signal tells it."""
    if leaving is None:
        leaving = Leaving(Ending(), 0.0, _nothing)
        take_signals(leaving.ending)
    server = DrainingServer(app)
    serving = asyncio.create_task(server.serve(sockets=[listener.socket]))
    await _started(server, serving)
    ready()
    await _asked(leaving.ending, serving)
    if leaving.ending.draining and leaving.notice:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(leaving.ending.at_once.wait(), leaving.notice)
    if not leaving.ending.alone:
        server.patience = float(KEEP_ALIVE)
    server.should_exit = True
    await end_within(leaving, also=serving, at_once=lambda: setattr(server, "force_exit", True))


async def end_within(leaving: Leaving, *, also: Awaitable[Any], at_once: Callable[[], None]) -> None:
    """Finish the work while `also` ends by itself; a second signal hurries both."""
    finishing = asyncio.ensure_future(leaving.finish())
    both: asyncio.Future[Any] = asyncio.gather(finishing, also, return_exceptions=True)
    hurry = asyncio.create_task(leaving.ending.at_once.wait())
    waits: set[asyncio.Future[Any]] = {both, hurry}
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    if hurry.done():
        at_once()
        finishing.cancel()
    hurry.cancel()
    for told in await both:
        if isinstance(told, Exception):
            raise told


def take_signals(ending: Ending) -> None:
    """SIGINT and SIGTERM ask for the end; a second one ends it at once."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ending.signalled)


async def _asked(ending: Ending, serving: asyncio.Task[None]) -> None:
    asked = asyncio.create_task(ending.asked.wait())
    await asyncio.wait({asked, serving}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A simulator at `url`, the line that asks it, and the people in it."""

    url: str
    line: Line
    simulator: Simulator

    def people(self) -> list[dict[str, str]]:
        """One synthetic person for each scenario, as `padan dev` prints them."""
        from padan.sandbox import SCENARIOS

        return [person_row(name, self.simulator.nation.scenario(name)) for name in SCENARIOS]


def person_row(scenario: str, person: Any) -> dict[str, str]:
    """What to send to get a scenario."""
    return {
        "scenario": scenario,
        "nikIdNumber": person.nik,
        "fullName": person.full_name,
        "dateOfBirth": person.date_of_birth.isoformat(),
    }


async def start_sandbox(settings: Settings, stack: contextlib.AsyncExitStack) -> Sandbox:
    """Start a simulator beside, unless the settings name one; it ends with `stack`."""
    from padan.main import Simulator, sandbox_line

    simulator = Simulator()
    url = settings.sandbox_url
    if url is None:
        listener = stack.enter_context(Listener("127.0.0.1", 0))
        server, task = await serve_beside(simulator, listener)
        url = listener.url

        async def end() -> None:
            server.should_exit = True
            await task

        stack.push_async_callback(end)
    return Sandbox(url, sandbox_line(settings, url), simulator)


async def _started(server: uvicorn.Server, task: asyncio.Task[None]) -> None:
    # uvicorn has no event for it
    while not server.started and not task.done():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def run(main: Any) -> None:
    """Run a coroutine on the fast event loop; an interrupt ends it quietly."""
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main)
