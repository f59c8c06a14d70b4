"""Several processes over one database: none special, and together they keep every promise."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.contracts.builders import BANK, a_session, a_token
from tests.contracts.conftest import Run
from tests.support.postgres import empty_database, sql

from padan.domain.session import Lease
from padan.store.databases import database_of
from padan.store.postgres import PostgresStore, open_postgres
from padan.store.postgres.link import open_connection

ROOT = Path(__file__).parents[2]

# Opens the store, waits for the word to go, runs `work`, and prints what that returned.
PROCESS = """
import asyncio, json, os, sys
from dataclasses import replace
from uuid import UUID
from padan.app.ports import Conflict, Receipt, StoreUnavailable
from padan.domain.attempt import Allowance
from padan.domain.environment import EnvironmentKind
from padan.domain.identifiers import uuid7
from padan.domain.session import Lease, asking, succeeded
from padan.store.postgres import open_postgres
from tests.contracts.builders import a_session, an_attempt

NAME = sys.argv[2]

def own_session(**fields):
    return a_session(id=uuid7(1, os.urandom(10)), **fields)

{work}

async def main():
    store = await open_postgres(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(await work(store)), flush=True)
    await store.close()

asyncio.run(main())
"""

TAKE = """
async def work(store):
    ids, empty = [], 0
    while empty < 3:
        taken = await store.take_leases(NAME, 2_000, until=9_000, limit=5, kind=EnvironmentKind.TEST)
        ids += [str(session.id) for session in taken]
        empty = 0 if taken else empty + 1
    return ids
"""
BEGIN = """
async def one(store, number):
    # Each process meets the profiles in another order.
    profile = UUID(int=number % 5 if NAME == "first" else 4 - number % 5)
    session = own_session(profile_id=profile)
    await store.add(session)
    limited = Allowance("dukcapil", profile, "2026-11-24", "2026-11", price=10, quota=50, budget=10_000)
    after = asking(session, now=2_000, lease=Lease(NAME, 9_000))
    begun = await store.begin(session, after, attempt=an_attempt(session), allowance=limited, now=2_000)
    return begun.refusal is None

async def work(store):
    begun = 0
    for start in range(0, 80, 8):
        begun += sum(await asyncio.gather(*(one(store, n) for n in range(start, start + 8))))
    return begun
"""
RECEIPTS = """
async def one(store, number):
    session = own_session()
    receipt = Receipt(session.environment_id, b"key %d" % number, b"body", session.id, b"sealed", 99_999)
    try:
        await store.add(session, receipt=receipt)
    except Conflict as conflict:
        return str(conflict)
    return "stored"

async def work(store):
    keys = range(40) if NAME == "first" else range(39, -1, -1)
    return await asyncio.gather(*(one(store, n) for n in keys))
"""
CHANGE = """
async def one(store, number):
    session = a_session(id=UUID(int=number))
    return await store.change(session, asking(session, now=1_500, lease=Lease(NAME, 5_000)))

async def work(store):
    return [await one(store, number) for number in range(1, 101)]
"""
# Adds sessions from eight tasks and prints each step that was acknowledged.
ADD = """
def tell(step, session):
    os.write(1, f"{step} {session.id}\\n".encode())

async def forever(store):
    while True:
        new = own_session()
        await store.add(new)
        tell("added", new)
        asked = asking(new, now=2_000, lease=Lease("worker", 5_000))
        allowance = Allowance("dukcapil", new.profile_id, "2026-11-24", "2026-11")
        await store.begin(new, asked, attempt=an_attempt(new), allowance=allowance, now=2_000)
        tell("asked", new)
        await store.change(asked, succeeded(asked, now=2_100, sealed_result=b"result" * 300))
        tell("succeeded", new)

async def work(store):
    await asyncio.gather(*(forever(store) for _ in range(8)))
"""


@pytest.fixture
def url() -> str:
    return empty_database()


@pytest.fixture
def store(url: str, run: Run) -> Iterator[PostgresStore]:
    opened: PostgresStore = run(open_postgres(url))
    yield opened
    run(opened.close())


def started(url: str, work: str, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", PROCESS.replace("{work}", work), url, name]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def race(url: str, work: str) -> list[Any]:
    """What two processes answer that were let go at the same moment."""
    processes = [started(url, work, name) for name in ("first", "second")]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    return answers


def test_two_processes_that_race_for_sessions_take_each_once_and_leave_none(
    run: Run, store: PostgresStore, url: str
) -> None:
    profiles = [a_session().id for _ in range(3)]
    sessions = [a_session(profile_id=profiles[n % 3]) for n in range(150)]

    async def add_all() -> None:
        await asyncio.gather(*map(store.add, sessions))

    run(add_all())
    first, second = race(url, TAKE)
    assert sorted([*first, *second]) == sorted(str(session.id) for session in sessions)
    assert first
    assert second
    for id_ in first:
        assert run(store.find(UUID(id_))).lease == Lease("first", 9_000)


def test_of_two_processes_that_change_a_session_exactly_one_is_told_that_it_did(
    run: Run, store: PostgresStore, url: str
) -> None:
    ids = [UUID(int=number) for number in range(1, 101)]

    async def add_all() -> None:
        await asyncio.gather(*(store.add(a_session(id=id_)) for id_ in ids))

    run(add_all())
    first, second = race(url, CHANGE)
    assert [mine + theirs for mine, theirs in zip(first, second, strict=True)] == [1] * 100
    owners = [run(store.find(id_)).lease.owner for id_ in ids]
    assert owners == ["first" if mine else "second" for mine in first]


def test_a_worker_passes_over_what_another_is_just_taking_and_waits_for_nobody(
    run: Run, store: PostgresStore, url: str
) -> None:
    from padan.domain.environment import EnvironmentKind

    busy, free = a_session(due_at=1_000), a_session(due_at=1_500)

    async def take() -> list[UUID]:
        await asyncio.gather(store.add(busy), store.add(free))
        other = await open_connection(url)
        async with other.transaction():
            await other.execute("SELECT 1 FROM sessions WHERE id = $1 FOR UPDATE", busy.id.bytes)
            kind = EnvironmentKind.TEST
            async with asyncio.timeout(2):
                taken = await store.take_leases("w", 2_000, until=9_000, limit=5, kind=kind)
        await other.close()
        return [session.id for session in taken]

    assert run(take()) == [free.id]


def test_two_processes_share_one_quota_and_neither_waits_for_the_other_in_a_circle(
    run: Run, store: PostgresStore, url: str
) -> None:
    assert sum(race(url, BEGIN)) == 50
    assert run(store.used("dukcapil", "2026-11-24")) == 50
    assert sql(url, "SELECT count(*) FROM attempts") == [(50,)]
    spent = sql(url, "SELECT sum(number) FROM counters WHERE name LIKE 'budget %'")
    assert [int(str(row[0])) for row in spent] == [500]


def test_two_processes_that_create_under_the_same_keys_make_one_session_for_each(url: str) -> None:
    answers = race(url, RECEIPTS)
    assert sorted([*answers[0], *answers[1]]) == ["receipt"] * 40 + ["stored"] * 40
    assert sql(url, "SELECT count(*) FROM sessions") == [(40,)]
    assert sql(url, "SELECT count(*) FROM receipts JOIN sessions ON session_id = id") == [(40,)]


def killed_at(url: str, delay: float) -> list[tuple[str, UUID]]:
    process = started(url, ADD, "killed")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    first = process.stdout.readline()
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    said = first + process.stdout.read()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    lines = said.split("\n")[:-1]
    return [(line.split()[0], UUID(line.split()[1])) for line in lines]


def test_a_killed_process_loses_nothing_that_it_acknowledged(
    run: Run, store: PostgresStore, url: str
) -> None:
    chance = random.Random(20261124)
    told: list[tuple[str, UUID]] = []
    for _ in range(5):
        told += killed_at(url, chance.uniform(0.0, 0.2))
    assert len(told) > 5
    for step, id_ in told:
        session = run(store.find(id_))
        assert session is not None
        assert len(run(store.attempts(id_))) == session.attempts
        if step == "asked":
            assert session.attempts == 1
        if step == "succeeded":
            assert session.sealed_result == b"result" * 300
            assert session.sealed_claim is None
    counted = sql(url, "SELECT count(*) FROM attempts")[0][0]
    assert run(store.used("dukcapil", "2026-11-24")) == counted


def test_a_waiting_worker_hears_at_once_of_a_session_that_another_process_stored(
    run: Run, store: PostgresStore, url: str
) -> None:
    async def hear() -> tuple[float, float]:
        other: PostgresStore = await open_postgres(url)
        await store.await_work(0.01)
        waiting = asyncio.create_task(store.await_work(20))
        await asyncio.sleep(0.05)
        start = time.monotonic()
        await other.add(a_session(lease=Lease("its own", 9_000)))
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        quiet = not done
        told = time.monotonic()
        await other.add(a_session())
        await waiting
        took = time.monotonic() - told
        await other.close()
        assert quiet, "a session that its own process runs is nobody else's"
        return took, start

    took, _ = run(hear())
    assert took < 5


def test_listening_goes_on_after_its_connection_was_killed(
    run: Run, store: PostgresStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"

    async def hear() -> None:
        other: PostgresStore = await open_postgres(url)
        await store.await_work(0.01)
        await asyncio.to_thread(sql, url, kill + " AND datname = current_database()")
        await asyncio.sleep(0.05)
        async with asyncio.timeout(15):
            waiting = asyncio.create_task(store.await_work(20))
            await asyncio.sleep(0.2)
            await other.add(a_session())
            await waiting
        await other.close()

    run(hear())


def test_what_a_token_opens_is_seen_at_once_by_another_process(
    run: Run, store: PostgresStore, url: str
) -> None:
    other, token = run(open_postgres(url)), a_token()
    run(store.add_environment(BANK))
    run(store.add_token(token))
    assert run(other.environment_of_token(token.sha256)) == BANK
    run(other.revoke_token(token.id, 9))
    assert run(store.environment_of_token(token.sha256)) is None
    run(other.close())


def test_a_start_never_frees_the_leases_of_a_process_on_another_machine(
    run: Run, store: PostgresStore, url: str, tmp_path: Path
) -> None:
    from padan.app.lines import Lines
    from padan.domain.environment import EnvironmentKind
    from padan.main import build_service, clock
    from padan.settings import Settings

    held = a_session(lease=Lease("elsewhere", until=clock() + 60_000), expires_at=clock() + 90_000)
    run(store.add(held))

    async def start_and_stop() -> None:
        service = await build_service(
            Settings(data=tmp_path, database=url),
            public_url="http://127.0.0.1",
            lines=Lines({EnvironmentKind.TEST: []}),
            create_keys=True,
            sandboxes=frozenset(),
        )
        await service.start()
        await service.stop()

    run(start_and_stop())
    assert database_of(url).process_lock() is None
    assert run(store.find(held.id)) == held
