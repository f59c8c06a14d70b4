"""A raw TCP server on loopback that misbehaves as it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.registries.dukcapil_answers import VERDICTS, body

GOOD = body(VERDICTS)
Manner = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class RudeServer:
    """Where it listens, and the requests it has seen whole."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections = 0
        self.requests: list[bytes] = []


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    return head + await reader.readexactly(length)


def http(
    answer: bytes = GOOD,
    *,
    status: str = "200 OK",
    content_type: str = "application/json",
    headers: str = "",
    length: int | None = None,
) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{headers}"
        f"Content-Length: {len(answer) if length is None else length}\r\n\r\n"
    )
    return head.encode() + answer


@asynccontextmanager
async def rude_server(manner: Manner, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[RudeServer]:
    """Serve every request in this manner, on kept connections, until the block ends."""
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        server.connections += 1
        try:
            while not writer.is_closing():
                server.requests.append(await read_request(reader))
                await manner(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            running.discard(task)
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    server = RudeServer(listener.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listener.close()
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@asynccontextmanager
async def closes_at_once() -> AsyncIterator[int]:
    """A port that takes connections and closes them before anything is said."""

    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    listener = await asyncio.start_server(close, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


def says(answer: bytes, *, then_close: bool = False) -> Manner:
    async def manner(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        if then_close:
            writer.close()

    return manner


def drips(answer: bytes, *, first: int = 0) -> Manner:
    """Send `first` bytes at once and then one every tenth of a second."""

    async def manner(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer[:first])
        for position in range(first, len(answer)):
            writer.write(answer[position : position + 1])
            await writer.drain()
            await asyncio.sleep(0.1)

    return manner


def resets_after(answer: bytes) -> Manner:
    async def manner(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()

    return manner


async def hangs(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


def endless(first: bytes, block: bytes) -> Manner:
    """Send something first and then a block over and over."""

    async def manner(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(block)
            await writer.drain()

    return manner


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
