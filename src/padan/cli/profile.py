"""`padan profile`: verification profiles."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from padan.cli.directory import find_environment, new_id, with_store
from padan.cli.output import Config, Json, print_json, stop
from padan.cli.token import EnvironmentId

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from padan.domain.profile import Profile

ProfileId = Annotated[UUID, typer.Argument(help="The profile's id.")]

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
    from padan.app.ports import Store
    from padan.domain.profile import Profile
    from padan.providers import PROVIDERS

    enabled = tuple(dict.fromkeys(provider or ["indonesia-nik-lookup"]))
    for name in enabled:
        if name not in PROVIDERS:
            stop(f"{name} is not a provider; known: {', '.join(PROVIDERS)}", status=2)

    async def work(store: Store) -> dict[str, Any]:
        owner = await find_environment(store, environment)
        identifier, now = new_id()
        profile = Profile(identifier, owner.id, alias, brand, now, enabled_providers=enabled)
        await store.add_profile(profile)
        return _row(profile)

    made = with_store(config, work, action="profile.create", subject=lambda row: row["id"])
    _print(made, json=json)


@app.command("list")
def list_all(environment: EnvironmentId = None, config: Config = None, json: Json = False) -> None:
    """List an environment's profiles."""
    from padan.app.ports import Store

    async def work(store: Store) -> list[dict[str, Any]]:
        owner = await find_environment(store, environment)
        return [_row(profile) for profile in (await store.profiles(owner.id, page=1, size=1_000_000)).items]

    for row in with_store(config, work):
        _print(row, json=json)


@app.command()
def show(
    profile_id: ProfileId, environment: EnvironmentId = None, config: Config = None, json: Json = False
) -> None:
    """Show how a profile's pages look and behave."""
    from padan.app.ports import Store

    async def work(store: Store) -> Profile | None:
        owner = await find_environment(store, environment)
        return await store.profile(owner.id, profile_id)

    _print_whole(with_store(config, work), json=json)


@app.command("set")
def set_(
    profile_id: ProfileId,
    changes: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="What becomes of it.")],
    environment: EnvironmentId = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Change how a profile's pages look and behave; what is not named stays. Sessions that run see it too."""
    from padan.app.ports import Store
    from padan.cli.profile_rules import RULES, RuleWrong, changed_rules
    from padan.web.api.profile_form import CHANGEABLE, ProfileForm

    given = _pairs(changes, known=CHANGEABLE | RULES)
    form = ProfileForm(_form([(name, value) for name, value in given if name not in RULES]))
    rules = {name: value for name, value in given if name in RULES}

    async def work(store: Store) -> Profile | None:
        owner = await find_environment(store, environment)
        profile = await store.profile(owner.id, profile_id)
        if profile is None:
            return None
        try:
            changed = replace(await form.changed(profile), rules=changed_rules(profile.rules, rules))
        except RuleWrong as wrong:
            stop(str(wrong), status=2)
        if form.errors:
            stop("; ".join(f"{name} {' '.join(texts)}" for name, texts in form.errors.items()), status=2)
        return changed if await store.change_profile(changed) else None

    changed = with_store(config, work, action="profile.set", subject=lambda _: profile_id)
    _print_whole(changed, json=json)


@app.command()
def revoke(
    profile_id: ProfileId, environment: EnvironmentId = None, config: Config = None, json: Json = False
) -> None:
    """Enable no provider in a profile any more: no session begins with it, those that run go on."""
    from padan.app.ports import Store

    async def work(store: Store) -> bool:
        owner = await find_environment(store, environment)
        return await store.revoke_profile(owner.id, profile_id)

    if not with_store(config, work, action="profile.revoke", subject=lambda _: profile_id):
        stop("there is no such profile that is not revoked; 'padan profile list' shows them")
    print_json({"id": str(profile_id), "revoked": True}) if json else typer.echo(f"{profile_id} is revoked.")


def _pairs(changes: list[str], *, known: Collection[str]) -> list[tuple[str, str]]:
    for change in changes:
        name, equals, _ = change.partition("=")
        if not equals or name not in known:
            stop(f"{change!r} is no NAME=VALUE with one of {', '.join(sorted(known))}", status=2)
    return [(change.partition("=")[0], change.partition("=")[2]) for change in changes]


def _form(changes: list[tuple[str, str]]) -> FormData:
    """The changes as the fields of the API's form; a logo's value is the name of its file."""
    from starlette.datastructures import FormData, UploadFile

    fields: list[tuple[str, str | UploadFile]] = []
    for name, value in changes:
        if name == "Logo" and value:
            try:
                fields.append((name, UploadFile(io.BytesIO(Path(value).read_bytes()))))
            except OSError as error:
                stop(f"the logo {value} cannot be read: {error.strerror}", status=2)
        else:
            fields.append((name, value))
    return FormData(fields)


def _print_whole(profile: Profile | None, *, json: bool) -> None:
    if profile is None:
        stop("there is no such profile; 'padan profile list' shows them")
    from padan.cli.profile_rules import rules_row

    pages = profile.pages
    row = {
        **_row(profile),
        "primaryColor": profile.primary_color,
        "logo": profile.logo is not None,
        "allowedOrigins": list(pages.allowed_origins),
        "purpose": pages.purpose,
        "privacyUrl": pages.privacy_url,
        "resultPage": pages.result_page.value,
        "showKnownData": pages.shows_known_data,
        "returnResultsAccessKey": pages.returns_results_access_key,
        "returnCanceled": pages.returns_canceled,
        **rules_row(profile.rules),
    }
    if json:
        print_json(row)
        return
    for name, value in row.items():
        typer.echo(f"  {name:<24} {', '.join(value) if isinstance(value, list) else value}")


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
