"""Errors on the wire: `application/problem+json` (RFC 9457), as the Trinsic API sends them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from padan.app.errors import Invalid, KeyReused, NotLicensed, NotYours
from padan.domain.activation import ActivationState

_TYPE = "https://www.rfc-editor.org/rfc/rfc9110#name-{}"
_SECTIONS = {
    400: "400-bad-request",
    401: "401-unauthorized",
    403: "403-forbidden",
    404: "404-not-found",
    405: "405-method-not-allowed",
    422: "422-unprocessable-content",
    500: "500-internal-server-error",
    503: "503-service-unavailable",
}


_AGREEMENTS = {
    ActivationState.NOT_YET: "is not activated for Live use yet: its agreement begins later",
    ActivationState.EXPIRED: "is not activated for Live use any more: its agreement has expired",
    ActivationState.SUSPENDED: "is suspended for Live use",
}


_TRACEPARENT = re.compile(r"00-((?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})", re.ASCII)


class Problem(msgspec.Struct, rename="camel", omit_defaults=True):
    """The body of an error. `errors` maps a property of the request to what is wrong with it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    trace_id: str
    errors: Mapping[str, list[str]] | None = None


def trace_id(request: Request) -> str:
    """A trace id in W3C `traceparent` form, by which an operator finds the log line.

    It goes on with the trace of the request's own `traceparent`, where it has a valid one.
    """
    given = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    trace, flags = (given[1], given[2]) if given else (secrets.token_hex(16), "00")
    return f"00-{trace}-{secrets.token_hex(8)}-{flags}"


def _trace_of(request: Request) -> str:
    """The trace id of this request, the same for its answer and its log line."""
    if "padan.trace_id" not in request.scope:
        request.scope["padan.trace_id"] = trace_id(request)
    known: str = request.scope["padan.trace_id"]
    return known


def problem(
    request: Request,
    status: int,
    *,
    detail: str,
    errors: Mapping[str, list[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error response."""
    body = Problem(
        type=_TYPE.format(_SECTIONS.get(status, "status-codes")),
        title="One or more validation errors occurred." if errors else HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.url.path,
        trace_id=_trace_of(request),
        errors=errors,
    )
    return Response(
        msgspec.json.encode(body), status, media_type="application/problem+json", headers=dict(headers or {})
    )


async def invalid(request: Request, error: Exception) -> Response:
    """400: the properties that are wrong, and what to do."""
    assert isinstance(error, Invalid)  # noqa: S101 - narrows the type Starlette leaves open
    return problem(request, 400, detail="See errors for each property and its remedy.", errors=error.errors)


async def not_yours(request: Request, _: Exception) -> Response:
    """403: one answer for what is unknown, what is another's, and what has another key."""
    return problem(
        request, 403, detail="This environment has no such thing, or the key given does not open it."
    )


async def not_licensed(request: Request, error: Exception) -> Response:
    """403: the provider is not activated, and how its agreement stands."""
    assert isinstance(error, NotLicensed)  # noqa: S101 - narrows the type Starlette leaves open
    how = _AGREEMENTS.get(error.state, "is not activated for Live use")
    return problem(
        request, 403, detail=f"The provider {error.provider} {how}; ask the operator of this server."
    )


async def key_reused(request: Request, _: Exception) -> Response:
    """422: an `Idempotency-Key` stands for one request."""
    return problem(
        request,
        422,
        detail="This Idempotency-Key was used within 24 hours for another request, or with another access "
        "token; nothing was stored. Send a new key.",
    )


async def unavailable(request: Request, _: Exception) -> Response:
    """503: nothing was acknowledged; try again."""
    return problem(
        request,
        503,
        detail="The store cannot take this now; nothing was stored. Try again.",
        headers={"Retry-After": "1"},
    )


async def unaudited(request: Request, _: Exception) -> Response:
    """503: what cannot be written into the audit log is not given out."""
    return problem(
        request,
        503,
        detail="The audit log cannot be written now, so nothing is given out. Try again.",
        headers={"Retry-After": "1"},
    )


async def http_error(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: an unknown path, a wrong method."""
    status = getattr(error, "status_code", 500)
    detail = f"{request.method} {HTTPStatus(status).phrase.lower()}."
    return problem(request, status, detail=detail, headers=getattr(error, "headers", None))


async def defect(request: Request, _: Exception) -> Response:
    """500: a defect of ours. The trace id stands in the log beside the error's type."""
    return problem(request, 500, detail="A defect in this server; tell its operator the trace id.")


HANDLERS = {
    Invalid: invalid,
    NotYours: not_yours,
    NotLicensed: not_licensed,
    KeyReused: key_reused,
}
