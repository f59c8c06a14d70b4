"""Bring a SQLite database to the schema of this version: plain numbered SQL, run by yoyo."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

from padan.app.ports import StoreUnavailable
from padan.store.connections import open_writer

_PATIENCE = 60_000
"""Milliseconds to wait for a moment in which nobody else writes."""

SCHEMA = Path(__file__).parent / "schema" / "sqlite"


def latest_version() -> int:
    """The number of the newest migration. Every migration sets `PRAGMA user_version` to its own number."""
    return max(_number(file.name) for file in SCHEMA.glob("*.sql"))


def version(path: Path) -> int:
    """The number of the newest migration that the database has seen; 0 for an empty one."""
    with closing(open_writer(path)) as connection:
        (number,) = connection.execute("PRAGMA user_version").fetchone()
    return int(number)


def migrate(path: Path) -> None:
    """Run the migrations that the database has not seen; a database that has seen all is not touched.

    Raises:
        StoreUnavailable: the database belongs to a newer Padan, or a migration did not take.
    """
    if _is_current(path):
        return
    with _alone(path):
        if not _is_current(path):
            _run(path)
    if not _is_current(path):
        raise StoreUnavailable("the database is not at the schema of this version: run `padan doctor`")


def _is_current(path: Path) -> bool:
    try:
        number = version(path)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the database cannot be opened ({error.sqlite_errorname})") from None
    if number > latest_version():
        raise StoreUnavailable("the database belongs to a newer version of Padan: install that one")
    return number == latest_version()


def _run(path: Path) -> None:
    # Only a new or an outdated database pays for the import.
    from yoyo import get_backend, read_migrations

    # yoyo hands the path on into an SQLite URI as it stands, so it is quoted for that.
    backend = get_backend(f"sqlite:///{quote(str(path.absolute()))}")
    # A transaction that reads before it writes is refused where another process wrote in between, as servers
    # that go on meanwhile do. Begun as one that writes, it waits for them.
    backend.begin = partial(backend.execute, "BEGIN IMMEDIATE")
    with closing(backend.connection), backend:
        backend.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
        # yoyo's lock is a row, and outlives a process that was killed. Ours is the kernel's: whoever is here
        # is alone.
        backend.break_lock()
        with backend.lock():
            known = read_migrations(str(SCHEMA))
            # A migration commits before yoyo notes it down; a kill in between leaves it done and not noted.
            done = version(path)
            backend.mark_migrations(backend.to_apply(known.filter(lambda m: _number(m.id) <= done)))
            backend.apply_migrations(backend.to_apply(known))


def _number(migration_id: str) -> int:
    return int(migration_id.split(".", maxsplit=1)[0])


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.with_name(path.name + ".migration").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
