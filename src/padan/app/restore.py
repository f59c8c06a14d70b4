"""After a restore: what was redacted since the backup is redacted again, and what is due by now as well."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from padan.app.end import BATCH
from padan.app.ports import Clock, SessionStore
from padan.domain.session import redacted


async def replay(sessions: SessionStore, noted: Mapping[UUID, int], *, clock: Clock) -> tuple[int, int]:
    """Redact what is noted, and what is due and held by no worker. Returns how many of each.

    It may be repeated. Raises StoreUnavailable: begin anew.
    """
    again = 0
    for session_id, instant in noted.items():
        again += await _redact(sessions, session_id, instant)
    due = 0
    while found := await sessions.to_redact(clock(), limit=BATCH):
        for session in found:
            due += await _redact(sessions, session.id, clock())
    await sessions.scrub()
    return again, due


async def _redact(sessions: SessionStore, session_id: UUID, instant: int) -> bool:
    while True:
        session = await sessions.find(session_id)
        if session is None or session.redacted_at is not None:
            return False
        if await sessions.change(session, redacted(session, now=instant)):
            return True
