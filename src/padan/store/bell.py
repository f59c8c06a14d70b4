"""Tells workers that there is something to do, so that they need not wait for their next look."""

from __future__ import annotations

import asyncio
import contextlib

from padan.domain.session import Session, SessionState


class Bell:
    """A bell within one process."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """There is something to do."""
        self._rung.set()

    def close(self) -> None:
        """Let go of what it rings with."""

    async def wait(self, seconds: float) -> None:
        """Return when it rang, also before this call, at the latest after so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        self._rung.clear()


def waits_for_a_worker(session: Session) -> bool:
    """Whether any worker may take it at once."""
    return (
        session.state is SessionState.QUEUED
        and session.lease is None
        and session.due_at <= session.updated_at
    )
