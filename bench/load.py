"""A client that asks as fast as it can: HTTP/1.1 over kept-alive connections, nothing but what that takes.

A general client would need more processor time than the server it measures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

_LENGTH = b"\r\ncontent-length: "
_END = b"\r\n\r\n"


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._seen = self._seen + data if self._seen else data
        head, end, rest = self._seen.partition(_END)
        if not end:
            return
        lower = head.lower()
        start = lower.index(_LENGTH) + len(_LENGTH)
        line_end = lower.find(b"\r\n", start)
        length = int(lower[start : line_end if line_end > 0 else len(lower)])
        if len(rest) < length:
            return
        self._seen = b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((int(head[9:12]), rest))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError(str(error or "closed")))
        self._transport = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one request."""
        if self._transport is None:
            raise ConnectionError("closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def connect(port: int) -> Connection:
    """A connection to a server on this machine."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    return connection


def request(method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: */*", "User-Agent: bench"]
    given: dict[str, Any] = dict(headers or {})
    if method == "POST":
        given |= {"Content-Type": "application/json", "Content-Length": len(body)}
    lines += [f"{name}: {value}" for name, value in given.items()]
    return "\r\n".join(lines).encode() + _END + body
