"""End sessions: cancel, expire, redact."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from uuid import UUID

from padan.app.errors import NotYours
from padan.app.ports import Clock, Ports, SessionStore, StoreUnavailable
from padan.domain.environment import Environment
from padan.domain.session import ErrorCode, Session, expired, failed, redacted

BATCH = 200


async def cancel(ports: Ports, environment: Environment, session_id: UUID) -> Session:
    """End a session that is not done; a done one stays as it is. Raises NotYours."""
    return await _end(
        ports, environment, session_id, lambda s, now: failed(s, now=now, error_code=ErrorCode.CANCELED)
    )


async def redact(ports: Ports, environment: Environment, session_id: UUID) -> None:
    """Erase everything personal and what could open a copy of it; safe to repeat. Raises NotYours."""
    while True:
        session = await ports.sessions.get(environment.id, session_id)
        if session is None:
            raise NotYours
        if session.redacted_at is not None:
            return
        now = ports.clock()
        # First: whoever restores a backup has to know of everything that was acknowledged as redacted.
        await ports.redactions.note(session.id, now)
        if await ports.sessions.change(session, redacted(session, now=now)):
            # The erasure is durable; where the log is being read, the worker empties it within a minute.
            with contextlib.suppress(StoreUnavailable):
                await ports.sessions.scrub()
            return


async def _end(
    ports: Ports, environment: Environment, session_id: UUID, ending: Callable[[Session, int], Session]
) -> Session:
    while True:
        session = await ports.sessions.get(environment.id, session_id)
        if session is None:
            raise NotYours
        if session.done:
            return session
        ended = ending(session, ports.clock())
        if await ports.sessions.change(session, ended):
            ports.endings.tell(session.id)
            return ended


async def sweep(sessions: SessionStore, clock: Clock) -> tuple[int, int]:
    """End what has expired and redact what is due. Returns how many of each."""
    overdue = await sessions.overdue(clock(), limit=BATCH)
    ended = await asyncio.gather(*(sessions.change(s, expired(s, now=clock())) for s in overdue))
    due = await sessions.to_redact(clock(), limit=BATCH)
    erased = await asyncio.gather(*(sessions.change(s, redacted(s, now=clock())) for s in due))
    if any(erased):
        # The erasure is durable; where the log is being read, the worker empties it within a minute.
        with contextlib.suppress(StoreUnavailable):
            await sessions.scrub()
    return sum(ended), sum(erased)
