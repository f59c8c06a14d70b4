"""The endpoints of `SessionsApi`."""

from __future__ import annotations

import re
from enum import StrEnum
from uuid import UUID

import msgspec
from starlette.requests import Request

from padan.app.create import Created, Order, create
from padan.app.end import cancel, redact
from padan.app.errors import Invalid
from padan.app.once import Once, create_once
from padan.app.ports import Ports, SessionOrder
from padan.app.read import await_results, list_sessions, read_results, read_session
from padan.domain.environment import Environment
from padan.domain.hosting import Consent
from padan.domain.session import Session, SessionKind
from padan.web.api import types
from padan.web.api.reading import (
    bearer_token,
    decode,
    header,
    path_id,
    query_choice,
    query_int,
    raw_body,
    wait_of,
)

_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
_ENCODER = msgspec.json.Encoder()
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,35}", re.ASCII)


class Direction(StrEnum):
    """Which way a list is sorted."""

    ASCENDING = "Ascending"
    DESCENDING = "Descending"


async def create_direct(ports: Ports, environment: Environment, request: Request) -> bytes:
    """Create a direct provider session."""
    body = await decode(request, types.CreateDirectSession)
    order = Order(
        profile_id=body.verification_profile_id,
        kind=SessionKind.DIRECT,
        provider=body.provider,
        redirect_url=body.redirect_url,
        capabilities=tuple(body.capabilities),
        fallback=bool(body.fallback_to_hosted_ui),
        languages=_languages(body.browser_languages),
        provider_input=body.provider_input,
    )
    return await _create(ports, environment, request, order=order)


async def create_hosted(ports: Ports, environment: Environment, request: Request) -> bytes:
    """Create a session on the hosted page."""
    body = await decode(request, types.CreateHostedSession)
    order = Order(
        profile_id=body.verification_profile_id,
        kind=SessionKind.HOSTED,
        provider=body.provider,
        redirect_url=body.redirect_url,
        languages=_languages(body.browser_languages),
        provider_input=body.provider_input,
    )
    return await _create(ports, environment, request, order=order)


async def create_widget(ports: Ports, environment: Environment, request: Request) -> bytes:
    """Create a session in which the person chooses the provider."""
    body = await decode(request, types.CreateWidgetSession)
    order = Order(
        profile_id=body.verification_profile_id,
        kind=SessionKind.WIDGET,
        redirect_url=body.redirect_url,
        allowed_providers=None if body.providers is None else tuple(body.providers),
    )
    return await _create(ports, environment, request, order=order)


async def get_session(ports: Ports, environment: Environment, request: Request) -> types.SessionAnswer:
    """The state of a session."""
    session = await read_session(ports, environment, path_id(request, "session_id"))
    return types.SessionAnswer(session_body(session))


async def get_results(ports: Ports, environment: Environment, request: Request) -> types.ResultsAnswer:
    """The state of a session and, once it succeeded, its identity data."""
    body = await decode(request, types.ResultsRequest)
    key, session_id, seconds = body.results_access_key, path_id(request, "session_id"), wait_of(request)
    if seconds:
        results = await await_results(ports, environment, session_id, results_access_key=key, seconds=seconds)
    else:
        results = await read_results(ports, environment, session_id, results_access_key=key)
    data = None if results.identity_data is None else msgspec.Raw(results.identity_data)
    return types.ResultsAnswer(session_body(results.session), data)


async def cancel_session(ports: Ports, environment: Environment, request: Request) -> types.SessionAnswer:
    """Cancel a session; one that is done stays as it is."""
    return types.SessionAnswer(session_body(await cancel(ports, environment, path_id(request, "session_id"))))


async def redact_session(ports: Ports, environment: Environment, request: Request) -> None:
    """Erase a session's data for good."""
    await redact(ports, environment, path_id(request, "session_id"))


async def refresh_step(ports: Ports, environment: Environment, request: Request) -> types.StepAnswer:
    """Refresh the content of a step: no provider here has such content."""
    await _own(ports, environment, request, await decode(request, types.ResultsRequest))
    raise Invalid({"sessionId": ["this session's step has no content to refresh"]})


async def submit_native_challenge(
    ports: Ports, environment: Environment, request: Request
) -> types.ResultsAnswer:
    """Answer a native challenge: no provider here issues one."""
    body = await decode(request, types.NativeChallengeResponse)
    await _own(ports, environment, request, types.ResultsRequest(body.results_access_key))
    raise Invalid({"sessionId": ["this session has no native challenge; poll its results instead"]})


async def get_attachment(ports: Ports, environment: Environment, request: Request) -> types.AttachmentAnswer:
    """An attachment of a session: no provider here has any."""
    await _own(ports, environment, request, await decode(request, types.ResultsRequest))
    raise Invalid({"attachmentId": ["this session has no attachments"]})


async def list_of_profile(ports: Ports, environment: Environment, request: Request) -> types.SessionList:
    """A page of a verification profile's sessions."""
    number = query_int(request, "Page", default=1, low=1, high=1_000_000)
    size = query_int(request, "PageSize", default=10, low=1, high=50)
    found = await list_sessions(
        ports,
        environment,
        path_id(request, "profile_id"),
        order=query_choice(request, "OrderBy", choices=SessionOrder, default=SessionOrder.CREATED),
        descending=query_choice(request, "OrderDirection", choices=Direction, default=Direction.DESCENDING)
        is Direction.DESCENDING,
        page=(number, size),
    )
    return types.SessionList([session_body(s) for s in found.items], found.total, number * size < found.total)


def session_body(session: Session) -> types.SessionBody:
    """A session as relying parties see it."""
    return types.SessionBody(
        id=session.id,
        done=session.done,
        success=session.success,
        error_code=session.error_code,
        created=session.created_at // 1000,
        updated=session.updated_at // 1000,
        consent=_consent(session.consent),
    )


def _consent(consent: Consent | None) -> types.ConsentBody | None:
    if consent is None:
        return None
    return types.ConsentBody(consent.given_at // 1000, consent.text_version, consent.language)


async def _own(ports: Ports, environment: Environment, request: Request, body: types.ResultsRequest) -> UUID:
    session_id = path_id(request, "session_id")
    await read_results(ports, environment, session_id, results_access_key=body.results_access_key)
    return session_id


async def _create(ports: Ports, environment: Environment, request: Request, *, order: Order) -> bytes:
    """Create the session; with an `Idempotency-Key`, once, however often the request arrives."""
    key = header(request, b"idempotency-key")
    if key is None:
        return _written(await create(ports, environment, order))
    if not _KEY.fullmatch(key):
        raise Invalid({"Idempotency-Key": ["must be 1 to 255 visible ASCII characters, such as a UUID"]})
    body = request.url.path.encode() + b"\n" + raw_body(request)
    once = Once(key, bearer_token(request), body)
    return await create_once(ports, environment, order, once=once, write=_written)


def _written(created: Created) -> bytes:
    """The answer to a creation."""
    if created.launch is None:
        return _ENCODER.encode(
            types.HostedSessionCreated(
                created.session.id, created.launch_url or "", created.results_access_key
            )
        )
    return _ENCODER.encode(
        types.DirectSessionCreated(
            created.session.id,
            types.ResultCollection(created.launch.collection, created.results_access_key),
            types.NextStep(created.launch.method, created.launch_url or ""),
        )
    )


def _languages(given: list[str] | None) -> tuple[str, ...]:
    if given and (len(given) > 20 or not all(_LANGUAGE.fullmatch(code) for code in given)):
        raise Invalid({"browserLanguages": ["must be at most 20 BCP 47 codes, such as id or en-GB"]})
    return tuple(given or ())
