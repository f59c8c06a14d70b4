"""Tables of synthetic people, and loads of them in small parts."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from padan.app.ports.registers import RegisterVersion
from padan.domain.register import Record
from padan.register import LmdbRegister, OpenForm, make_key, sealed_form
from padan.register.checkpoint import Checkpoint
from padan.register.csv_source import CsvSource
from padan.register.loading import Loading, Progress
from padan.register.refused import RefusedRows

TODAY = date(2026, 1, 1)
HEADER = "nik,full_name,date_of_birth,status,sex"


def line(number: int, *, name: str = "SITI NURHALIZA", status: str = "alive") -> str:
    """A person of a small land: the number spread over districts and serials."""
    district, serial = divmod(number, 9000)
    return f"{317101 + district:06}010190{serial + 1:04},{name},1990-01-01,{status},"


def nik_of(number: int) -> str:
    return line(number)[:16]


def write(path: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path.write_bytes(end.join([*lines, ""]).encode(encoding))
    return path


def loading(
    table: Path,
    folder: Path,
    *,
    part_bytes: int = 4096,
    processes: int = 1,
    most_refused: int = 1000,
    report: Callable[[Progress], None] = lambda _: None,
    open_form: OpenForm | None = None,
) -> Loading:
    """A load of a CSV file into a folder, sealed unless a form is given."""
    (folder / "work").mkdir(parents=True, exist_ok=True)
    make_key(folder / "keys")
    return Loading(
        CsvSource(table, today=TODAY, part_bytes=part_bytes),
        open_form or partial(sealed_form, folder / "keys"),
        folder / "work",
        RefusedRows(folder / "rejects.csv"),
        processes=processes,
        most_refused=most_refused,
        report=report,
    )


def register(folder: Path) -> LmdbRegister:
    return LmdbRegister(folder / "register", sealed_form(folder / "keys"))


def load(load: Loading, folder: Path) -> RegisterVersion:
    """All of it."""

    async def run() -> RegisterVersion:
        opened = register(folder)
        try:
            load.prepare()
            await opened.replace(load.batches(), source=load.source.kind, loaded_at=1)
            load.finish()
            return await opened.version()
        finally:
            load.refused.close()
            await opened.close()

    with Checkpoint(load.folder).held():
        return asyncio.run(run())


def update(load: Loading, folder: Path) -> RegisterVersion:
    """All of it into the register that is there."""

    async def run() -> RegisterVersion:
        opened = register(folder)
        try:
            for batch in load.updates():
                await opened.update(batch)
            return await opened.version()
        finally:
            load.refused.close()
            await opened.close()

    with Checkpoint(load.folder).held():
        return asyncio.run(run())


def looked(folder: Path, *niks: str) -> list[Record | None]:
    async def run() -> list[Record | None]:
        opened = register(folder)
        try:
            return [await opened.look(nik) for nik in niks]
        finally:
            await opened.close()

    return asyncio.run(run())


if __name__ == "__main__":
    table, into = Path(sys.argv[1]), Path(sys.argv[2])
    done = load(loading(table, into, report=lambda p: print(p.phase, p.done, flush=True)), into)
    print(done.people, flush=True)
