"""The store in one SQLite file, for one machine."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from padan.app.ports import StoreUnavailable
from padan.store.bell import Bell
from padan.store.connections import Reader, check_readable, create_file, open_writer
from padan.store.file_bell import FileBell
from padan.store.migrations import latest_version, migrate
from padan.store.sqlite_answers import SqliteAnswers
from padan.store.sqlite_directory import SqliteDirectory
from padan.store.sqlite_feedback import SqliteFeedback
from padan.store.sqlite_guesses import SqliteGuesses
from padan.store.sqlite_ledger import SqliteLedger
from padan.store.sqlite_lines import SqliteLines
from padan.store.sqlite_retention import SqliteRetention
from padan.store.sqlite_sessions import SqliteSessions
from padan.store.writer import Writer, unavailable

_SCRUB_WITHIN = 50
"""Milliseconds to wait for who reads."""


class SqliteStore(
    SqliteSessions,
    SqliteRetention,
    SqliteDirectory,
    SqliteGuesses,
    SqliteAnswers,
    SqliteLedger,
    SqliteFeedback,
    SqliteLines,
):
    """All ports over one file: one connection that writes, in its own thread, and two that read."""

    def __init__(self, writer: Writer, reader: Reader, lists: Reader, *, bell: Bell) -> None:
        SqliteSessions.__init__(self, writer, reader, lists, bell=bell)
        SqliteRetention.__init__(self, writer, reader)
        SqliteDirectory.__init__(self, writer, reader)
        SqliteGuesses.__init__(self, writer, reader)
        SqliteAnswers.__init__(self, writer, reader)
        SqliteLedger.__init__(self, lists)
        SqliteFeedback.__init__(self, writer, reader)
        SqliteLines.__init__(self, writer, reader)

    async def is_current(self) -> bool:
        """Whether the file's schema is the one of this version; raises StoreUnavailable."""
        row = self._reader.row("PRAGMA user_version")
        return row is not None and row[0] == latest_version()

    async def scrub(self) -> None:
        """Take what was erased out of the write-ahead log as well: after redactions.

        Raises:
            StoreUnavailable: another process was reading, and the log could not be emptied; try again.
        """
        await self._writer.run(_empty_log, in_transaction=False)

    async def close(self) -> None:
        """Finish the writes that are waiting, empty the log, and let go of the file."""
        self._reader.close()
        self._lists.close()
        self._bell.close()
        await self._writer.close()


def open_sqlite(path: Path, *, create: bool = True) -> SqliteStore:
    """Open the store and bring it to the schema of this version.

    Args:
        path: the database file; its log and locks lie beside it.
        create: make a new database, readable by its owner alone, where there is none.

    Raises:
        StoreUnavailable: there is no database, it cannot be opened, or it belongs to a newer Padan.
    """
    try:
        if create:
            create_file(path)
        check_readable(path)
        migrate(path)
        writer = Writer(lambda: open_writer(path))
        return SqliteStore(writer, Reader(path), Reader(path), bell=FileBell(path))
    except (OSError, sqlite3.Error) as error:
        raise unavailable(error) from None


def _empty_log(connection: sqlite3.Connection) -> None:
    # It would wait for whoever reads, a backup for as long as that takes, and every write would wait with it.
    connection.execute(f"PRAGMA busy_timeout = {_SCRUB_WITHIN}").fetchall()
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreUnavailable("the write-ahead log is being read and cannot be emptied: try again")
