"""What the audit log hears of requests: who, what, to which session, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from padan.app.errors import Invalid, KeyReused, NotLicensed, NotYours
from padan.app.ports import Event, Ports, StoreUnavailable
from padan.domain.environment import Environment
from padan.web.api import types
from padan.web.api.endpoints import Endpoint

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_REFUSALS: tuple[tuple[type[Exception], str], ...] = (
    (Invalid, "invalid"),
    (NotYours, "not_yours"),
    (NotLicensed, "not_licensed"),
    (KeyReused, "key_reused"),
    (StoreUnavailable, "unavailable"),
)
_COUNTED = "GetSession"


class _Created(msgspec.Struct, rename="camel"):
    session_id: UUID


async def answer_audited(ports: Ports, environment: Environment, request: Request, *, of: Endpoint) -> Any:
    """The answer of an endpoint, once what has to stand in the audit log before it does.

    An opened result is durable there before this returns. Reads that give nothing of a person out are
    counted; everything else is written within a moment.

    Raises AuditUnavailable, and what the endpoint raises.
    """
    audit = ports.audit
    audit.require()
    subject = _subject(request)
    try:
        answer = await of.handler(ports, environment, request)
    except Exception as error:
        audit.note(_event(ports, environment, of, outcome=outcome_of(error), subject=subject))
        raise
    if isinstance(answer, types.ResultsAnswer):
        if answer.identity_data is not None:
            await audit.record(_event(ports, environment, of, outcome="opened", subject=subject))
        else:
            outcome = "without_result" if answer.session.done else "pending"
            audit.count(_event(ports, environment, of, outcome=outcome, subject=subject))
    elif of.operation == _COUNTED:
        audit.count(_event(ports, environment, of, outcome="done", subject=subject))
    else:
        made = _created(answer) or subject
        audit.note(_event(ports, environment, of, outcome="done", subject=made))
    return answer


def stranger_refused(ports: Ports, where: str) -> None:
    """Somebody came without a valid token or secret. They are counted, for anybody can send many."""
    ports.audit.count(Event(ports.clock(), "nobody", "authenticate", "refused", where))


Page = Callable[[Request], Awaitable[Response]]


def audited_page(ports: Ports, action: str, page: Page) -> Page:
    """A page of a person, whose visit is durable in the audit log before it is shown."""

    async def show(request: Request) -> Response:
        did = f"{action}.{'show' if request.method in {'GET', 'HEAD'} else 'send'}"
        request.scope["padan.operation"] = did
        audit = ports.audit
        audit.require()
        subject = _subject(request)
        try:
            answer = await page(request)
        except Exception as error:
            audit.note(Event(ports.clock(), "person", did, outcome_of(error), subject))
            raise
        if answer.status_code in {403, 404}:
            stranger_refused(ports, "pages")
            return answer
        subject = subject or _led_to(answer)
        await audit.record(Event(ports.clock(), "person", did, str(answer.status_code), subject))
        return answer

    return show


def outcome_of(error: Exception) -> str:
    """A word for what was raised; nothing of its text."""
    return next((word for kind, word in _REFUSALS if isinstance(error, kind)), "defect")


def _event(
    ports: Ports, environment: Environment, of: Endpoint, *, outcome: str, subject: UUID | str | None
) -> Event:
    return Event(
        ports.clock(), "token", of.operation, outcome, subject, environment.id, environment.opened_by
    )


def _subject(request: Request) -> str | None:
    """The id in the path. Anything else there is what somebody typed, and could be personal."""
    for value in request.path_params.values():
        text = str(value).lower()
        if _UUID.fullmatch(text):
            return text
    return None


def _created(answer: Any) -> UUID | None:
    """The id of what an answer says was created; sessions answer in bytes."""
    if isinstance(answer, bytes):
        return msgspec.json.decode(answer, type=_Created).session_id
    return answer.id if isinstance(answer, types.CreatedId) else None


def _led_to(answer: Response) -> str | None:
    """The session whose page a redirect leads to."""
    text = answer.headers.get("location", "").removeprefix("/verify/")[:36]
    return text if _UUID.fullmatch(text) else None
