"""What every implementation of `Guesses` promises."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.conftest import Run, Store

from padan.app.ports import Guesses

NIK, OTHER = b"n" * 16, b"o" * 16


@pytest.fixture
def guesses(store: Store) -> Guesses:
    return store


def may(run: Run, guesses: Guesses, guess: bytes, *, subject: bytes = NIK, now: int = 0) -> bool:
    allowed: bool = run(guesses.note_guess(subject, guess, most=2, now=now, until=now + 100))
    return allowed


def test_the_first_guesses_may_be_made_and_one_more_may_not(run: Run, guesses: Guesses) -> None:
    assert [may(run, guesses, guess) for guess in (b"a", b"b", b"c")] == [True, True, False]


def test_a_guess_that_was_made_may_be_made_again_whatever_came_since(run: Run, guesses: Guesses) -> None:
    made = [may(run, guesses, guess) for guess in (b"a", b"b", b"c", b"a", b"b", b"c")]
    assert made == [True, True, False, True, True, False]


def test_each_subject_is_counted_by_itself(run: Run, guesses: Guesses) -> None:
    for subject in (NIK, OTHER):
        assert may(run, guesses, b"a", subject=subject)
        assert may(run, guesses, b"b", subject=subject)
        assert not may(run, guesses, b"c", subject=subject)


def test_a_guess_counts_until_its_time_is_over_and_no_longer(run: Run, guesses: Guesses) -> None:
    may(run, guesses, b"a")
    may(run, guesses, b"b", now=50)
    assert not may(run, guesses, b"c", now=99)
    assert may(run, guesses, b"c", now=100)


def test_the_same_guess_again_does_not_live_longer(run: Run, guesses: Guesses) -> None:
    may(run, guesses, b"a")
    may(run, guesses, b"a", now=99)
    may(run, guesses, b"b", now=99)
    assert may(run, guesses, b"c", now=100)


def test_what_is_over_can_be_forgotten_and_the_rest_stays(run: Run, guesses: Guesses) -> None:
    may(run, guesses, b"a")
    may(run, guesses, b"b", now=50)
    run(guesses.forget_guesses(100))
    run(guesses.forget_guesses(100))
    assert may(run, guesses, b"c", now=100)
    assert not may(run, guesses, b"d", now=100)


def test_of_many_at_once_no_more_than_the_first_are_allowed(run: Run, guesses: Guesses) -> None:
    async def race() -> list[bool]:
        asked = [guesses.note_guess(NIK, bytes([n]), most=5, now=0, until=100) for n in range(20)]
        return list(await asyncio.gather(*asked))

    assert sum(run(race())) == 5


STEPS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([NIK, OTHER]), st.sampled_from([b"a", b"b", b"c"]))
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_history_is_counted_as_a_plain_list_counts_it(
    run: Run, store: Store, steps: list[tuple[int, bytes, bytes]]
) -> None:
    # What an earlier history left behind is over.
    run(store.forget_guesses(10**9))
    now, noted = 0, dict[tuple[bytes, bytes], int]()
    for pause, subject, guess in steps:
        now += pause
        noted = {key: until for key, until in noted.items() if until > now}
        count = sum(known == subject for known, _ in noted)
        expected = (subject, guess) in noted or count < 2
        if expected:
            noted.setdefault((subject, guess), now + 50)
        assert run(store.note_guess(subject, guess, most=2, now=now, until=now + 50)) is expected
