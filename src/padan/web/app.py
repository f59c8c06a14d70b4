"""The ASGI application: routes from the table of endpoints, authentication, pages, errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from padan.app.create import sha256
from padan.app.ports import Ports, StoreUnavailable
from padan.domain.environment import Environment
from padan.web.api.endpoints import ENDPOINTS, Endpoint
from padan.web.api.reading import bearer_token
from padan.web.openapi import build_openapi, reference_page
from padan.web.pages.routes import page_routes
from padan.web.pages.trouble import is_for_people, trouble
from padan.web.problem import HANDLERS, defect, http_error, problem, unavailable

Report = Callable[[str, str], None]
Asgi = Callable[[Request], Awaitable[Response]]

_ENCODER = msgspec.json.Encoder()
_PRIVATE = {"Cache-Control": "no-store"}
_SANDBOX = _PRIVATE | {"X-Padan-Sandbox": "synthetic data, nothing here is real"}
_REFERENCE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def build_app(ports: Ports, *, version: str, report: Report) -> Starlette:
    """The whole server over its ports.

    Args:
        ports: what the verbs need.
        version: of Padan, for the OpenAPI document.
        report: hears of defects by trace id and type, without anything personal.
    """
    routes: list[BaseRoute] = [
        Route(endpoint.path, _handler(ports, endpoint), methods=[endpoint.method]) for endpoint in ENDPOINTS
    ]
    routes += [*_document_routes(ports, version), *page_routes(ports)]

    async def reported_defect(request: Request, error: Exception) -> Response:
        answer = await defect(request, error)
        report("defect", f"{request.scope['padan.trace_id']} {type(error).__name__}")
        return trouble(request) if is_for_people(request) else answer

    handlers = {
        **HANDLERS,
        StoreUnavailable: _unavailable,
        HTTPException: http_error,
        Exception: reported_defect,
    }
    app = Starlette(routes=routes, exception_handlers=handlers)
    # A redirect to the same path with or without a slash would be built from the Host header.
    app.router.redirect_slashes = False
    return app


async def _unavailable(request: Request, error: Exception) -> Response:
    return trouble(request) if is_for_people(request) else await unavailable(request, error)


def _handler(ports: Ports, endpoint: Endpoint) -> Asgi:
    async def handle(request: Request) -> Response:
        environment = await _authenticate(ports, request)
        if environment is None:
            return problem(
                request,
                401,
                detail="Send 'Authorization: Bearer' with an access token of this server, not revoked.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        answer = await endpoint.handler(ports, environment, request)
        if answer is None:
            return Response(status_code=endpoint.status, headers=_headers(ports, environment))
        # Bytes are an answer that was given before under the same Idempotency-Key.
        body = answer if isinstance(answer, bytes) else _ENCODER.encode(answer)
        return Response(body, endpoint.status, _headers(ports, environment), media_type="application/json")

    return handle


def _headers(ports: Ports, environment: Environment) -> dict[str, str]:
    return _SANDBOX if environment.kind in ports.sandboxes else _PRIVATE


async def _authenticate(ports: Ports, request: Request) -> Environment | None:
    """The environment of the bearer token. Only hashes are compared: a random token gives nothing to time."""
    token = bearer_token(request)
    if not token or len(token) > 256:
        return None
    return await ports.directory.environment_of_token(sha256(token))


def _document_routes(ports: Ports, version: str) -> list[BaseRoute]:
    """`/openapi.json` and its reference page, made when first asked for: a start need not wait."""
    made: dict[str, Response] = {}

    async def document(request: Request) -> Response:
        if not made:
            content = build_openapi(ports.providers, version=version, public_url=ports.public_url)
            made["/openapi.json"] = Response(msgspec.json.encode(content), media_type="application/json")
            made["/reference"] = HTMLResponse(
                reference_page(content),
                headers=_REFERENCE_HEADERS,
            )
        return made[request.url.path]

    return [Route(path, document) for path in ("/openapi.json", "/reference")]
