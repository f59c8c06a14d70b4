"""`padan environment`: the walls between organisations, and between Test and Live."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer

from padan.cli.directory import find_environment, new_id, with_store
from padan.cli.output import Config, Json, print_json, stop

app = typer.Typer(
    help="Environments: each belongs to one organisation, for Test or Live.", no_args_is_help=True
)


@app.command()
def create(
    organisation: Annotated[str, typer.Argument(help="Whose environment it is.")],
    live: Annotated[
        bool, typer.Option("--live", help="Ask the real registry; each question costs money.")
    ] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Create an environment."""
    from padan.app.ports import Conflict, Store
    from padan.domain.environment import Environment, EnvironmentKind

    identifier, now = new_id()
    kind = EnvironmentKind.LIVE if live else EnvironmentKind.TEST
    environment = Environment(identifier, organisation, kind, now)

    async def work(store: Store) -> None:
        await store.add_environment(environment)

    try:
        with_store(config, work, action="environment.create", subject=lambda _: identifier)
    except Conflict:
        stop(f"{organisation} has a {kind} environment already; 'padan environment list' shows it")
    row = _row(environment)
    print_json(row) if json else typer.echo(f"{row['id']}  {row['kind']}  {row['organisation']}")


@app.command("list")
def list_all(config: Config = None, json: Json = False) -> None:
    """List all environments."""
    from padan.app.ports import Store

    async def work(store: Store) -> list[dict[str, str]]:
        return [_row(environment) for environment in await store.environments()]

    for row in with_store(config, work):
        print_json(row) if json else typer.echo(f"{row['id']}  {row['kind']}  {row['organisation']}")


@app.command()
def revoke(
    environment_id: Annotated[UUID, typer.Argument(help="The environment's id.")],
    config: Config = None,
    json: Json = False,
) -> None:
    """Revoke every token of an environment: nobody can use it until it has a new one."""
    from padan.app.ports import Store
    from padan.main import clock

    async def work(store: Store) -> int:
        owner = await find_environment(store, str(environment_id))
        tokens = await store.tokens(owner.id)
        return sum([await store.revoke_token(token.id, clock()) for token in tokens])

    count = with_store(config, work, action="environment.revoke", subject=lambda _: environment_id)
    row = {"id": str(environment_id), "revokedTokens": count}
    print_json(row) if json else typer.echo(f"{count} tokens of {environment_id} are revoked.")


def _row(environment: Any) -> dict[str, str]:
    return {
        "id": str(environment.id),
        "organisation": environment.organisation,
        "kind": environment.kind.value,
    }
