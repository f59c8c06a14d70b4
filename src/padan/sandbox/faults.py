"""How the simulator misbehaves on purpose: one function a fault.

A fault is given the page that would have been the right answer, and answers otherwise. Its name is
also the name of its scenario (see ``fault_people``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import anyio
import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from padan.sandbox.wire import ErrorTextKey, error_object, page

JSON: Final = "application/json"
_UNKNOWN_CODE: Final = "99"


@dataclass(frozen=True, slots=True)
class FaultTimes:
    """How long the slow faults last, in seconds."""

    slow: float = 3.0
    timeout: float = 600.0
    """When a question that is never answered is given up, should the client not have left before."""


Fault = Callable[[dict[str, Any], FaultTimes, ErrorTextKey], Response]


def json_response(body: object) -> Response:
    """Return an object as JSON."""
    return Response(msgspec.json.encode(body), media_type=JSON)


class _SilentResponse(Response):
    """No answer until the client leaves; then nothing is sent at all."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        with anyio.move_on_after(self.seconds):
            await _until_disconnected(receive)
            return
        await _hang_up(receive, send)


class _SlowResponse(Response):
    """The right answer, late; nothing where the client has left."""

    def __init__(self, body: bytes, seconds: float) -> None:
        super().__init__(body, media_type=JSON)
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with anyio.move_on_after(self.seconds):
            await _until_disconnected(receive)
            return
        await super().__call__(scope, receive, send)


class _HangUpResponse(Response):
    """The connection closed without a byte."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await _hang_up(receive, send)


async def _hang_up(receive: Receive, send: Send) -> None:
    """Close the connection.

    ASGI has no word for that, so the server's own transport is closed where the server shows it, as
    uvicorn does; elsewhere the answer is begun and never finished.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        return
    transport.abort()
    await _until_disconnected(receive)


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _timeout(_answer: dict[str, Any], times: FaultTimes, _key: ErrorTextKey) -> Response:
    return _SilentResponse(times.timeout)


def _slow(answer: dict[str, Any], times: FaultTimes, _key: ErrorTextKey) -> Response:
    return _SlowResponse(msgspec.json.encode(answer), times.slow)


def _reset(_answer: dict[str, Any], _times: FaultTimes, _key: ErrorTextKey) -> Response:
    return _HangUpResponse()


def _server_error(_answer: dict[str, Any], _times: FaultTimes, _key: ErrorTextKey) -> Response:
    return Response("Internal Server Error", status_code=500, media_type="text/plain")


def _html(_answer: dict[str, Any], _times: FaultTimes, _key: ErrorTextKey) -> Response:
    text = "<html><head><title>Gateway</title></head><body><h1>Sistem sedang dipelihara</h1></body></html>"
    return Response(text, media_type="text/html")


def _truncated(answer: dict[str, Any], _times: FaultTimes, _key: ErrorTextKey) -> Response:
    whole = msgspec.json.encode(answer)
    return Response(whole[: len(whole) * 2 // 3], media_type=JSON)


def _empty_content(answer: dict[str, Any], _times: FaultTimes, _key: ErrorTextKey) -> Response:
    return json_response(page([], answer["quotaLimiter"]))


def _coded(code: str, *, quota_left: int | None = None) -> Fault:
    def fault(answer: dict[str, Any], _times: FaultTimes, key: ErrorTextKey) -> Response:
        left = answer["quotaLimiter"] if quota_left is None else quota_left
        return json_response(page([error_object(code, key)], left))

    return fault


FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "timeout": _timeout,
        "server_error": _server_error,
        "html": _html,
        "truncated": _truncated,
        "empty_content": _empty_content,
        "unknown_code": _coded(_UNKNOWN_CODE),
        "quota_exhausted": _coded("05", quota_left=0),
        "outside_hours": _coded("06"),
        "wrong_credentials": _coded("03"),
        "reset": _reset,
        "slow": _slow,
    }
)
"""Every fault by name, the names being those of ``fault_people.FAULT_NAMES``."""
