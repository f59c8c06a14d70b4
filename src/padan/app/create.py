"""Create a session: direct, hosted, or through the widget."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from padan.app import claims
from padan.app.errors import Invalid
from padan.app.guesses import known_index
from padan.app.licensing import require_licence
from padan.app.ports import InputInvalid, IssuedKey, Ports, Provider, Receipt
from padan.app.times import jakarta_date
from padan.domain.claim import ClaimField, PartialClaim
from padan.domain.environment import Environment
from padan.domain.identifiers import uuid7
from padan.domain.launch import Launch, LaunchImpossible, plan_launch
from padan.domain.profile import Profile, redirect_allowed
from padan.domain.provider import Capability
from padan.domain.rules import Patience, RegistryRules
from padan.domain.session import Session, SessionBinding, SessionKind, SessionState

CLAIM, SUPPLEMENT = "claim", "supplement"
PREVIEW, RETURN_KEY = "preview", "return-key"


@dataclass(frozen=True, slots=True)
class Order:
    """What a relying party asks for. `provider_input` is the whole object, one key a provider."""

    profile_id: UUID
    kind: SessionKind
    provider: str | None = None
    redirect_url: str | None = None
    capabilities: tuple[Capability, ...] = ()
    fallback: bool = False
    languages: tuple[str, ...] = ()
    provider_input: Mapping[str, Any] | None = field(default=None, repr=False)
    allowed_providers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Created:
    """A session that is durable, with the two secrets that are handed out once."""

    session: Session
    results_access_key: str
    launch: Launch | None
    launch_url: str | None


@dataclass(frozen=True, slots=True)
class _Checked:
    profile: Profile
    provider: Provider | None
    claim: PartialClaim
    missing: tuple[ClaimField, ...]
    launch: Launch | None
    allowed_providers: tuple[str, ...]


Receipts = Callable[["Created"], Receipt]
"""Makes the receipt of a creation once its answer is known."""


async def create(
    ports: Ports, environment: Environment, order: Order, *, receipts: Receipts | None = None
) -> Created:
    """Store a session and, if its claim is complete, start it at once.

    Raises:
        Invalid: a property of the request is wrong; all that can be told is told together.
        NotLicensed: the provider is not activated in a Live environment.
        Conflict: the receipt's key has one already; nothing was stored.
    """
    now = ports.clock()
    checked = await _check(ports, environment, order, today=jakarta_date(now))
    hosted = checked.launch is None or checked.launch.hosted
    binding = SessionBinding(environment.id, uuid7(now, ports.random(10)))
    issued = ports.vault.issue(binding)
    launch_token = urlsafe_b64encode(ports.random(24)).decode() if hosted else None
    session = _new_session(
        ports, environment, order, checked=checked, issued=issued, identity=(binding, now, launch_token)
    )
    if launch_token is not None:
        session = _with_page(ports, session, checked=checked, issued=issued, launch_token=launch_token)
    launch_url = None
    if launch_token is not None:
        launch_url = f"{ports.public_url}/launch?sessionId={session.id}&token={launch_token}"
    created = Created(session, issued.results_access_key, checked.launch, launch_url)
    await ports.sessions.add(session, receipt=receipts(created) if receipts else None)
    if session.lease is not None:
        ports.runner.start(session)
    return created


async def _check(ports: Ports, environment: Environment, order: Order, *, today: date) -> _Checked:
    errors: dict[str, list[str]] = {}
    profile = await ports.directory.profile(environment.id, order.profile_id)
    if profile is None:
        raise Invalid({"verificationProfileId": ["names no verification profile of this environment"]})
    if order.redirect_url is not None:
        allowed = tuple(entry.uri for entry in await ports.directory.redirect_uris(environment.id))
        if not redirect_allowed(order.redirect_url, allowed):
            errors["redirectUrl"] = ["is not on this environment's list of redirect URIs; add it there first"]
    elif order.kind is SessionKind.HOSTED:
        errors["redirectUrl"] = ["is required: where the person is sent afterwards"]
    allowed_providers = _allowed_providers(ports, profile, order, errors)
    provider = _provider(ports, profile, order, errors)
    claim, missing = _read_input(provider, order, errors, today=today)
    launch = _plan(provider, order, missing, errors) if order.kind is SessionKind.DIRECT else None
    if errors:
        raise Invalid(errors)
    for name in (order.provider,) if order.provider else allowed_providers:
        await require_licence(ports, environment.kind, name)
    _require_online(ports, environment, profile.rules)
    return _Checked(profile, provider, claim, missing, launch, allowed_providers)


def _require_online(ports: Ports, environment: Environment, rules: RegistryRules) -> None:
    """Raises Invalid where the profile would rather hear at once that the registry gives no answer."""
    hopeless = ports.lines.hopeless(environment.kind, ports.clock())
    if hopeless and rules.when_offline is Patience.FAIL:
        raise Invalid({"provider": ["is offline: its registry gives no answer now; try again later"]})


def _allowed_providers(
    ports: Ports, profile: Profile, order: Order, errors: dict[str, list[str]]
) -> tuple[str, ...]:
    if order.kind is not SessionKind.WIDGET:
        return ()
    enabled = tuple(p for p in profile.enabled_providers if p in ports.providers)
    if order.allowed_providers is None:
        if not enabled:
            errors["verificationProfileId"] = ["names a profile that has no provider enabled"]
        return enabled
    for index, name in enumerate(order.allowed_providers):
        if name not in enabled:
            errors[f"providers[{index}]"] = ["is not a provider enabled in this verification profile"]
    if not order.allowed_providers:
        errors["providers"] = ["must name at least one provider, or be left out"]
    return order.allowed_providers


def _provider(ports: Ports, profile: Profile, order: Order, errors: dict[str, list[str]]) -> Provider | None:
    if order.kind is SessionKind.WIDGET:
        return None
    provider = ports.providers.get(order.provider or "")
    if provider is None:
        errors["provider"] = [
            f"is not a provider of this server; known: {', '.join(sorted(ports.providers))}"
        ]
    elif provider.contract.id not in profile.enabled_providers:
        errors["provider"] = ["is not enabled in this verification profile"]
    return provider


def _read_input(
    provider: Provider | None, order: Order, errors: dict[str, list[str]], *, today: date
) -> tuple[PartialClaim, tuple[ClaimField, ...]]:
    if provider is None:
        return PartialClaim(), ()
    name = provider.contract.id
    raw = (order.provider_input or {}).get(name)
    if raw is None:
        return PartialClaim(), PartialClaim().missing
    if not isinstance(raw, Mapping):
        errors[f"providerInput.{name}"] = ["must be an object"]
        return PartialClaim(), ()
    try:
        claim = provider.read_input(raw, today=today)
    except InputInvalid as invalid:
        errors.update({f"providerInput.{name}.{field}": texts for field, texts in invalid.errors.items()})
        return PartialClaim(), ()
    return claim, claim.missing


def _plan(
    provider: Provider | None, order: Order, missing: tuple[ClaimField, ...], errors: dict[str, list[str]]
) -> Launch | None:
    if not order.capabilities:
        errors["capabilities"] = ["must name at least one capability of your integration"]
    if provider is None or not order.capabilities:
        return None
    try:
        return plan_launch(
            provider.contract,
            order.capabilities,
            missing=missing,
            fallback=order.fallback,
            redirect_url=order.redirect_url,
        )
    except LaunchImpossible as impossible:
        for field, texts in impossible.errors.items():
            errors.setdefault(field, texts)
        return None


def _new_session(
    ports: Ports,
    environment: Environment,
    order: Order,
    *,
    checked: _Checked,
    issued: IssuedKey,
    identity: tuple[SessionBinding, int, str | None],
) -> Session:
    binding, now, launch_token = identity
    direct = launch_token is None
    known = checked.claim != PartialClaim()
    return Session(
        id=binding.session_id,
        environment_id=environment.id,
        environment_kind=environment.kind,
        profile_id=checked.profile.id,
        kind=order.kind,
        state=SessionState.QUEUED if direct else SessionState.AWAITING_INPUT,
        created_at=now,
        updated_at=now,
        expires_at=now + checked.profile.session_expiration,
        redact_at=now + checked.profile.redaction_period,
        due_at=now,
        provider=order.provider,
        redirect_url=order.redirect_url,
        languages=order.languages,
        missing=checked.missing,
        allowed_providers=checked.allowed_providers,
        lease=ports.runner.lease(now, environment.kind) if direct else None,
        salt=issued.salt,
        public_key=issued.public_key,
        sealed_claim=ports.vault.seal_claim(binding, claims.encode(checked.claim), slot=CLAIM)
        if known
        else None,
    )


def _with_page(
    ports: Ports, session: Session, *, checked: _Checked, issued: IssuedKey, launch_token: str
) -> Session:
    """The session with what its pages need, sealed under the launch URL's secret, which is not stored."""

    def seal(plaintext: bytes, slot: str) -> bytes:
        return ports.vault.seal_page(session.binding, plaintext, token=launch_token, slot=slot)

    rules, claim = checked.profile.pages, checked.claim
    shown = rules.shows_known_data and claim != PartialClaim()
    return replace(
        session,
        launch_token_sha256=sha256(launch_token),
        sealed_preview=seal(claims.encode(claim), PREVIEW) if shown else None,
        sealed_return_key=seal(issued.results_access_key.encode(), RETURN_KEY)
        if rules.page_needs_results_key
        else None,
        known_index=known_index(ports, session.environment_id, claim),
    )


def sha256(token: str | None) -> bytes:
    """How a token is stored: it has at least 160 random bits, so a plain hash tells nothing of it."""
    return hashlib.sha256((token or "").encode()).digest()
