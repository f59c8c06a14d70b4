"""Serve ASGI applications on sockets of our own, so that a free port is known before anyone is told."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from padan.app.lines import Line
    from padan.sandbox import Nation
    from padan.settings import Settings

BACKLOG = 2048
MAX_HEAD = 64 * 1024
_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)


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


class BoundedHeadProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose heads and trailers are bounded: the parser itself would collect any size of them."""

    _waiting: int | None = None
    _progress = False

    def on_message_begin(self) -> None:
        """A head begins."""
        self._go_on()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A body begins; it is bounded by whoever reads it."""
        self._go_on()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body has been handed on."""
        self._go_on()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Nothing of this request is left in the parser."""
        self._waiting = None
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Take what arrived; end the connection where the parser only collects and hands nothing on."""
        self._progress = False
        super().data_received(data)
        if self._waiting is None or self._progress or self.transport.is_closing():
            return
        self._waiting += len(data)
        if self._waiting > MAX_HEAD:
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()

    def _go_on(self) -> None:
        self._waiting = 0
        self._progress = True


class _Server(uvicorn.Server):
    """Leaves signals to the process: uvicorn's own way ends it before anything can be put in order."""

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
        http=BoundedHeadProtocol,
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )


async def serve_beside(app: Any, listener: Listener) -> tuple[uvicorn.Server, asyncio.Task[None]]:
    """Start a server in this event loop that leaves signals alone; returns when it accepts."""
    server = _Server(_config(app))
    task = asyncio.create_task(server.serve(sockets=[listener.socket]))
    await _started(server, task)
    return server, task


async def serve_here(app: Any, listener: Listener, *, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called when it accepts."""
    server = _Server(_config(app))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, server)
    task = asyncio.create_task(server.serve(sockets=[listener.socket]))
    await _started(server, task)
    ready()
    await task


def _stop(server: uvicorn.Server) -> None:
    """Finish what is under way; the second signal ends it at once."""
    server.force_exit = server.should_exit
    server.should_exit = True


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A simulator at `url`, the line that asks it, and the people in it."""

    url: str
    line: Line
    nation: Nation

    def people(self) -> list[dict[str, str]]:
        """One synthetic person for each scenario, as `padan dev` prints them."""
        from padan.sandbox import SCENARIOS

        return [person_row(name, self.nation.scenario(name)) for name in SCENARIOS]


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
    from padan.main import build_sandbox, sandbox_line

    nation, simulator, credentials = build_sandbox()
    url = settings.sandbox_url
    if url is None:
        listener = stack.enter_context(Listener("127.0.0.1", 0))
        server, task = await serve_beside(simulator, listener)
        url = listener.url

        async def end() -> None:
            server.should_exit = True
            await task

        stack.push_async_callback(end)
    line = sandbox_line(
        url,
        credentials,
        deadline=settings.dukcapil_deadline,
        is_shared=settings.sandbox_url is not None,
    )
    return Sandbox(url, line, nation)


async def _started(server: uvicorn.Server, task: asyncio.Task[None]) -> None:
    # uvicorn has no event for it
    while not server.started and not task.done():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def run(main: Any) -> None:
    """Run a coroutine on the fast event loop; an interrupt ends it quietly."""
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main)
