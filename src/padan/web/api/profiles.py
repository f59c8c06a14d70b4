"""The endpoints of `VerificationProfilesApi`."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from padan.app.errors import Invalid, NotYours
from padan.app.ports import Conflict, Ports
from padan.domain.environment import Environment, EnvironmentKind
from padan.domain.identifiers import uuid7
from padan.domain.profile import (
    DEFAULT_COLOR,
    DEFAULT_EXPIRATION,
    DEFAULT_REDACTION_PERIOD,
    Profile,
    period_problems,
)
from padan.web.api import types
from padan.web.api.reading import BODY, path_id, query_int
from padan.web.api.timespan import format_timespan, parse_timespan

MAX_LOGO = 256 * 1024
_LOGO_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_PERIODS = {"SessionExpiration": "sessionExpiration", "RedactionPeriod": "redactionPeriod"}


async def create_profile(ports: Ports, environment: Environment, request: Request) -> types.CreatedId:
    """Create a verification profile, from a multipart form with PascalCase names."""
    form = await _form(request)
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
    )


async def _read_profile(ports: Ports, environment: Environment, form: FormData) -> Profile:
    errors: dict[str, list[str]] = {}
    now = ports.clock()
    logo, logo_type = await _logo(form, errors)
    expiration, redaction = _periods(form, errors)
    profile = Profile(
        id=uuid7(now, ports.random(10)),
        environment_id=environment.id,
        alias=_text(form, "Alias", errors, longest=255, required=True) or "",
        brand_name=_text(form, "BrandName", errors, longest=2500, required=True) or "",
        created_at=now,
        enabled_providers=_providers(ports, form, errors),
        external_id=_text(form, "ExternalId", errors, longest=255),
        primary_color=_color(form, errors),
        logo=logo,
        logo_type=logo_type,
        session_expiration=expiration,
        redaction_period=redaction,
        is_production_usage=_production(form, environment, errors),
    )
    if errors:
        raise Invalid(errors)
    return profile


async def _form(request: Request) -> FormData:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Invalid({BODY: ["The body must be multipart/form-data."]})
    # Read whole before it is parsed: an upload that breaks off leaves no file of the parser open.
    chunks = [chunk async for chunk in _bounded(request)]
    try:
        parser = MultiPartParser(request.headers, _again(chunks), max_files=1, max_fields=64)
        return await parser.parse()
    except (MultiPartException, HTTPException, ValueError, KeyError) as error:
        raise Invalid({BODY: ["The body is not a multipart form that can be read."]}) from error


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    """The body, until it is larger than any lawful profile."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_LOGO + 64 * 1024:
            raise Invalid({"Logo": [f"The form is too large; a logo has at most {MAX_LOGO // 1024} KiB."]})
        yield chunk


async def _again(chunks: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    for chunk in chunks:
        yield chunk


def _text(
    form: FormData, name: str, errors: dict[str, list[str]], *, longest: int, required: bool = False
) -> str | None:
    value = form.get(name)
    if isinstance(value, UploadFile):
        errors[name] = ["must be text, not a file"]
        return None
    if value is None or not value.strip():
        if required:
            errors[name] = ["is required"]
        return None
    if len(value) > longest or any(ord(c) < 0x20 or "\ud800" <= c <= "\udfff" for c in value):
        errors[name] = [f"must be at most {longest} characters without control characters"]
    return value


def _providers(ports: Ports, form: FormData, errors: dict[str, list[str]]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(str(name) for name in form.getlist("Providers")))
    unknown = [name for name in names if name not in ports.providers]
    if unknown:
        errors["Providers"] = [f"holds an unknown provider; known: {', '.join(sorted(ports.providers))}"]
    return names


def _color(form: FormData, errors: dict[str, list[str]]) -> str:
    color = _text(form, "PrimaryColor", errors, longest=7) or DEFAULT_COLOR
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", color):
        errors["PrimaryColor"] = ["must be # and six hexadecimal digits, like #1F4E8C"]
    return color


def _periods(form: FormData, errors: dict[str, list[str]]) -> tuple[int, int]:
    values = {"SessionExpiration": DEFAULT_EXPIRATION, "RedactionPeriod": DEFAULT_REDACTION_PERIOD}
    for name, default in tuple(values.items()):
        text = _text(form, name, errors, longest=32)
        try:
            values[name] = parse_timespan(text) if text else default
        except ValueError:
            errors[name] = ["must be a time span like 01:00:00 or 31.00:00:00"]
    problems = period_problems(values["SessionExpiration"], values["RedactionPeriod"])
    for form_name, name in _PERIODS.items():
        if name in problems:
            errors.setdefault(form_name, [problems[name]])
    return values["SessionExpiration"], values["RedactionPeriod"]


def _production(form: FormData, environment: Environment, errors: dict[str, list[str]]) -> bool:
    text = (_text(form, "IsProductionUsage", errors, longest=5) or "false").lower()
    if text not in {"true", "false"}:
        errors["IsProductionUsage"] = ["must be true or false"]
    return text == "true" and environment.kind is EnvironmentKind.LIVE


async def _logo(form: FormData, errors: dict[str, list[str]]) -> tuple[bytes | None, str | None]:
    value = form.get("Logo")
    if value is None or value == "":
        return None, None
    data = await value.read(MAX_LOGO + 1) if isinstance(value, UploadFile) else b""
    kind = next((name for magic, name in _LOGO_TYPES.items() if data.startswith(magic)), None)
    if kind is None or len(data) > MAX_LOGO:
        errors["Logo"] = [f"must be a PNG or JPEG file of at most {MAX_LOGO // 1024} KiB"]
        return None, None
    return data, kind
