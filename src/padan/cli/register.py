"""`padan register`: the operator's own data, asked about one NIK at a time. Nothing finds people by name."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from padan.cli.directory import write_down_or_stop
from padan.cli.output import Config, Json, print_json, settings_or_stop, stop

if TYPE_CHECKING:
    from padan.app.ports.registers import Register
    from padan.domain.register import Record
    from padan.settings import Settings

T = TypeVar("T")

_UNREADABLE: Final = 3
"""The status of a question that was not answered: 1 says that a NIK has nobody."""

app = typer.Typer(
    help="The operator's own register: load it, ask it about one NIK. Nothing finds people by name.",
    no_args_is_help=True,
)

Niks = Annotated[list[str] | None, typer.Argument(metavar="[NIK]...", show_default=False)]


@app.command()
def load(  # noqa: PLR0913, PLR0917 - options of a command line
    source: Annotated[str, typer.Argument(metavar="FILE", help="CSV, .parquet, or postgresql://…")],
    table: Annotated[str | None, typer.Option(help="The table in that database.")] = None,
    unsealed: Annotated[bool, typer.Option("--unsealed", help="Store people as they are.")] = False,
    new_key: Annotated[bool, typer.Option("--new-key", help="Seal under another key than before.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Add and overwrite; keep all others.")] = False,
    encoding: Annotated[str, typer.Option(help="Of a CSV file: utf-8 or latin-1.")] = "utf-8",
    assume_alive: Annotated[bool, typer.Option("--assume-alive", help="There is no status.")] = False,
    most_rejects: Annotated[int, typer.Option(min=0, help="Stop after so many bad rows.")] = 1000,
    rejects: Annotated[Path | None, typer.Option(help="Where bad rows are told.")] = None,
    processes: Annotated[int | None, typer.Option(min=1, max=64, help="Default: one a core.")] = None,
    work: Annotated[Path | None, typer.Option(help="Folder for what is done until the end.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Load a table. The register answers from it once all of it is there; a load that was killed goes on."""
    from padan.cli.register_load import LoadOptions, require_encoding, run_load

    require_encoding(encoding)
    _require_source(source, table)
    if new_key and (unsealed or update):
        stop("--new-key goes with a load of everybody that is sealed: leave out the others", status=2)
    settings = settings_or_stop(config)
    options = LoadOptions(
        source=source,
        table=table,
        sealed=not unsealed,
        new_key=new_key,
        update=update,
        encoding=encoding,
        assume_alive=assume_alive,
        most_rejects=most_rejects,
        rejects=rejects or settings.data / "register-rejects.csv",
        processes=processes,
        # Within a folder that is named, one of its own: what lies beside it is somebody's.
        work=work / "padan-register-loading" if work else settings.data / "register-loading",
    )
    run_load(settings, options, json=json)


def _require_source(source: str, table: str | None) -> None:
    if "://" in source and not source.startswith("postgresql://"):
        # It is not repeated: it may carry a password.
        stop("give a file, or postgresql://USER:PASSWORD@HOST:PORT/DATABASE and --table", status=2)
    if table is not None and not source.startswith("postgresql://"):
        stop("--table names a table of a database: give its postgresql:// URL before it", status=2)


@app.command()
def info(config: Config = None, json: Json = False) -> None:
    """Say what the register holds: how many, since when, and how large."""
    from padan.app.times import jakarta_time

    version = over_register(settings_or_stop(config), lambda register: register.version())
    row = {
        "version": version.name,
        "people": version.people,
        "sealed": version.sealed,
        "loadedAt": jakarta_time(version.loaded_at),
        "source": version.source,
        "storedBytes": version.stored_bytes,
        "bytesPerPerson": round(version.stored_bytes / version.people, 1) if version.people else None,
    }
    if json:
        print_json(row)
        return
    for name, value in row.items():
        typer.echo(f"  {name:<14} {value:,}" if type(value) is int else f"  {name:<14} {value}")


@app.command()
def look(niks: Niks = None, config: Config = None, json: Json = False) -> None:
    """Print who has a NIK, or each on standard input; audited first. Status 1: nobody; 3: unreadable."""
    given, settings = _given(niks), settings_or_stop(config)

    async def work(register: Register) -> list[Record | None]:
        return [await register.look(nik) for nik in given]

    found = over_register(settings, work, status=_UNREADABLE)
    write_down_or_stop(settings, "register.look", outcome=f"{len(found)} asked")
    for nik, record in zip(given, found, strict=True):
        row = _row(nik, record)
        if json:
            print_json(row)
        elif record is None:
            typer.echo(f"{nik}  nobody")
        else:
            typer.echo(f"{nik}  {row['status']}  {row['dateOfBirth']}  {row['fullName']}")
    raise typer.Exit(0 if all(found) else 1)


@app.command()
def remove(
    niks: Niks = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="The whole register.")] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Remove people by NIK, or by those on standard input; with --everybody, the register."""
    settings = settings_or_stop(config)
    if everybody and niks:
        stop("give NIKs or --everybody, not both", status=2)
    given = [] if everybody else _given(niks)

    async def work(register: Register) -> int | None:
        return await register.clear() if everybody else await register.remove(given)

    removed = over_register(settings, work, in_any_form=everybody)
    told = "all" if removed is None else str(removed)
    write_down_or_stop(settings, "register.remove", outcome=f"{told} removed")
    if json:
        print_json({"removed": removed})
        return
    from padan.register.wording import counted

    if removed is None:
        typer.echo("The register is removed; how many people it held could not be read.")
        return
    typer.echo(f"{counted(removed, one='person is', many='people are')} removed.")


def over_register(
    settings: Settings,
    work: Callable[[Register], Awaitable[T]],
    *,
    in_any_form: bool = False,
    status: int = 1,
) -> T:
    """Run `work` over the register, or end the command with why it cannot be used, and with that status.

    What does not read people may have it `in_any_form`, without its key.
    """
    from padan.app.ports.registers import RegisterUnavailable
    from padan.main import open_register, register_of
    from padan.register import Plain

    async def run(register: Register) -> T:
        try:
            return await work(register)
        finally:
            await register.close()

    try:
        register = register_of(settings, Plain()) if in_any_form else open_register(settings)
        return asyncio.run(run(register))
    except RegisterUnavailable as error:
        stop(str(error), status=status)


def _given(niks: list[str] | None) -> list[str]:
    """NIKs of the command line or of standard input. A text that is none is told by its place alone."""
    given = niks or [line.strip() for line in sys.stdin if line.strip()]
    for place, nik in enumerate(given, 1):
        if not (len(nik) == 16 and nik.isascii() and nik.isdigit()):
            stop(f"number {place} of those given is no NIK of 16 digits", status=2)
    return given


def _row(nik: str, record: Record | None) -> dict[str, Any]:
    return {
        "nikIdNumber": nik,
        "found": record is not None,
        "fullName": None if record is None else record.full_name,
        "dateOfBirth": None if record is None else record.date_of_birth.isoformat(),
        "status": None if record is None else record.status.value,
        "sex": None if record is None or record.sex is None else record.sex.value,
    }
