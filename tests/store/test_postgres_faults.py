"""Killed backends, a stopped server, time-outs: nothing is acknowledged in vain, and it heals by itself."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.contracts.builders import BANK, PROFILE_ID, a_session, an_attempt
from tests.contracts.conftest import Run
from tests.support.postgres import Cluster, empty_database, new_database, sql

from padan.app.ports import Conflict, StoreUnavailable
from padan.domain.attempt import Allowance
from padan.domain.session import Lease, Session, asking
from padan.store.postgres import PostgresStore, link, open_postgres
from padan.store.postgres.lane import LARGEST_BATCH
from padan.store.postgres.link import Connection

KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'padan'
"""
FREE = Allowance("dukcapil", PROFILE_ID, "2026-11-24", "2026-11")


@pytest.fixture
def url() -> str:
    return empty_database()


@pytest.fixture
def store(url: str, run: Run) -> Iterator[PostgresStore]:
    opened: PostgresStore = run(open_postgres(url))
    yield opened
    run(opened.close())


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server that may be stopped."""
    private = Cluster()
    yield private
    private.remove()


async def healed(store: PostgresStore, known: Session) -> None:
    """Until a read is answered again: the last kill may have met a connection that nobody was using."""
    async with asyncio.timeout(5):
        while True:
            with contextlib.suppress(StoreUnavailable):
                await store.find(known.id)
                return


def test_backends_killed_under_load_lose_nothing_that_was_acknowledged(
    run: Run, store: PostgresStore, url: str
) -> None:
    kept: list[tuple[Session, Session]] = []
    refused: list[str] = []

    async def work(until: float) -> None:
        while time.monotonic() < until:
            new = a_session()
            asked = asking(new, now=2_000, lease=Lease("worker", 5_000))
            try:
                await store.add(new)
                begun = await store.begin(new, asked, attempt=an_attempt(new), allowance=FREE, now=2_000)
            except StoreUnavailable as error:
                refused.append(str(error))
                await asyncio.sleep(0.01)
            else:
                assert begun.refusal is None
                kept.append((new, asked))

    async def kill(until: float) -> None:
        while time.monotonic() < until:
            await asyncio.sleep(0.1)
            await asyncio.to_thread(sql, url, KILL)

    async def crowd() -> None:
        end = time.monotonic() + 1.5
        await asyncio.gather(*(work(end) for _ in range(16)), kill(end))

    run(crowd())
    assert refused, "the kills went by unnoticed"
    assert all("padan" not in text or "unavailable" in text for text in refused)
    assert kept
    run(healed(store, kept[0][0]))
    for _, asked in kept:
        assert run(store.find(asked.id)) == asked
    assert run(store.used("dukcapil", "2026-11-24")) >= len(kept)
    assert sql(url, "SELECT count(*) FROM attempts") == [(run(store.used("dukcapil", "2026-11-24")),)]


def test_a_stopped_server_refuses_at_once_and_is_found_again_when_it_is_back(
    run: Run, cluster: Cluster
) -> None:
    store: PostgresStore = run(open_postgres(new_database(cluster.url)))
    before, lost, after = a_session(), a_session(), a_session()
    run(store.add(before))
    cluster.stop("immediate")
    try:
        start = time.monotonic()
        for call in (store.add(lost), store.find(before.id), store.get(BANK.id, before.id)):
            with pytest.raises(StoreUnavailable, match="unavailable"):
                run(call)
        run(store.await_work(0.01))
        assert time.monotonic() - start < 5
    finally:
        cluster.start()
    run(store.add(after))
    assert run(store.find(before.id)) == before
    assert run(store.find(lost.id)) is None
    assert run(store.get(BANK.id, after.id)) == after
    run(store.close())


def test_who_waits_too_long_for_a_row_is_refused_and_the_rest_goes_on(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(link.SETTINGS, "lock_timeout", "150ms")
    store: PostgresStore = run(open_postgres(url))
    session, other = a_session(), a_session()

    async def hold_and_change() -> None:
        await store.add(session)
        async with asyncio.timeout(5):
            holder: Connection = await link.open_connection(url)
            async with holder.transaction():
                await holder.execute("SELECT 1 FROM sessions WHERE id = $1 FOR UPDATE", session.id.bytes)
                with pytest.raises(StoreUnavailable, match="55P03"):
                    await store.change(session, asking(session, now=1_500, lease=Lease("w", 9_000)))
            await holder.close()
        await store.add(other)
        assert await store.change(session, asking(session, now=1_500, lease=Lease("w", 9_000)))

    run(hold_and_change())
    run(store.close())


def test_a_statement_that_takes_too_long_is_ended(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(link.SETTINGS, "statement_timeout", "100ms")
    store: PostgresStore = run(open_postgres(url))
    with pytest.raises(StoreUnavailable, match="57014"):
        run(store._links.run(lambda connection: connection.execute("SELECT pg_sleep(5)")))
    run(store.add(a_session()))
    run(store.close())


def test_a_write_that_fails_takes_no_other_with_it(run: Run, store: PostgresStore, url: str) -> None:
    twice, unstorable = a_session(), a_session(provider="canary\0")
    sessions = [twice, a_session(), twice, unstorable, a_session()]

    async def add_all() -> list[Any]:
        return await asyncio.gather(*map(store.add, sessions), return_exceptions=True)

    answers = run(add_all())
    assert [type(answer) for answer in answers] == [type(None), type(None), Conflict, ValueError, type(None)]
    assert "canary" not in str(answers[3])
    assert sql(url, "SELECT count(*) FROM sessions") == [(3,)]


def test_more_writes_than_one_commit_takes_are_all_made(run: Run, store: PostgresStore, url: str) -> None:
    sessions = [a_session() for _ in range(LARGEST_BATCH * 2 + 3)]

    async def add_all() -> None:
        await asyncio.gather(*map(store.add, sessions))

    run(add_all())
    assert sql(url, "SELECT count(*) FROM sessions") == [(len(sessions),)]


def test_a_refusal_names_the_error_and_nothing_that_was_to_be_stored(
    run: Run, store: PostgresStore, url: str
) -> None:
    sql(url, "ALTER TABLE sessions RENAME TO canary; SELECT 1")
    try:
        with pytest.raises(StoreUnavailable, match="42P01") as caught:
            run(store.add(a_session(provider="canary-provider")))
    finally:
        sql(url, "ALTER TABLE canary RENAME TO sessions; SELECT 1")
    assert "canary" not in str(caught.value)
    run(store.add(a_session()))


def test_a_task_that_is_cancelled_disturbs_no_other(run: Run, store: PostgresStore) -> None:
    kept, dropped = a_session(), a_session()

    async def cancel_one() -> None:
        leaving = asyncio.create_task(store.add(dropped))
        await asyncio.sleep(0)
        adding = asyncio.create_task(store.add(kept))
        reading = asyncio.create_task(store.attempts(kept.id))
        await asyncio.sleep(0)
        leaving.cancel()
        reading.cancel()
        await adding

    run(cancel_one())
    assert run(store.find(kept.id)) == kept
    assert run(store.attempts(kept.id)) == ()


def test_writes_under_way_at_a_close_are_made_and_later_ones_refused(run: Run, url: str) -> None:
    store: PostgresStore = run(open_postgres(url))
    sessions = [a_session() for _ in range(20)]

    async def close_meanwhile() -> None:
        adding = [asyncio.create_task(store.add(session)) for session in sessions]
        await asyncio.sleep(0)
        await store.close()
        await asyncio.gather(*adding)

    run(close_meanwhile())
    assert sql(url, "SELECT count(*) FROM sessions") == [(20,)]
    for call in (store.add(a_session()), store.find(sessions[0].id), store.used("dukcapil", "2026-11-24")):
        with pytest.raises(StoreUnavailable, match="closed"):
            run(call)
    run(store.close())


@pytest.mark.parametrize(("configured", "effective"), [("off", "on"), ("remote_apply", "remote_apply")])
def test_a_commit_waits_for_the_disk_whatever_the_server_is_set_to(
    run: Run, *, configured: str, effective: str
) -> None:
    url = new_database()
    sql(url, f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = {configured}; SELECT 1")
    store: PostgresStore = run(open_postgres(url))
    shown = run(store._links.run(lambda connection: connection.fetchval("SHOW synchronous_commit")))
    assert shown == effective
    run(store.close())


def test_no_more_connections_are_open_than_is_said(run: Run, store: PostgresStore, url: str) -> None:
    from padan.store.postgres.store import CONNECTIONS, WALLED_CONNECTIONS

    sessions = [a_session(environment_id=a_session().id) for _ in range(60)]

    async def crowd() -> None:
        await asyncio.gather(*map(store.add, sessions))
        reads = [store.get(session.environment_id, session.id) for session in sessions]
        singles = [store.attempts(session.id) for session in sessions]
        await asyncio.gather(*reads, *singles, store.await_work(0.01))

    run(crowd())
    ((count,),) = sql(url, KILL.replace("pg_terminate_backend(pid)", "count(*)"))
    assert isinstance(count, int)
    assert 1 < count <= CONNECTIONS + WALLED_CONNECTIONS + 1


def test_what_was_erased_is_in_no_row_afterwards(run: Run, store: PostgresStore, url: str) -> None:
    from padan.domain.session import redacted, succeeded

    session = a_session(sealed_claim=b"CLAIM-MARKER")
    asked = asking(session, now=1_500, lease=Lease("w", 9_000))
    done = succeeded(asked, now=1_600, sealed_result=b"RESULT-MARKER")
    gone = redacted(done, now=20_000)
    run(store.add(session))
    for before, after in ((session, asked), (asked, done), (done, gone)):
        assert run(store.change(before, after))
    run(store.scrub())
    ((contents,),) = sql(url, "SELECT contents FROM sessions")
    assert isinstance(contents, bytes)
    assert b"MARKER" not in contents
    assert not contents.strip(b"\0")
    assert replace(gone) == run(store.find(session.id))
