"""One write fails alone; a commit fails as a whole; nothing is acknowledged without one; and it heals."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.builders import BANK, a_session, a_token
from tests.contracts.conftest import Run

from padan.app.ports import Conflict, StoreUnavailable
from padan.domain.environment import EnvironmentKind
from padan.domain.session import Lease, Session, asking
from padan.store.sqlite import SqliteStore, open_sqlite
from padan.store.writer import LARGEST_BATCH, Writer

TEST = EnvironmentKind.TEST


def ask(store: SqliteStore, sql: str) -> Callable[[], Any]:
    """A statement for the writer's own connection."""
    return lambda: store._writer.run(lambda c: c.execute(sql).fetchall(), in_transaction=False)


def stored(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM sessions").fetchone()
    return int(count)


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes: a write error in the middle of a commit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_that_fails_takes_no_other_with_it(run: Run, store: SqliteStore, path: Path) -> None:
    twice = a_session()
    sessions = [twice, a_session(), twice, a_session()]

    async def add_all() -> list[Any]:
        return await asyncio.gather(*map(store.add, sessions), return_exceptions=True)

    answers = run(add_all())
    assert [type(answer) for answer in answers] == [type(None), type(None), Conflict, type(None)]
    assert stored(path) == 3
    # What the failed write had done before it failed is undone.
    assert run(ask(store, "SELECT count(*) FROM contents")()) == [(3,)]


def test_more_writes_than_one_commit_takes_are_all_made(run: Run, store: SqliteStore, path: Path) -> None:
    sessions = [a_session() for _ in range(LARGEST_BATCH * 2 + 3)]

    async def add_all() -> None:
        await asyncio.gather(*map(store.add, sessions))

    run(add_all())
    assert stored(path) == len(sessions)


def test_a_full_database_refuses_and_heals_without_a_restart(
    run: Run, store: SqliteStore, path: Path
) -> None:
    (pages,) = run(ask(store, "PRAGMA page_count")())[0]
    run(ask(store, f"PRAGMA max_page_count = {pages + 2}")())
    kept: list[Session] = []

    async def fill() -> None:
        while True:
            session = a_session()
            await store.add(session)
            kept.append(session)

    with pytest.raises(StoreUnavailable, match="SQLITE_FULL"):
        run(fill())
    run(ask(store, "PRAGMA max_page_count = 1000000")())
    last = a_session()
    run(store.add(last))
    assert stored(path) == len(kept) + 1
    for session in [*kept, last]:
        assert run(store.find(session.id)) == session


def test_a_disk_that_takes_no_more_refuses_the_whole_batch_and_heals(
    run: Run, store: SqliteStore, path: Path
) -> None:
    before = a_session()
    run(store.add(before))
    lost = [a_session() for _ in range(40)]

    async def add_lost() -> list[Any]:
        return await asyncio.gather(*map(store.add, lost), return_exceptions=True)

    log = path.with_name(path.name + "-wal")
    with files_limited_to(log.stat().st_size + 10_000):
        answers = run(add_lost())
        assert run(store.find(before.id)) == before
    assert {type(answer) for answer in answers} == {StoreUnavailable}
    assert {"SQLITE_IOERR_WRITE" in str(answer) for answer in answers} == {True}
    assert stored(path) == 1
    again = run(add_lost())
    assert again == [None] * len(lost)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_refusal_names_the_error_and_nothing_that_was_to_be_stored(run: Run, store: SqliteStore) -> None:
    run(ask(store, "ALTER TABLE sessions RENAME TO canary")())
    with pytest.raises(StoreUnavailable, match="SQLITE_ERROR") as caught:
        run(store.add(a_session(provider="canary-provider")))
    assert "canary" not in str(caught.value)


def test_a_connection_that_met_an_io_error_is_opened_anew(run: Run, tmp_path: Path) -> None:
    opened = []

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None, check_same_thread=False)
        opened.append(connection)
        return connection

    def damaged(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("disk I/O error")

    writer = Writer(connect)
    with pytest.raises(StoreUnavailable):
        run(writer.run(damaged))
    assert run(writer.run(lambda connection: connection.execute("SELECT 1").fetchone())) == (1,)
    assert len(opened) == 2
    run(writer.close())


def test_writes_under_way_at_a_close_are_made_and_later_ones_refused(run: Run, path: Path) -> None:
    store = open_sqlite(path)
    sessions = [a_session() for _ in range(20)]

    async def close_meanwhile() -> None:
        adding = [asyncio.create_task(store.add(session)) for session in sessions]
        await asyncio.sleep(0)
        await store.close()
        await asyncio.gather(*adding)

    run(close_meanwhile())
    assert stored(path) == len(sessions)
    with pytest.raises(StoreUnavailable, match="closed"):
        run(store.add(a_session()))
    with pytest.raises(StoreUnavailable):
        run(store.find(sessions[0].id))
    run(store.close())


def test_a_task_that_is_cancelled_disturbs_no_other(run: Run, store: SqliteStore) -> None:
    kept = a_session()

    async def cancel_one() -> None:
        dropped = asyncio.create_task(store.add(a_session()))
        await asyncio.sleep(0)
        adding = asyncio.create_task(store.add(kept))
        dropped.cancel()
        await adding

    run(cancel_one())
    assert run(store.find(kept.id)) == kept


def test_two_stores_on_one_file_neither_lose_nor_lease_twice(
    run: Run, store: SqliteStore, path: Path
) -> None:
    other = open_sqlite(path)
    sessions = [a_session() for _ in range(60)]

    async def work() -> list[Session]:
        await asyncio.gather(*map(store.add, sessions[:30]), *map(other.add, sessions[30:]))
        takes = (one.take_leases("w", 2_000, until=9_000, limit=4, kind=TEST) for one in (store, other) * 10)
        return [session for batch in await asyncio.gather(*takes) for session in batch]

    taken = run(work())
    assert sorted(s.id for s in taken) == sorted(s.id for s in sessions)
    rival = asking(taken[0], now=2_100, lease=Lease("w", 9_000))
    assert run(other.change(taken[0], rival)) is True
    assert run(store.change(taken[0], rival)) is False
    assert run(store.find(rival.id)) == rival
    run(other.close())


def test_what_a_token_opens_is_seen_at_once_by_another_process(
    run: Run, store: SqliteStore, path: Path
) -> None:
    other, token = open_sqlite(path), a_token()
    run(store.add_environment(BANK))
    run(store.add_token(token))
    assert run(other.environment_of_token(token.sha256)) == BANK
    run(other.revoke_token(token.id, 9))
    assert run(store.environment_of_token(token.sha256)) is None
    run(other.close())
