"""The endpoints of `RedirectUrisApi`."""

from __future__ import annotations

from starlette.requests import Request

from padan.app.errors import Invalid, NotYours
from padan.app.ports import Conflict, Ports
from padan.domain.environment import Environment
from padan.domain.identifiers import uuid7
from padan.domain.profile import RedirectUri, redirect_uri_problem
from padan.web.api import types
from padan.web.api.reading import decode, path_id, query_int


async def add_redirect_uri(ports: Ports, environment: Environment, request: Request) -> types.CreatedId:
    """Put a URI on the environment's allow-list."""
    body = await decode(request, types.AddRedirectUri)
    fault = redirect_uri_problem(body.uri)
    if fault:
        raise Invalid({"uri": [fault]})
    now = ports.clock()
    entry = RedirectUri(uuid7(now, ports.random(10)), environment.id, body.uri, now)
    try:
        await ports.directory.add_redirect_uri(entry)
    except Conflict as conflict:
        raise Invalid({"uri": ["is on the list already"]}) from conflict
    return types.CreatedId(entry.id)


async def list_redirect_uris(
    ports: Ports, environment: Environment, request: Request
) -> types.RedirectUriList:
    """A page of the environment's allow-list."""
    number = query_int(request, "page", default=1, low=1, high=1_000_000)
    size = query_int(request, "pageSize", default=20, low=1, high=100)
    entries = await ports.directory.redirect_uris(environment.id)
    shown = entries[(number - 1) * size : number * size]
    return types.RedirectUriList(
        [types.RedirectUriBody(entry.id, entry.uri) for entry in shown], number * size < len(entries)
    )


async def remove_redirect_uri(ports: Ports, environment: Environment, request: Request) -> None:
    """Take a URI off the allow-list."""
    if not await ports.directory.remove_redirect_uri(environment.id, path_id(request, "id")):
        raise NotYours
