"""What every store promises of rows that are no longer kept."""

from __future__ import annotations

import pytest
from tests.contracts.builders import BANK, PROFILE_ID, a_feedback, a_session, an_attempt
from tests.contracts.conftest import Run, Store

from padan.app.ports import SessionOrder
from padan.domain.attempt import Charge
from padan.domain.cost import Span
from padan.domain.session import Lease, Session, asking, redacted, succeeded


def redacted_at(run: Run, store: Store, instant: int) -> Session:
    """A session that was asked for, ended well, owed feedback, and was redacted."""
    new = a_session()
    run(store.add(new))
    asked = asking(new, now=1_500, lease=Lease("worker", 5_000))
    assert run(store.change(new, asked, attempt=an_attempt(new)))
    done = succeeded(asked, now=1_600, sealed_result=b"result")
    ended = an_attempt(new, outcome="found", charge=Charge.CHARGED)
    assert run(store.change(asked, done, attempt=ended, feedback=a_feedback(new)))
    gone = redacted(done, now=instant)
    assert run(store.change(done, gone))
    return gone


def test_a_session_redacted_long_ago_is_forgotten_with_all_that_hangs_on_it(run: Run, store: Store) -> None:
    gone = redacted_at(run, store, 20_000)
    assert run(store.forget_sessions(20_001, limit=10))
    assert run(store.find(gone.id)) is None
    assert run(store.get(BANK.id, gone.id)) is None
    assert run(store.feedback(gone.id)) is None
    listed = store.page(BANK.id, PROFILE_ID, order=SessionOrder.CREATED, descending=False, page=1, size=10)
    assert run(listed).total == 0
    with pytest.raises(LookupError):
        run(store.record(an_attempt(gone, 2)))


def test_what_was_redacted_since_or_never_stays(run: Run, store: Store) -> None:
    kept = redacted_at(run, store, 20_000)
    whole = a_session()
    run(store.add(whole))
    assert not run(store.forget_sessions(20_000, limit=10))
    assert run(store.find(kept.id)) == kept
    assert run(store.find(whole.id)) == whole


def test_the_ledger_still_counts_the_questions_of_forgotten_sessions(run: Run, store: Store) -> None:
    gone = [redacted_at(run, store, 20_000) for _ in range(3)]
    before = list(run(store.costs(Span())))
    assert run(store.forget_sessions(30_000, limit=2))
    assert list(run(store.costs(Span()))) == before
    assert run(store.forget_sessions(30_000, limit=2))
    assert list(run(store.costs(Span(), profile_id=PROFILE_ID))) == before
    assert before[0].tally.questions == 3
    assert [len(run(store.attempts(session.id))) for session in gone] == [1, 1, 1]


def test_only_so_many_are_forgotten_at_once_and_the_longest_redacted_first(run: Run, store: Store) -> None:
    later, first, second = (redacted_at(run, store, instant) for instant in (30_000, 10_000, 20_000))
    assert run(store.forget_sessions(90_000, limit=2))
    assert [run(store.find(one.id)) for one in (first, second)] == [None, None]
    assert run(store.find(later.id)) == later
    assert run(store.forget_sessions(90_000, limit=2))
    assert not run(store.forget_sessions(90_000, limit=2))


def test_room_is_made_again_and_again(run: Run, store: Store) -> None:
    for now in (1_800_000_000_000, 1_800_000_000_000, 1_810_000_000_000):
        run(store.make_room(now))
    new = a_session(created_at=1_810_000_000_000)
    run(store.add(new))
    assert run(store.find(new.id)) == new
