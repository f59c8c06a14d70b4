"""Copies of a SQLite database: made while it is written to, and put back where no server lives."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from padan.app.ports import StoreUnavailable
from padan.store.connections import check_readable
from padan.store.migrations import latest_version
from padan.store.writer import unavailable

PAGES_AT_ONCE, PAUSE = 512, 0.02
"""Two megabytes and a rest: at most about 100 MB a second, so that the disk stays free for the server."""

_BESIDE = ("", "-wal", "-shm")


def back_up(database: Path, target: Path) -> int:
    """Copy a database that may be in use into a new file, readable by its owner alone; its bytes.

    The file gets its name when it is whole, checked and on the disk.

    Raises:
        StoreUnavailable: there is no database, the target exists, or the copy is not sound.
    """
    check_readable(database)
    if target.exists():
        raise StoreUnavailable(f"{target} exists: name a file that does not")
    partial = target.with_name(target.name + ".partial")
    try:
        copy(database, partial)
        partial.rename(target)
        sync_folder(target.parent)
        return target.stat().st_size
    except sqlite3.Error as error:
        raise unavailable(error) from None
    except OSError as error:
        raise StoreUnavailable(f"{target} cannot be written: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)


def copy(database: Path, target: Path) -> None:
    """Copy a database as it is now, check the copy and sync it. Raises as SQLite and the disk do."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(_open(database, "ro")) as source, closing(_open(target, "rw")) as into:
        # Within a transaction the source stands still, else each write of the server would begin it anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchall()
        source.backup(into, pages=PAGES_AT_ONCE, sleep=PAUSE)
    check_sound(target)
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_sound(file: Path) -> None:
    """Raises StoreUnavailable where a file that nobody writes is no sound database of this Padan."""
    try:
        with closing(_open(file, "ro&immutable=1")) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{file} is no sound database ({error.sqlite_errorname})") from None
    if verdict != "ok":
        raise StoreUnavailable(f"{file} is damaged: SQLite's integrity check failed")
    if version == 0:
        raise StoreUnavailable(f"{file} is no database of Padan")
    if version > latest_version():
        raise StoreUnavailable(f"{file} belongs to a newer version of Padan: install that one")


def put_in_place(restored: Path, database: Path, *, aside: str) -> Path | None:
    """Give a closed database the configured name; what was there gets another, with `aside` at its end.

    Returns that name, None where nothing was there. Nobody may have either of them open.
    """
    kept = database.with_name(f"{database.name}.{aside}")
    there = database.exists()
    for end in _BESIDE:
        old = database.with_name(database.name + end)
        if old.exists():
            old.rename(kept.with_name(kept.name + end))
    restored.rename(database)
    sync_folder(database.parent)
    return kept if there else None


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5.0)
