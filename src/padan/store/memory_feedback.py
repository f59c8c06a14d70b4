"""What is owed back to the registry, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from padan.domain.feedback import Feedback, FeedbackCount, FeedbackState, leased
from padan.domain.session import Lease


class MemoryFeedback:
    """Entries in a dictionary, by session."""

    def __init__(self, owed: dict[UUID, Feedback]) -> None:
        self._entries = owed

    async def feedback(self, session_id: UUID) -> Feedback | None:
        """The entry of a session."""
        return self._entries.get(session_id)

    async def take_feedback(self, owner: str, now: int, *, until: int, limit: int) -> Sequence[Feedback]:
        """Lease entries that are due and held by nobody, the longest due first."""
        due = sorted(
            (
                entry
                for entry in self._entries.values()
                if entry.state is FeedbackState.WAITING
                and entry.due_at <= now
                and (entry.lease is None or entry.lease.until <= now)
            ),
            key=lambda entry: (entry.due_at, entry.session_id.bytes),
        )
        taken = tuple(leased(entry, now=now, lease=Lease(owner, until)) for entry in due[:limit])
        self._entries.update({entry.session_id: entry for entry in taken})
        return taken

    async def change_feedback(self, before: Feedback, after: Feedback) -> bool:
        """Replace an entry, where it still is at `before.revision`."""
        current = self._entries.get(before.session_id)
        if current is None or current.revision != before.revision:
            return False
        self._entries[after.session_id] = after
        return True

    async def count_feedback(self) -> Sequence[FeedbackCount]:
        """How many entries stand alike."""
        alike: dict[tuple[FeedbackState, str | None], list[int]] = {}
        for entry in self._entries.values():
            alike.setdefault((entry.state, entry.reason), []).append(entry.created_at)
        counts = [FeedbackCount(*stand, len(found), min(found)) for stand, found in alike.items()]
        return tuple(sorted(counts, key=lambda count: (count.state.value, count.reason or "")))
