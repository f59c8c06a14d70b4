"""Data balikan: what a partner owes back to the registry after a successful check, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from padan.domain.session import Lease, SessionBinding


class FeedbackState(StrEnum):
    """Where an entry stands. Only one that waits has contents."""

    WAITING = "waiting"
    SENT = "sent"
    ALREADY_SENT = "already_sent"
    """It was sent before, says the registry: by a process that died before it could note that down."""
    ERASED = "erased"
    """Its session was redacted before it could be sent."""


class FeedbackNotTaken(Exception):
    """An entry was not taken, or nobody knows: send it again later. The reason is a word, never contents."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class FeedbackEntry:
    """What is sent: about whom, why they were checked, what was found, on which day (Jakarta)."""

    nik: str
    purpose: str
    outcome: str
    checked_on: date

    def __repr__(self) -> str:
        return "FeedbackEntry(<hidden>)"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One entry of the queue: one session, its contents sealed to the worker.

    Instants are Unix milliseconds. `tries` counts sendings that were begun, `reason` says why the last one
    failed. `revision` grows with every change, so that a change made on a stale copy is noticed.
    """

    session_id: UUID
    environment_id: UUID
    created_at: int
    updated_at: int
    due_at: int
    state: FeedbackState = FeedbackState.WAITING
    tries: int = 0
    lease: Lease | None = None
    reason: str | None = None
    revision: int = 0
    sealed: bytes | None = field(default=None, repr=False)

    @property
    def binding(self) -> SessionBinding:
        """What its contents are bound to."""
        return SessionBinding(self.environment_id, self.session_id)


@dataclass(frozen=True, slots=True)
class FeedbackCount:
    """How many entries stand alike, and since when (Unix milliseconds) the oldest does."""

    state: FeedbackState
    reason: str | None
    entries: int
    oldest_at: int


def leased(feedback: Feedback, *, now: int, lease: Lease) -> Feedback:
    """A process is about to send it."""
    return _changed(feedback, now, lease=lease, tries=feedback.tries + 1)


def freed(feedback: Feedback, *, now: int) -> Feedback:
    """The process that held it is dead."""
    return _changed(feedback, now, lease=None)


def delivered(feedback: Feedback, *, now: int, state: FeedbackState) -> Feedback:
    """The registry has it, now (`SENT`) or from before (`ALREADY_SENT`); its contents are erased."""
    return _changed(feedback, now, state=state, lease=None, reason=None, sealed=None)


def put_off(feedback: Feedback, *, now: int, due_at: int, reason: str) -> Feedback:
    """It was not taken: send it again at `due_at`."""
    return _changed(feedback, now, due_at=due_at, lease=None, reason=reason)


def erased(feedback: Feedback, *, now: int) -> Feedback:
    """Its session is redacted: whatever still waits is gone, and what was delivered stays so."""
    if feedback.state is not FeedbackState.WAITING:
        return feedback
    return _changed(feedback, now, state=FeedbackState.ERASED, lease=None, sealed=None)


def _changed(feedback: Feedback, now: int, **changes: object) -> Feedback:
    return replace(feedback, updated_at=now, revision=feedback.revision + 1, **changes)  # type: ignore[arg-type]
