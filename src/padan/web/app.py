"""The ASGI application: routes from the table of endpoints, authentication, pages, errors."""

from __future__ import annotations

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from padan.app.ports import AuditUnavailable, Ports, StoreUnavailable
from padan.web.api.calls import ApiCall, Paths, Report, ShortWay
from padan.web.api.endpoints import ENDPOINTS
from padan.web.api.pressure import Pressure
from padan.web.openapi import build_openapi, reference_page
from padan.web.pages.routes import page_routes
from padan.web.pages.trouble import is_for_people, trouble
from padan.web.problem import HANDLERS, defect, http_error, unaudited, unavailable

_REFERENCE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def build_app(ports: Ports, *, version: str, report: Report) -> ASGIApp:
    """The whole server over its ports.

    Args:
        ports: what the verbs need.
        version: of Padan, for the OpenAPI document.
        report: hears of defects by trace id and type, without anything personal.
    """
    paths, routes, pressure = Paths(), list[BaseRoute](), Pressure()
    for endpoint in ENDPOINTS:
        call = ApiCall(ports, endpoint, report=report, pressure=pressure)
        paths.add(endpoint.path, endpoint.method, app=call)
        # Here too, for what the short way does not know: another method, or HEAD.
        routes.append(Route(endpoint.path, call, methods=[endpoint.method]))
    routes += [*_document_routes(ports, version), *page_routes(ports)]

    async def reported_defect(request: Request, error: Exception) -> Response:
        answer = await defect(request, error)
        report("defect", f"{request.scope['padan.trace_id']} {type(error).__name__}")
        return trouble(request) if is_for_people(request) else answer

    handlers = {
        **HANDLERS,
        StoreUnavailable: _unavailable,
        AuditUnavailable: _unaudited,
        HTTPException: http_error,
        Exception: reported_defect,
    }
    app = Starlette(routes=routes, exception_handlers=handlers)
    # A redirect to the same path with or without a slash would be built from the Host header.
    app.router.redirect_slashes = False
    return ShortWay(paths, otherwise=app)


async def _unavailable(request: Request, error: Exception) -> Response:
    return trouble(request) if is_for_people(request) else await unavailable(request, error)


async def _unaudited(request: Request, error: Exception) -> Response:
    return trouble(request) if is_for_people(request) else await unaudited(request, error)


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
