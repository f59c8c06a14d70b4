"""A session changes only as its rules say, whatever is asked of it in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from padan.domain.claim import ClaimField
from padan.domain.session import (
    ErrorCode,
    IllegalTransition,
    Lease,
    Session,
    SessionState,
    asking,
    expired,
    failed,
    launched,
    left,
    postponed,
    provider_chosen,
    redacted,
    refused,
    returned,
    submitted,
    succeeded,
)
from tests.domain.sessions import CONSENT, SECRETS, a_session

LEASE = Lease("worker", 5_000)
S = SessionState

Verb = Callable[[Session, int], Session]
VERBS: dict[str, tuple[Verb, frozenset[SessionState]]] = {
    "launched": (
        lambda s, now: launched(s, now=now, secrets=SECRETS),
        frozenset({S.AWAITING_INPUT}),
    ),
    "left": (lambda s, now: left(s, now=now), frozenset({S.AWAITING_INPUT})),
    "returned": (lambda s, now: returned(s, now=now), frozenset({S.AWAITING_INPUT})),
    "refused": (lambda s, now: refused(s, now=now), frozenset({S.AWAITING_INPUT})),
    "provider_chosen": (
        lambda s, now: provider_chosen(s, now=now, provider="p", missing=(ClaimField.FULL_NAME,)),
        frozenset({S.AWAITING_INPUT}),
    ),
    "submitted": (
        lambda s, now: submitted(s, now=now, sealed_supplement=b"more", consent=CONSENT, lease=LEASE),
        frozenset({S.AWAITING_INPUT}),
    ),
    "asking": (lambda s, now: asking(s, now=now, lease=LEASE), frozenset({S.QUEUED, S.ASKING})),
    "postponed": (
        lambda s, now: postponed(s, now=now, due_at=now + 500, reason="rate"),
        frozenset({S.QUEUED, S.ASKING}),
    ),
    "succeeded": (
        lambda s, now: succeeded(s, now=now, sealed_result=b"result"),
        frozenset({S.QUEUED, S.ASKING}),
    ),
    "failed": (
        lambda s, now: failed(s, now=now, error_code=ErrorCode.CANCELED),
        frozenset({S.AWAITING_INPUT, S.QUEUED, S.ASKING}),
    ),
    "expired": (lambda s, now: expired(s, now=now), frozenset({S.AWAITING_INPUT, S.QUEUED, S.ASKING})),
    "redacted": (lambda s, now: redacted(s, now=now), frozenset(S)),
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_lawful_in_its_states_alone(verb: str, state: SessionState) -> None:
    change, lawful = VERBS[verb]
    session = a_session(state=state)
    if state in lawful:
        changed = change(session, 2_000)
        assert changed.revision == session.revision + 1
        assert changed.updated_at == 2_000
    else:
        with pytest.raises(IllegalTransition):
            change(session, 2_000)


class Life(RuleBasedStateMachine):
    """Ask anything of a session in any order; what it refuses changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.session = a_session()
        self.now = 1_000

    def attempt(self, verb: str) -> None:
        self.now += 1
        change, lawful = VERBS[verb]
        before = self.session
        try:
            self.session = change(before, self.now)
        except IllegalTransition:
            assert before.state not in lawful
            return
        assert before.state in lawful
        assert self.session.revision == before.revision + 1
        assert self.session.updated_at == self.now
        assert self.session.attempts >= before.attempts
        assert not before.done or self.session.state is before.state
        assert self.session.binding == before.binding

    launch = rule()(lambda self: self.attempt("launched"))
    choose = rule()(lambda self: self.attempt("provider_chosen"))
    submit = rule()(lambda self: self.attempt("submitted"))
    ask = rule()(lambda self: self.attempt("asking"))
    postpone = rule()(lambda self: self.attempt("postponed"))
    succeed = rule()(lambda self: self.attempt("succeeded"))
    fail = rule()(lambda self: self.attempt("failed"))
    expire = rule()(lambda self: self.attempt("expired"))
    redact = rule()(lambda self: self.attempt("redacted"))

    @invariant()
    def a_done_session_holds_no_claim_and_no_lease(self) -> None:
        if self.session.done:
            s = self.session
            assert (s.sealed_claim, s.sealed_supplement, s.lease, s.launch_token_sha256) == (None,) * 4
            assert s.missing == ()

    @invariant()
    def a_session_fails_with_a_code_and_succeeds_without(self) -> None:
        assert (self.session.error_code is not None) == (self.session.state is S.FAILED)
        assert self.session.success == (self.session.state is S.SUCCEEDED)

    @invariant()
    def only_a_success_holds_a_result_until_it_is_redacted(self) -> None:
        s = self.session
        assert (s.sealed_result is not None) == (s.success and s.redacted_at is None)

    @invariant()
    def a_redacted_session_keeps_nothing_that_opens_or_tells(self) -> None:
        s = self.session
        if s.redacted_at is not None:
            assert s.done
            assert (s.salt, s.public_key, s.sealed_claim, s.sealed_supplement, s.sealed_result) == (None,) * 5
            assert (s.redirect_url, s.languages) == (None, ())


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
TestLife = Life.TestCase


def test_a_person_who_had_begun_times_out_and_one_who_had_not_lets_it_expire() -> None:
    opened = launched(a_session(), now=2_000, secrets=SECRETS)
    assert expired(opened, now=10_000).error_code is ErrorCode.USER_TIMED_OUT
    assert expired(a_session(), now=10_000).error_code is ErrorCode.EXPIRED


def test_a_person_who_closed_the_page_abandoned_it_unless_they_came_back() -> None:
    gone = left(launched(a_session(), now=2_000, secrets=SECRETS), now=3_000)
    assert expired(gone, now=10_000).error_code is ErrorCode.USER_ABANDONED
    assert expired(returned(gone, now=4_000), now=10_000).error_code is ErrorCode.USER_TIMED_OUT


def test_a_launch_puts_the_cookies_secret_in_place_of_the_urls() -> None:
    opened = launched(a_session(), now=2_000, secrets=SECRETS)
    assert opened.launch_token_sha256 is None
    assert opened.page_token_sha256 == SECRETS.token_sha256
    assert (opened.sealed_preview, opened.sealed_return_key) == (
        SECRETS.sealed_preview,
        SECRETS.sealed_return_key,
    )


@pytest.mark.parametrize(
    ("own", "goes_to"), [("https://own.example", "https://own.example"), (None, "https://asked.example")]
)
def test_where_a_person_goes_back_to_is_the_sessions_own_address_before_the_browsers(
    own: str | None, goes_to: str
) -> None:
    session = launched(
        a_session(redirect_url=own), now=2_000, secrets=SECRETS, redirect_url="https://asked.example"
    )
    assert session.redirect_url == goes_to


def test_a_consent_stays_with_the_session_even_when_it_is_redacted() -> None:
    opened = launched(a_session(), now=2_000, secrets=SECRETS)
    given = submitted(opened, now=3_000, sealed_supplement=None, consent=CONSENT, lease=None)
    assert redacted(given, now=4_000).consent == CONSENT


def test_a_refusal_counts_and_keeps_nothing_else() -> None:
    session = a_session()
    again = refused(refused(session, now=2_000), now=2_100)
    assert again.refusals == 2
    assert replace(again, refusals=0, revision=session.revision, updated_at=session.updated_at) == session


def test_an_ended_session_shows_nobody_the_claim_any_more() -> None:
    ended = failed(a_session(), now=2_000, error_code=ErrorCode.CANCELED)
    assert (ended.sealed_claim, ended.sealed_preview, ended.known_index) == (None, None, None)
    assert redacted(ended, now=3_000).sealed_return_key is None


def test_a_person_who_gave_everything_did_not_time_out() -> None:
    opened = launched(a_session(), now=2_000, secrets=SECRETS)
    queued = submitted(opened, now=3_000, sealed_supplement=None, consent=CONSENT, lease=None)
    assert expired(queued, now=10_000).error_code is ErrorCode.EXPIRED


def test_redacting_a_session_that_runs_cancels_it() -> None:
    erased = redacted(a_session(), now=2_000)
    assert (erased.state, erased.error_code) == (S.FAILED, ErrorCode.CANCELED)


def test_redacting_keeps_how_a_session_ended() -> None:
    success = succeeded(a_session(state=S.ASKING), now=2_000, sealed_result=b"result")
    assert redacted(success, now=3_000).success


def test_a_postponed_session_is_held_by_nobody_and_is_due_later() -> None:
    later = postponed(a_session(state=S.ASKING, lease=LEASE), now=2_000, due_at=2_500)
    assert (later.state, later.lease, later.due_at) == (S.QUEUED, None, 2_500)


def test_every_question_counts_as_an_attempt() -> None:
    once = asking(a_session(state=S.QUEUED), now=2_000, lease=LEASE)
    assert asking(once, now=3_000, lease=LEASE).attempts == 2


def test_a_session_written_out_shows_nothing_sealed() -> None:
    text = repr(a_session(sealed_result=b"sealed result", sealed_supplement=b"supplement"))
    for secret in ("salt", "public key", "token", "sealed", "supplement"):
        assert secret not in text
