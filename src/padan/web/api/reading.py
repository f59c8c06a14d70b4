"""How a request is read: body, path and query, with every fault named by its property."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import msgspec
from starlette.requests import ClientDisconnect, Request

from padan.app.errors import Invalid, NotYours
from padan.web.api.types import Wire

MAX_BODY = 64 * 1024
BODY = "$"
_RAW = "padan.body"
_WAIT = re.compile(r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])', re.ASCII | re.IGNORECASE)

MOST_WAIT = 60
"""Seconds for which a request may wait for its answer."""

W = TypeVar("W", bound=Wire)
E = TypeVar("E", bound=StrEnum)


async def read_body(request: Request, *, limit: int = MAX_BODY) -> bytes:
    """The whole body. Raises Invalid where it is larger than `limit` bytes, without reading on."""
    declared = header(request, b"content-length") or "0"
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    message = await request.receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body") and len(body) <= limit:
        message = await request.receive()
        body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    if len(body) > limit:
        raise _too_large(limit)
    request.scope[_RAW] = body
    return body


def _too_large(limit: int) -> Invalid:
    return Invalid({BODY: [f"The body is larger than {limit // 1024} KiB; send less."]})


def raw_body(request: Request) -> bytes:
    """The body as it was read: it arrives once."""
    body: bytes = request.scope.get(_RAW, b"")
    return body


def header(request: Request, name: bytes) -> str | None:
    """The first header of that name (in small letters); None where there is none."""
    for known, value in request.scope["headers"]:
        if known == name:
            return str(value, "latin-1")
    return None


def bearer_token(request: Request) -> str:
    """The access token of a request; empty where there is none."""
    scheme, _, token = (header(request, b"authorization") or "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def wait_of(request: Request) -> int:
    """Seconds that the client prefers to wait (`Prefer: wait=N`, RFC 7240); 0 where it says nothing of it.

    A preference that cannot be read is none, and a longer one than `MOST_WAIT` is that.
    """
    for known, value in request.scope["headers"]:
        if known == b"prefer" and (found := _WAIT.search(str(value, "latin-1"))):
            return min(int(found[1]), MOST_WAIT)
    return 0


async def decode(request: Request, kind: type[W]) -> W:
    """The body as JSON of this type. Raises Invalid with every property that does not fit."""
    body = await read_body(request)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise Invalid(_all_faults(body, kind) or {BODY: [_remedy(error)]}) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Invalid({BODY: ["The body is not JSON that can be read; send one JSON object."]}) from error


def _all_faults(body: bytes, kind: type[Wire]) -> dict[str, list[str]]:
    """The decoder stops at the first fault; a developer wants all of them."""
    try:
        raw = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    if not isinstance(raw, dict):
        return {BODY: ["The body must be one JSON object."]}
    faults: dict[str, list[str]] = {}
    for item in msgspec.structs.fields(kind):
        name = item.encode_name
        if name not in raw:
            if item.required:
                faults[name] = ["is required"]
            continue
        try:
            msgspec.convert(raw[name], item.type)
        except msgspec.ValidationError as error:
            text, _, where = str(error).partition(" - at `$")
            faults[name + where.rstrip("`")] = [text]
    return faults


def _remedy(error: Exception) -> str:
    return str(error) if isinstance(error, msgspec.ValidationError) else "The body is not UTF-8."


def path_id(request: Request, name: str) -> UUID:
    """An id in the path. What is no UUID is nobody's: raises NotYours, as an unknown one does."""
    try:
        return UUID(request.path_params[name])
    except ValueError as error:
        raise NotYours from error


def query_int(request: Request, name: str, *, default: int, low: int, high: int) -> int:
    """A whole number in the query. Raises Invalid outside `low` to `high`."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high:
        return int(text)
    raise Invalid({name: [f"must be a whole number from {low} to {high}"]})


def query_choice(request: Request, name: str, *, choices: type[E], default: E) -> E:
    """One of an enumeration in the query. Raises Invalid for another word."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        return choices(text)
    except ValueError as error:
        raise Invalid({name: [f"must be one of {', '.join(choices)}"]}) from error


def query_bool(request: Request, name: str) -> bool | None:
    """`true` or `false` in the query, or None where it is absent. Raises Invalid for another word."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    raise Invalid({name: ["must be true or false"]})
