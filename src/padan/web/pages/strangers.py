"""Who names a session in an address and does not hold its cookie: inside what page they may be told so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from starlette.requests import Request

from padan.app.ports import Ports
from padan.web.pages.rendering import Surroundings
from padan.web.pages.visits import (
    allowed_origin,
    embedding_origins,
    is_embedded,
    is_secure,
    opener_of,
    query_of,
)


@dataclass(frozen=True, slots=True)
class Stranger:
    """One request for a session that it does not open.

    `targets` are the origins that hear of it, `message` what they hear: both are empty unless the page is
    embedded, or in a popup of an allowed origin.
    """

    surroundings: Surroundings
    query: str = ""
    targets: Sequence[str] = ()
    message: str = ""


async def read_stranger(
    ports: Ports, request: Request, *, fields: Mapping[str, str] | None = None
) -> Stranger:
    """Who asks; `fields` are those of the launch, if this is one."""
    session_id = _session_id(request, fields)
    origins = await _origins(ports, session_id)
    if fields is None:
        opener = allowed_origin(request.query_params.get("opener", ""), origins)
    else:
        opener = opener_of(request, fields, origins=origins)
    embedded = is_embedded(request, fields)
    targets = (opener,) if opener else tuple(o for o in origins if "*" not in o) if embedded else ()
    told = {"success": False, "msg": "unrecoverable-error", "sessionId": str(session_id)}
    return Stranger(
        Surroundings(origins if embedded else (), secure=is_secure(ports)),
        query_of(opener, embedded=embedded),
        targets,
        msgspec.json.encode(told).decode() if targets else "",
    )


def _session_id(request: Request, fields: Mapping[str, str] | None) -> UUID | None:
    named = request.path_params.get("session_id", "") if fields is None else fields.get("sessionId", "")
    try:
        return UUID(named)
    except ValueError:
        return None


async def _origins(ports: Ports, session_id: UUID | None) -> tuple[str, ...]:
    session = await ports.sessions.find(session_id) if session_id else None
    profile = await ports.directory.profile(session.environment_id, session.profile_id) if session else None
    return await embedding_origins(ports, session, profile) if session and profile else ()
