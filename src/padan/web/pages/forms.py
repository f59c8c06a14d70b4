"""Read a form that was sent; of one that is too large, as much as may be given back."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request

from padan.app.errors import Invalid
from padan.web.api.reading import MAX_BODY

LARGEST_FORM = 1024 * 1024
"""Bytes of a form of a person with a session: what is far too long is still told beside its field."""

_MOST_FIELDS = 32
# Above the limit the rest is read and thrown away, so that browsers hear the answer; but not for ever.
_MOST_THROWN_AWAY = 16 * LARGEST_FORM


class FormTooLarge(Invalid):
    """More bytes or fields than are read; `kept` are those before the limit. They are personal data."""

    def __init__(self, kept: Mapping[str, str]) -> None:
        super().__init__({"$": ["The form is too large."]})
        self.kept = kept


async def read_form(request: Request, *, limit: int = MAX_BODY) -> Mapping[str, str]:
    """The form's fields, last value each. Raises FormTooLarge."""
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        body += chunk[: max(0, limit - len(body))]
        if size > limit + _MOST_THROWN_AWAY:
            break
    parts = bytes(body).decode("utf-8", "replace").split("&")
    if size > limit:
        # The last one is cut off somewhere.
        raise FormTooLarge(_fields(parts[: min(len(parts) - 1, _MOST_FIELDS)]))
    if len(parts) > _MOST_FIELDS:
        raise FormTooLarge(_fields(parts[:_MOST_FIELDS]))
    return _fields(parts)


def _fields(parts: list[str]) -> Mapping[str, str]:
    pairs = parse_qs("&".join(parts), keep_blank_values=True)
    return {name: values[-1] for name, values in pairs.items()}
