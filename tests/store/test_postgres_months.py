"""Months in PostgreSQL: made ahead, found without looking into the others, dropped when all may go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.contracts.builders import BANK, SHOP, a_session, an_attempt
from tests.contracts.conftest import Run
from tests.support.postgres import new_database, sql

from padan.domain.cost import Span
from padan.domain.session import Session
from padan.store.months import Month, first_id
from padan.store.postgres import PostgresStore, open_postgres
from padan.store.postgres.batch import _CURRENT

A_DAY = 86_400_000


@pytest.fixture
def url() -> str:
    return new_database()


@pytest.fixture
def store(run: Run, url: str) -> Iterator[PostgresStore]:
    opened = run(open_postgres(url))
    yield opened
    run(opened.close())


def months(url: str) -> list[str]:
    query = "SELECT relname FROM pg_class WHERE relname LIKE 'sessions_2%' AND relkind = 'r' ORDER BY relname"
    return [str(name) for (name,) in sql(url, query)]


def the_month(url: str, place: int) -> Month:
    year, number = months(url)[place].removeprefix("sessions_").split("_")
    return Month(int(year), int(number))


def lies_in(url: str, session: Session) -> str:
    return str(sql(url, f"SELECT tableoid::regclass FROM sessions WHERE id = '{session.id}'")[0][0])  # noqa: S608


def gone(run: Run, store: PostgresStore, created_at: int, *, redacted_at: int) -> Session:
    """A redacted session with a question and something owed."""
    new = a_session(created_at=created_at)
    run(store.add(new))
    done = replace(new, redacted_at=redacted_at, revision=new.revision + 1)
    attempt = an_attempt(new, started_at=created_at)
    assert run(store.change(new, done, attempt=attempt))
    sql(
        url_of[0],
        "INSERT INTO feedback (session_id, environment_id, created_at, updated_at, due_at, state, tries,"  # noqa: S608
        f" revision) VALUES ('{new.id}', '{BANK.id}', 1, 1, 1, 'sent', 1, 1) RETURNING 1",
    )
    return done


url_of: list[str] = [""]


@pytest.fixture(autouse=True)
def _known_url(url: str) -> None:
    url_of[0] = url


def test_ids_of_a_month_lie_between_its_first_and_the_next_ones() -> None:
    november, december = Month(2026, 11), Month(2026, 12)
    last, first = december.start - 1, december.start
    assert november.first_id <= a_session(created_at=last).id < december.first_id
    assert december.first_id <= a_session(created_at=first).id
    assert first_id(first) == december.first_id
    assert (november.later(14), december.later(1)) == (Month(2028, 1), Month(2027, 1))
    assert Month.of(last) == november


def test_the_coming_months_are_there_from_the_start_and_each_session_lies_in_its_own(
    run: Run, store: PostgresStore, url: str
) -> None:
    assert len(months(url)) >= 2
    for place in (0, 1):
        month = the_month(url, place)
        session = a_session(created_at=month.start + A_DAY)
        run(store.add(session))
        assert lies_in(url, session) == f"sessions_{month.name}"
    far, old = a_session(created_at=4_000_000_000_000), a_session()
    run(store.add(far))
    run(store.add(old))
    assert (lies_in(url, far), lies_in(url, old)) == ("sessions_default", "sessions_before")
    assert run(store.find(far.id)) == far


def test_processes_that_sweep_at_once_make_each_month_once(run: Run, store: PostgresStore, url: str) -> None:
    async def at_once() -> None:
        others = [await open_postgres(url) for _ in range(3)]
        await asyncio.gather(*(one.make_room(later) for one in (store, *others)))
        await asyncio.gather(*(one.make_room(later) for one in (store, *others)))
        for one in others:
            await one.close()

    first = the_month(url, 0)
    later = first.later(12).start
    run(at_once())
    assert months(url) == [f"sessions_{first.later(number).name}" for number in range(16)]


def test_a_month_whose_sessions_lie_in_the_default_partition_stays_there_and_the_next_is_made(
    run: Run, store: PostgresStore, url: str
) -> None:
    month = the_month(url, -1).later(1)
    early = a_session(created_at=month.start)
    run(store.add(early))
    run(store.make_room(month.later(1).start))
    assert f"sessions_{month.name}" not in months(url)
    assert f"sessions_{month.later(1).name}" in months(url)
    assert run(store.find(early.id)) == early


def test_a_month_is_dropped_as_a_whole_when_all_in_it_may_go_and_not_before(
    run: Run, store: PostgresStore, url: str
) -> None:
    month = the_month(url, 0)
    end = month.later(1).start
    first = gone(run, store, month.start, redacted_at=end)
    last = gone(run, store, month.start, redacted_at=end + A_DAY)
    costs = run(store.costs(Span()))
    assert not run(store.forget_sessions(end + A_DAY, limit=10))
    assert run(store.find(first.id)) == first
    assert not run(store.forget_sessions(end + A_DAY + 1, limit=10)), "it was looked into a moment ago"
    while run(store.forget_sessions(end + 2 * A_DAY, limit=10)):
        pass
    assert f"sessions_{month.name}" not in months(url)
    assert run(store.find(last.id)) is None
    assert sql(url, "SELECT count(*) FROM feedback") == [(0,)]
    assert run(store.costs(Span())) == costs
    assert costs[0].tally.questions == 2
    assert len(run(store.attempts(first.id))) == 1


def test_a_session_that_is_whole_keeps_its_month(run: Run, store: PostgresStore, url: str) -> None:
    month = the_month(url, 0)
    whole = a_session(created_at=month.start)
    run(store.add(whole))
    gone(run, store, month.start, redacted_at=month.start)
    assert not run(store.forget_sessions(month.later(1).start, limit=10))
    assert run(store.find(whole.id)) == whole


def test_a_month_that_is_being_read_is_dropped_later(run: Run, store: PostgresStore, url: str) -> None:
    from padan.store.postgres.link import open_connection

    month = the_month(url, 0)
    gone(run, store, month.start, redacted_at=month.start)
    before = month.later(2).start

    async def reads() -> None:
        reader = await open_connection(url)
        async with reader.transaction():
            await reader.fetch(f"SELECT 1 FROM sessions_{month.name}")  # noqa: S608
            assert await store.forget_sessions(before, limit=10)
            assert not await store.forget_sessions(before, limit=10)
        await reader.close()

    run(reads())
    assert f"sessions_{month.name}" in months(url)
    assert run(store.forget_sessions(before, limit=10))
    assert f"sessions_{month.name}" not in months(url)


def test_each_partition_has_the_wall_for_who_asks_it_by_its_own_name(
    run: Run, store: PostgresStore, url: str
) -> None:
    ours = a_session(created_at=the_month(url, 0).start)
    run(store.add(ours))
    run(store.make_room(the_month(url, 0).later(5).start))
    walled = sql(
        url,
        "SELECT c.relname FROM pg_class AS c JOIN pg_policy AS p ON p.polrelid = c.oid"
        " WHERE c.relname LIKE 'sessions%' AND c.relrowsecurity AND c.relforcerowsecurity ORDER BY 1",
    )
    names = ["sessions", *months(url), "sessions_before", "sessions_default"]
    assert [name for (name,) in walled] == sorted(names)
    assert run(store.get(SHOP.id, ours.id)) is None


def test_a_batch_of_one_month_looks_into_no_other(run: Run, store: PostgresStore, url: str) -> None:
    from padan.store.postgres.link import Connection, open_connection

    async def plan() -> str:
        connection: Connection = await open_connection(url, plan_cache_mode="force_generic_plan")
        ids = f"ARRAY['{first_id(1)}']::uuid[], '{first_id(1)}', '{first_id(2)}'"
        await connection.execute(f"PREPARE batch (uuid[], uuid, uuid) AS {_CURRENT}")
        rows = await connection.fetch(f"EXPLAIN (ANALYZE) EXECUTE batch ({ids})")
        await connection.close()
        return "\n".join(row[0] for row in rows)

    steps = run(plan())
    assert "sessions_before" in steps
    assert "Subplans Removed" in steps
    assert "sessions_2" not in steps
