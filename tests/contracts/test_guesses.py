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


def test_different_guesses_count_and_the_same_ones_do_not(run: Run, guesses: Guesses) -> None:
    told = [run(guesses.note_guess(NIK, guess, now=0, until=100)) for guess in (b"a", b"b", b"a", b"b", b"c")]
    assert told == [1, 2, 2, 2, 3]


def test_each_subject_is_counted_by_itself(run: Run, guesses: Guesses) -> None:
    assert run(guesses.note_guess(NIK, b"a", now=0, until=100)) == 1
    assert run(guesses.note_guess(OTHER, b"a", now=0, until=100)) == 1
    assert run(guesses.note_guess(NIK, b"b", now=0, until=100)) == 2


def test_a_guess_counts_until_its_time_is_over_and_no_longer(run: Run, guesses: Guesses) -> None:
    run(guesses.note_guess(NIK, b"a", now=0, until=100))
    assert run(guesses.note_guess(NIK, b"b", now=99, until=199)) == 2
    assert run(guesses.note_guess(NIK, b"c", now=100, until=200)) == 2


def test_the_same_guess_again_does_not_live_longer(run: Run, guesses: Guesses) -> None:
    run(guesses.note_guess(NIK, b"a", now=0, until=100))
    run(guesses.note_guess(NIK, b"a", now=99, until=199))
    assert run(guesses.note_guess(NIK, b"b", now=100, until=200)) == 1


def test_what_is_over_can_be_forgotten_and_the_rest_stays(run: Run, guesses: Guesses) -> None:
    run(guesses.note_guess(NIK, b"a", now=0, until=100))
    run(guesses.note_guess(NIK, b"b", now=50, until=150))
    run(guesses.forget_guesses(100))
    run(guesses.forget_guesses(100))
    assert run(guesses.note_guess(NIK, b"c", now=100, until=200)) == 2


def test_of_many_at_once_each_is_told_another_number(run: Run, guesses: Guesses) -> None:
    async def race() -> list[int]:
        asked = [guesses.note_guess(NIK, bytes([n]), now=0, until=100) for n in range(20)]
        return list(await asyncio.gather(*asked))

    assert sorted(run(race())) == list(range(1, 21))


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
        noted.setdefault((subject, guess), now + 50)
        expected = sum(known == subject for known, _ in noted)
        assert run(store.note_guess(subject, guess, now=now, until=now + 50)) == expected
