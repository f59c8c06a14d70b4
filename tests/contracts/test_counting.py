"""What every store promises of a question: it is written down and counted in one step, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.contracts.builders import PROFILE_ID, a_session, an_attempt
from tests.contracts.conftest import Run, Store

from padan.domain.attempt import Allowance, Begun, Charge, Refusal
from padan.domain.session import Lease, Session, asking

NOW = 1_800_000_000_000
DAY, MONTH = "2026-11-24", "2026-11"
FREE = Allowance("dukcapil", PROFILE_ID, DAY, MONTH, price=1_500)
LEASE = Lease("worker", NOW + 30_000)


def begin(run: Run, store: Store, session: Session, allowance: Allowance, *, now: int = NOW) -> Begun:
    after = asking(session, now=now, lease=LEASE)
    begun: Begun = run(store.begin(session, after, attempt=an_attempt(session), allowance=allowance, now=now))
    return begun


def added(run: Run, store: Store, **fields: Any) -> Session:
    session = a_session(**fields)
    run(store.add(session))
    return session


def test_a_question_that_is_begun_is_written_down_and_counted(run: Run, store: Store) -> None:
    session = added(run, store)
    assert begin(run, store, session, FREE) == Begun()
    stored = run(store.find(session.id))
    assert (stored.attempts, stored.lease) == (1, LEASE)
    assert [attempt.number for attempt in run(store.attempts(session.id))] == [1]
    assert run(store.used("dukcapil", DAY)) == 1
    assert run(store.used("dukcapil", "2026-11-25")) == 0
    assert run(store.used("another", DAY)) == 0


def test_a_question_on_a_stale_session_is_neither_written_down_nor_counted(run: Run, store: Store) -> None:
    session = added(run, store)
    begin(run, store, session, FREE)
    assert begin(run, store, session, FREE).refusal is Refusal.STALE
    assert run(store.used("dukcapil", DAY)) == 1
    assert len(run(store.attempts(session.id))) == 1


def test_the_quota_of_a_day_ends_with_its_last_question_and_begins_anew_the_next_day(
    run: Run, store: Store
) -> None:
    limited = replace(FREE, quota=2)
    outcomes = [begin(run, store, added(run, store), limited).refusal for _ in range(3)]
    assert outcomes == [None, None, Refusal.QUOTA]
    assert begin(run, store, added(run, store), replace(limited, day="2026-11-25")).refusal is None


def test_a_refused_question_leaves_the_session_as_it_was(run: Run, store: Store) -> None:
    session = added(run, store)
    assert begin(run, store, session, replace(FREE, quota=0)).refusal is Refusal.QUOTA
    assert run(store.find(session.id)) == session
    assert run(store.attempts(session.id)) == ()


def test_a_question_that_was_not_charged_is_counted_back(run: Run, store: Store) -> None:
    session = added(run, store)
    tight = replace(FREE, quota=1, budget=1_500)
    begin(run, store, session, tight)
    asked = run(store.find(session.id))
    ended = an_attempt(session).ended(now=NOW, outcome="unavailable", charge=Charge.NOT_CHARGED)
    later = replace(asked, due_at=NOW + 500, revision=asked.revision + 1)
    assert run(store.change(asked, later, attempt=ended, refund=tight))
    assert run(store.used("dukcapil", DAY)) == 0
    assert begin(run, store, added(run, store), tight).refusal is None


def test_an_answer_that_came_too_late_is_counted_back_as_well(run: Run, store: Store) -> None:
    session = added(run, store)
    begin(run, store, session, FREE)
    ended = an_attempt(session).ended(now=NOW, outcome="unavailable", charge=Charge.NOT_CHARGED)
    run(store.record(ended, refund=FREE))
    assert run(store.used("dukcapil", DAY)) == 0


def test_a_budget_is_the_profiles_own_and_a_question_never_exceeds_it(run: Run, store: Store) -> None:
    budgeted = replace(FREE, budget=4_000)
    outcomes = [begin(run, store, added(run, store), budgeted).refusal for _ in range(3)]
    assert outcomes == [None, None, Refusal.BUDGET], "two questions of 1,500 fit into 4,000"
    another = replace(budgeted, profile_id=a_session().id)
    assert begin(run, store, added(run, store), another).refusal is None
    assert begin(run, store, added(run, store), replace(budgeted, month="2026-12")).refusal is None


def test_a_rate_lets_a_burst_through_and_then_one_question_at_a_time(run: Run, store: Store) -> None:
    paced = replace(FREE, per_second=10.0)
    begun = [begin(run, store, added(run, store), paced) for _ in range(25)]
    through = [one for one in begun if one.refusal is None]
    assert len(through) == 21, "two seconds at ten a second, and the one that is due"
    refused = begun[-1]
    assert refused.refusal is Refusal.RATE
    assert NOW < refused.ready_at <= NOW + 101
    assert begin(run, store, added(run, store), paced, now=refused.ready_at).refusal is None
    assert begin(run, store, added(run, store), paced, now=refused.ready_at).refusal is Refusal.RATE


def test_where_the_registry_counts_more_its_count_holds_and_never_less(run: Run, store: Store) -> None:
    begin(run, store, added(run, store), FREE)
    run(store.note_used("dukcapil", DAY, at_least=50))
    run(store.note_used("dukcapil", DAY, at_least=20))
    assert run(store.used("dukcapil", DAY)) == 50
    assert begin(run, store, added(run, store), replace(FREE, quota=50)).refusal is Refusal.QUOTA


def test_many_that_begin_at_once_share_one_quota(run: Run, store: Store) -> None:
    sessions = [added(run, store) for _ in range(30)]
    limited = replace(FREE, quota=10)

    async def all_at_once() -> list[Begun]:
        jobs = (
            store.begin(
                session,
                asking(session, now=NOW, lease=LEASE),
                attempt=an_attempt(session),
                allowance=limited,
                now=NOW,
            )
            for session in sessions
        )
        return await asyncio.gather(*jobs)

    begun = run(all_at_once())
    assert sum(one.refusal is None for one in begun) == 10
    assert run(store.used("dukcapil", DAY)) == 10


@pytest.mark.parametrize("limit", [1, 3, 4, 7])
def test_profiles_that_wait_are_served_in_turns(run: Run, store: Store, limit: int) -> None:
    from padan.domain.environment import EnvironmentKind

    flood = [added(run, store, due_at=1_000 + n) for n in range(20)]
    other = a_session().id
    few = [added(run, store, due_at=1_500 + n, profile_id=other) for n in range(2)]
    taken = run(store.take_leases("worker", 2_000, until=9_000, limit=limit, kind=EnvironmentKind.TEST))
    expected = [flood[0], few[0], flood[1], few[1], *flood[2:]][:limit]
    assert [session.id for session in taken] == [session.id for session in expected]


def test_only_sessions_of_the_kind_that_was_asked_for_are_taken(run: Run, store: Store) -> None:
    from padan.domain.environment import EnvironmentKind

    live = added(run, store, environment_kind=EnvironmentKind.LIVE)
    added(run, store)
    taken = run(store.take_leases("worker", 2_000, until=9_000, limit=9, kind=EnvironmentKind.LIVE))
    assert [session.id for session in taken] == [live.id]


def test_a_clock_that_is_set_back_does_not_hold_questions_up(run: Run, store: Store) -> None:
    paced, hour = replace(FREE, per_second=10.0), 3_600_000
    ahead = added(run, store, expires_at=NOW + 2 * hour)
    assert begin(run, store, ahead, paced, now=NOW + hour).refusal is None
    assert begin(run, store, added(run, store), paced).refusal is None
    # Begun anew, and at its pace: there is no burst in it.
    assert begin(run, store, added(run, store), paced).refusal is Refusal.RATE
    assert begin(run, store, added(run, store), paced, now=NOW + 101).refusal is None
