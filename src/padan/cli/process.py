"""One process under a supervisor: `python -m padan.cli.process ORDERS`. No command for people."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from padan.cli.child import ToSupervisor
from padan.cli.ending import Ending
from padan.cli.listening import Listener
from padan.cli.output import settings_or_stop
from padan.cli.serving import Leaving, run, serve_here


def main(orders: dict[str, Any]) -> int:
    """Do what the supervisor ordered, until it says stop; returns the exit status."""
    # An interrupt at the terminal reaches every process: the supervisor alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run(_main(orders))
    except typer.Exit as end:
        return end.exit_code
    return 0


async def _main(orders: dict[str, Any]) -> None:
    ending = Ending()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.signalled)
    line = ToSupervisor(orders["line"], ending)
    keepers = [asyncio.create_task(keeper) for keeper in (line.listen(), line.live())]
    descriptor = orders["listener"]
    listener = None if descriptor is None else Listener.inherited(descriptor)
    try:
        if orders["command"] == "sandbox":
            await _simulate(listener, ending, line)
        else:
            await _serve_or_work(orders, listener, ending=ending, line=line)
    finally:
        for keeper in keepers:
            keeper.cancel()


async def _serve_or_work(
    orders: dict[str, Any], listener: Listener | None, *, ending: Ending, line: ToSupervisor
) -> None:
    from padan.cli.running import run_process
    from padan.main import Role

    settings = settings_or_stop(Path(orders["config"]) if orders["config"] else None)
    settings = replace(settings, **orders["given"])
    api = orders["command"] == "serve"
    role = Role(
        api=api,
        work=not api or settings.work == "here",
        owner=orders["owner"],
        after=orders["after"],
        draining=lambda: ending.draining,
    )
    await run_process(settings, listener, role=role, ending=ending, ready=line.ready)


async def _simulate(listener: Listener | None, ending: Ending, line: ToSupervisor) -> None:
    from padan.logs import configure_logs, keep_no_cores
    from padan.main import Simulator

    assert listener is not None  # noqa: S101 - the supervisor holds its port
    configure_logs()
    keep_no_cores()
    leaving = Leaving(ending, 0.0, _nothing)
    await serve_here(Simulator(), listener, ready=lambda: line.ready({}), leaving=leaving)


async def _nothing() -> None:
    return None


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
