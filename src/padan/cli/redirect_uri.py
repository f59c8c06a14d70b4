"""`padan redirect-uri`: where people may be sent back to."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from padan.cli.directory import find_environment, new_id, with_store
from padan.cli.output import Config, Json, print_json, stop
from padan.cli.token import EnvironmentId

app = typer.Typer(help="The allow-list of redirect URIs.", no_args_is_help=True)


@app.command()
def add(
    uri: Annotated[str, typer.Argument(help="https, localhost, or an app's own scheme; `*` is a wildcard.")],
    environment: EnvironmentId = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Allow a redirect URI."""
    from padan.app.ports import Conflict, Store
    from padan.domain.profile import RedirectUri, redirect_uri_problem

    fault = redirect_uri_problem(uri)
    if fault:
        stop(f"the URI {fault}", status=2)

    async def work(store: Store) -> dict[str, str]:
        owner = await find_environment(store, environment)
        identifier, now = new_id()
        await store.add_redirect_uri(RedirectUri(identifier, owner.id, uri, now))
        return {"id": str(identifier), "uri": uri}

    try:
        row = with_store(config, work, action="redirect-uri.add", subject=lambda made: made["id"])
    except Conflict:
        stop("the URI is on the list already")
    print_json(row) if json else typer.echo(f"{row['id']}  {row['uri']}")


@app.command("list")
def list_all(environment: EnvironmentId = None, config: Config = None, json: Json = False) -> None:
    """List an environment's redirect URIs."""
    from padan.app.ports import Store

    async def work(store: Store) -> list[dict[str, str]]:
        owner = await find_environment(store, environment)
        return [{"id": str(entry.id), "uri": entry.uri} for entry in await store.redirect_uris(owner.id)]

    for row in with_store(config, work):
        print_json(row) if json else typer.echo(f"{row['id']}  {row['uri']}")


@app.command()
def remove(
    uri_id: Annotated[UUID, typer.Argument(help="The entry's id.")],
    environment: EnvironmentId = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Take a redirect URI off the list."""
    from padan.app.ports import Store

    async def work(store: Store) -> bool:
        owner = await find_environment(store, environment)
        return await store.remove_redirect_uri(owner.id, uri_id)

    if not with_store(config, work, action="redirect-uri.remove", subject=lambda _: uri_id):
        stop("there is no such entry; 'padan redirect-uri list' shows them")
    print_json({"id": str(uri_id), "removed": True}) if json else typer.echo(f"{uri_id} is removed.")
