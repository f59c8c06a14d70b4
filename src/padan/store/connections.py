"""How the database file is created and opened."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from padan.app.ports import StoreUnavailable
from padan.store.rows import Row
from padan.store.writer import PATIENCE, unavailable

_STATEMENTS_KEPT = 256
_CHUNK = 1 << 20


def create_file(path: Path) -> None:
    """Make an empty database that only its owner can read, and the folder it lies in.

    The write-ahead log and its index get their mode from the database file.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError:
        return
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
    for folder in (path.parent, path.parent.parent):
        _sync_folder(folder)


def open_writer(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode that waits for the disk at every commit, over a log the disk has.

    Raises:
        sqlite3.Error: the file is missing, damaged or locked, or the disk does not take its log.
    """
    connection = _connect(path, "rw")
    try:
        # With synchronous=NORMAL a power cut takes the last acknowledged commits.
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "secure_delete = ON",
            "foreign_keys = ON",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    # The last to close copies the log into the database. While it is not certain that the disk has the log,
    # that must not happen, and one that only reads cannot do it.
    with closing(_connect(path, "ro")) as guard:
        guard.execute("SELECT count(*) FROM sqlite_master").fetchall()
        try:
            _have_the_log_on_the_disk(connection, path)
        except (OSError, sqlite3.Error) as error:
            connection.close()
            raise _as_of_sqlite(error) from None
    # From here on the writer itself says when it waits for other processes.
    connection.execute("PRAGMA busy_timeout = 0").fetchall()
    return connection


def _have_the_log_on_the_disk(connection: sqlite3.Connection, path: Path) -> None:
    """Write the write-ahead log once more, as it is read, and sync it.

    After an fsync that failed, the kernel counts the pages as written: they are read as they should be, no
    later fsync writes them, and the error is told once, perhaps to a process that is dead by now. SQLite
    would take a commit in them for good, and build on what a power cut takes away. Where the disk has the
    log already, this changes nothing on it.
    """
    # Nobody else adds to the log or begins it anew meanwhile.
    connection.execute("BEGIN IMMEDIATE")
    try:
        with path.with_name(path.name + "-wal").open("r+b", buffering=0) as log:
            at = 0
            while chunk := os.pread(log.fileno(), _CHUNK, at):
                at += os.pwrite(log.fileno(), chunk, at)
            if at:
                os.fsync(log.fileno())
        # SQLite does the same at a log's first sync, and does not look whether it succeeded.
        _sync_folder(path.parent)
    finally:
        connection.execute("ROLLBACK")


def _as_of_sqlite(error: OSError | sqlite3.Error) -> sqlite3.Error:
    """A disk's error by the name that SQLite has for it."""
    if isinstance(error, sqlite3.Error):
        return error
    known = sqlite3.OperationalError("disk I/O error")
    known.sqlite_errorname = "SQLITE_FULL" if error.errno == errno.ENOSPC else "SQLITE_IOERR"
    return known


def _sync_folder(folder: Path) -> None:
    """Have the names of a folder's files on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Reader:
    """A connection that only reads, for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._connection = _connect(path, "ro")

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """All rows of a query. They are fetched at once, for an open cursor would hold the log back.

        Raises:
            StoreUnavailable: the database cannot be read now.
        """
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise unavailable(error) from None

    def row(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Row | None:
        """The first row of a query, if there is one."""
        rows = self.rows(sql, parameters)
        return rows[0] if rows else None

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def check_readable(path: Path) -> None:
    """Raises StoreUnavailable where there is no database."""
    if not path.is_file():
        raise StoreUnavailable("there is no database at the configured path: run `padan migrate`")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=PATIENCE,
        cached_statements=_STATEMENTS_KEPT,
    )
