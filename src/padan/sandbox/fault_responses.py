"""Answers that HTTP servers do not give on purpose: late, cut, without end, or none at all.

None of them holds more than a block in memory, and each ends when its client leaves.
"""

import contextlib
import os
import socket
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

JSON: Final = "application/json"
_BLOCK: Final = 1 << 16
CLOSE_WITH_RESET: Final = struct.pack("ii", 1, 0)
"""The value of `SO_LINGER` with which closing sends a reset."""

_TIME_TO_LEAVE: Final = 0.05
"""Seconds for what was sent to get away before a reset, which would otherwise take it along."""


class SilentResponse(Response):
    """No answer until the client leaves or the time is over; then the connection is closed."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer, as ASGI has it."""
        with anyio.move_on_after(self.seconds):
            await until_disconnected(receive)
            return
        await hang_up(receive, send)


class SlowResponse(Response):
    """The right answer, late; nothing where the client has left."""

    def __init__(self, body: bytes, seconds: float) -> None:
        super().__init__(body, media_type=JSON)
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, as ASGI has it."""
        with anyio.move_on_after(self.seconds):
            await until_disconnected(receive)
            return
        await super().__call__(scope, receive, send)


class HangUpResponse(Response):
    """The connection reset without a byte."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer, as ASGI has it."""
        await hang_up(receive, send)


class HalfResponse(Response):
    """Headers that promise the whole answer, half of it, silence for some seconds, and a reset."""

    def __init__(self, body: bytes, seconds: float = _TIME_TO_LEAVE) -> None:
        super().__init__(body, media_type=JSON)
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer, as ASGI has it."""
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": half, "more_body": True})
        with anyio.move_on_after(self.seconds):
            await until_disconnected(receive)
            return
        await hang_up(receive, send)


class StreamedResponse(Response):
    """Blocks of an answer as they are made, with a pause of some seconds after each."""

    def __init__(
        self, blocks: Iterator[bytes], *, pause: float = 0.0, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(media_type=JSON, headers=headers)
        if headers is None or "content-length" not in headers:
            del self.headers["content-length"]
        self.blocks = blocks
        self.pause = pause

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer, as ASGI has it."""
        async with anyio.create_task_group() as group:

            async def end_with_the_client() -> None:
                await until_disconnected(receive)
                group.cancel_scope.cancel()

            group.start_soon(end_with_the_client)
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            for block in self.blocks:
                if block:
                    await send({"type": "http.response.body", "body": block, "more_body": True})
                await anyio.sleep(self.pause)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            group.cancel_scope.cancel()


def blanks_before(body: bytes, size: int) -> Iterator[bytes]:
    """Yield ``size`` bytes of blanks and then the body: well-formed JSON for whoever has the room."""
    block = b" " * _BLOCK
    for _ in range(size // _BLOCK):
        yield block
    yield body


def compressed(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the blocks as one gzip stream: something for each, even where it is empty.

    Whoever sends them can see to others meanwhile: a hundred megabytes of blanks take half a second.
    """
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    for block in blocks:
        yield compressor.compress(block)
    yield compressor.flush()


def single_bytes(body: bytes) -> Iterator[bytes]:
    """Yield a body byte by byte."""
    return (body[place : place + 1] for place in range(len(body)))


async def hang_up(receive: Receive, send: Send) -> None:
    """Reset the connection.

    ASGI has no word for that, so the server's own transport is closed where the server shows it, as
    uvicorn does; elsewhere the answer is begun and never finished.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        return
    reset(transport)
    await until_disconnected(receive)


def reset(transport: Any) -> None:
    """Close a transport so that the other side sees a reset (RST), no end of file (FIN)."""
    connection = transport.get_extra_info("socket")
    # Event loops differ in what their sockets can do; one of our own over the same connection can all.
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_WITH_RESET)
    transport.abort()


async def until_disconnected(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
