"""The breaker: it opens soon, lets a probe through now and then, and closes with the first answer."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from padan.domain.breaker import (
    FAILURES_UNTIL_OPEN,
    IDLE_AFTER,
    PROBE_EVERY,
    SILENCE_UNTIL_OPEN,
    STALLED_AFTER,
    STALLED_QUESTIONS,
    Breaker,
)

START = 1_800_000_000_000


def ask(breaker: Breaker, now: int, *, answered: bool) -> None:
    number = breaker.begin(now)
    breaker.answered(number, now=now) if answered else breaker.failed(number, now=now)


def opened(now: int = START) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES_UNTIL_OPEN):
        ask(breaker, now, answered=False)
    assert breaker.is_open(now)
    return breaker


def test_a_new_breaker_lets_every_question_through() -> None:
    breaker = Breaker()
    assert not breaker.is_open(START)
    assert breaker.allows(START)


def test_failures_in_a_row_open_it_and_fewer_do_not() -> None:
    breaker = Breaker()
    for _ in range(FAILURES_UNTIL_OPEN - 1):
        ask(breaker, START, answered=False)
    assert not breaker.is_open(START)
    ask(breaker, START, answered=False)
    assert breaker.is_open(START)


def test_what_fails_for_one_person_stops_nobody_else_while_others_are_answered() -> None:
    breaker = Breaker()
    for step in range(200):
        ask(breaker, START + step * 100, answered=True)
        for _ in range(FAILURES_UNTIL_OPEN + 2):
            ask(breaker, START + step * 100 + 50, answered=False)
        assert not breaker.is_open(START + step * 100 + 50)


def test_under_load_a_silence_opens_it_within_five_seconds() -> None:
    breaker, now = Breaker(), START
    ask(breaker, now, answered=True)
    while not breaker.is_open(now):
        now += 100
        ask(breaker, now, answered=False)
    assert now - START <= SILENCE_UNTIL_OPEN + 100 < 5_000


def test_questions_that_hang_without_an_answer_open_it_before_their_deadline() -> None:
    breaker = Breaker()
    ask(breaker, START, answered=True)
    for step in range(STALLED_QUESTIONS):
        breaker.begin(START + step * 10)
    assert not breaker.is_open(START + STALLED_AFTER - 1)
    assert breaker.is_open(START + STALLED_AFTER + 20)


def test_one_slow_question_opens_nothing() -> None:
    breaker = Breaker()
    breaker.begin(START)
    assert not breaker.is_open(START + 60_000)


def test_an_open_breaker_lets_one_probe_through_at_a_time() -> None:
    breaker = opened()
    assert not breaker.allows(START + PROBE_EVERY - 1)
    probe_at = START + PROBE_EVERY
    assert breaker.allows(probe_at)
    breaker.begin(probe_at)
    assert not breaker.allows(probe_at + PROBE_EVERY - 1)
    assert breaker.allows(probe_at + PROBE_EVERY), "a probe that hangs does not keep the next one back"


def test_who_is_about_to_ask_is_the_only_probe() -> None:
    breaker = opened()
    probe_at = START + PROBE_EVERY
    breaker.claim(probe_at)
    assert not breaker.allows(probe_at), "a probe that is still being written down keeps others back"
    assert breaker.allows(probe_at + PROBE_EVERY)


def test_it_is_idle_where_nobody_probes_and_never_while_it_is_closed() -> None:
    breaker = opened()
    assert not breaker.idle(START + IDLE_AFTER - 1)
    assert breaker.idle(START + IDLE_AFTER)
    probe = breaker.begin(START + IDLE_AFTER)
    assert not breaker.idle(START + 9 * IDLE_AFTER), "somebody is still waiting for an answer"
    breaker.failed(probe, now=START + 9 * IDLE_AFTER)
    assert breaker.idle(START + 9 * IDLE_AFTER)
    assert not Breaker().idle(START + IDLE_AFTER)


def test_the_first_answer_closes_it_at_once() -> None:
    breaker = opened()
    ask(breaker, START + PROBE_EVERY, answered=True)
    assert not breaker.is_open(START + PROBE_EVERY)


def test_what_was_dropped_by_ourselves_tells_nothing() -> None:
    breaker = Breaker()
    for _ in range(10):
        breaker.dropped(breaker.begin(START))
    assert not breaker.is_open(START + 60_000)


@given(st.lists(st.tuples(st.integers(0, 5_000), st.booleans()), max_size=60))
def test_it_is_never_open_right_after_an_answer(steps: list[tuple[int, bool]]) -> None:
    breaker, now = Breaker(), START
    for pause, answered in steps:
        now += pause
        ask(breaker, now, answered=answered)
        assert not (answered and breaker.is_open(now))


class AnyLine(RuleBasedStateMachine):
    """Any mixture of questions, answers, silences and clocks."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker, self.now = Breaker(), START
        self.under_way: list[int] = []
        self.probes = 0
        self.last_probe: int | None = None

    @rule(pause=st.integers(-1_000, 10_000))
    def time_passes(self, pause: int) -> None:
        self.now += pause

    @rule()
    def a_question_begins_where_it_may(self) -> None:
        if self.breaker.allows(self.now):
            self.under_way.append(self.breaker.begin(self.now))

    @rule(answered=st.booleans())
    def the_oldest_ends(self, answered: bool) -> None:
        if self.under_way:
            number = self.under_way.pop(0)
            ending = self.breaker.answered if answered else self.breaker.failed
            ending(number, now=self.now)

    @invariant()
    def a_closed_breaker_allows_everything(self) -> None:
        assert self.breaker.is_open(self.now) or self.breaker.allows(self.now)

    @invariant()
    def an_open_one_is_found_again_in_time(self) -> None:
        if self.breaker.is_open(self.now):
            assert self.breaker.allows(self.now + PROBE_EVERY + 1_000_000)


AnyLine.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestAnyLine = AnyLine.TestCase


def test_a_clock_that_is_set_back_does_not_leave_a_registry_alone() -> None:
    hour = 3_600_000
    breaker = opened(START + hour)
    assert breaker.allows(START)
    ask(breaker, START, answered=True)
    ahead = Breaker()
    ask(ahead, START + hour, answered=True)
    for _ in range(FAILURES_UNTIL_OPEN):
        ask(ahead, START, answered=False)
    assert ahead.is_open(START)
