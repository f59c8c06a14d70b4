"""The bell beside a SQLite file: heard in every process, and never in the way."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from pathlib import Path

from tests.contracts.builders import a_session

from padan.store.file_bell import FileBell
from padan.store.sqlite import open_sqlite


def test_a_session_stored_through_one_store_calls_who_waits_at_another(tmp_path: Path) -> None:
    async def call() -> float:
        here, there = open_sqlite(tmp_path / "padan.db"), open_sqlite(tmp_path / "padan.db")
        await there.await_work(0.01)
        waiting = asyncio.create_task(there.await_work(20.0))
        await asyncio.sleep(0.05)
        start = time.monotonic()
        await here.add(a_session())
        await waiting
        await here.close()
        await there.close()
        return time.monotonic() - start

    assert asyncio.run(call()) < 10.0


def test_the_sockets_lie_in_a_folder_of_the_owner_and_go_with_the_store(tmp_path: Path) -> None:
    bells = tmp_path / "padan.db.bells"

    async def listen() -> list[str]:
        store = open_sqlite(tmp_path / "padan.db")
        await store.await_work(0.01)
        there = os.listdir(bells)
        await store.close()
        return there

    assert len(asyncio.run(listen())) == 1
    assert os.listdir(bells) == []
    assert bells.stat().st_mode & 0o777 == 0o700


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    path = tmp_path / "padan.db"

    async def ring() -> None:
        bell = FileBell(path)
        await bell.wait(0.0)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as dead:
            dead.bind(str(tmp_path / "padan.db.bells" / "dead"))
        bell.ring()
        await asyncio.sleep(0.05)
        bell.close()

    asyncio.run(ring())
    assert os.listdir(tmp_path / "padan.db.bells") == []


def test_a_folder_with_a_long_name_is_rung_in_as_well(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 200) / "padan.db"
    path.parent.mkdir()

    async def ring() -> bool:
        one, other = FileBell(path), FileBell(path)
        await other.wait(0.0)
        one.ring()
        start = time.monotonic()
        await other.wait(20.0)
        one.close()
        other.close()
        return time.monotonic() - start < 10.0

    assert asyncio.run(ring())


def test_where_no_socket_can_be_made_the_bell_rings_in_its_own_process(tmp_path: Path) -> None:
    (tmp_path / "padan.db.bells").write_text("in the way")

    async def ring() -> bool:
        bell = FileBell(tmp_path / "padan.db")
        await bell.wait(0.0)
        bell.ring()
        start = time.monotonic()
        await bell.wait(20.0)
        bell.close()
        return time.monotonic() - start < 10.0

    assert asyncio.run(ring())
