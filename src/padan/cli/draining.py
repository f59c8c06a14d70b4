"""The server of one process: heads of bounded size, and an end that fails no request.

uvicorn closes idle connections at once when it ends, and a request that is on its way to one of them then
fails. Here each connection is closed by an answer that says so (`Connection: close`), or where nothing came
on it for as long as it would have been kept in any case.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from padan.cli.gathering import GatheringTransport

MAX_HEAD = 64 * 1024
KEEP_ALIVE = 30
"""Seconds for which an idle connection is kept."""
PATIENCE = 10.0
"""Seconds that a server which ends gives its connections and its work."""

_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)
_LOOK_EVERY = 0.02


class _State(ServerState):
    """What the connections of a server share."""

    draining = False


class BoundedHeadProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose heads and trailers are bounded: the parser itself would collect any size of them."""

    _waiting: int | None = None
    _progress = False

    def connection_made(self, transport: Any) -> None:
        """Somebody has connected."""
        super().connection_made(GatheringTransport(transport))  # type: ignore[arg-type]

    def on_message_begin(self) -> None:
        """A head begins."""
        self._go_on()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A body begins; it is bounded by whoever reads it."""
        self._go_on()
        super().on_headers_complete()
        if getattr(self.server_state, "draining", False):
            self.drain()

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

    def drain(self) -> None:
        """Let the answer that is due be the last, where its head can still say so; else the next one is."""
        if self.cycle is not None and not self.cycle.response_started:
            self.cycle.keep_alive = False

    def _go_on(self) -> None:
        self._waiting = 0
        self._progress = True


class DrainingServer(uvicorn.Server):
    """Ends when it is told to, within its patience; signals it leaves to the process."""

    def __init__(self, app: Any) -> None:
        super().__init__(_config(app))
        self.server_state = _State()
        self.patience = PATIENCE

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: uvicorn's own way ends the process before anything can be put in order."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, answer what comes on those there are, and let go of each after that."""
        for server in self.servers:
            server.close()
        for held in sockets or []:
            held.close()
        self.server_state.draining = True  # type: ignore[attr-defined]
        for connection in list(self.server_state.connections):
            if isinstance(connection, BoundedHeadProtocol):
                connection.drain()
        ending = asyncio.get_running_loop().time() + self.patience
        # uvicorn has no event for it
        while self._is_busy() and asyncio.get_running_loop().time() < ending:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY)
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)

    def _is_busy(self) -> bool:
        busy = self.server_state.connections or self.server_state.tasks
        return bool(busy) and not self.force_exit


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
        timeout_keep_alive=KEEP_ALIVE,
    )
