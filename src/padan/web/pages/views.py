"""What a person sees at each point of their session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from padan.app.ports import Ports, SealBroken
from padan.app.visit import known_claim
from padan.domain.claim import PartialClaim
from padan.domain.session import SessionState
from padan.web.pages import consent, endings
from padan.web.pages.languages import N_
from padan.web.pages.rendering import HEADERS, render
from padan.web.pages.strangers import read_stranger
from padan.web.pages.visits import Visit, language_of
from padan.web.pages.wording import say_ending

SLOW_AFTER = 6_000
"""Milliseconds of waiting after which the page says that the register is slow."""

_MINUTE = 60_000
_WAITING = {
    "usual": N_("Your data are being compared with the population register. This takes a few seconds."),
    "slow": N_("The population register is slow at the moment. We are waiting for its answer."),
    "down": N_("The population register does not answer at the moment. We keep asking."),
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person typed, given back with what is wrong with it."""

    typed: Mapping[str, str] = field(default_factory=dict, repr=False)
    errors: Mapping[str, list[str]] = field(default_factory=dict, repr=False)
    notice: str | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class _Offer:
    """A provider to choose. `searchable` is what a search looks in: the texts and the countries' codes."""

    id: str
    name: str
    subtext: str
    countries: str
    logo_path: str
    searchable: str


class Views:
    """The pages over the ports."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def current(self, visit: Visit) -> Response:
        """The page that fits where the session stands."""
        session = visit.session
        if session.done:
            return self._ended(visit)
        if session.state is not SessionState.AWAITING_INPUT:
            return self._waiting(visit)
        return await self.ask(visit, Answers())

    async def ask(self, visit: Visit, answers: Answers, *, search: str = "") -> Response:
        """The form for what is missing; in a widget, first the choice of a provider."""
        if visit.session.provider is None:
            return self._choose(visit, answers, search)
        text = consent.consent_text(visit, await consent.operator_name(self._ports, visit.session))
        left = (visit.session.expires_at - self._ports.clock()) // _MINUTE
        return self._page(
            visit,
            "form.html",
            status=answers.status,
            state="form",
            form=True,
            known=self._known(visit),
            missing=[str(name) for name in visit.session.missing],
            # HTML has no way to write a NUL.
            values={name: value.replace("\0", "") for name, value in answers.typed.items()},
            errors=answers.errors,
            notice=answers.notice,
            consent=text,
            consent_version=consent.consent_version(text),
            kept_for=consent.kept_for(visit),
            privacy_url=visit.profile.pages.privacy_url,
            minutes_left=max(1, left),
        )

    async def gone(self, request: Request, *, fields: Mapping[str, str] | None = None) -> Response:
        """The page for a link that opens nothing (any more); `fields` are those of a launch."""
        stranger = await read_stranger(self._ports, request, fields=fields)
        return render(
            "gone.html",
            language_of(request),
            status=403,
            surroundings=stranger.surroundings,
            state="gone",
            query=stranger.query,
            message=stranger.message,
            targets=stranger.targets,
        )

    async def confirm_launch(self, request: Request, fields: Mapping[str, str]) -> Response:
        """A page between, for what looks at links before people do: only a person presses the button."""
        # The links of the languages lead to the launch URL again, not to what is left of it.
        query = "?" + urlencode({name: value for name, value in fields.items() if name != "language"})
        around = (await read_stranger(self._ports, request, fields=fields)).surroundings
        return render(
            "launch.html",
            language_of(request),
            surroundings=around,
            state="launch",
            fields=fields,
            query=query,
        )

    def loading(self, request: Request) -> Response:
        """What a popup shows until the relying party knows the launch URL."""
        return render("loading.html", language_of(request), state="loading")

    def _choose(self, visit: Visit, answers: Answers, search: str) -> Response:
        offers = [self._offer(visit, name) for name in visit.session.allowed_providers]
        wanted = search.strip().casefold()
        return self._page(
            visit,
            "choose.html",
            status=answers.status,
            state="choose",
            form=True,
            offers=[offer for offer in offers if wanted in offer.searchable],
            search=search,
            errors=answers.errors,
            opener=visit.opener,
            embedded=visit.embedded,
        )

    def _waiting(self, visit: Visit) -> Response:
        session, now = visit.session, self._ports.clock()
        since = session.consent.given_at if session.consent else session.created_at
        how = "usual" if now - since < SLOW_AFTER else "slow"
        unanswered = session.attempts - (session.state is SessionState.ASKING)
        if unanswered > 0:
            how = "down"
        return self._page(
            visit,
            "waiting.html",
            state="waiting",
            how=how,
            text=visit.language(_WAITING[how]),
            minutes_left=max(1, (session.expires_at - now) // _MINUTE),
            refresh=1 if how == "usual" else 5,
        )

    def _ended(self, visit: Visit) -> Response:
        where = endings.return_url(self._ports, visit)
        verdict = endings.verdict(self._ports, visit)
        alone = visit.opener is None and not visit.embedded and not visit.by_script
        if where is not None and alone and verdict is None:
            return RedirectResponse(where, 303, headers=HEADERS)
        heading, text = say_ending(visit.session.error_code, visit.language)
        return self._page(
            visit,
            "ended.html",
            state="ended",
            heading=heading,
            text=text,
            ran=visit.session.success or endings.refused(visit.session),
            verdict=verdict,
            next_url=where,
            # Without script there is nobody to tell the other page: the person is led on at once.
            leave_to=None if verdict else where,
            message=endings.message(self._ports, visit),
            targets=[visit.opener] if visit.opener else [o for o in visit.origins if "*" not in o],
        )

    def _known(self, visit: Visit) -> list[tuple[str, str]]:
        """What the relying party passed in and lets the person see: label and value."""
        try:
            claim = known_claim(self._ports, visit.session, visit.page_token)
        except SealBroken:
            claim = PartialClaim()
        say, rows = visit.language, []
        if claim.nik:
            rows.append((say(N_("NIK")), " ".join(claim.nik[i : i + 4] for i in range(0, 16, 4))))
        if claim.full_name:
            rows.append((say(N_("Full name")), claim.full_name))
        if claim.date_of_birth:
            from babel.dates import format_date

            rows.append((say(N_("Date of birth")), format_date(claim.date_of_birth, "long", say.locale)))
        return rows

    def _offer(self, visit: Visit, name: str) -> _Offer:
        contract, say = self._ports.providers[name].contract, visit.language
        territories = say.locale.territories
        countries = ", ".join(territories.get(code, code) for code in contract.countries)
        shown = (say(contract.name), say(contract.subtext), countries)
        return _Offer(name, *shown, contract.logo_path, " ".join((*shown, *contract.countries)).casefold())

    def _page(self, visit: Visit, template: str, **values: Any) -> Response:
        profile = visit.profile
        return render(
            template,
            visit.language,
            surroundings=visit.surroundings,
            colour=profile.primary_color,
            brand=profile.brand_name,
            logo=f"/brand/{profile.id}/logo" if profile.logo else None,
            path=visit.path,
            query=visit.query,
            csrf=visit.csrf,
            sandbox=visit.session.environment_kind in self._ports.sandboxes,
            **values,
        )
