"""Render a page, with the headers every page carries."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from padan.domain.profile import DEFAULT_COLOR
from padan.web.pages.assets import asset_url
from padan.web.pages.colours import palette
from padan.web.pages.languages import PageLanguage, languages

if TYPE_CHECKING:
    from jinja2 import Environment

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""No `Cross-Origin-Opener-Policy`: the SDKs' popups need their opener."""

_STRICT = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "style-src 'self' 'nonce-{nonce}'; form-action {forms}; frame-ancestors {ancestors}"
)
_HSTS = "max-age=31536000"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Who may frame a page, where its form may lead in the end, and whether browsers come by https."""

    ancestors: Sequence[str] = ()
    return_url: str | None = None
    secure: bool = False


@cache
def _templates(code: str) -> Environment:
    # Imported with the first page: a server that only answers the API starts without it.
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = files("padan.web.pages") / "templates"
    environment = Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = languages()[code].catalogue
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["asset"] = asset_url
    environment.globals["languages"] = languages
    return environment


def render(
    template: str,
    language: PageLanguage,
    *,
    status: int = 200,
    surroundings: Surroundings | None = None,
    colour: str = DEFAULT_COLOR,
    **values: Any,
) -> HTMLResponse:
    """A page as a response.

    Browsers hold a form's whole chain of redirects to `form-action`, so it names where the person goes next.
    The brand's colour stands in a style of its own, allowed by a nonce.
    """
    around = surroundings or Surroundings()
    nonce = secrets.token_urlsafe(16)
    known: dict[str, Any] = {
        "language": language,
        "nonce": nonce,
        "palette": palette(colour),
        "sandbox": False,
        "brand": "",
        "logo": None,
        "refresh": 0,
        "leave_to": None,
        "form": False,
        "query": "",
        "state": "",
        "csrf": "",
    }
    text = _templates(language.code).get_template(template).render(**(known | values))
    policy = _STRICT.format(
        nonce=nonce,
        forms=f"'self' {_source(around.return_url)}".rstrip(),
        ancestors=" ".join(around.ancestors) or "'none'",
    )
    headers = HEADERS | {"Content-Security-Policy": policy, "Content-Language": language.code}
    if around.secure:
        headers["Strict-Transport-Security"] = _HSTS
    return HTMLResponse(text, status, headers=headers)


def _source(url: str | None) -> str:
    """The CSP source of a redirect URI: its origin, or the scheme of an app."""
    parts = urlsplit(url or "")
    if parts.scheme in {"http", "https"}:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:" if parts.scheme else ""
