"""`padan dev`: a ready server in one process."""

from __future__ import annotations

import contextlib
import fcntl
import json as jsonlib
import os
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from padan.cli.output import Json, print_json, settings_or_stop, stop

if TYPE_CHECKING:
    from padan.app.lines import Line
    from padan.app.ports import Store
    from padan.cli.listening import Listener
    from padan.cli.serving import Sandbox
    from padan.domain.environment import Environment
    from padan.main import Service
    from padan.settings import Settings

ORGANISATION = "Padan sandbox"
EXTERNAL_ID = "padan-dev"
REDIRECT_URI = "http://localhost:3000/callback"


def dev(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 picks a free one.")] = 8080,
    json: Json = False,
    data: Annotated[
        Path | None, typer.Option("--data", help="Keep everything here; without it, it goes when this stops.")
    ] = None,
) -> None:
    """Serve with a sandbox registry, a Test environment, a token and a profile, until stopped."""
    from padan.cli.listening import Listener
    from padan.cli.serving import run

    with contextlib.ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="padan-dev-")))
        settings = settings_or_stop(None, data=folder, without=("PADAN_DATA",))
        try:
            listener = stack.enter_context(Listener(settings.host, port))
        except OSError as error:
            stop(f"cannot listen on port {port}: {error.strerror}; choose another with --port")
        run(_serve(settings, folder, listener, json=json))


async def _serve(settings: Settings, folder: Path, listener: Listener, *, json: bool) -> None:
    from padan.cli.metrics import start_metrics
    from padan.cli.serving import serve_here, start_sandbox
    from padan.logs import configure_logs, keep_no_cores

    configure_logs()
    keep_no_cores()
    async with contextlib.AsyncExitStack() as stack:
        sandbox = await start_sandbox(settings, stack)
        service = await _built(settings, settings.public_url or listener.url, sandbox=sandbox)
        await service.start()
        stack.push_async_callback(service.stop)
        ready = {
            "baseUrl": listener.url,
            **await _prepare(service.store, folder),
            "redirectUri": REDIRECT_URI,
            "registryUrl": settings.dukcapil_url or sandbox.url,
            "people": sandbox.people(),
            **await start_metrics(settings, service, stack),
        }
        await serve_here(
            service.app,
            listener,
            ready=lambda: print_json(ready) if json else _greet(ready, answers=_answers(settings)),
        )


async def _built(settings: Settings, url: str, *, sandbox: Sandbox) -> Service:
    from padan.app.lines import Lines
    from padan.app.ports import StoreUnavailable
    from padan.domain.environment import EnvironmentKind
    from padan.main import build_service, database, register_problem
    from padan.settings import SettingsError
    from padan.vault import KeyFileError

    if told := await register_problem(settings):
        stop(told)
    line = _line(settings, sandbox)
    simulated = line is sandbox.line
    try:
        return await build_service(
            settings,
            public_url=url,
            lines=Lines({EnvironmentKind.TEST: [line]}),
            create_keys=True,
            sandboxes=frozenset({EnvironmentKind.TEST}) if simulated else frozenset(),
        )
    except (KeyFileError, SettingsError, StoreUnavailable, OSError) as error:
        stop(f"{error} (keys: {settings.keys_folder}, database: {database(settings).name})")


def _line(settings: Settings, sandbox: Sandbox) -> Line:
    """Who answers: the own register, the registry that the settings name, or the simulator."""
    from padan.main import test_line, test_register_line

    if settings.asks_register_in_test:
        return test_register_line(settings)
    return test_line(settings, settings.dukcapil_url) if settings.dukcapil_url else sandbox.line


def _answers(settings: Settings) -> tuple[str, str]:
    """Who answers, in a word and a sentence."""
    if settings.asks_register_in_test:
        return "REGISTER", "The own register answers, with whoever was loaded into it."
    if settings.dukcapil_url:
        return "REGISTRY", "Questions go to the registry that PADAN_DUKCAPIL_URL names, and may cost money."
    return "SANDBOX", "Synthetic people, a simulated Dukcapil. Nothing is real."


async def _prepare(store: Store, folder: Path) -> dict[str, str]:
    """The environment, token, profile and redirect URI of the sandbox: made once, found again afterwards."""
    with (folder / "dev.lock").open("ab") as file:
        # Two that start at once on one folder agree: the second finds what the first made.
        fcntl.flock(file, fcntl.LOCK_EX)
        environment = await _environment(store)
        token = await _token(store, environment, folder / "dev-token.json")
        return {"accessToken": token, "verificationProfileId": await _profile(store, environment)}


async def _environment(store: Store) -> Environment:
    from padan.app.ports import Conflict
    from padan.cli.directory import new_id
    from padan.domain.environment import Environment, EnvironmentKind
    from padan.domain.profile import RedirectUri

    identifier, now = new_id()
    with contextlib.suppress(Conflict):
        # Of two that start at once on one database, the second finds what the first made.
        await store.add_environment(Environment(identifier, ORGANISATION, EnvironmentKind.TEST, now))
    (environment,) = [
        known
        for known in await store.environments()
        if known.organisation == ORGANISATION and known.kind is EnvironmentKind.TEST
    ]
    with contextlib.suppress(Conflict):
        await store.add_redirect_uri(RedirectUri(new_id()[0], environment.id, REDIRECT_URI, now))
    return environment


async def _profile(store: Store, environment: Environment) -> str:
    from padan.app.ports import Conflict
    from padan.cli.directory import new_id
    from padan.domain.profile import Profile
    from padan.providers import PROVIDERS

    profile = await store.profile_by_external_id(environment.id, EXTERNAL_ID)
    if profile is not None and not profile.enabled_providers:
        stop(f"the sandbox's profile {profile.id} is revoked; take another folder with --data")
    if profile is None:
        identifier, now = new_id()
        profile = Profile(
            *(identifier, environment.id, "Sandbox", "Bank Contoh", now),
            enabled_providers=tuple(PROVIDERS),
            external_id=EXTERNAL_ID,
        )
        try:
            await store.add_profile(profile)
        except Conflict:
            return await _profile(store, environment)
    return str(profile.id)


async def _token(store: Store, environment: Environment, path: Path) -> str:
    """The sandbox's token, a new one where the old was revoked.

    It opens synthetic data alone, so it may lie in a file, private to the user.
    """
    from padan.app.create import sha256
    from padan.cli.directory import new_id
    from padan.cli.token import new_token
    from padan.domain.environment import AccessToken

    kept = _read_token(path)
    if kept and await store.environment_of_token(sha256(kept)) is not None:
        return kept
    token, digest = new_token("test_sandbox")
    identifier, now = new_id()
    await store.add_token(AccessToken(identifier, environment.id, "padan dev", digest, now))
    _write_token(path, token)
    return token


def _read_token(path: Path) -> str | None:
    """The token kept there; a file that a kill left half-written counts as none."""
    try:
        return str(jsonlib.loads(path.read_text())["accessToken"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _write_token(path: Path, token: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        jsonlib.dump({"accessToken": token}, file)


def _greet(ready: dict[str, Any], *, answers: tuple[str, str]) -> None:
    person = ready["people"][0]
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    who, loud = answers
    console.print(f"\n[bold black on yellow] {who} [/] {loud}\n")
    console.print(
        f"Padan is ready at [bold]{ready['baseUrl']}[/]   (API reference: {ready['baseUrl']}/reference)"
    )
    console.print(f"  access token          {ready['accessToken']}")
    console.print(f"  verification profile  {ready['verificationProfileId']}")
    console.print(f"  registry              {ready['registryUrl']}\n")
    console.print("See a verification succeed, in another terminal:\n")
    name = shlex.quote(person["fullName"])
    command = f"verify --nik {person['nikIdNumber']} --name {name} --born {person['dateOfBirth']}"
    console.print(f"  .venv/bin/padan {command}", markup=False)
    console.print("  .venv/bin/padan sandbox people --scenario name_mismatch\n", markup=False)
    console.print("And from a program, with the official SDK (the README's quick start):\n")
    where = f"{ready['baseUrl']} {ready['accessToken']} {ready['verificationProfileId']}"
    claim = f"{person['nikIdNumber']} {name} {person['dateOfBirth']}"
    console.print("  .venv/bin/python -m pip install trinsic-api==3.2.1", markup=False)
    console.print(f"  .venv/bin/python examples/quickstart.py {where} {claim}\n", markup=False)
    console.print("Stop with Ctrl-C.\n")
