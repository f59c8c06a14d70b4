"""How a session's end reaches the relying party's page: by redirect, and by message to who embeds it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec

from padan.app.ports import Ports, SealBroken
from padan.app.visit import own_result, return_key
from padan.domain.hosting import ResultPage
from padan.domain.session import ErrorCode, Session
from padan.web.pages.visits import Visit
from padan.web.pages.wording import CHECK_AND_TRY_AGAIN


def return_url(ports: Ports, visit: Visit) -> str | None:
    """The relying party's URL with `success` and `sessionId` added; its own query is kept.

    `resultsAccessKey` and `canceled` are added where the profile asks for the older behaviour.
    """
    session, rules = visit.session, visit.profile.pages
    if not session.redirect_url:
        return None
    added = {"success": _word(session.success), "sessionId": str(session.id)}
    key = _key(ports, visit)
    if key is not None:
        added["resultsAccessKey"] = key
    if rules.returns_canceled:
        added["canceled"] = _word(session.error_code is ErrorCode.CANCELED)
    parts = urlsplit(session.redirect_url)
    query = f"{parts.query}&{urlencode(added)}" if parts.query else urlencode(added)
    return urlunsplit(parts._replace(query=query))


def message(ports: Ports, visit: Visit) -> str:
    """What the web SDK 2.x waits for from an embedded page, as JSON."""
    session = visit.session
    told: dict[str, Any] = {
        "success": session.success,
        "msg": _summary(session),
        "sessionId": str(session.id),
    }
    key = _key(ports, visit)
    if key is not None:
        told["resultsAccessKey"] = key
    return msgspec.json.encode(told).decode()


def verdict(ports: Ports, visit: Visit) -> tuple[bool, list[str]] | None:
    """Whether all agreed, and what the person can do; `None` where the profile keeps that to itself."""
    rules = visit.profile.pages
    if rules.result_page is ResultPage.NOTHING:
        return None
    if refused(visit.session):
        # There is no result to open: the profile takes nothing but a whole match.
        return False, [visit.language(CHECK_AND_TRY_AGAIN)]
    if not visit.session.success:
        return None
    opened = own_result(ports, visit.session, visit.page_token)
    if opened is None:
        return None
    data = msgspec.json.decode(opened)
    agreed = all(match["booleanValue"] for match in data["match"].values())
    steps: list[str] = []
    if rules.result_page is ResultPage.NEXT_STEPS:
        output = data["providerOutput"][visit.session.provider or ""]
        steps = [step["text"][visit.language.for_providers] for step in output.get("nextSteps", ())]
    return agreed, steps


def refused(session: Session) -> bool:
    """Whether a check ran and its profile does not accept what was found."""
    return session.error_code is ErrorCode.ASSURANCE_LEVEL_NOT_MET


def _key(ports: Ports, visit: Visit) -> str | None:
    if not visit.profile.pages.returns_results_access_key:
        return None
    try:
        return return_key(ports, visit.session, visit.page_token)
    except SealBroken:
        return None


def _summary(session: Session) -> str:
    if session.success:
        return "complete"
    return "user-closed" if session.error_code is ErrorCode.CANCELED else "failed"


def _word(value: bool) -> str:
    return str(value).lower()
