"""How what is owed to a registry becomes a row, and a row becomes that again."""

from __future__ import annotations

from uuid import UUID

from padan.domain.feedback import Feedback, FeedbackCount, FeedbackState
from padan.domain.session import Lease
from padan.store.rows import Row

FEEDBACK_COLUMNS = (
    *("session_id", "environment_id", "created_at", "updated_at", "due_at", "state", "tries"),
    *("lease_owner", "lease_until", "reason", "revision"),
)
COUNTS = """
    SELECT state, reason, count(*), min(created_at) FROM feedback
    GROUP BY state, reason ORDER BY state, reason NULLS FIRST
"""


def feedback_to_row(feedback: Feedback) -> Row:
    """The columns of `FEEDBACK_COLUMNS`: all but the sealed contents."""
    lease = feedback.lease
    return (
        feedback.session_id.bytes,
        feedback.environment_id.bytes,
        feedback.created_at,
        feedback.updated_at,
        feedback.due_at,
        feedback.state.value,
        feedback.tries,
        None if lease is None else lease.owner,
        None if lease is None else lease.until,
        feedback.reason,
        feedback.revision,
    )


def feedback_from_row(row: Row, sealed: bytes | None) -> Feedback:
    """The entry of a row that begins with `FEEDBACK_COLUMNS`, and its contents."""
    return Feedback(
        session_id=UUID(bytes=row[0]),
        environment_id=UUID(bytes=row[1]),
        created_at=row[2],
        updated_at=row[3],
        due_at=row[4],
        state=FeedbackState(row[5]),
        tries=row[6],
        lease=None if row[7] is None else Lease(row[7], row[8]),
        reason=row[9],
        revision=row[10],
        sealed=sealed,
    )


def count_from_row(row: Row) -> FeedbackCount:
    """A row of `COUNTS`."""
    return FeedbackCount(FeedbackState(row[0]), row[1], row[2], row[3])
