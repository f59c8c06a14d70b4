"""The listener of the metrics, beside the server's own."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

from padan.cli.output import stop

if TYPE_CHECKING:
    from padan.main import Service
    from padan.settings import Settings

MOST_PROCESSES = 64
"""Ports that are tried: each process of a machine takes the first that is free."""


async def start_metrics(
    settings: Settings, service: Service, stack: contextlib.AsyncExitStack
) -> dict[str, str]:
    """Answer scrapes until `stack` ends; returns where, as the ready line tells it, if a port is set."""
    first, collector = settings.metrics_port, service.metering.collector
    if first is None or collector is None:
        return {}
    from padan.cli.listening import Listener
    from padan.cli.serving import serve_beside
    from padan.main.metering import look
    from padan.metrics import metrics_app

    listener: Listener | None = None
    for port in [0] if first == 0 else range(first, min(first + MOST_PROCESSES, 65_536)):
        with contextlib.suppress(OSError):
            listener = stack.enter_context(Listener(settings.metrics_host, port))
            break
    if listener is None:
        stop(f"cannot listen on {settings.metrics_host} port {first} or the next; set PADAN_METRICS_PORT")
    now = functools.partial(look, service.lines, service.worker, store=service.store, audit=service.audit)
    server, task = await serve_beside(metrics_app(collector, look=now), listener)

    async def end() -> None:
        server.should_exit = True
        await task

    stack.push_async_callback(end)
    return {"metricsUrl": f"{listener.url}/metrics"}
