"""Who is looking at a page: the session behind the cookie, its brand, the language, and who embeds it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from padan.app.errors import NotYours
from padan.app.ports import Ports
from padan.app.visit import visit
from padan.domain.environment import EnvironmentKind
from padan.domain.hosting import LOCAL_ORIGINS, origin_allowed, origin_of, origins_of_redirects
from padan.domain.profile import Profile
from padan.domain.session import Session
from padan.web.pages.languages import PageLanguage, choose_language, languages
from padan.web.pages.rendering import Surroundings

COOKIE, LANGUAGE_COOKIE = "padan_page", "padan_language"
SCRIPT_HEADER = "padan-page"
"""Sent by the pages' own script: it cannot follow a redirect to another host, so it is told the address."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of the person to their own session.

    `origins` is who may embed the pages; `opener` the one of them that does, or opened the popup.
    """

    session: Session
    profile: Profile
    language: PageLanguage
    page_token: str
    origins: tuple[str, ...]
    opener: str | None
    embedded: bool
    by_script: bool
    secure: bool

    def speaking(self, code: str) -> Visit:
        """The same visit in another language; as it is, where the pages do not speak that."""
        return replace(self, language=languages().get(code, self.language))

    @property
    def path(self) -> str:
        """Where the session's pages are, without anything about who looks."""
        return f"/verify/{self.session.id}"

    @property
    def query(self) -> str:
        """What has to be said again at each step: that the page is embedded, and by whom."""
        return query_of(self.opener, embedded=self.embedded)

    @property
    def csrf(self) -> str:
        """The secret that forms carry: derived from the cookie, which other sites cannot read."""
        return hashlib.sha256(b"csrf:" + self.page_token.encode()).hexdigest()

    @property
    def surroundings(self) -> Surroundings:
        """For the headers. A page that is not embedded lets nobody frame it."""
        ancestors = self.origins if self.embedded else ()
        return Surroundings(ancestors, self.session.redirect_url, self.secure)


async def read_visit(ports: Ports, request: Request) -> Visit:
    """Who is looking. Raises NotYours."""
    token = request.cookies.get(COOKIE, "")
    try:
        session = await visit(ports, UUID(request.path_params["session_id"]), token)
    except ValueError as error:
        raise NotYours from error
    profile = await ports.directory.profile(session.environment_id, session.profile_id)
    if profile is None:
        raise NotYours
    origins = await embedding_origins(ports, session, profile)
    return Visit(
        session=session,
        profile=profile,
        language=language_of(request, session.languages),
        page_token=token,
        origins=origins,
        opener=allowed_origin(request.query_params.get("opener", ""), origins),
        embedded=is_embedded(request),
        by_script=SCRIPT_HEADER in request.headers,
        secure=is_secure(ports),
    )


async def embedding_origins(ports: Ports, session: Session, profile: Profile) -> tuple[str, ...]:
    """Who may embed a session's pages and hear of its end."""
    origins = profile.pages.allowed_origins
    if not origins:
        entries = await ports.directory.redirect_uris(session.environment_id)
        origins = origins_of_redirects(tuple(entry.uri for entry in entries))
    local = LOCAL_ORIGINS if session.environment_kind is EnvironmentKind.TEST else ()
    return tuple(dict.fromkeys((*origins, *local)))


def opener_of(request: Request, fields: Mapping[str, str], *, origins: tuple[str, ...]) -> str | None:
    """The allowed origin that embeds the page or opened it: as the launch says, else as the browser says."""
    said = fields.get("origin", "")
    seen = origin_of(request.headers.get("referer", "")) or ""
    return allowed_origin(said, origins) or allowed_origin(seen, origins)


def is_embedded(request: Request, fields: Mapping[str, str] | None = None) -> bool:
    """Whether the page is shown inside another; `fields` are those of the launch, if this is one."""
    framed = request.headers.get("sec-fetch-dest") in {"iframe", "frame"}
    said = request.query_params if fields is None else fields
    return framed or said.get("embed") == "iframe" or said.get("launchMode") == "iframe"


def is_secure(ports: Ports) -> bool:
    """Whether browsers reach this server by https."""
    return ports.public_url.startswith("https:")


def query_of(opener: str | None, *, embedded: bool) -> str:
    """The query that the pages of an embedded or popped up session carry; nothing personal."""
    parts = {"embed": "iframe"} if embedded else {}
    if opener:
        parts["opener"] = opener
    return f"?{urlencode(parts)}" if parts else ""


def set_cookie(answer: Response, cookie: tuple[str, str], *, path: str, secure: bool, embedded: bool) -> None:
    """Set a cookie (name, value) for one session's pages alone.

    Inside another site's page browsers keep a cookie only where it says that this is meant: then it is
    partitioned, a jar for each embedding site.
    """
    if embedded:
        guards = "SameSite=None; Secure; Partitioned"
    else:
        guards = "SameSite=Lax; Secure" if secure else "SameSite=Lax"
    name, value = cookie
    answer.headers.append("set-cookie", f"{name}={value}; Path={path}; HttpOnly; {guards}")


def language_of(request: Request, preferred: tuple[str, ...] = ()) -> PageLanguage:
    """What the person switched to, else what the relying party wants, else what the browser does."""
    chosen = (request.query_params.get("language", ""), request.cookies.get(LANGUAGE_COOKIE, ""))
    return choose_language((*chosen, *preferred), request.headers.get("accept-language", ""))


def is_own_form(visit: Visit, fields: Mapping[str, str]) -> bool:
    """Whether the form came from our own page."""
    return hmac.compare_digest(fields.get("csrf", "").encode(), visit.csrf.encode())


def allowed_origin(origin: str, origins: tuple[str, ...]) -> str | None:
    """The origin, if it is one of those that may embed the pages."""
    return origin if origin and origin_allowed(origin, origins) else None
