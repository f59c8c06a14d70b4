"""`padan doctor`: a check of everything a start needs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from padan.cli.output import Config, Json, print_json, settings_or_stop

if TYPE_CHECKING:
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
    if settings.dukcapil_url is None:
        yield "dukcapil", lambda: "not configured: Live environments have no provider (PADAN_DUKCAPIL_URL)"
    else:
        yield "agreement", lambda: _agreement(settings)
        yield "dukcapil", lambda: _reach(settings.dukcapil_url or "")


def _database(settings: Settings) -> str:
    from padan.main import database_path, open_store

    if not database_path(settings).exists():
        raise OSError(f"{database_path(settings)} does not exist; run 'padan migrate'")
    asyncio.run(open_store(settings, create=False).close())
    return f"{database_path(settings)} opens"


def _keys(settings: Settings) -> str:
    from padan.main import open_keys

    open_keys(settings, create=False)
    return f"{settings.keys_folder} holds the vault's keys, private to this user"


def _port(settings: Settings) -> str:
    from padan.cli.serving import Listener

    with Listener(settings.host, settings.port) as listener:
        return f"{listener.url} is free"


def _agreement(settings: Settings) -> str:
    """A real registry that is asked with the sandbox's credentials refuses, and may lock the account."""
    from padan.settings import Settings as Defaults

    defaults = Defaults()
    names = ("dukcapil_customer", "dukcapil_user", "dukcapil_password")
    unset = [name.upper() for name in names if getattr(settings, name) == getattr(defaults, name)]
    if unset:
        raise ValueError(
            ", ".join(f"PADAN_{name}" for name in unset) + " still as in the sandbox; set your own"
        )
    return "customer, user and password are set"


def _reach(url: str) -> str:
    """Open a connection and close it again: no question is asked, so nothing is paid."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with socket.create_connection((parts.hostname or "", port), timeout=5):
        return f"{parts.hostname} port {port} answers (no question was asked)"
