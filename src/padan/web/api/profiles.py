"""The endpoints of `VerificationProfilesApi`."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request

from padan.app.errors import Invalid, NotYours
from padan.app.ports import Conflict, Ports
from padan.domain.environment import Environment, EnvironmentKind
from padan.domain.identifiers import uuid7
from padan.domain.profile import Profile
from padan.web.api import types
from padan.web.api.profile_form import LONGEST_BRAND, ProfileForm, read_profile_form
from padan.web.api.reading import path_id, query_int
from padan.web.api.timespan import format_timespan


async def create_profile(ports: Ports, environment: Environment, request: Request) -> types.CreatedId:
    """Create a verification profile, from a multipart form with PascalCase names."""
    form = await read_profile_form(request)
    try:
        profile = await _read_profile(ports, environment, form)
    finally:
        await form.close()
    try:
        await ports.directory.add_profile(profile)
    except Conflict as conflict:
        raise Invalid({"ExternalId": ["is already used by another profile; choose another"]}) from conflict
    return types.CreatedId(profile.id)


async def get_profile(ports: Ports, environment: Environment, request: Request) -> types.ProfileBody:
    """One verification profile."""
    profile = await ports.directory.profile(environment.id, path_id(request, "id"))
    if profile is None:
        raise NotYours
    return _body(ports, profile)


async def get_profile_by_external_id(
    ports: Ports, environment: Environment, request: Request
) -> types.ProfileBody:
    """The verification profile with the relying party's own id."""
    profile = await ports.directory.profile_by_external_id(environment.id, request.path_params["external_id"])
    if profile is None:
        raise NotYours
    return _body(ports, profile)


async def list_profiles(ports: Ports, environment: Environment, request: Request) -> types.ProfileList:
    """A page of the environment's verification profiles."""
    number = query_int(request, "page", default=1, low=1, high=1_000_000)
    size = query_int(request, "pageSize", default=20, low=1, high=100)
    found = await ports.directory.profiles(environment.id, page=number, size=size)
    return types.ProfileList([_body(ports, profile) for profile in found.items], number * size < found.total)


def _body(ports: Ports, profile: Profile) -> types.ProfileBody:
    logo = f"/brand/{profile.id}/logo" if profile.logo else "/assets/padan.svg"
    return types.ProfileBody(
        id=profile.id,
        alias=profile.alias,
        brand_name=profile.brand_name,
        external_id=profile.external_id,
        logo_url=ports.public_url + logo,
        primary_color=profile.primary_color,
        enabled_providers=list(profile.enabled_providers),
        session_expiration=format_timespan(profile.session_expiration),
        redaction_period=format_timespan(profile.redaction_period),
        is_production_usage=profile.is_production_usage,
        allowed_origins=list(profile.pages.allowed_origins),
        show_known_data=profile.pages.shows_known_data,
        result_page=profile.pages.result_page,
        purpose=profile.pages.purpose,
        privacy_url=profile.pages.privacy_url,
        return_results_access_key=profile.pages.returns_results_access_key,
        return_canceled=profile.pages.returns_canceled,
    )


async def _read_profile(ports: Ports, environment: Environment, form: FormData) -> Profile:
    fields = ProfileForm(form)
    now = ports.clock()
    logo, logo_type = await fields.logo()
    expiration, redaction = fields.periods()
    live = environment.kind is EnvironmentKind.LIVE
    profile = Profile(
        id=uuid7(now, ports.random(10)),
        environment_id=environment.id,
        alias=fields.text("Alias", longest=255, required=True) or "",
        brand_name=fields.text("BrandName", longest=LONGEST_BRAND, required=True) or "",
        created_at=now,
        enabled_providers=_providers(ports, fields),
        external_id=fields.text("ExternalId", longest=255),
        primary_color=fields.color(),
        logo=logo,
        logo_type=logo_type,
        session_expiration=expiration,
        redaction_period=redaction,
        is_production_usage=fields.flag("IsProductionUsage") and live,
        pages=fields.pages(),
    )
    if fields.errors:
        raise Invalid(fields.errors)
    return profile


def _providers(ports: Ports, fields: ProfileForm) -> tuple[str, ...]:
    names = fields.texts("Providers")
    if any(name not in ports.providers for name in names):
        known = ", ".join(sorted(ports.providers))
        fields.errors["Providers"] = [f"holds an unknown provider; known: {known}"]
    return names
