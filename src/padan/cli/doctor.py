"""`padan doctor`: a check of everything a start needs."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import typer

from padan.cli.output import Config, Json, print_json, settings_or_stop

if TYPE_CHECKING:
    from padan.app.ports.registers import Register, RegisterVersion
    from padan.settings import Settings


def doctor(config: Config = None, json: Json = False) -> None:
    """Check settings, database, keys, port and the line to the registry. Status 1 if anything fails."""
    settings = settings_or_stop(config)
    healthy = True
    for name, check in _checks(settings):
        try:
            passed, detail = True, check()
        except Exception as error:
            passed, detail = False, str(error) or type(error).__name__
        healthy = healthy and passed
        if json:
            print_json({"check": name, "ok": passed, "detail": detail})
        else:
            typer.echo(f"{'ok  ' if passed else 'FAIL'}  {name:<10} {detail}")
    raise typer.Exit(0 if healthy else 1)


def _checks(settings: Settings) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "settings", lambda: "all settings are well-formed"
    yield "database", lambda: _database(settings)
    yield "keys", lambda: _keys(settings)
    yield "port", lambda: _port(settings)
    if settings.asks_register_in_live or settings.asks_register_in_test:
        yield "register", lambda: _register(settings)
    if settings.asks_register_in_live:
        yield "agreement", lambda: _agreement(settings)
    elif settings.dukcapil_url is None:
        yield "dukcapil", lambda: "not configured: Live environments have no provider (PADAN_DUKCAPIL_URL)"
    else:
        yield "credentials", lambda: _credentials(settings)
        yield "agreement", lambda: _agreement(settings)
        yield "protection", lambda: _protection(settings)
        yield "dukcapil", lambda: _reach(settings, settings.dukcapil_url or "")
        if settings.dukcapil_standby_url is not None:
            yield "standby", lambda: _reach(settings, settings.dukcapil_standby_url or "")


def _database(settings: Settings) -> str:
    from padan.main import database

    async def look() -> str:
        configured = database(settings)
        await (await configured.open(create=False)).close()
        about, weaknesses = await configured.examine()
        if weaknesses:
            raise OSError(f"{configured.name} opens ({about}), but {'; '.join(weaknesses)}")
        return f"{configured.name} opens" + (f" ({about})" if about else "")

    return asyncio.run(look())


def _keys(settings: Settings) -> str:
    from padan.main import open_keys

    open_keys(settings, create=False)
    return f"{settings.keys_folder} holds the vault's keys, private to this user"


def _port(settings: Settings) -> str:
    from padan.cli.listening import Listener

    try:
        with Listener(settings.host, settings.port) as listener:
            return f"{listener.url} is free"
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return f"{settings.host} port {settings.port} is in use, maybe by a running server"


def _register(settings: Settings) -> str:
    """Whether the own register answers, how many people it has and since when."""
    from datetime import UTC, datetime

    from padan.main import open_register, register_problem

    async def look(register: Register) -> RegisterVersion:
        try:
            return await register.version()
        finally:
            await register.close()

    problem = asyncio.run(register_problem(settings))
    if problem:
        raise ValueError(problem)
    version = asyncio.run(look(open_register(settings)))
    loaded = datetime.fromtimestamp(version.loaded_at / 1000, UTC)
    form = "sealed" if version.sealed else "plain"
    return f"{version.people:,} people, {form}, loaded on {loaded:%Y-%m-%d} from {version.source}"


def _credentials(settings: Settings) -> str:
    from padan.cli.credentials import sandbox_credentials

    told = sandbox_credentials(settings)
    if told is not None:
        raise ValueError(told)
    return "customer, user and password are set"


def _agreement(settings: Settings) -> str:
    """Whether Live may ask today, and what is left of the agreement."""
    from padan.cli.provider import DEFAULT, Agreed

    async def look() -> Agreed:
        store = await open_store(settings, create=False)
        try:
            return Agreed(
                DEFAULT, await store.activation(DEFAULT), await store.used("dukcapil", str(today()))
            )
        finally:
            await store.close()

    from padan.main import open_store, today

    return asyncio.run(look()).sentence(today())


def _protection(settings: Settings) -> str:
    from padan.main import unprotected_lines

    problems = unprotected_lines(settings)
    if problems:
        raise ValueError(" ".join(problems))
    return "the line is pinned, stays on this machine, or was accepted by PADAN_DUKCAPIL_UNPINNED"


def _reach(settings: Settings, url: str) -> str:
    """Open the line as far as it goes without a question: nothing is paid, and no credentials are tried."""
    from padan.main import dukcapil

    async def look() -> str:
        registry = dukcapil(settings, url)
        try:
            report = await registry.probe()
        finally:
            await registry.close()
        if not report.ok:
            raise OSError(report.detail)
        return report.detail

    return asyncio.run(look())
