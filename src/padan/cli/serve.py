"""`padan serve` and `padan migrate`: production."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from padan.cli.output import Config, Json, print_json, settings_or_stop, stop

if TYPE_CHECKING:
    from padan.settings import Settings


def serve(config: Config = None, json: Json = False) -> None:
    """Serve until stopped, with settings from a file and the environment."""
    from padan.cli.serving import Listener, run

    settings = settings_or_stop(config)
    try:
        listener = Listener(settings.host, settings.port)
    except OSError as error:
        stop(f"cannot listen on {settings.host} port {settings.port}: {error.strerror}; set PADAN_PORT")
    with listener:
        run(_serve(settings, listener, json=json))


def migrate(config: Config = None, json: Json = False) -> None:
    """Create or update the database and the vault's keys."""
    import asyncio

    from padan.app.ports import StoreUnavailable
    from padan.main import database, open_keys, open_store, write_down
    from padan.vault import KeyFileError

    async def make() -> None:
        await (await open_store(settings)).close()

    settings = settings_or_stop(config)
    try:
        open_keys(settings, create=True)
        asyncio.run(make())
        write_down(settings, "migrate", outcome="done")
    except (KeyFileError, StoreUnavailable, OSError) as error:
        stop(str(error))
    done = {"database": database(settings).name, "keys": str(settings.keys_folder)}
    if json:
        print_json(done)
    else:
        typer.echo(f"The database {done['database']} and the keys in {done['keys']} are ready.")


async def _serve(settings: Settings, listener: object, *, json: bool) -> None:
    from padan.app.lines import Lines
    from padan.app.ports import StoreUnavailable
    from padan.cli.credentials import sandbox_credentials_in_live
    from padan.cli.metrics import start_metrics
    from padan.cli.serving import Listener, serve_here, start_sandbox
    from padan.domain.environment import EnvironmentKind
    from padan.logs import configure_logs, keep_no_cores
    from padan.main import build_service, unprotected_lines
    from padan.settings import SettingsError
    from padan.vault import KeyFileError

    assert isinstance(listener, Listener)  # noqa: S101 - its module is imported late
    configure_logs()
    keep_no_cores()
    for problem in unprotected_lines(settings):
        stop(problem)
    if told := sandbox_credentials_in_live(settings):
        stop(told)
    async with contextlib.AsyncExitStack() as stack:
        sandbox = await start_sandbox(settings, stack)
        url = settings.public_url or listener.url
        try:
            service = await build_service(
                settings,
                public_url=url,
                lines=Lines({EnvironmentKind.TEST: [sandbox.line]}),
                create_keys=False,
                sandboxes=frozenset({EnvironmentKind.TEST}),
            )
        except (KeyFileError, SettingsError, StoreUnavailable, OSError) as error:
            stop(f"{error}; 'padan migrate' creates what is missing, 'padan doctor' checks the rest")
        await service.start()
        stack.push_async_callback(service.stop)
        where = await start_metrics(settings, service, stack)
        ready = {"baseUrl": url, **where, "environments": sorted(kind.value for kind in service.lines.kinds)}
        await serve_here(service.app, listener, ready=lambda: _tell(ready, json=json))


def _tell(ready: Mapping[str, object], *, json: bool) -> None:
    if json:
        print_json(ready)
    else:
        typer.echo(f"Padan serves at {ready['baseUrl']}. Stop it with Ctrl-C.")
