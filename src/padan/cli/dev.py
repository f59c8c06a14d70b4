"""`padan dev`: a ready server in one process."""

from __future__ import annotations

import contextlib
import json as jsonlib
import os
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from padan.cli.output import Json, print_json, settings_or_stop, stop

if TYPE_CHECKING:
    from padan.cli.serving import Listener
    from padan.settings import Settings
    from padan.store.sqlite import SqliteStore

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
    from padan.cli.serving import Listener, run

    with contextlib.ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="padan-dev-")))
        settings = settings_or_stop(None, data=folder, without=("PADAN_DATA",))
        try:
            listener = stack.enter_context(Listener(settings.host, port))
        except OSError as error:
            stop(f"cannot listen on port {port}: {error.strerror}; choose another with --port")
        run(_serve(settings, folder, listener, json=json))


async def _serve(settings: Settings, folder: Path, listener: Listener, *, json: bool) -> None:
    from padan.cli.serving import serve_here, start_sandbox
    from padan.domain.environment import EnvironmentKind
    from padan.logs import configure_logs, keep_no_cores
    from padan.main import build_service, dukcapil

    configure_logs()
    keep_no_cores()
    async with contextlib.AsyncExitStack() as stack:
        sandbox = await start_sandbox(settings, stack)
        registry = dukcapil(settings, settings.dukcapil_url) if settings.dukcapil_url else sandbox.registry
        service = build_service(
            settings,
            public_url=settings.public_url or listener.url,
            registries={EnvironmentKind.TEST: registry},
            create_keys=True,
        )
        await service.start()
        stack.push_async_callback(service.stop)
        ready = {
            "baseUrl": listener.url,
            **await _prepare(service.store, folder),
            "redirectUri": REDIRECT_URI,
            "registryUrl": settings.dukcapil_url or sandbox.url,
            "people": sandbox.people(),
        }
        await serve_here(service.app, listener, ready=lambda: print_json(ready) if json else _greet(ready))


async def _prepare(store: SqliteStore, folder: Path) -> dict[str, str]:
    """The environment, token, profile and redirect URI of the sandbox: made once, found again afterwards."""
    from padan.app.ports import Conflict
    from padan.cli.directory import new_id
    from padan.domain.environment import AccessToken, Environment, EnvironmentKind
    from padan.domain.profile import Profile, RedirectUri
    from padan.providers import PROVIDERS

    known = [e for e in await store.environments() if e.organisation == ORGANISATION]
    environment = (
        known[0] if known else Environment(new_id()[0], ORGANISATION, EnvironmentKind.TEST, new_id()[1])
    )
    if not known:
        await store.add_environment(environment)
    token, digest = _token(folder)
    if await store.environment_of_token(digest) is None:
        await store.add_token(AccessToken(new_id()[0], environment.id, "padan dev", digest, new_id()[1]))
    profile = await store.profile_by_external_id(environment.id, EXTERNAL_ID)
    if profile is None:
        profile = Profile(
            *(new_id()[0], environment.id, "Sandbox", "Bank Contoh", new_id()[1]),
            enabled_providers=tuple(PROVIDERS),
            external_id=EXTERNAL_ID,
        )
        await store.add_profile(profile)
    with contextlib.suppress(Conflict):
        await store.add_redirect_uri(RedirectUri(new_id()[0], environment.id, REDIRECT_URI, new_id()[1]))
    return {"accessToken": token, "verificationProfileId": str(profile.id)}


def _token(folder: Path) -> tuple[str, bytes]:
    """The sandbox's token. It opens synthetic data alone, so it may lie in a file, private to the user."""
    import hashlib

    from padan.cli.token import new_token

    path = folder / "dev-token.json"
    if path.exists():
        token = jsonlib.loads(path.read_text())["accessToken"]
        return token, hashlib.sha256(token.encode()).digest()
    token, digest = new_token("test_sandbox")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        jsonlib.dump({"accessToken": token}, file)
    return token, digest


def _greet(ready: dict[str, Any]) -> None:
    person = ready["people"][0]
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    console.print(
        "\n[bold black on yellow] SANDBOX [/] Synthetic people, a simulated Dukcapil. Nothing is real.\n"
    )
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
