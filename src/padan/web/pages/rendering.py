"""Render a page, with the headers every page carries."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.responses import HTMLResponse

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@cache
def _templates() -> Environment:
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


def render(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page as a response."""
    known = {"refresh": False, "brand": "", "message": "", "sandbox": False}
    text = _templates().get_template(template).render(**(known | values))
    return HTMLResponse(text, status, headers=HEADERS)
