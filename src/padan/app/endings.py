"""Wait for a session to end: long polling (`Prefer: wait`, RFC 7240)."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

LOOK_EVERY = 0.5
"""Seconds between two looks for sessions that end in other processes."""

MOST_WAITING = 10_000
"""Requests that may wait at once; who comes after them is answered at once."""


class Endings:
    """Tells who waits in this process that a session ended in it. A hint: the session's row is the truth."""

    def __init__(self) -> None:
        self._watched: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._count = 0
        self._closed = False

    @property
    def open(self) -> bool:
        """Whether one more may wait."""
        return not self._closed and self._count < MOST_WAITING

    @property
    def closed(self) -> bool:
        """Whether nobody should wait any longer."""
        return self._closed

    @contextmanager
    def watch(self, session_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set when the session ends. Begin before you read, and no end is missed."""
        event = asyncio.Event()
        watched = self._watched[session_id]
        watched.add(event)
        self._count += 1
        try:
            yield event
        finally:
            self._count -= 1
            watched.discard(event)
            if not watched:
                self._watched.pop(session_id, None)

    def tell(self, session_id: UUID) -> None:
        """The session has ended, and that is durable."""
        for event in self._watched.get(session_id, ()):
            event.set()

    def close(self) -> None:
        """Let everybody go, and nobody wait from here on: the server is about to end."""
        self._closed = True
        for session_id in list(self._watched):
            self.tell(session_id)


async def either(event: asyncio.Event, seconds: float) -> None:
    """Return when it is set, at the latest after so many seconds."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
