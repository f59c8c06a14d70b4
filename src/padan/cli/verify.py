"""`padan verify`: one verification without a server."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from padan.cli.directory import write_down_or_stop
from padan.cli.output import Config, Json, print_json, settings_or_stop, stop

if TYPE_CHECKING:
    from padan.app.ports import Registry, Store
    from padan.domain.claim import Claim
    from padan.settings import Settings

PROVIDER = "indonesia-nik-lookup"
_LABELS = (("nationalIdNumber", "NIK"), ("fullName", "full name"), ("dateOfBirth", "date of birth"))


def verify(
    nik: Annotated[str, typer.Option(help="16 digits.")],
    name: Annotated[str, typer.Option(help="Full name as on the card.")],
    born: Annotated[str, typer.Option(help="Date of birth, YYYY-MM-DD.")],
    config: Config = None,
    json: Json = False,
) -> None:
    """Match one claim through the configured registry, or the sandbox if there is none.

    Status 0: everything matches; 1: something does not; 3: the registry gave no answer, or may not be asked.
    """
    settings = settings_or_stop(config)
    claim = _claim({"nikIdNumber": nik, "fullName": name, "dateOfBirth": born})
    result = _audited(settings, claim)
    matches = all(part["booleanValue"] for part in result["identityData"]["match"].values())
    if json:
        print_json(result)
    else:
        _print(result)
    raise typer.Exit(0 if matches else 1)


def _audited(settings: Settings, claim: Claim) -> dict[str, Any]:
    """The result, after it was written down that a registry was asked. The sandbox is nobody's."""
    outcome = "refused"
    try:
        result = asyncio.run(_verify(settings, claim))
        outcome = "done"
    finally:
        if not _asks_sandbox(settings):
            write_down_or_stop(settings, "verify", outcome=outcome)
    return result


def _claim(given: dict[str, str]) -> Claim:
    from padan.app.ports import InputInvalid
    from padan.main import today
    from padan.providers import PROVIDERS

    options = {"nikIdNumber": "--nik", "fullName": "--name", "dateOfBirth": "--born"}
    try:
        partial = PROVIDERS[PROVIDER].read_input(given, today=today())
    except InputInvalid as invalid:
        stop(
            "; ".join(f"{options.get(n, n)}: {' '.join(texts)}" for n, texts in invalid.errors.items()),
            status=2,
        )
    if partial.missing:
        stop(", ".join(options[field] for field in partial.missing) + " must not be empty", status=2)
    return partial.complete()


async def _verify(settings: Settings, claim: Claim) -> dict[str, Any]:
    import json

    from padan.domain.errors import RegistryError
    from padan.main import today
    from padan.providers import PROVIDERS

    if settings.dukcapil_url is not None:
        await _permit(settings)
    async with contextlib.AsyncExitStack() as stack:
        registry, sandbox = await _registry(settings, stack), _asks_sandbox(settings)
        try:
            finding = await registry.ask(claim, request_id=os.urandom(8).hex())
        except RegistryError as error:
            stop(f"the registry gave no answer ({type(error).__name__}): {error}", status=3)
        data = PROVIDERS[PROVIDER].identity_data(claim, finding, today=today())
        return {"registry": "sandbox" if sandbox else registry.name, "identityData": json.loads(data)}


async def _permit(settings: Settings) -> None:
    """Stop where Live may not ask either; count the question where an agreement is registered."""
    from padan.app.ports import StoreUnavailable
    from padan.main import open_store, unprotected_lines

    for problem in unprotected_lines(settings):
        stop(problem, status=2)
    if settings.database is None and not (settings.data / "padan.db").exists():
        return
    try:
        store = await open_store(settings, create=False)
    except StoreUnavailable as error:
        stop(f"the database cannot be opened: {error}; check PADAN_DATABASE", status=3)
    try:
        await _count(store)
    finally:
        await store.close()


async def _count(store: Store) -> None:
    from padan.domain.activation import activation_state
    from padan.main import LIVE_ACCOUNT, LIVE_PROVIDER, today

    activation = await store.activation(LIVE_PROVIDER)
    if activation is None:
        return
    day, state = today(), activation_state(activation, today())
    if not state.permits:
        stop(f"{activation.agreement} is {state}: nothing was asked; see 'padan provider show'", status=3)
    used, quota = await store.used(LIVE_ACCOUNT, day.isoformat()), activation.terms.quota
    if quota is not None and used >= quota:
        stop(f"the quota of {quota} questions a day is used up: nothing was asked", status=3)
    # Before it is asked, as a server does: rather one too many than one too few.
    await store.note_used(LIVE_ACCOUNT, day.isoformat(), at_least=used + 1)


def _asks_sandbox(settings: Settings) -> bool:
    return settings.dukcapil_url is None and not settings.asks_register_in_live


async def _registry(settings: Settings, stack: contextlib.AsyncExitStack) -> Registry:
    from padan.main import dukcapil, register_registry

    if settings.asks_register_in_live:
        registry: Registry = register_registry(settings)
    elif settings.dukcapil_url is not None:
        registry = dukcapil(settings, settings.dukcapil_url)
    else:
        from padan.cli.serving import start_sandbox

        registry = (await start_sandbox(settings, stack)).line.registry
    stack.push_async_callback(registry.close)
    return registry


def _print(result: dict[str, Any]) -> None:
    data = result["identityData"]
    if result["registry"] == "sandbox":
        typer.secho("SANDBOX: synthetic data, not Dukcapil", bold=True)
    output = data["providerOutput"][PROVIDER]
    for name, label in _LABELS:
        part = data["match"][name]
        score = part.get("probabilityValue")
        typer.echo(
            f"  {label:<14} {'matches' if part['booleanValue'] else 'does not match'}"
            + (f" ({score:.0%})" if score is not None else "")
        )
        if output["registryOutcome"] == "found":
            for reason in output["explanations"][name]["reasons"]:
                typer.echo(f"  {'':<14} {reason['text']['en']}")
    typer.echo(f"  {'registry':<14} {output['registryOutcome']}")
    for step in output["nextSteps"]:
        typer.echo(f"  next: {step['text']['en']}")
