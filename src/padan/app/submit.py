"""What the person does on the hosted pages: open the launch URL, choose a provider, give what is missing."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from padan.app import claims
from padan.app.create import SUPPLEMENT, jakarta_date, sha256
from padan.app.errors import Invalid, NotYours
from padan.app.ports import InputInvalid, Ports, Provider
from padan.domain.claim import ClaimField, PartialClaim
from padan.domain.session import (
    ErrorCode,
    Session,
    SessionState,
    expired,
    failed,
    launched,
    provider_chosen,
    submitted,
)


async def launch(ports: Ports, session_id: UUID, launch_token: str) -> tuple[Session, str]:
    """Exchange the launch token, which works once, for the secret of the person's pages.

    Raises:
        NotYours: unknown, used or wrong; nobody can tell which.
    """
    session = await _find(ports, session_id)
    now = ports.clock()
    if session is None or session.done or session.launch_token_sha256 != sha256(launch_token):
        raise NotYours
    page_token = urlsafe_b64encode(ports.random(24)).decode()
    opened = launched(session, now=now, page_token_sha256=sha256(page_token))
    if not await ports.sessions.change(session, opened):
        raise NotYours
    return opened, page_token


async def page_session(ports: Ports, session_id: UUID, page_token: str) -> Session:
    """The session of a person's page. Raises NotYours."""
    session = await _find(ports, session_id)
    if session is None or session.redacted_at or session.page_token_sha256 != sha256(page_token):
        raise NotYours
    return session


async def choose_provider(ports: Ports, session: Session, provider: str) -> Session:
    """Choose one of the widget's providers. Raises Invalid for one that is not offered."""
    if session.provider is not None or session.state is not SessionState.AWAITING_INPUT:
        return session
    if provider not in session.allowed_providers:
        raise Invalid({"provider": ["is not offered in this session"]})
    chosen = provider_chosen(session, now=ports.clock(), provider=provider, missing=PartialClaim().missing)
    if not await ports.sessions.change(session, chosen):
        return await ports.sessions.find(session.id) or session
    return chosen


async def submit(ports: Ports, session: Session, given: Mapping[str, Any], *, language: str) -> Session:
    """Complete the claim and start the session. A second submit changes nothing.

    Raises:
        Invalid: a field is missing or malformed; nothing is stored.
    """
    if session.state is not SessionState.AWAITING_INPUT:
        return session
    provider = ports.providers[session.provider or ""]
    supplement = _read(provider, session, given, ports.clock(), language=language)
    now = ports.clock()
    sealed = None
    if session.missing:
        sealed = ports.vault.seal_claim(session.binding, claims.encode(supplement), slot=SUPPLEMENT)
    ready = submitted(session, now=now, sealed_supplement=sealed, lease=ports.runner.lease(now))
    if not await ports.sessions.change(session, ready):
        return await ports.sessions.find(session.id) or session
    if ready.lease is not None:
        ports.runner.start(ready)
    return ready


async def abandon(ports: Ports, session: Session) -> Session:
    """The person does not want to go on."""
    if session.done:
        return session
    ended = failed(session, now=ports.clock(), error_code=ErrorCode.CANCELED)
    return ended if await ports.sessions.change(session, ended) else session


async def _find(ports: Ports, session_id: UUID) -> Session | None:
    """The session; one whose time is over has ended, whether or not a sweep has come by."""
    session = await ports.sessions.find(session_id)
    now = ports.clock()
    if session is None or session.state is not SessionState.AWAITING_INPUT or now < session.expires_at:
        return session
    ended = expired(session, now=now)
    return ended if await ports.sessions.change(session, ended) else await ports.sessions.find(session_id)


def _read(
    provider: Provider, session: Session, given: Mapping[str, Any], now: int, *, language: str
) -> PartialClaim:
    asked = {str(name): given.get(name) for name in session.missing}
    try:
        claim = provider.read_input(asked, today=jakarta_date(now), language=language)
    except InputInvalid as invalid:
        raise Invalid(invalid.errors) from invalid
    gaps = [name for name in session.missing if name in claim.missing]
    if gaps:
        raise Invalid({name: [_REQUIRED.get(language, _REQUIRED["en"])[name]] for name in gaps})
    return claim


_REQUIRED: dict[str, dict[ClaimField, str]] = {
    "en": {
        ClaimField.NIK: "Enter your NIK, the 16 digits on your card.",
        ClaimField.FULL_NAME: "Enter your full name as on your card.",
        ClaimField.DATE_OF_BIRTH: "Enter your date of birth.",
    },
    "id": {
        ClaimField.NIK: "Isi NIK Anda, 16 angka pada KTP.",
        ClaimField.FULL_NAME: "Isi nama lengkap Anda sesuai KTP.",
        ClaimField.DATE_OF_BIRTH: "Isi tanggal lahir Anda.",
    },
}
