"""`padan backup` and `padan restore`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from padan.cli.output import Config, Json, print_json, settings_or_stop, stop

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from padan.settings import Settings

POSTGRES = "the database is PostgreSQL: use its own tools, see docs/how-to/run-on-postgresql.md"


def backup(
    file: Annotated[Path, typer.Argument(help="A file that does not exist yet.")],
    config: Config = None,
    json: Json = False,
) -> None:
    """Copy the embedded database into a file, while servers go on serving."""
    from padan.app.ports import StoreUnavailable
    from padan.store.backup import back_up

    path = _path(settings_or_stop(config))
    try:
        size = back_up(path, file)
    except (StoreUnavailable, OSError) as error:
        stop(str(error))
    if json:
        print_json({"file": str(file), "bytes": size})
    else:
        typer.echo(f"{file} holds the database, {size:,} bytes. The vault's keys are not in it.")


def restore(
    file: Annotated[Path | None, typer.Argument(help="A file of `padan backup`.")] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Put nothing back: only redact again, over a restored database.")
    ] = False,
    redactions: Annotated[
        list[Path] | None, typer.Option("--redactions", help="Another folder of redactions; may be repeated.")
    ] = None,
    without_redactions: Annotated[
        bool, typer.Option("--without-redactions", help="Go on where no redactions are written down.")
    ] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Put a backup in the database's place, and redact again what was redacted since."""
    from padan.app.ports import StoreUnavailable

    settings = settings_or_stop(config)
    if (file is None) is not replay:
        stop("name the file of a backup, or --replay over a database that is restored already", status=2)
    noted = _noted(settings, redactions or [], without=without_redactions)
    try:
        work = _replay(settings, noted) if file is None else _restore(settings, file, noted)
        done = asyncio.run(work)
    except (StoreUnavailable, OSError) as error:
        stop(str(error))
    if json:
        print_json(done)
    else:
        kept = f" What was there is {done['keptAside']}." if done["keptAside"] else ""
        typer.echo(f"Redacted again: {done['redactedAgain']}. Due by now: {done['due']}.{kept}")


def _noted(settings: Settings, more: list[Path], *, without: bool) -> Mapping[UUID, int]:
    from padan.store.redactions import read_redactions

    own = [settings.redactions_folder] if settings.redactions_folder.is_dir() else []
    if not own and not more and not without:
        stop(
            f"{settings.redactions_folder} is not there, so nobody knows what was redacted since the backup:"
            " name the folder with --redactions, or say --without-redactions"
        )
    try:
        return read_redactions([*own, *more])
    except OSError as error:
        stop(f"{error.filename} cannot be read: {error.strerror}")


async def _replay(settings: Settings, noted: Mapping[UUID, int]) -> dict[str, Any]:
    from padan.main import open_store

    return await _again(await open_store(settings, create=False), noted, kept=None)


async def _restore(settings: Settings, file: Path, noted: Mapping[UUID, int]) -> dict[str, Any]:
    """Everything is done to a copy beside the database; only then it takes the database's place."""
    from datetime import UTC, datetime

    from padan.main import clock, database
    from padan.store.backup import check_sound, copy, put_in_place
    from padan.store.databases import SqliteDatabase

    path = _path(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = database(settings).process_lock()
    assert lock is not None  # noqa: S101 - SQLite has one
    with lock:
        if not lock.alone():
            stop("a server lives on the database: stop it first")
        check_sound(file)
        restored = path.with_name(path.name + ".restoring")
        copy(file, restored)
        store = await SqliteDatabase(restored).open(create=False)
        await store.free_leases(clock())
        done = await _again(store, noted, kept=None)
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        restored.with_name(restored.name + ".migration").unlink(missing_ok=True)
        kept = put_in_place(restored, path, aside=f"before-{moment}")
    return {**done, "keptAside": None if kept is None else str(kept)}


async def _again(store: Any, noted: Mapping[UUID, int], kept: str | None) -> dict[str, Any]:
    from padan.app.restore import replay
    from padan.main import clock

    try:
        again, due = await replay(store, noted, clock=clock)
    finally:
        await store.close()
    return {"redactedAgain": again, "due": due, "keptAside": kept}


def _path(settings: Settings) -> Path:
    from padan.main import database
    from padan.store.databases import SqliteDatabase

    configured = database(settings)
    if not isinstance(configured, SqliteDatabase):
        stop(POSTGRES)
    return configured.path
