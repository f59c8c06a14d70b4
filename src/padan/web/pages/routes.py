"""The hosted pages: open the launch URL, choose, give what is missing, wait, go back."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from padan import nik
from padan.app.errors import Invalid, NotYours, TooManyTries
from padan.app.ports import Ports
from padan.app.submit import Agreement, Submission, choose_provider, give_up, submit
from padan.app.visit import come_back, launch, leave
from padan.domain.session import Session, SessionState
from padan.web.auditing import audited_page
from padan.web.pages import consent
from padan.web.pages.assets import serve_asset, serve_script
from padan.web.pages.forms import LARGEST_FORM, FormTooLarge, read_form
from padan.web.pages.languages import languages
from padan.web.pages.live import look_at
from padan.web.pages.lookers import looks_like_a_person
from padan.web.pages.rendering import HEADERS
from padan.web.pages.strangers import read_stranger
from padan.web.pages.typed import read_typed
from padan.web.pages.views import Answers, Views
from padan.web.pages.visits import (
    COOKIE,
    LANGUAGE_COOKIE,
    Visit,
    embedding_origins,
    is_embedded,
    is_own_form,
    is_secure,
    opener_of,
    query_of,
    read_visit,
    set_cookie,
)
from padan.web.pages.wording import FORM_TOO_LARGE, TOO_MANY_TRIES, say_faults

_LAUNCH_FIELDS = ("sessionId", "token", "launchMode", "embed", "origin", "redirectUrl", "language")


def page_routes(ports: Ports) -> list[BaseRoute]:
    """The routes of the person's pages."""
    pages = _Pages(ports)
    return [
        Route("/launch", audited_page(ports, "launch", pages.open), methods=["GET", "POST"]),
        Route("/loading", pages.loading),
        Route("/verify/{session_id}", audited_page(ports, "page", pages.show), methods=["GET"]),
        Route("/verify/{session_id}", audited_page(ports, "page", pages.act), methods=["POST"]),
        Route("/verify/{session_id}/nik", pages.check_nik, methods=["POST"]),
        Route("/assets/{name:path}", serve_asset),
        Route("/padan.js", serve_script),
        Route("/brand/{profile_id}/logo", pages.logo),
    ]


class _Pages:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._views = Views(ports)

    async def open(self, request: Request) -> Response:
        """Exchange the launch token for a cookie, then leave the token's URL behind."""
        try:
            fields = await _launch_fields(request)
        except Invalid:
            return await self._views.gone(request)
        if request.method == "HEAD":
            # What looks at a link before the person does must not use it up.
            return Response(headers=HEADERS)
        if request.method == "GET" and not looks_like_a_person(request):
            return await self._views.confirm_launch(request, fields)
        try:
            session_id = UUID(fields.get("sessionId", ""))
        except ValueError:
            return await self._views.gone(request, fields=fields)
        try:
            session, token = await launch(
                self._ports,
                session_id,
                launch_token=fields.get("token", ""),
                redirect_url=fields.get("redirectUrl"),
            )
        except NotYours:
            # A page that was reloaded, or opened twice: who has the cookie goes on, who has not is told.
            again = (await read_stranger(self._ports, request, fields=fields)).query
            return RedirectResponse(f"/verify/{session_id}{again}", 303, headers=HEADERS)
        return await self._opened(request, fields, session=session, token=token)

    async def _opened(
        self, request: Request, fields: Mapping[str, str], *, session: Session, token: str
    ) -> Response:
        """Lead to the session's page, with its cookie, and the language if one was chosen on the way."""
        profile = await self._ports.directory.profile(session.environment_id, session.profile_id)
        origins = await embedding_origins(self._ports, session, profile) if profile else ()
        embedded, secure = is_embedded(request, fields), is_secure(self._ports)
        path = f"/verify/{session.id}"
        where = path + query_of(opener_of(request, fields, origins=origins), embedded=embedded)
        answer = RedirectResponse(where, 303, headers=HEADERS)
        cookies = [(COOKIE, token)]
        if fields.get("language") in languages():
            cookies.append((LANGUAGE_COOKIE, fields["language"]))
        for cookie in cookies:
            set_cookie(answer, cookie, path=path, secure=secure, embedded=embedded)
        return answer

    async def loading(self, request: Request) -> Response:
        """What a popup shows until it is led to the launch URL."""
        return self._views.loading(request)

    async def show(self, request: Request) -> Response:
        """The page that fits where the session stands."""
        try:
            visit = await read_visit(self._ports, request)
        except NotYours:
            return await self._views.gone(request)
        await come_back(self._ports, visit.session)
        search = request.query_params.get("search")
        if search is not None and visit.session.provider is None and not visit.session.done:
            return await self._views.ask(visit, Answers(), search=search[:100])
        answer = await self._views.current(visit)
        return _remembering(visit, answer) if "language" in request.query_params else answer

    async def act(self, request: Request) -> Response:
        """Take what the person gives. Every success leads back to `show`, so that a reload does no harm."""
        try:
            visit = await read_visit(self._ports, request)
            fields = await read_form(request, limit=LARGEST_FORM)
        except NotYours:
            return await self._views.gone(request)
        except FormTooLarge as too_large:
            return await self._too_large(visit, too_large.kept)
        if not is_own_form(visit, fields):
            return await self._views.gone(request)
        # Another tab may have switched the language meanwhile: what was agreed to is what stood in this form.
        visit = visit.speaking(fields.get("spoken", ""))
        if "language" in fields:
            return await self._switch(visit, fields)
        try:
            return await self._take(visit, fields)
        except NotYours:
            return await self._views.gone(request)

    async def _take(self, visit: Visit, fields: Mapping[str, str]) -> Response:
        try:
            await self._do(visit, fields)
        except Invalid as invalid:
            return await self._refused(
                visit, Answers(fields, say_faults(invalid, visit.language), status=400)
            )
        except TooManyTries:
            notice = visit.language(TOO_MANY_TRIES)
            return await self._refused(visit, Answers(fields, notice=notice, status=429))
        if fields.get("action") == "left":
            # Browsers follow a redirect even for a page that is gone, and would so be back at once.
            return Response(status_code=204, headers=HEADERS)
        return RedirectResponse(visit.path + visit.query, 303, headers=HEADERS)

    async def check_nik(self, request: Request) -> Response:
        """While the person types: what is wrong with the number so far, and the region it names."""
        try:
            visit = await read_visit(self._ports, request)
            fields = await read_form(request)
        except (NotYours, Invalid):
            return JSONResponse({}, 403, headers=HEADERS)
        if not is_own_form(visit, fields):
            return JSONResponse({}, 403, headers=HEADERS)
        digits = nik.clean(fields.get("nik", "")[:100])
        seen = look_at(digits, visit.speaking(fields.get("spoken", "")).language)
        return JSONResponse({"problem": seen.problem, "region": seen.region}, headers=HEADERS)

    async def logo(self, request: Request) -> Response:
        """A profile's logo; it is public, as any logo is."""
        try:
            profile = await self._ports.directory.brand(UUID(request.path_params["profile_id"]))
        except ValueError:
            profile = None
        if profile is None or profile.logo is None:
            return Response(status_code=404)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=3600"}
        return Response(profile.logo, media_type=profile.logo_type, headers=headers)

    async def _do(self, visit: Visit, fields: Mapping[str, str]) -> None:
        action = fields.get("action", "submit")
        if action == "cancel":
            await give_up(self._ports, visit.session)
        elif action == "left":
            await leave(self._ports, visit.session)
        elif action == "choose":
            await choose_provider(self._ports, visit.session, fields.get("provider", ""))
        elif visit.session.provider is not None:
            await submit(self._ports, visit.session, await self._submission(visit, fields))

    async def _submission(self, visit: Visit, fields: Mapping[str, str]) -> Submission:
        typed = read_typed(fields, visit.session.missing, locale=visit.language.locale)
        text = consent.consent_text(visit, await consent.operator_name(self._ports, visit.session))
        version = consent.consent_version(text)
        return Submission(
            given=typed.given,
            language=visit.language.for_providers,
            # The box carries the version of the words that were shown: others were not agreed to.
            agreement=Agreement(version, visit.language.code) if fields.get("consent") == version else None,
            faults=typed.faults,
        )

    async def _too_large(self, visit: Visit, kept: Mapping[str, str]) -> Response:
        """The form again. Nothing was done; what it held is given back to our own page alone."""
        given_back = kept if is_own_form(visit, kept) else {}
        visit = visit.speaking(given_back.get("spoken", ""))
        notice = visit.language(FORM_TOO_LARGE)
        return await self._refused(visit, Answers(given_back, notice=notice, status=413))

    async def _refused(self, visit: Visit, answers: Answers) -> Response:
        """The form again; unless this was one refusal too many, or the session went on or ended meanwhile."""
        now = await self._ports.sessions.find(visit.session.id)
        if now is None or now.state is not SessionState.AWAITING_INPUT:
            return RedirectResponse(visit.path + visit.query, 303, headers=HEADERS)
        return await self._views.ask(visit, answers)

    async def _switch(self, visit: Visit, fields: Mapping[str, str]) -> Response:
        """The same page in another language; what was typed stays."""
        visit = visit.speaking(fields["language"])
        open_ = visit.session.state is SessionState.AWAITING_INPUT
        shown = self._views.ask(visit, Answers(fields)) if open_ else self._views.current(visit)
        return _remembering(visit, await shown)


def _remembering(visit: Visit, answer: Response) -> Response:
    """Keep the language that the person switched to."""
    set_cookie(
        answer,
        (LANGUAGE_COOKIE, visit.language.code),
        path=visit.path,
        secure=visit.secure,
        embedded=visit.embedded,
    )
    return answer


async def _launch_fields(request: Request) -> Mapping[str, str]:
    """The parameters of the launch URL, the first of each: SDKs append to it as text."""
    if request.method == "POST":
        return await read_form(request)
    try:
        pairs = parse_qs(request.url.query, max_num_fields=32)
    except ValueError as error:
        raise Invalid({"$": ["The address cannot be read."]}) from error
    return {name: values[0] for name, values in pairs.items() if name in _LAUNCH_FIELDS}
