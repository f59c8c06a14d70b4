"""A person's visit to the pages of their session: open the launch URL, leave, come back, see the end."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from uuid import UUID

from padan.app import claims
from padan.app.create import PREVIEW, RETURN_KEY, sha256
from padan.app.errors import NotYours
from padan.app.ports import Ports, ResultsKeyRefused, SealBroken
from padan.domain.claim import PartialClaim
from padan.domain.profile import redirect_allowed
from padan.domain.session import (
    PageSecrets,
    Session,
    SessionState,
    expired,
    launched,
    left,
    returned,
)


async def launch(
    ports: Ports, session_id: UUID, *, launch_token: str, redirect_url: str | None = None
) -> tuple[Session, str]:
    """Exchange the launch token, which works once, for the secret of the person's pages.

    `redirect_url` counts where the session has none of its own and the environment allows it.

    Raises:
        NotYours: unknown, used or wrong; nobody can tell which.
    """
    session = await _find(ports, session_id)
    if session is None or session.done or not _same(session.launch_token_sha256, launch_token):
        raise NotYours
    page_token = urlsafe_b64encode(ports.random(24)).decode()
    secrets = PageSecrets(
        sha256(page_token),
        _resealed(ports, session, session.sealed_preview, PREVIEW, tokens=(launch_token, page_token)),
        _resealed(ports, session, session.sealed_return_key, RETURN_KEY, tokens=(launch_token, page_token)),
    )
    wanted = await _allowed(ports, session, redirect_url)
    opened = launched(session, now=ports.clock(), secrets=secrets, redirect_url=wanted)
    if not await ports.sessions.change(session, opened):
        raise NotYours
    return opened, page_token


async def visit(ports: Ports, session_id: UUID, page_token: str) -> Session:
    """The session of a person's page. Raises NotYours."""
    session = await _find(ports, session_id)
    if session is None or session.redacted_at or not _same(session.page_token_sha256, page_token):
        raise NotYours
    return session


async def leave(ports: Ports, session: Session) -> None:
    """The person closed the page. They may come back until the session's time is over."""
    if session.state is SessionState.AWAITING_INPUT and session.left_at is None:
        await ports.sessions.change(session, left(session, now=ports.clock()))


async def come_back(ports: Ports, session: Session) -> Session:
    """The person looks at the page (again)."""
    if session.state is not SessionState.AWAITING_INPUT or session.left_at is None:
        return session
    back = returned(session, now=ports.clock())
    return back if await ports.sessions.change(session, back) else session


def known_claim(ports: Ports, session: Session, page_token: str) -> PartialClaim:
    """What the relying party passed in, where its profile lets the person see that."""
    if session.sealed_preview is None:
        return PartialClaim()
    opened = ports.vault.open_page(session.binding, session.sealed_preview, token=page_token, slot=PREVIEW)
    return claims.decode(opened)


def return_key(ports: Ports, session: Session, page_token: str) -> str | None:
    """The results access key that the person's browser holds, where the profile wants that."""
    if session.sealed_return_key is None:
        return None
    return ports.vault.open_page(
        session.binding, session.sealed_return_key, token=page_token, slot=RETURN_KEY
    ).decode()


def own_result(ports: Ports, session: Session, page_token: str) -> bytes | None:
    """The session's identity data (JSON), opened with the key in the person's own browser."""
    try:
        key = return_key(ports, session, page_token)
        if key is None or session.salt is None or session.sealed_result is None:
            return None
        return ports.vault.open_result(
            session.binding, salt=session.salt, results_access_key=key, sealed=session.sealed_result
        )
    except (ResultsKeyRefused, SealBroken):
        return None


def _same(stored: bytes | None, token: str) -> bool:
    return stored is not None and hmac.compare_digest(stored, sha256(token))


def _resealed(
    ports: Ports, session: Session, sealed: bytes | None, slot: str, *, tokens: tuple[str, str]
) -> bytes | None:
    """Seal under the page's secret what was sealed under the launch URL's."""
    if sealed is None:
        return None
    before, after = tokens
    try:
        opened = ports.vault.open_page(session.binding, sealed, token=before, slot=slot)
    except SealBroken:
        # Damaged, or under a root key that is gone: the person goes on without it.
        return None
    return ports.vault.seal_page(session.binding, opened, token=after, slot=slot)


async def _allowed(ports: Ports, session: Session, redirect_url: str | None) -> str | None:
    if redirect_url is None or session.redirect_url is not None:
        return None
    entries = await ports.directory.redirect_uris(session.environment_id)
    return redirect_url if redirect_allowed(redirect_url, tuple(entry.uri for entry in entries)) else None


async def _find(ports: Ports, session_id: UUID) -> Session | None:
    """The session; one whose time is over has ended, whether or not a sweep has come by."""
    session = await ports.sessions.find(session_id)
    now = ports.clock()
    if session is None or session.state is not SessionState.AWAITING_INPUT or now < session.expires_at:
        return session
    ended = expired(session, now=now)
    return ended if await ports.sessions.change(session, ended) else await ports.sessions.find(session_id)
