"""Serve ASGI applications on sockets of our own, so that a free port is known before anyone is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

import uvicorn
import uvloop

BACKLOG = 2048


class Listener:
    """A listening socket; `with` closes it."""

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.socket.bind((host, port))
        except OSError:
            self.socket.close()
            raise
        self.socket.listen(BACKLOG)
        self.port: int = self.socket.getsockname()[1]
        name = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
        self.url = f"http://{name}:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()


class _Quiet(uvicorn.Server):
    """A second server in the process: signals belong to the first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        http="httptools",
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )


async def serve_beside(app: Any, listener: Listener) -> tuple[uvicorn.Server, asyncio.Task[None]]:
    """Start a server in this event loop that leaves signals alone; returns when it accepts."""
    server = _Quiet(_config(app))
    task = asyncio.create_task(server.serve(sockets=[listener.socket]))
    await _started(server, task)
    return server, task


async def serve_here(app: Any, listener: Listener, *, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called when it accepts."""
    server = uvicorn.Server(_config(app))
    task = asyncio.create_task(server.serve(sockets=[listener.socket]))
    await _started(server, task)
    ready()
    with contextlib.suppress(KeyboardInterrupt):
        await task


async def _started(server: uvicorn.Server, task: asyncio.Task[None]) -> None:
    while not server.started and not task.done():
        await asyncio.sleep(0.005)


def run_until_stopped(app: Any, listener: Listener, *, ready: Callable[[], None]) -> None:
    """Serve one application as the whole process."""
    run(serve_here(app, listener, ready=ready))


def run(main: Any) -> None:
    """Run a coroutine on the fast event loop; an interrupt ends it quietly."""
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main)
