"""The hosted pages: open the launch URL, choose, give what is missing, wait, go back."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from padan.app.errors import Invalid, NotYours
from padan.app.ports import Ports
from padan.app.submit import abandon, choose_provider, launch, page_session, submit
from padan.domain.profile import Profile
from padan.domain.session import Session, SessionState
from padan.web.api.reading import read_body
from padan.web.pages.rendering import HEADERS, asset, render
from padan.web.pages.texts import TEXTS, choose_language

COOKIE = "padan_page"
_ASSETS = {
    "padan.css": "text/css",
    "padan.svg": "image/svg+xml",
    "providers/indonesia-nik-lookup.svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request of the person to their own session."""

    session: Session
    profile: Profile
    language: str
    csrf: str

    @property
    def texts(self) -> Mapping[str, str]:
        return TEXTS[self.language]


def page_routes(ports: Ports) -> list[BaseRoute]:
    """The routes of the person's pages."""
    pages = _Pages(ports)
    return [
        Route("/launch", pages.open),
        Route("/verify/{session_id}", pages.show, methods=["GET"]),
        Route("/verify/{session_id}", pages.act, methods=["POST"]),
        Route("/assets/{name:path}", _asset),
        Route("/brand/{profile_id}/logo", pages.logo),
    ]


class _Pages:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def open(self, request: Request) -> Response:
        """Exchange the launch token for a cookie, then leave the token's URL behind."""
        if request.method == "HEAD":
            # What looks at a link before the person does must not use it up.
            return Response(headers=HEADERS)
        try:
            session_id = UUID(request.query_params.get("sessionId", ""))
            session, token = await launch(self._ports, session_id, request.query_params.get("token", ""))
        except (NotYours, ValueError):
            return self._gone(request)
        answer = RedirectResponse(f"/verify/{session.id}", 303, headers=HEADERS)
        answer.set_cookie(
            COOKIE,
            token,
            path=f"/verify/{session.id}",
            secure=self._ports.public_url.startswith("https:"),
            httponly=True,
            samesite="lax",
        )
        return answer

    async def show(self, request: Request) -> Response:
        """The page that fits where the session stands."""
        try:
            visit = await self._visit(request)
        except NotYours:
            return self._gone(request)
        session = visit.session
        if session.done:
            return self._ended(visit)
        if session.state is not SessionState.AWAITING_INPUT:
            return self._render(visit, "page.html", message=visit.texts["waiting"], refresh=True)
        return self._ask(visit, {}, {})

    async def act(self, request: Request) -> Response:
        """Take what the person gives. Every success leads back to `show`, so that a reload does no harm."""
        try:
            visit = await self._visit(request)
            fields = await _fields(request)
        except (NotYours, Invalid):
            return self._gone(request)
        if not hmac.compare_digest(fields.get("csrf", "").encode(), visit.csrf.encode()):
            return self._gone(request)
        try:
            await self._do(visit, fields)
        except NotYours:
            return self._gone(request)
        except Invalid as invalid:
            return self._ask(visit, fields, invalid.errors)
        return RedirectResponse(f"/verify/{visit.session.id}", 303, headers=HEADERS)

    async def logo(self, request: Request) -> Response:
        """A profile's logo; it is public, as any logo is."""
        try:
            session_profile = await self._ports.directory.brand(UUID(request.path_params["profile_id"]))
        except ValueError:
            session_profile = None
        if session_profile is None or session_profile.logo is None:
            return Response(status_code=404)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=3600"}
        return Response(session_profile.logo, media_type=session_profile.logo_type, headers=headers)

    async def _do(self, visit: _Visit, fields: Mapping[str, str]) -> None:
        action = fields.get("action", "submit")
        if action == "cancel":
            await abandon(self._ports, visit.session)
        elif action == "choose":
            await choose_provider(self._ports, visit.session, fields.get("provider", ""))
        elif visit.session.provider is not None:
            await submit(self._ports, visit.session, fields, language=visit.language)

    async def _visit(self, request: Request) -> _Visit:
        token = request.cookies.get(COOKIE, "")
        try:
            session = await page_session(self._ports, UUID(request.path_params["session_id"]), token)
        except ValueError as error:
            raise NotYours from error
        profile = await self._ports.directory.profile(session.environment_id, session.profile_id)
        if profile is None:
            raise NotYours
        language = choose_language(session.languages, request.headers.get("accept-language", ""))
        return _Visit(session, profile, language, hashlib.sha256(b"csrf:" + token.encode()).hexdigest())

    def _ended(self, visit: _Visit) -> Response:
        session = visit.session
        if session.redirect_url:
            return RedirectResponse(_return_url(session), 303, headers=HEADERS)
        text = visit.texts["done" if session.success else "failed"]
        return self._render(visit, "page.html", message=text.format(brand=visit.profile.brand_name))

    def _ask(self, visit: _Visit, values: Mapping[str, str], errors: Mapping[str, list[str]]) -> Response:
        session = visit.session
        if session.provider is None:
            offered = [self._ports.providers[name].contract for name in session.allowed_providers]
            heading, status = visit.texts["choose"], 400 if errors else 200
            return self._render(visit, "choose.html", status=status, heading=heading, providers=offered)
        return self._render(
            visit,
            "form.html",
            status=400 if errors else 200,
            message=visit.texts["intro"].format(brand=visit.profile.brand_name),
            missing=[str(name) for name in visit.session.missing],
            # HTML has no way to write a NUL.
            values={name: value.replace("\0", "") for name, value in values.items()},
            errors=errors,
        )

    def _render(self, visit: _Visit, template: str, **values: Any) -> Response:
        known: dict[str, Any] = {
            "heading": visit.texts["title"],
            "texts": visit.texts,
            "language": visit.language,
            "brand": visit.profile.brand_name,
            "session_id": visit.session.id,
            "csrf": visit.csrf,
            "sandbox": visit.session.environment_kind in self._ports.sandboxes,
            "return_url": visit.session.redirect_url,
        }
        return render(template, **(known | values))

    def _gone(self, request: Request) -> Response:
        language = choose_language((), request.headers.get("accept-language", ""))
        texts = TEXTS[language]
        return render(
            "page.html",
            status=403,
            heading=texts["gone"],
            message=texts["gone_help"],
            texts=texts,
            language=language,
        )


async def _fields(request: Request) -> dict[str, str]:
    """The form's fields, last value each. Raises Invalid where the body is too large or no form."""
    body = (await read_body(request)).decode("utf-8", "replace")
    try:
        pairs = parse_qs(body, keep_blank_values=True, max_num_fields=32)
    except ValueError as error:
        raise Invalid({"$": ["The form cannot be read."]}) from error
    return {name: values[-1] for name, values in pairs.items()}


def _return_url(session: Session) -> str:
    """The relying party's URL with `success` and `sessionId` added; its own query is kept."""
    parts = urlsplit(session.redirect_url or "")
    added = urlencode({"success": str(session.success).lower(), "sessionId": str(session.id)})
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        return Response(status_code=404)
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=3600"}
    return Response(asset(name), media_type=_ASSETS[name], headers=headers)
