"""`padan token`: access tokens of relying parties. A token is shown once; only its hash is kept."""

from __future__ import annotations

import secrets
from typing import Annotated, Any
from uuid import UUID

import typer

from padan.cli.directory import find_environment, new_id, with_store
from padan.cli.output import Config, Json, print_json, stop

app = typer.Typer(help="Access tokens: create, list, revoke.", no_args_is_help=True)
EnvironmentId = Annotated[
    str | None, typer.Option("--environment", help="Id; not needed while there is one.")
]


def new_token(kind: str) -> tuple[str, bytes]:
    """A token with 256 random bits, and the SHA-256 that is kept of it. A Test token says so."""
    from padan.app.create import sha256

    text = f"padan_{kind.lower()}_{secrets.token_urlsafe(32)}"
    return text, sha256(text)


@app.command()
def create(
    label: Annotated[str, typer.Argument(help="What it is for, to know it again.")],
    environment: EnvironmentId = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Create a token and print it, once."""
    from padan.app.ports import Store
    from padan.domain.environment import AccessToken

    async def work(store: Store) -> dict[str, str]:
        owner = await find_environment(store, environment)
        text, digest = new_token(owner.kind)
        identifier, now = new_id()
        await store.add_token(AccessToken(identifier, owner.id, label, digest, now))
        return {"id": str(identifier), "environmentId": str(owner.id), "label": label, "accessToken": text}

    row = with_store(config, work, action="token.create", subject=lambda made: made["id"])
    if json:
        print_json(row)
    else:
        typer.echo(row["accessToken"])
        typer.echo(f"Keep it now: it cannot be shown again. Revoke: padan token revoke {row['id']}", err=True)


@app.command("list")
def list_all(environment: EnvironmentId = None, config: Config = None, json: Json = False) -> None:
    """List an environment's tokens, without their text."""
    from padan.app.ports import Store

    async def work(store: Store) -> list[dict[str, Any]]:
        owner = await find_environment(store, environment)
        return [
            {"id": str(t.id), "label": t.label, "createdAt": t.created_at, "revokedAt": t.revoked_at}
            for t in await store.tokens(owner.id)
        ]

    for row in with_store(config, work):
        state = "active" if row["revokedAt"] is None else "revoked"
        print_json(row) if json else typer.echo(f"{row['id']}  {state}  {row['label']}")


@app.command()
def revoke(
    token_id: Annotated[UUID, typer.Argument(help="The token's id.")],
    config: Config = None,
    json: Json = False,
) -> None:
    """Revoke a token, at once and for good."""
    from padan.app.ports import Store
    from padan.main import clock

    async def work(store: Store) -> bool:
        return await store.revoke_token(token_id, clock())

    if not with_store(config, work, action="token.revoke", subject=lambda _: token_id):
        stop("there is no such token that is not revoked; 'padan token list' shows them")
    print_json({"id": str(token_id), "revoked": True}) if json else typer.echo(f"{token_id} is revoked.")
