"""`--workers`: a supervisor over processes that serve at one address, or work."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from padan.cli import systemd
from padan.cli.child import Child
from padan.cli.ending import Ending
from padan.cli.listening import Listener
from padan.cli.output import stop
from padan.cli.supervisor import CannotStart, Supervisor
from padan.settings import Settings

GRACE = 25.0
"""Seconds for the processes to end by themselves, beyond the notice: twice their patience, and a little."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What all processes of a supervisor are told. `given` are settings from the command line."""

    command: str
    config: Path | None
    given: Mapping[str, Any]

    def told(self, sandbox_url: str | None, after: str | None) -> dict[str, Any]:
        """As an object for the line between the two."""
        return {
            "command": self.command,
            "config": str(self.config.absolute()) if self.config else None,
            "given": {**self.given, **({"sandbox_url": sandbox_url} if sandbox_url else {})},
            "after": after,
        }


def supervise(
    settings: Settings,
    orders: Orders,
    *,
    listener: Listener | None,
    tell: Callable[[Mapping[str, Any]], None],
) -> None:
    """Run until stopped. The processes read the settings themselves, anew whenever they are started."""
    try:
        asyncio.run(_supervise(settings, orders, listener=listener, tell=tell))
    except CannotStart as error:
        stop("the first process could not start; it says above why", status=error.status)


async def _supervise(
    settings: Settings,
    orders: Orders,
    *,
    listener: Listener | None,
    tell: Callable[[Mapping[str, Any]], None],
) -> None:
    from padan.logs import configure_logs, keep_no_cores, report

    configure_logs()
    keep_no_cores()
    ending, again = Ending(), asyncio.Event()
    _take_signals(ending, again)
    async with contextlib.AsyncExitStack() as stack:
        simulator = await _simulator(settings, orders, stack)

        async def spawn(after: str | None) -> Child:
            told = orders.told(simulator, after)
            return await Child.start(told, listener=listener, owner=_owner())

        many = Supervisor(spawn, size=settings.workers, report=report)
        keepers = [asyncio.create_task(task) for task in (systemd.keep_watchdog(), _watch(many))]
        keepers.append(asyncio.create_task(_hurry(ending, many)))
        try:
            first = await _start(many, ending)
            if first is not None:
                systemd.notify(systemd.READY)
                tell({**first.told, "workers": settings.workers})
                await _renew_until_asked(many, ending, again)
        finally:
            systemd.notify(systemd.STOPPING)
            await many.stop(within=settings.drain_notice + GRACE)
            for keeper in keepers:
                keeper.cancel()


async def _start(many: Supervisor, ending: Ending) -> Child | None:
    """The first process, when all are ready; None where the end came before."""
    starting = asyncio.create_task(many.start())
    asked = asyncio.create_task(ending.asked.wait())
    await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if starting.done():
        return starting.result()
    many.kill()
    with contextlib.suppress(CannotStart):
        await starting
    return None


async def _renew_until_asked(many: Supervisor, ending: Ending, again: asyncio.Event) -> None:
    from padan.logs import report

    asked = asyncio.create_task(ending.asked.wait())
    while not asked.done():
        wanted = asyncio.create_task(again.wait())
        await asyncio.wait({asked, wanted}, return_when=asyncio.FIRST_COMPLETED)
        wanted.cancel()
        if not again.is_set():
            continue
        again.clear()
        systemd.reloading()
        done = await many.renew()
        report("process", "renewed" if done else "defect:not_renewed")
        systemd.notify(systemd.READY)


async def _simulator(settings: Settings, orders: Orders, stack: contextlib.AsyncExitStack) -> str | None:
    """The address of one simulator for all of them, kept beside; None where the settings name one.

    Its port stays the same whatever becomes of it, and it outlives those who ask it.
    """
    from padan.logs import report

    if settings.sandbox_url is not None or settings.work == "elsewhere":
        return None
    listener = stack.enter_context(Listener("127.0.0.1", 0))
    told = Orders("sandbox", orders.config, {}).told(None, None)

    async def spawn(_: str | None) -> Child:
        return await Child.start(told, listener=listener, owner="sandbox")

    one = Supervisor(spawn, size=1, report=report)
    starting = asyncio.create_task(one.start())

    async def end() -> None:
        await one.stop(within=1.0)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)

    stack.push_async_callback(end)
    return listener.url


async def _watch(many: Supervisor) -> None:
    while True:
        await asyncio.sleep(1.0)
        many.kill_silent()


async def _hurry(ending: Ending, many: Supervisor) -> None:
    await ending.at_once.wait()
    many.kill()


def _take_signals(ending: Ending, again: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.signalled)
    loop.add_signal_handler(signal.SIGHUP, again.set)


def _owner() -> str:
    """In whose name a process holds leases; its supervisor knows it, to give them back when it dies."""
    return f"{os.getpid()}-{os.urandom(6).hex()}"
