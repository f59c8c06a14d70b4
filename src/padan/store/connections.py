"""How the database file is created and opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from padan.app.ports import StoreUnavailable
from padan.store.rows import Row
from padan.store.writer import PATIENCE, unavailable

_STATEMENTS_KEPT = 256


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


def open_writer(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode that waits for the disk at every commit.

    Raises:
        sqlite3.Error: the file is missing, damaged or locked.
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
            # The writer says itself when it waits for other processes.
            "busy_timeout = 0",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


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
