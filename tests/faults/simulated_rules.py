"""What has to be true of every session at every step, and of every question at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from padan.domain.attempt import Attempt, Charge
from padan.domain.session import Session, SessionState

if TYPE_CHECKING:
    from tests.faults.simulated_registry import ScriptedRegistry

AWAITING, QUEUED, ASKING = SessionState.AWAITING_INPUT, SessionState.QUEUED, SessionState.ASKING
SUCCEEDED, FAILED = SessionState.SUCCEEDED, SessionState.FAILED
LEGAL = {
    AWAITING: {AWAITING, QUEUED, FAILED},
    QUEUED: {QUEUED, ASKING, SUCCEEDED, FAILED},
    ASKING: {ASKING, QUEUED, SUCCEEDED, FAILED},
    SUCCEEDED: {SUCCEEDED},
    FAILED: {FAILED},
}
FIRST = {AWAITING, QUEUED}
_NEVER_CHANGES = (
    "id",
    "environment_id",
    "environment_kind",
    "profile_id",
    "kind",
    "created_at",
    "expires_at",
)


class Broken(AssertionError):
    """A rule does not hold."""


def hold(true: bool, rule: str) -> None:
    """Raise Broken where a rule does not hold."""
    if not true:
        raise Broken(rule)


def hold_step(before: Session | None, after: Session) -> None:
    """One change of one session."""
    hold_shape(after)
    if before is None:
        hold(after.state in FIRST and after.revision == 0, f"a session began {after.state}")
        return
    hold(after.revision == before.revision + 1, f"revision {before.revision} became {after.revision}")
    hold(after.state in LEGAL[before.state], f"{before.state} became {after.state}")
    for name in _NEVER_CHANGES:
        hold(getattr(after, name) == getattr(before, name), f"{name} changed")
    hold(after.attempts - before.attempts in {0, 1}, "questions were skipped")
    hold(after.attempts == before.attempts or after.state is ASKING, "a question without asking")
    if before.redacted_at is not None:
        hold(False, "what was redacted changed again")
    if before.done:
        hold(after.redacted_at is not None, "what had ended changed, and was not redacted")
        hold((after.state, after.error_code) == (before.state, before.error_code), "an end changed")


def hold_shape(session: Session) -> None:
    """What a session has in each state: no session without its job or its result."""
    gone = session.redacted_at is not None
    if session.state in {QUEUED, ASKING}:
        hold(bool(session.sealed_claim or session.sealed_supplement), f"{session.state} without a claim")
        hold(session.salt is not None and not session.missing, f"{session.state} and not complete")
    if session.state is ASKING:
        hold(session.attempts > 0, "asking without a question")
    if session.done:
        left = (session.sealed_claim, session.sealed_supplement, session.sealed_preview, session.lease)
        hold(left == (None,) * 4, "an ended session has its claim, or a lease")
    hold((session.sealed_result is not None) is (session.success and not gone), "a result in a wrong place")
    hold((session.error_code is not None) is (session.state is FAILED), "an error code in a wrong place")
    if gone:
        hold(session.done and session.salt is session.public_key is None, "redacted, and not erased")


def hold_attempts(
    session: Session, attempts: Sequence[Attempt], *, most_unknown: int, overtaken: int
) -> None:
    """A session's questions: in order, within the policy, one at most answered for good.

    One more for each time that a jump of the clock ended the lease of a question under way.
    """
    numbers = [attempt.number for attempt in attempts]
    hold(numbers == list(range(1, session.attempts + 1)), f"questions {numbers} of {session.attempts}")
    charges = Counter(attempt.charge for attempt in attempts)
    hold(charges[Charge.UNKNOWN] <= most_unknown, f"{charges[Charge.UNKNOWN]} of unknown charge")
    hold(charges[Charge.CHARGED] <= 1 + overtaken, f"charged {charges[Charge.CHARGED]} times")


def hold_ledger(
    attempts: Mapping[UUID, Sequence[Attempt]], registry: ScriptedRegistry, *, counted: int, exact: bool
) -> Counter[Charge]:
    """The ledger against what the registry counted, question by question; how many of each charge."""
    known: dict[str, Attempt] = {}
    for session_id, own in attempts.items():
        known |= {f"{session_id}-{attempt.number}": attempt for attempt in own}
    hold(set(registry.asked) <= set(known), "the registry was asked what the ledger does not have")
    for request_id, attempt in known.items():
        charged = registry.charged.get(request_id, 0)
        hold(charged <= 1, f"one question was charged {charged} times")
        if attempt.charge is Charge.CHARGED:
            hold(charged == 1, f"{attempt.outcome} counts as charged, and was not")
        elif attempt.charge is Charge.NOT_CHARGED:
            hold(charged == 0, f"{attempt.outcome} counts as free, and was charged")
    told = Counter(attempt.charge for attempt in known.values())
    due = told[Charge.CHARGED] + told[Charge.UNKNOWN]
    hold(counted == due if exact else counted >= due, f"{counted} counted against the quota, {due} due")
    return told
