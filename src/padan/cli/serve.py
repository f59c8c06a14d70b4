"""`padan serve`, `padan work` and `padan migrate`: production."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from padan.cli.output import Config, Json, print_json, settings_or_stop, stop

if TYPE_CHECKING:
    from pathlib import Path

    from padan.cli.listening import Listener
    from padan.settings import Settings

Workers = Annotated[
    int | None, typer.Option("--workers", min=1, max=10_000, help="Processes; from 2 on, under a supervisor.")
]


def serve(
    config: Config = None,
    workers: Workers = None,
    no_work: Annotated[
        bool, typer.Option("--no-work", help="Take requests, and leave all questions to 'padan work'.")
    ] = False,
    json: Json = False,
) -> None:
    """Serve until stopped, with settings from a file and the environment."""
    given = _given(workers, **({"work": "elsewhere"} if no_work else {}))
    settings = replace(settings_or_stop(config), **given)
    with _listener(settings.host, settings.port, remedy="set PADAN_PORT") as listener:
        told = "Padan serves at {baseUrl}. Stop it with Ctrl-C."
        _run(settings, listener, command="serve", config=config, given=given, told=None if json else told)


def work(
    config: Config = None,
    workers: Workers = None,
    health_port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Answer /live and /ready here.")
    ] = None,
    json: Json = False,
) -> None:
    """Run what servers accepted, until stopped: no API and no root keys."""
    given = _given(workers, work="here", **({} if health_port is None else {"health_port": health_port}))
    settings = replace(settings_or_stop(config), **given)
    told = None if json else "Padan works. Stop it with Ctrl-C."
    if settings.health_port is None:
        _run(settings, None, command="work", config=config, given=given, told=told)
        return
    with _listener(settings.host, settings.health_port, remedy="set PADAN_HEALTH_PORT") as listener:
        _run(settings, listener, command="work", config=config, given=given, told=told)


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


def _given(workers: int | None, **others: Any) -> dict[str, Any]:
    """The settings that the command line says."""
    return others if workers is None else {**others, "workers": workers}


def _listener(host: str, port: int, *, remedy: str) -> Listener:
    from padan.cli.listening import Listener

    try:
        return Listener.of(host, port)
    except OSError as error:
        stop(f"cannot listen on {host} port {port}: {error.strerror}; {remedy}")


def _run(
    settings: Settings,
    listener: Listener | None,
    *,
    command: str,
    config: Path | None,
    given: Mapping[str, Any],
    told: str | None,
) -> None:
    def tell(ready: Mapping[str, Any]) -> None:
        if told is None:
            print_json(ready)
        else:
            typer.echo(told.format(**ready))

    if settings.workers > 1:
        from padan.cli.supervising import Orders, supervise

        supervise(settings, Orders(command, config, given), listener=listener, tell=tell)
        return
    from padan.cli.serving import run

    run(_alone(settings, listener, command=command, tell=tell))


async def _alone(settings: Settings, listener: Listener | None, *, command: str, tell: Any) -> None:
    import asyncio

    from padan.cli import systemd
    from padan.cli.ending import Ending
    from padan.cli.running import run_process
    from padan.cli.serving import take_signals
    from padan.main import Role

    ending = Ending()
    take_signals(ending)
    api = command == "serve"
    role = Role(api=api, work=not api or settings.work == "here", draining=lambda: ending.draining)

    def ready(told: Mapping[str, Any]) -> None:
        systemd.notify(systemd.READY)
        tell(told)

    async def tell_the_end() -> None:
        await ending.asked.wait()
        systemd.notify(systemd.STOPPING)

    keepers = [asyncio.create_task(keeper) for keeper in (systemd.keep_watchdog(), tell_the_end())]
    try:
        await run_process(settings, listener, role=role, ending=ending, ready=ready)
    finally:
        for keeper in keepers:
            keeper.cancel()
