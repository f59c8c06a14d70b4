"""What every implementation of `FeedbackQueue` promises, and what `SessionStore` does to it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.contracts.builders import a_feedback, a_session, fresh_id
from tests.contracts.conftest import Run, Store

from padan.app.ports import FeedbackQueue
from padan.domain.feedback import Feedback, FeedbackCount, FeedbackState, delivered, leased, put_off
from padan.domain.session import Lease, Session, asking, redacted, succeeded

NOW = 2_000


def succeed(run: Run, store: Store, **fields: Any) -> tuple[Session, Feedback]:
    """A session that ended with success and owes something; both as stored."""
    session = a_session()
    asked = asking(session, now=1_500, lease=Lease("worker", 5_000))
    done, owed = succeeded(asked, now=1_600, sealed_result=b"r"), a_feedback(session, **fields)
    run(store.add(session))
    run(store.change(session, asked))
    assert run(store.change(asked, done, feedback=owed)) is True
    return done, owed


def take(run: Run, store: Store, owner: str = "courier", now: int = NOW, limit: int = 10) -> list[Feedback]:
    return list(run(store.take_feedback(owner, now, until=now + 500, limit=limit)))


def test_a_store_has_the_shape_of_the_queue(store: Store) -> None:
    as_port: FeedbackQueue = store
    assert as_port is store


def test_what_is_owed_is_stored_with_the_success_and_read_back(run: Run, store: Store) -> None:
    session, owed = succeed(run, store)
    assert run(store.feedback(session.id)) == owed
    assert run(store.feedback(fresh_id())) is None


def test_a_success_on_a_stale_copy_owes_nothing(run: Run, store: Store) -> None:
    session = a_session()
    asked = asking(session, now=1_500, lease=Lease("worker", 5_000))
    run(store.add(session))
    run(store.change(session, asked))
    late = succeeded(replace(asked, revision=9), now=1_600, sealed_result=b"r")
    assert run(store.change(replace(asked, revision=9), late, feedback=a_feedback(session))) is False
    assert run(store.feedback(session.id)) is None


@pytest.mark.parametrize("wrong", ["another's", "empty"])
def test_what_is_owed_belongs_to_its_session_and_is_sealed(run: Run, store: Store, wrong: str) -> None:
    session = a_session()
    run(store.add(session))
    owed = a_feedback(a_session()) if wrong == "another's" else a_feedback(session, sealed=None)
    after = asking(session, now=1_500, lease=Lease("worker", 5_000))
    with pytest.raises(ValueError, match="feedback is another session's"):
        run(store.change(session, after, feedback=owed))
    assert run(store.find(session.id)) == session


def test_due_entries_are_leased_the_longest_due_first(run: Run, store: Store) -> None:
    _, second = succeed(run, store, due_at=1_900)
    _, first = succeed(run, store, due_at=1_800)
    succeed(run, store, due_at=NOW + 1)
    taken = take(run, store)
    lease = Lease("courier", NOW + 500)
    assert taken == [leased(owed, now=NOW, lease=lease) for owed in (first, second)]
    assert [run(store.feedback(entry.session_id)) for entry in taken] == taken
    assert [entry.tries for entry in taken] == [1, 1]


def test_no_more_are_leased_than_were_asked_for(run: Run, store: Store) -> None:
    for _ in range(5):
        succeed(run, store)
    assert len(take(run, store, limit=2)) == 2
    assert len(take(run, store, limit=10)) == 3


def test_a_leased_entry_is_nobody_elses_until_the_lease_is_over(run: Run, store: Store) -> None:
    session, _ = succeed(run, store)
    take(run, store)
    assert take(run, store, "other", NOW + 499) == []
    [again] = take(run, store, "other", NOW + 500)
    assert (again.session_id, again.tries, again.lease) == (session.id, 2, Lease("other", NOW + 1_000))


def test_a_start_at_which_nobody_else_lives_frees_what_dead_processes_held(run: Run, store: Store) -> None:
    succeed(run, store)
    [taken] = take(run, store)
    assert run(store.free_leases(NOW + 1, owner="somebody else")) == 0
    assert run(store.take_feedback("next", NOW + 1, until=NOW + 9, limit=9)) == ()
    assert run(store.free_leases(NOW + 1)) == 0
    assert run(store.change_feedback(taken, delivered(taken, now=NOW, state=FeedbackState.SENT))) is False
    [again] = take(run, store, "next", NOW + 1)
    assert (again.tries, again.sealed) == (2, taken.sealed)


def test_of_many_that_look_at_once_each_entry_is_given_to_one(run: Run, store: Store) -> None:
    for _ in range(12):
        succeed(run, store)

    async def race() -> list[Any]:
        looks = (store.take_feedback(f"c{n}", NOW, until=NOW + 500, limit=5) for n in range(6))
        return [entry.session_id for taken in await asyncio.gather(*looks) for entry in taken]

    given = run(race())
    assert len(given) == len(set(given)) == 12


@pytest.mark.parametrize("state", [FeedbackState.SENT, FeedbackState.ALREADY_SENT])
def test_a_delivered_entry_has_no_contents_and_is_not_taken_again(
    run: Run, store: Store, state: FeedbackState
) -> None:
    session, _ = succeed(run, store)
    [taken] = take(run, store)
    assert run(store.change_feedback(taken, delivered(taken, now=NOW, state=state))) is True
    kept = run(store.feedback(session.id))
    assert (kept.state, kept.sealed, kept.lease) == (state, None, None)
    assert take(run, store, now=NOW + 10_000) == []


def test_an_entry_that_was_put_off_waits_with_its_reason_and_its_contents(run: Run, store: Store) -> None:
    _, owed = succeed(run, store)
    [taken] = take(run, store)
    assert run(store.change_feedback(taken, put_off(taken, now=NOW, due_at=NOW + 50, reason="timeout")))
    assert take(run, store, now=NOW + 49) == []
    [again] = take(run, store, now=NOW + 50)
    assert (again.reason, again.sealed, again.tries) == ("timeout", owed.sealed, 2)


def test_a_change_of_an_entry_on_a_stale_copy_is_refused(run: Run, store: Store) -> None:
    _, owed = succeed(run, store)
    [taken] = take(run, store)
    assert run(store.change_feedback(owed, delivered(owed, now=NOW, state=FeedbackState.SENT))) is False
    assert run(store.feedback(owed.session_id)) == taken


def test_redaction_erases_what_still_waits_even_while_it_is_being_sent(run: Run, store: Store) -> None:
    done, _ = succeed(run, store)
    [taken] = take(run, store)
    assert run(store.change(done, redacted(done, now=NOW + 1))) is True
    kept = run(store.feedback(done.id))
    assert (kept.state, kept.sealed, kept.lease) == (FeedbackState.ERASED, None, None)
    assert run(store.change_feedback(taken, put_off(taken, now=NOW, due_at=NOW, reason="timeout"))) is False
    assert take(run, store, now=NOW + 10_000) == []


def test_redaction_leaves_what_was_delivered_as_it_is(run: Run, store: Store) -> None:
    done, _ = succeed(run, store)
    [taken] = take(run, store)
    sent = delivered(taken, now=NOW, state=FeedbackState.SENT)
    run(store.change_feedback(taken, sent))
    run(store.change(done, redacted(done, now=NOW + 1)))
    assert run(store.feedback(done.id)) == sent


def test_entries_are_counted_by_state_and_reason(run: Run, store: Store) -> None:
    assert list(run(store.count_feedback())) == []
    for created_at in (30, 20, 10):
        succeed(run, store, created_at=created_at, due_at=created_at)
    [first] = take(run, store, limit=1)
    run(store.change_feedback(first, delivered(first, now=NOW, state=FeedbackState.SENT)))
    [second] = take(run, store, limit=1)
    run(store.change_feedback(second, put_off(second, now=NOW, due_at=NOW + 9, reason="status:500")))
    assert list(run(store.count_feedback())) == [
        FeedbackCount(FeedbackState.SENT, None, 1, 10),
        FeedbackCount(FeedbackState.WAITING, None, 1, 30),
        FeedbackCount(FeedbackState.WAITING, "status:500", 1, 20),
    ]
