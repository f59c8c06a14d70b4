"""How `padan register load` runs: a bar for people, final figures for programs."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from padan.cli.directory import write_down_or_stop
from padan.cli.output import print_json, stop

if TYPE_CHECKING:
    from padan.app.ports.registers import RegisterVersion
    from padan.register.loading import Loading, Progress
    from padan.settings import Settings


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the command line said."""

    source: str
    table: str | None
    sealed: bool
    new_key: bool
    update: bool
    encoding: str
    assume_alive: bool
    most_rejects: int
    rejects: Path
    processes: int | None
    work: Path


def require_encoding(encoding: str) -> None:
    """End the command where no file is read in this encoding."""
    from padan.register.csv_source import ENCODINGS

    if encoding not in ENCODINGS:
        stop(f"--encoding must be {' or '.join(ENCODINGS)}", status=2)


def run_load(settings: Settings, options: LoadOptions, *, json: bool) -> None:
    """Load, and print the figures; or end with what is wrong and the remedy."""
    from padan.app.ports.registers import RegisterUnavailable
    from padan.register.checkpoint import Checkpoint
    from padan.register.loading import LoadStopped
    from padan.register.refused import RejectsUnwritable
    from padan.register.sources import SourceRefused

    began = time.monotonic()
    try:
        with Checkpoint(options.work).held(), _bar(quiet=json) as report:
            loading = _loading(settings, options, report=report)
            try:
                version = _fill(settings, options, loading=loading)
            finally:
                loading.refused.close()
    except (RegisterUnavailable, LoadStopped, SourceRefused, RejectsUnwritable) as error:
        _refuse(settings, str(error))
    except OSError as error:
        where = error.filename or options.work
        _refuse(
            settings, f"{where} cannot be used: {error.strerror}; mend that, then run the same command again"
        )
    write_down_or_stop(settings, "register.load", outcome=f"{loading.people} loaded")
    _print(_figures(loading, version, seconds=time.monotonic() - began), json=json)


def _refuse(settings: Settings, why: str) -> NoReturn:
    write_down_or_stop(settings, "register.load", outcome="refused")
    stop(why)


def _loading(settings: Settings, options: LoadOptions, *, report: Callable[[Progress], None]) -> Loading:
    from padan.cli.register_key import refuse_another_key
    from padan.main import register_form, source_of, stored_form
    from padan.register.loading import Loading
    from padan.register.refused import RefusedRows

    source = source_of(
        options.source, table=options.table, encoding=options.encoding, assume_alive=options.assume_alive
    )
    if options.update:
        form = stored_form(settings)
    else:
        if options.sealed and not options.new_key:
            refuse_another_key(settings)
        form = register_form(settings, sealed=options.sealed, create=True)
    return Loading(
        source,
        form,
        options.work,
        RefusedRows(options.rejects),
        processes=options.processes or os.cpu_count() or 1,
        most_refused=options.most_rejects,
        report=report,
    )


def _fill(settings: Settings, options: LoadOptions, *, loading: Loading) -> RegisterVersion:
    """Fill the register; its version afterwards."""
    from padan.main import clock, register_of

    register = register_of(settings, loading.open_form())
    # Sources run loops of their own, so one runs here only for as long as the register is at work.
    with asyncio.Runner() as runner:
        try:
            if options.update:
                for batch in loading.updates():
                    runner.run(register.update(batch))
            else:
                loading.prepare()
                kind = loading.source.kind
                runner.run(register.replace(loading.batches(), source=kind, loaded_at=clock()))
            loading.finish()
            return runner.run(register.version())
        finally:
            runner.run(register.close())


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """A bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(compact=True))
    with Bars(*columns, TextColumn("{task.fields[counts]}"), console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def report(progress: Progress) -> None:
            counts = f"{progress.people:,} people, {progress.refused:,} bad rows"
            if progress.phase not in tasks:
                tasks[progress.phase] = bars.add_task(progress.phase, total=progress.total, counts=counts)
            bars.update(tasks[progress.phase], completed=progress.done, counts=counts)

        yield report


def _figures(loading: Loading, version: RegisterVersion, *, seconds: float) -> dict[str, Any]:
    return {
        "people": loading.people,
        "rows": loading.rows,
        "rejected": loading.refusals,
        "repeated": loading.repeated,
        "rejects": str(loading.refused.path) if loading.refused.written else None,
        "resumedParts": loading.resumed,
        "seconds": round(seconds, 2),
        "peoplePerSecond": round(loading.people / seconds),
        "version": version.name,
        "registerPeople": version.people,
        "sealed": version.sealed,
        "storedBytes": version.stored_bytes,
    }


def _print(figures: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(figures)
        return
    from padan.register.wording import counted

    form = "sealed" if figures["sealed"] else "NOT sealed"
    typer.echo(
        f"{counted(figures['people'], one='person is', many='people are')} loaded, {form}, in "
        f"{figures['seconds']:,} s; the register holds {figures['registerPeople']:,} in "
        f"{figures['storedBytes'] / 1e6:,.1f} MB."
    )
    if figures["rejected"]:
        left_out = counted(figures["rejected"], one="bad row was", many="bad rows were")
        typer.echo(f"{left_out} left out: {figures['rejects']} says which and why.")
    if figures["repeated"]:
        typer.echo(
            f"{counted(figures['repeated'], one='row', many='rows')} had a NIK that a later row had again; "
            f"the later one counts."
        )
    if figures["resumedParts"]:
        typer.echo(f"{counted(figures['resumedParts'], one='part', many='parts')} had been read before.")
