"""How the simulator misbehaves on request: one function a fault, from the right answer to the damaged one.

Each is an ASGI application that answers one question. The names stand in ``fault_people.FAULT_NAMES``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any, Final

from padan.sandbox.fault_people import FAULT_NAMES
from padan.sandbox.wire import envelope, error_object

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Fault = Callable[[bytes, Receive, Send], Awaitable[None]]

LONGER_THAN_ANY_DEADLINE: Final = 600.0
SLOW: Final = 3.0
LOUD: Final = (b"x-padan-sandbox", b"synthetic data, not Dukcapil")


async def answer(body: bytes, send: Send, *, status: int = 200, kind: bytes = b"application/json") -> None:
    """Send a whole answer, marked as the sandbox's."""
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), LOUD]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _timeout(_: bytes, receive: Receive, __: Send) -> None:
    """Say nothing until the client has gone."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), LONGER_THAN_ANY_DEADLINE)
    except TimeoutError:
        return


async def _reset(_: bytes, __: Receive, send: Send) -> None:
    """Begin an answer and end the connection in the middle of it."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"4096"), LOUD]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"content":[', "more_body": True})
    raise ConnectionResetError("the sandbox ends this connection on purpose")


async def _server_error(_: bytes, __: Receive, send: Send) -> None:
    await answer(b"Internal Server Error", send, status=500, kind=b"text/plain")


async def _html(_: bytes, __: Receive, send: Send) -> None:
    await answer(b"<html><body><h1>Sedang dalam pemeliharaan</h1></body></html>", send, kind=b"text/html")


async def _truncated(right: bytes, _: Receive, send: Send) -> None:
    await answer(right[: len(right) // 2], send)


async def _empty_content(_: bytes, __: Receive, send: Send) -> None:
    await answer(envelope(None, 1), send)


async def _slow(right: bytes, _: Receive, send: Send) -> None:
    await asyncio.sleep(SLOW)
    await answer(right, send)


def _says(code: str) -> Fault:
    async def say(_: bytes, __: Receive, send: Send) -> None:
        await answer(envelope(error_object(code), 0 if code == "05" else 1), send)

    return say


FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "timeout": _timeout,
        "server_error": _server_error,
        "html": _html,
        "truncated": _truncated,
        "empty_content": _empty_content,
        "unknown_code": _says("77"),
        "quota_exhausted": _says("05"),
        "outside_hours": _says("06"),
        "wrong_credentials": _says("03"),
        "reset": _reset,
        "slow": _slow,
    }
)

if set(FAULTS) != set(FAULT_NAMES):
    raise AssertionError("every fault has its people and its function")
