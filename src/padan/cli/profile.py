"""`padan profile`: verification profiles."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer

from padan.cli.directory import find_environment, new_id, with_store
from padan.cli.output import Config, Json, print_json, stop
from padan.cli.token import EnvironmentId

app = typer.Typer(help="Verification profiles: brand, enabled providers, periods.", no_args_is_help=True)


@app.command()
def create(
    alias: Annotated[str, typer.Argument(help="Its name for developers.")],
    brand: Annotated[str, typer.Option(help="The name people see.")],
    provider: Annotated[list[str] | None, typer.Option(help="An enabled provider; repeat for more.")] = None,
    environment: EnvironmentId = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Create a profile with the default periods, `indonesia-nik-lookup` enabled unless others are named."""
    from padan.domain.profile import Profile
    from padan.providers import PROVIDERS
    from padan.store.sqlite import SqliteStore

    enabled = tuple(dict.fromkeys(provider or ["indonesia-nik-lookup"]))
    for name in enabled:
        if name not in PROVIDERS:
            stop(f"{name} is not a provider; known: {', '.join(PROVIDERS)}", status=2)

    async def work(store: SqliteStore) -> dict[str, Any]:
        owner = await find_environment(store, environment)
        identifier, now = new_id()
        profile = Profile(identifier, owner.id, alias, brand, now, enabled_providers=enabled)
        await store.add_profile(profile)
        return _row(profile)

    _print(with_store(config, work), json=json)


@app.command("list")
def list_all(environment: EnvironmentId = None, config: Config = None, json: Json = False) -> None:
    """List an environment's profiles."""
    from padan.store.sqlite import SqliteStore

    async def work(store: SqliteStore) -> list[dict[str, Any]]:
        owner = await find_environment(store, environment)
        return [_row(profile) for profile in (await store.profiles(owner.id, page=1, size=1_000_000)).items]

    for row in with_store(config, work):
        _print(row, json=json)


@app.command()
def revoke(
    profile_id: Annotated[UUID, typer.Argument(help="The profile's id.")],
    environment: EnvironmentId = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Enable no provider in a profile any more: no session begins with it, those that run go on."""
    from padan.store.sqlite import SqliteStore

    async def work(store: SqliteStore) -> bool:
        owner = await find_environment(store, environment)
        return await store.revoke_profile(owner.id, profile_id)

    if not with_store(config, work):
        stop("there is no such profile that is not revoked; 'padan profile list' shows them")
    print_json({"id": str(profile_id), "revoked": True}) if json else typer.echo(f"{profile_id} is revoked.")


def _row(profile: Any) -> dict[str, Any]:
    return {
        "id": str(profile.id),
        "alias": profile.alias,
        "brandName": profile.brand_name,
        "enabledProviders": list(profile.enabled_providers),
    }


def _print(row: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(row)
    else:
        typer.echo(f"{row['id']}  {row['alias']}  {row['brandName']}  {', '.join(row['enabledProviders'])}")
