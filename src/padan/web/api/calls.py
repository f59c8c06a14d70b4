"""How a call of the API goes: found by its path, authenticated, handled, answered.

Most of what reaches a server goes this way, past the layers that pages need: a look-up in
a tree in place of a list of patterns, and an answer sent as it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from padan.app.create import sha256
from padan.app.ports import AuditUnavailable, Ports, StoreUnavailable
from padan.domain.environment import Environment
from padan.web.api.endpoints import Endpoint
from padan.web.api.pressure import Pressure
from padan.web.api.reading import bearer_token, wait_of
from padan.web.auditing import answer_audited, stranger_refused
from padan.web.problem import HANDLERS, defect, problem, unaudited, unavailable

Report = Callable[[str, str], None]
Faults = Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]

_ENCODER = msgspec.json.Encoder()
_PRIVATE = [(b"cache-control", b"no-store")]
_SANDBOX = [*_PRIVATE, (b"x-padan-sandbox", b"synthetic data, nothing here is real")]
_JSON = (b"content-type", b"application/json")
_FAULTS: Faults = {**HANDLERS, StoreUnavailable: unavailable, AuditUnavailable: unaudited}


class ApiCall:
    """One endpoint as an ASGI application."""

    def __init__(self, ports: Ports, endpoint: Endpoint, *, report: Report, pressure: Pressure) -> None:
        self._ports = ports
        self._endpoint = endpoint
        self._report = report
        self._pressure = pressure
        self._creates = endpoint.operation.startswith("Create")
        self._may_wait = endpoint.operation == "GetSessionResult"
        self._begins_work = endpoint.operation == "CreateDirectProviderSession"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a defect is answered, reported, and raised to the server's log."""
        request = Request(scope, receive)
        scope["padan.operation"] = self._endpoint.operation
        pressure = self._pressure
        too_much = self._begins_work and pressure.refuses_work(self._ports.runner.backlog)
        if pressure.refuses(creation=self._creates) or too_much:
            await _too_many(request)(scope, receive, send)
            return
        # Who only waits keeps nobody from their turn.
        counted = not (self._may_wait and wait_of(request))
        self._pressure.under_way += counted
        try:
            await self._answer(request, send)
        except ClientDisconnect:
            return
        except Exception as error:
            fault = next((_FAULTS[kind] for kind in type(error).__mro__ if kind in _FAULTS), None)
            answer = await (fault or defect)(request, error)
            if fault is None:
                self._report("defect", f"{scope['padan.trace_id']} {type(error).__name__}")
            await answer(scope, receive, send)
            if fault is None:
                raise
        finally:
            self._pressure.under_way -= counted

    async def _answer(self, request: Request, send: Send) -> None:
        environment = await self._authenticate(request)
        if environment is None:
            stranger_refused(self._ports, "api")
            await _unauthorized(request)(request.scope, request.receive, send)
            return
        answer = await answer_audited(self._ports, environment, request, of=self._endpoint)
        headers = _SANDBOX if environment.kind in self._ports.sandboxes else _PRIVATE
        if answer is None:
            await _send(send, self._endpoint.status, headers=headers, body=b"")
            return
        # Bytes are written already: what was answered before under the same Idempotency-Key, say.
        body = answer if isinstance(answer, bytes) else _ENCODER.encode(answer)
        await _send(send, self._endpoint.status, headers=[*headers, _JSON], body=body)

    async def _authenticate(self, request: Request) -> Environment | None:
        """The environment of the token. Only hashes are compared: a random token gives nothing to time."""
        token = bearer_token(request)
        if not token or len(token) > 256:
            return None
        return await self._ports.directory.environment_of_token(sha256(token))


class Paths:
    """A tree of the paths of ASGI applications; a segment in braces takes whatever stands there."""

    def __init__(self) -> None:
        self._fixed: dict[str, Paths] = {}
        self._any: Paths | None = None
        self._name = ""
        self._apps: dict[str, ASGIApp] = {}

    def add(self, path: str, method: str, *, app: ASGIApp) -> None:
        """Put an application at a path, for a method."""
        node = self
        for segment in path[1:].split("/"):
            if segment.startswith("{"):
                node._any = node._any or Paths()
                node = node._any
                node._name = segment[1:-1]
            else:
                node = node._fixed.setdefault(segment, Paths())
        node._apps[method] = app

    def find(self, path: str, method: str) -> tuple[ASGIApp, dict[str, str]] | None:
        """The application of exactly this path and method, and what stands in place of the braces.

        A fixed segment goes before any; where that leads nowhere there is no second try.
        """
        node, values = self, dict[str, str]()
        for segment in path[1:].split("/"):
            child = node._fixed.get(segment)
            if child is None:
                child = node._any
                if child is None or not segment:
                    return None
                values[child._name] = segment
            node = child
        app = node._apps.get(method)
        return None if app is None else (app, values)


class ShortWay:
    """Takes what `paths` knows straight to its application, and everything else the long way."""

    def __init__(self, paths: Paths, *, otherwise: ASGIApp) -> None:
        self._paths = paths
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            found = self._paths.find(scope["path"], scope["method"])
            if found is not None:
                app, scope["path_params"] = found
                await app(scope, receive, send)
                return
        await self._otherwise(scope, receive, send)


def _unauthorized(request: Request) -> Response:
    return problem(
        request,
        401,
        detail="Send 'Authorization: Bearer' with an access token of this server, not revoked.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _too_many(request: Request) -> Response:
    return problem(
        request,
        503,
        detail="More comes than this server can do now; nothing was done for this request. Try again.",
        headers={"Retry-After": "1"},
    )


async def _send(send: Send, status: int, *, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
