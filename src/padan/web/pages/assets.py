"""The files that pages refer to: named by their content, compressed once, kept by browsers for a year."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

_TYPES = MappingProxyType(
    {
        "pages.css": "text/css; charset=utf-8",
        "pages.js": "text/javascript; charset=utf-8",
        "padan.js": "text/javascript; charset=utf-8",
        "padan.svg": "image/svg+xml",
        "providers/indonesia-nik-lookup.svg": "image/svg+xml",
    }
)
_HEADERS = {"X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
# Relying parties' pages load the script, the logos and nothing else of ours from another origin.
_FOR_EVERYONE = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    compressed: bytes
    media_type: str
    version: str


def asset_url(name: str) -> str:
    """Where a page finds a file: the address changes with the content."""
    return f"/assets/{name}?v={_asset(name).version}"


async def serve_asset(request: Request) -> Response:
    """A file that pages refer to; 404 for any other name."""
    return _answer(request, request.path_params["name"])


async def serve_script(request: Request) -> Response:
    """`/padan.js`, the script for relying parties' own pages, under an address that stays."""
    return _answer(request, "padan.js")


def _answer(request: Request, name: str) -> Response:
    if name not in _TYPES:
        return Response(status_code=404)
    found = _asset(name)
    headers = _HEADERS | {"Cache-Control": _cache_control(request, found), "ETag": f'"{found.version}"'}
    if name != "pages.js":
        headers |= _FOR_EVERYONE
    if request.headers.get("if-none-match") == f'"{found.version}"':
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(found.compressed, media_type=found.media_type, headers=headers)
    return Response(found.body, media_type=found.media_type, headers=headers)


def _cache_control(request: Request, found: _Asset) -> str:
    named = request.query_params.get("v") == found.version
    return "public, max-age=31536000, immutable" if named else "public, max-age=300"


@cache
def _asset(name: str) -> _Asset:
    body = (files("padan.web.pages") / "static" / name).read_bytes()
    version = hashlib.sha256(body).hexdigest()[:12]
    return _Asset(body, gzip.compress(body, 9, mtime=0), _TYPES[name], version)
