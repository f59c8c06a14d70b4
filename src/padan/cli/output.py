"""How commands speak: words for people, with `--json` one object a line; errors with a remedy."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from padan.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line, and nothing else.")]
Config = Annotated[
    Path | None, typer.Option("--config", help="A TOML file with settings; the environment wins over it.")
]


def print_json(value: Any) -> None:
    """One object on one line of standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": "), default=str))


def stop(message: str, *, status: int = 1) -> NoReturn:
    """End with a sentence on standard error that says what to do."""
    typer.echo(f"padan: {message}", err=True)
    raise typer.Exit(status)


def settings_or_stop(config: Path | None, *, without: Collection[str] = (), **defaults: Any) -> Settings:
    """All settings, or the end of the command with what is wrong; `without` some of the environment."""
    from padan.settings import SettingsError, load_settings

    environment = {name: value for name, value in os.environ.items() if name not in without}
    try:
        return load_settings(environment, file=config, **defaults)
    except SettingsError as error:
        stop(str(error), status=2)
