"""The multipart form that creates a verification profile: Trinsic's fields, and Padan's own for its pages."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from padan.app.errors import Invalid
from padan.domain.hosting import PageRules, ResultPage, origin_problem, privacy_url_problem
from padan.domain.profile import (
    DEFAULT_COLOR,
    DEFAULT_EXPIRATION,
    DEFAULT_REDACTION_PERIOD,
    Profile,
    period_problems,
)
from padan.web.api.reading import BODY
from padan.web.api.timespan import parse_timespan
from padan.web.logos import LARGEST, MEDIA_TYPE, LogoRefused, redraw

_PERIODS = {"SessionExpiration": "sessionExpiration", "RedactionPeriod": "redactionPeriod"}
_MOST_ORIGINS = 20
LONGEST_BRAND = 2500
"""Characters of a brand's name, as the SDK documents it."""
_OF_PAGES: Mapping[str, str] = MappingProxyType(
    {
        "AllowedOrigins": "allowed_origins",
        "ShowKnownData": "shows_known_data",
        "ResultPage": "result_page",
        "Purpose": "purpose",
        "PrivacyUrl": "privacy_url",
        "ReturnResultsAccessKey": "returns_results_access_key",
        "ReturnCanceled": "returns_canceled",
    }
)

CHANGEABLE = frozenset({"BrandName", "PrimaryColor", "Logo", *_OF_PAGES})
"""The fields that a profile can change after it was made."""


@dataclass(slots=True)
class ProfileForm:
    """The fields of one form. Each reader notes what is wrong in `errors`, by the field's name."""

    form: FormData
    errors: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str, *, longest: int, required: bool = False) -> str | None:
        """A text without control characters, or `None` where it is absent."""
        value = self.form.get(name)
        if isinstance(value, UploadFile):
            self.errors[name] = ["must be text, not a file"]
            return None
        if value is None or not value.strip():
            if required:
                self.errors[name] = ["is required"]
            return None
        if len(value) > longest or any(ord(c) < 0x20 or "\ud800" <= c <= "\udfff" for c in value):
            self.errors[name] = [f"must be at most {longest} characters without control characters"]
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A field that may be repeated, each value once."""
        return tuple(dict.fromkeys(str(value) for value in self.form.getlist(name) if value != ""))

    def flag(self, name: str) -> bool:
        """`true` or `false`; false where it is absent."""
        text = (self.text(name, longest=5) or "false").lower()
        if text not in {"true", "false"}:
            self.errors[name] = ["must be true or false"]
        return text == "true"

    def color(self) -> str:
        """`PrimaryColor`, with its default."""
        color = self.text("PrimaryColor", longest=7) or DEFAULT_COLOR
        if not re.fullmatch(r"#[0-9A-Fa-f]{6}", color):
            self.errors["PrimaryColor"] = ["must be # and six hexadecimal digits, like #1F4E8C"]
        return color

    def periods(self) -> tuple[int, int]:
        """Milliseconds until a session expires and until it is redacted, with their defaults."""
        values = {"SessionExpiration": DEFAULT_EXPIRATION, "RedactionPeriod": DEFAULT_REDACTION_PERIOD}
        for name, default in tuple(values.items()):
            text = self.text(name, longest=32)
            try:
                values[name] = parse_timespan(text) if text else default
            except ValueError:
                self.errors[name] = ["must be a time span like 01:00:00 or 31.00:00:00"]
        problems = period_problems(values["SessionExpiration"], values["RedactionPeriod"])
        for form_name, name in _PERIODS.items():
            if name in problems:
                self.errors.setdefault(form_name, [problems[name]])
        return values["SessionExpiration"], values["RedactionPeriod"]

    def pages(self) -> PageRules:
        """How the hosted pages behave."""
        purpose, privacy = self.text("Purpose", longest=300), self.text("PrivacyUrl", longest=2048)
        problem = privacy_url_problem(privacy) if privacy else None
        if problem:
            self.errors["PrivacyUrl"] = [problem]
        return PageRules(
            allowed_origins=self._origins(),
            shows_known_data=self.flag("ShowKnownData"),
            result_page=self._result_page(),
            purpose=purpose,
            privacy_url=privacy,
            returns_results_access_key=self.flag("ReturnResultsAccessKey"),
            returns_canceled=self.flag("ReturnCanceled"),
        )

    async def changed(self, profile: Profile) -> Profile:
        """The profile with the fields that the form names; an empty value takes the default back."""
        rules = self.pages()
        named = {of: getattr(rules, of) for name, of in _OF_PAGES.items() if name in self.form}
        changes: dict[str, Any] = {"pages": replace(profile.pages, **named)}
        if "BrandName" in self.form:
            changes["brand_name"] = self.text("BrandName", longest=LONGEST_BRAND, required=True)
        if "PrimaryColor" in self.form:
            changes["primary_color"] = self.color()
        if "Logo" in self.form:
            changes["logo"], changes["logo_type"] = await self.logo()
        return replace(profile, **changes)

    async def logo(self) -> tuple[bytes | None, str | None]:
        """The logo, drawn anew, and its media type."""
        value = self.form.get("Logo")
        if value is None or value == "":
            return None, None
        data = await value.read(LARGEST + 1) if isinstance(value, UploadFile) else b""
        try:
            return redraw(data), MEDIA_TYPE
        except LogoRefused as refused:
            self.errors["Logo"] = [str(refused)]
            return None, None

    def _origins(self) -> tuple[str, ...]:
        origins = self.texts("AllowedOrigins")
        problems = [f"{origin[:100]}: {p}" for origin in origins if (p := origin_problem(origin))]
        if len(origins) > _MOST_ORIGINS:
            problems = [f"must be at most {_MOST_ORIGINS} origins"]
        if problems:
            self.errors["AllowedOrigins"] = problems
        return origins

    def _result_page(self) -> ResultPage:
        text = self.text("ResultPage", longest=20) or ResultPage.NOTHING
        try:
            return ResultPage(text)
        except ValueError:
            self.errors["ResultPage"] = [f"must be one of {', '.join(ResultPage)}"]
            return ResultPage.NOTHING


async def read_profile_form(request: Request) -> FormData:
    """The form of a request. Raises Invalid where there is none that can be read."""
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
        if size > LARGEST + 64 * 1024:
            raise Invalid({"Logo": [f"The form is too large; a logo has at most {LARGEST // 1024} KiB."]})
        yield chunk


async def _again(chunks: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    for chunk in chunks:
        yield chunk
