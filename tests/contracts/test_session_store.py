"""What every implementation of `SessionStore` promises."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from tests.contracts.builders import BANK, OTHER_PROFILE_ID, PROFILE_ID, SHOP, a_session, an_attempt, fresh_id
from tests.contracts.conftest import Run, Store

from padan.app.ports import Conflict, SessionOrder, SessionStore
from padan.domain.attempt import Charge
from padan.domain.claim import ClaimField
from padan.domain.environment import EnvironmentKind
from padan.domain.hosting import Consent
from padan.domain.session import (
    ErrorCode,
    Lease,
    PageSecrets,
    Session,
    SessionState,
    asking,
    expired,
    failed,
    launched,
    left,
    postponed,
    redacted,
    submitted,
    succeeded,
)

TEST = EnvironmentKind.TEST

LEASE = Lease("worker-1", until=5_000)
CREATED: dict[str, Any] = {"order": SessionOrder.CREATED, "descending": False, "page": 1, "size": 10}


def add_all(run: Run, store: SessionStore, *sessions: Session) -> None:
    for session in sessions:
        run(store.add(session))


def ids(sessions: Any) -> list[UUID]:
    return [session.id for session in sessions]


def test_a_store_has_the_shape_of_the_port(store: Store) -> None:
    as_port: SessionStore = store
    assert as_port is store


def test_a_session_is_read_back_as_it_was_added(run: Run, store: Store) -> None:
    session = a_session(
        state=SessionState.AWAITING_INPUT,
        languages=("id", "en"),
        missing=(ClaimField.NIK, ClaimField.DATE_OF_BIRTH),
        allowed_providers=("indonesia-nik-lookup",),
        redirect_url="https://bank.example/back?a=1",
        lease=LEASE,
        launch_token_sha256=b"l" * 32,
        page_token_sha256=b"p" * 32,
        sealed_supplement=b"",
    )
    run(store.add(session))
    assert run(store.get(BANK.id, session.id)) == session
    assert run(store.find(session.id)) == session


def test_adding_an_id_twice_is_a_conflict_and_changes_nothing(run: Run, store: Store) -> None:
    session = a_session()
    run(store.add(session))
    with pytest.raises(Conflict, match=r"^id$"):
        run(store.add(replace(session, provider="another")))
    assert run(store.find(session.id)) == session


def test_another_environments_session_looks_like_one_that_does_not_exist(run: Run, store: Store) -> None:
    session = a_session()
    run(store.add(session))
    assert run(store.get(SHOP.id, session.id)) is None
    assert run(store.get(BANK.id, fresh_id())) is None
    assert run(store.find(fresh_id())) is None


def test_a_change_replaces_the_session_and_stores_the_attempt(run: Run, store: Store) -> None:
    session = a_session()
    run(store.add(session))
    after = asking(session, now=1_500, lease=LEASE)
    attempt = an_attempt(session)
    assert run(store.change(session, after, attempt=attempt)) is True
    assert run(store.find(session.id)) == after
    assert run(store.attempts(session.id)) == (attempt,)


def test_a_change_on_a_stale_copy_is_refused_and_stores_nothing(run: Run, store: Store) -> None:
    session = a_session()
    run(store.add(session))
    first = asking(session, now=1_500, lease=LEASE)
    assert run(store.change(session, first)) is True
    late = failed(session, now=1_600, error_code=ErrorCode.CANCELED)
    assert run(store.change(session, late, attempt=an_attempt(session))) is False
    assert run(store.find(session.id)) == first
    assert run(store.attempts(session.id)) == ()


def test_a_change_of_a_session_that_was_never_stored_is_refused(run: Run, store: Store) -> None:
    session = a_session()
    after = asking(session, now=1_500, lease=LEASE)
    assert run(store.change(session, after, attempt=an_attempt(session))) is False
    assert run(store.find(session.id)) is None


def test_of_many_changes_at_once_exactly_one_is_made(run: Run, store: Store) -> None:
    session = a_session()
    rivals = [asking(session, now=1_500, lease=Lease(f"worker-{n}", 5_000)) for n in range(20)]

    async def race() -> list[bool]:
        await store.add(session)
        return await asyncio.gather(*(store.change(session, rival) for rival in rivals))

    won = run(race())
    assert sum(won) == 1
    assert run(store.find(session.id)) == rivals[won.index(True)]


def test_a_change_is_of_one_session_with_a_growing_revision(run: Run, store: Store) -> None:
    session, other = a_session(), a_session()
    after = asking(session, now=1_500, lease=LEASE)
    for wrong in (
        store.change(other, after),
        store.change(after, after),
        store.change(session, after, attempt=an_attempt(other)),
    ):
        with pytest.raises(ValueError, match=r"^(after|attempt)\.\w+ "):
            run(wrong)


def test_an_attempt_with_the_same_number_is_replaced(run: Run, store: Store) -> None:
    session = a_session()
    run(store.add(session))
    begun = an_attempt(session)
    ended = begun.ended(now=1_700, outcome="found", charge=Charge.CHARGED)
    asked = asking(session, now=1_500, lease=LEASE)
    done = succeeded(asked, now=1_700, sealed_result=b"sealed result")
    assert run(store.change(session, asked, attempt=begun))
    assert run(store.change(asked, done, attempt=ended))
    assert run(store.attempts(session.id)) == (ended,)
    assert run(store.find(session.id)) == done


def test_an_attempts_answer_is_recorded_when_its_session_has_ended_without_it(run: Run, store: Store) -> None:
    session = a_session()
    run(store.add(session))
    begun = an_attempt(session)
    asked = asking(session, now=1_500, lease=LEASE)
    over = expired(asked, now=1_600)
    assert run(store.change(session, asked, attempt=begun))
    assert run(store.change(asked, over))
    answer = begun.ended(now=1_700, outcome="found", charge=Charge.CHARGED)
    run(store.record(answer))
    assert run(store.attempts(session.id)) == (answer,)
    assert run(store.find(session.id)) == over


def test_an_attempt_of_an_unknown_session_is_refused(run: Run, store: Store) -> None:
    with pytest.raises(LookupError, match="session_id"):
        run(store.record(an_attempt(a_session())))


def test_attempts_come_in_their_order_and_of_their_session_alone(run: Run, store: Store) -> None:
    session, other = a_session(), a_session()
    add_all(run, store, session, other)
    for number in (2, 10, 1):
        run(store.record(an_attempt(session, number)))
    run(store.record(an_attempt(other, 3)))
    assert [attempt.number for attempt in run(store.attempts(session.id))] == [1, 2, 10]
    assert run(store.attempts(fresh_id())) == ()


def test_a_session_is_stored_whole_at_every_step_of_its_life(run: Run, store: Store) -> None:
    new = a_session(state=SessionState.AWAITING_INPUT, launch_token_sha256=b"l" * 32, languages=("id",))
    opened = launched(new, now=1_100, secrets=PageSecrets(b"p" * 32, b"v" * 300, b"k" * 200))
    consent = Consent(1_200, "2026-11.00", "id")
    away = left(opened, now=1_150)
    given = submitted(away, now=1_200, sealed_supplement=b"s" * 9_000, consent=consent, lease=None)
    first = asking(given, now=1_300, lease=LEASE)
    later = postponed(first, now=1_400, due_at=3_000)
    again = asking(later, now=3_000, lease=LEASE)
    done = succeeded(again, now=3_100, sealed_result=b"r" * 20_000)
    gone = redacted(done, now=20_000)
    run(store.add(new))
    steps = [new, opened, away, given, first, later, again, done, gone]
    for before, after in pairwise(steps):
        assert run(store.change(before, after)) is True
        assert run(store.find(new.id)) == after


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("order", "expected"),
    [(SessionOrder.CREATED, [0, 1, 2]), (SessionOrder.UPDATED, [2, 0, 1]), (SessionOrder.STATE, [1, 0, 2])],
)
def test_a_page_is_sorted_as_asked(
    run: Run, store: Store, *, order: SessionOrder, descending: bool, expected: list[int]
) -> None:
    sessions = [
        a_session(created_at=1, updated_at=8, state=SessionState.FAILED),
        a_session(created_at=2, updated_at=9, state=SessionState.ASKING),
        a_session(created_at=3, updated_at=7, state=SessionState.QUEUED),
    ]
    add_all(run, store, *reversed(sessions))
    page = run(store.page(BANK.id, PROFILE_ID, order=order, descending=descending, page=1, size=10))
    wanted = [sessions[index].id for index in expected]
    assert ids(page.items) == (wanted[::-1] if descending else wanted)


def test_pages_follow_each_other_without_gap_or_overlap_even_in_one_instant(run: Run, store: Store) -> None:
    sessions = [a_session() for _ in range(7)]
    add_all(run, store, *sessions)
    pages = [run(store.page(BANK.id, PROFILE_ID, **{**CREATED, "page": n, "size": 3})) for n in (1, 2, 3, 4)]
    assert [len(page.items) for page in pages] == [3, 3, 1, 0]
    assert {page.total for page in pages} == {7}
    assert [id_ for page in pages for id_ in ids(page.items)] == sorted(ids(sessions))


def test_a_page_holds_sessions_of_its_environment_and_profile_alone(run: Run, store: Store) -> None:
    own = a_session()
    others = (a_session(environment_id=SHOP.id), a_session(profile_id=OTHER_PROFILE_ID))
    add_all(run, store, own, *others)
    page = run(store.page(BANK.id, PROFILE_ID, **CREATED))
    assert page.items == (own,)
    assert page.total == 1


def test_a_lease_is_stored_with_the_session_and_raises_its_revision(run: Run, store: Store) -> None:
    session = a_session()
    run(store.add(session))
    (taken,) = run(store.take_leases("worker-1", 2_000, until=5_000, limit=5, kind=TEST))
    assert taken == replace(session, lease=Lease("worker-1", 5_000), revision=1, updated_at=2_000)
    assert run(store.find(session.id)) == taken
    assert run(store.change(session, failed(session, now=2_100, error_code=ErrorCode.CANCELED))) is False


@pytest.mark.parametrize(
    ("fields", "leased"),
    [
        ({}, True),
        ({"state": SessionState.ASKING}, True),
        ({"due_at": 2_000}, True),
        ({"due_at": 2_001}, False),
        ({"expires_at": 2_001}, True),
        ({"expires_at": 2_000}, False),
        ({"lease": Lease("dead", until=2_000)}, True),
        ({"lease": Lease("alive", until=2_001)}, False),
        ({"state": SessionState.AWAITING_INPUT}, False),
        ({"state": SessionState.SUCCEEDED}, False),
        ({"state": SessionState.FAILED}, False),
    ],
)
def test_leases_are_of_work_that_is_due_not_expired_and_held_by_nobody(
    run: Run, store: Store, *, fields: dict[str, Any], leased: bool
) -> None:
    run(store.add(a_session(**fields)))
    assert bool(run(store.take_leases("worker-1", 2_000, until=5_000, limit=5, kind=TEST))) is leased


def test_leases_go_to_the_longest_due_and_not_beyond_the_limit(run: Run, store: Store) -> None:
    late, early, middle = (a_session(due_at=due) for due in (1_900, 1_100, 1_500))
    add_all(run, store, late, early, middle)
    taken = run(store.take_leases("worker-1", 2_000, until=5_000, limit=2, kind=TEST))
    assert ids(taken) == [early.id, middle.id]
    assert run(store.take_leases("worker-1", 2_000, until=5_000, limit=0, kind=TEST)) == ()


def test_no_session_is_given_to_two_owners(run: Run, store: Store) -> None:
    sessions = [a_session() for _ in range(30)]
    add_all(run, store, *sessions)

    async def race() -> list[Any]:
        takes = (store.take_leases(f"worker-{n}", 2_000, until=5_000, limit=4, kind=TEST) for n in range(10))
        return await asyncio.gather(*takes)

    taken = [id_ for batch in run(race()) for id_ in ids(batch)]
    assert sorted(taken) == sorted(ids(sessions))


def test_freeing_ends_every_lease_and_says_how_many(run: Run, store: Store) -> None:
    held = a_session(lease=Lease("dead", until=99_999), state=SessionState.ASKING)
    stale, free = a_session(lease=Lease("dead", until=1)), a_session()
    add_all(run, store, held, stale, free)
    assert run(store.free_leases(2_000)) == 2
    assert run(store.find(held.id)) == replace(held, lease=None, revision=1, updated_at=2_000)
    assert run(store.find(free.id)) == free
    assert run(store.free_leases(2_000)) == 0


def test_an_owner_that_leaves_gives_back_its_own_leases_alone(run: Run, store: Store) -> None:
    own = a_session(lease=Lease("leaves", until=99_999), state=SessionState.ASKING)
    other = a_session(lease=Lease("stays", until=99_999))
    add_all(run, store, own, other)
    assert run(store.free_leases(2_000, owner="leaves")) == 1
    assert run(store.find(other.id)) == other
    assert ids(run(store.take_leases("next", 2_000, until=5_000, limit=9, kind=TEST))) == [own.id]


def test_a_store_that_was_just_opened_has_the_schema_of_this_version(run: Run, store: Store) -> None:
    assert run(store.is_current())


@pytest.mark.parametrize(
    ("fields", "listed"),
    [
        ({"expires_at": 10_000}, True),
        ({"expires_at": 10_001}, False),
        ({"state": SessionState.AWAITING_INPUT}, True),
        ({"state": SessionState.ASKING}, True),
        ({"state": SessionState.FAILED}, False),
        ({"state": SessionState.SUCCEEDED}, False),
        ({"lease": Lease("alive", until=10_001)}, False),
        ({"lease": Lease("dead", until=10_000)}, True),
    ],
)
def test_overdue_are_sessions_not_done_whose_time_is_over_and_that_nobody_holds(
    run: Run, store: Store, *, fields: dict[str, Any], listed: bool
) -> None:
    session = a_session(**fields)
    run(store.add(session))
    assert run(store.overdue(10_000, limit=5)) == ((session,) if listed else ())


@pytest.mark.parametrize(
    ("fields", "listed"),
    [
        ({"redact_at": 20_000}, True),
        ({"redact_at": 20_001}, False),
        ({"state": SessionState.SUCCEEDED}, True),
        ({"state": SessionState.FAILED, "redacted_at": 15_000}, False),
        ({"lease": Lease("alive", until=20_001)}, False),
        ({"lease": Lease("dead", until=20_000)}, True),
    ],
)
def test_to_redact_are_sessions_whose_period_is_over_and_that_nobody_holds(
    run: Run, store: Store, *, fields: dict[str, Any], listed: bool
) -> None:
    session = a_session(**fields)
    run(store.add(session))
    assert run(store.to_redact(20_000, limit=5)) == ((session,) if listed else ())


def test_lists_of_what_is_due_begin_with_the_longest_due_and_keep_the_limit(run: Run, store: Store) -> None:
    sessions = [a_session(expires_at=n, redact_at=n) for n in (30, 10, 20)]
    add_all(run, store, *sessions)
    wanted = [sessions[1].id, sessions[2].id]
    assert ids(run(store.overdue(50_000, limit=2))) == wanted
    assert ids(run(store.to_redact(50_000, limit=2))) == wanted
