"""Render a page, with the headers every page carries."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from jinja2 import Environment

_CSP = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
HEADERS = {
    "Content-Security-Policy": _CSP + "form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@cache
def _templates() -> Environment:
    # Imported with the first page: a server that only answers the API starts without it.
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = files("padan.web.pages") / "templates"
    return Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def asset(name: str) -> bytes:
    """A file that pages refer to. Raises FileNotFoundError."""
    return (files("padan.web.pages") / "assets" / name).read_bytes()


def render(template: str, *, status: int = 200, return_url: str | None = None, **values: Any) -> HTMLResponse:
    """A page as a response.

    Browsers hold a form's whole chain of redirects to `form-action`, so it names where the person goes next.
    """
    known = {"refresh": False, "brand": "", "message": "", "sandbox": False}
    text = _templates().get_template(template).render(**(known | values))
    policy = {"Content-Security-Policy": f"{_CSP}form-action 'self' {_source(return_url)}".rstrip()}
    return HTMLResponse(text, status, headers=HEADERS | policy)


def _source(url: str | None) -> str:
    """The CSP source of a redirect URI: its origin, or the scheme of an app."""
    parts = urlsplit(url or "")
    if parts.scheme in {"http", "https"}:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:" if parts.scheme else ""
