"""A copy of the database, made while it is written to."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.contracts.builders import a_session
from tests.contracts.conftest import Run

from padan.app.ports import StoreUnavailable
from padan.store import backup
from padan.store.backup import back_up, check_sound
from padan.store.sqlite import open_sqlite
from padan.store.writer import PATIENCE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "padan.db"


def test_a_backup_under_load_comes_to_an_end_and_holds_all_that_was_stored_before_it(
    run: Run, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "PAGES_AT_ONCE", 4)
    monkeypatch.setattr(backup, "PAUSE", 0.005)
    store, target = open_sqlite(path), tmp_path / "copy.db"
    before = [a_session() for _ in range(300)]
    during = 0

    async def load() -> None:
        nonlocal during
        await asyncio.gather(*(store.add(session) for session in before))
        copying = asyncio.create_task(asyncio.to_thread(back_up, path, target))
        while not copying.done():
            await store.add(a_session())
            during += 1
        assert copying.result() == target.stat().st_size

    run(load())
    run(store.close())
    assert during > 1
    assert target.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.glob("copy*")) == ["copy.db"]
    copied = open_sqlite(target)
    assert [run(copied.find(session.id)) for session in before] == before
    run(copied.close())


def test_who_reads_for_long_holds_up_no_write_and_the_log_is_emptied_afterwards(run: Run, path: Path) -> None:
    store = open_sqlite(path)
    run(store.add(a_session()))
    log = path.with_name(path.name + "-wal")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sessions").fetchall()

        async def load() -> None:
            async with asyncio.timeout(PATIENCE - 1):
                for _ in range(3):
                    with pytest.raises(StoreUnavailable, match="being read"):
                        await store.scrub()
                    await store.add(a_session())

        run(load())
    run(store.scrub())
    assert log.stat().st_size == 0
    run(store.close())


def test_a_backup_replaces_no_file_and_leaves_nothing_where_it_fails(
    run: Run, path: Path, tmp_path: Path
) -> None:
    run(open_sqlite(path).close())
    target = tmp_path / "copy.db"
    target.write_text("mine")
    with pytest.raises(StoreUnavailable, match="exists"):
        back_up(path, target)
    assert target.read_text() == "mine"
    with pytest.raises(StoreUnavailable, match="no database"):
        back_up(tmp_path / "none.db", tmp_path / "other.db")
    with pytest.raises(StoreUnavailable, match="written"):
        back_up(path, tmp_path / "nowhere" / "other.db")
    assert sorted(file.name for file in tmp_path.glob("o*")) == []


def test_what_is_no_sound_database_of_this_version_is_told_apart(
    run: Run, path: Path, tmp_path: Path
) -> None:
    run(open_sqlite(path).close())
    check_sound(path)
    empty, text = tmp_path / "empty.db", tmp_path / "text.db"
    empty.touch()
    text.write_text("no database" * 400)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file, told in ((empty, "no database of Padan"), (text, "no sound database"), (path, "newer version")):
        with pytest.raises(StoreUnavailable, match=told):
            check_sound(file)


def test_a_damaged_file_is_refused(run: Run, path: Path) -> None:
    store = open_sqlite(path)
    for _ in range(50):
        run(store.add(a_session()))
    run(store.close())
    whole = bytearray(path.read_bytes())
    for place in range(8192, len(whole), 4096):
        whole[place : place + 64] = b"\xff" * 64
    path.write_bytes(whole)
    with pytest.raises(StoreUnavailable, match=r"damaged|sound"):
        check_sound(path)
