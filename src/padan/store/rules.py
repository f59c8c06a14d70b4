"""What every implementation of the store refuses, in the same words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from uuid import UUID

from padan.domain.attempt import Attempt
from padan.domain.feedback import Feedback
from padan.domain.session import Session


def check_change(before: Session, after: Session, attempt: Attempt | None) -> None:
    """Hold a change to one session and a growing revision.

    Raises:
        ValueError: the change is a mistake of the caller; nothing has been looked up yet.
    """
    if after.id != before.id:
        raise ValueError("after.id is another session's: change one session at a time")
    if after.revision <= before.revision:
        raise ValueError("after.revision does not grow: make the change through the rules of the domain")
    if attempt is not None and attempt.session_id != after.id:
        raise ValueError("attempt.session_id is another session's: store it with its own session")


def check_feedback(after: Session, feedback: Feedback | None) -> None:
    """Hold what is owed to the session that ends. Raises ValueError."""
    if feedback is not None and (feedback.session_id != after.id or not feedback.sealed):
        raise ValueError("feedback is another session's, or empty: store it sealed, with its own session")


def missing_owner(field: str, owner: str) -> LookupError:
    """The refusal of a row whose owner is not stored."""
    return LookupError(f"{field} names no stored {owner}: add the {owner} first")


def in_turns(sessions: Iterable[Session], *, limit: int) -> list[Session]:
    """Up to `limit` sessions: one of each profile, then a second of each, and so on; each in its order."""
    by_profile: dict[UUID, list[Session]] = {}
    for session in sessions:
        by_profile.setdefault(session.profile_id, []).append(session)
    rounds = zip_longest(*by_profile.values())
    return [session for turn in rounds for session in turn if session is not None][:limit]
