"""LISTEN and NOTIFY: a session that no worker holds is told to the workers of every process.

It is a hint and no more. Who missed it finds the session by its row at the next look.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from padan.store.bell import Bell
from padan.store.postgres.link import FAILURES, Connect, Connection, hang_up

CHANNEL = "padan_work"
TRY_AGAIN_AFTER = 5.0
"""Seconds of silence after a server could not be heard, or does not know LISTEN."""


class PostgresBell(Bell):
    """Rings in every process that listens. Its connection is its own: nothing durable waits for it."""

    def __init__(self, connect: Connect) -> None:
        super().__init__()
        self._connect = connect
        self._connection: Connection | None = None
        self._ringing: asyncio.Task[None] | None = None
        self._again = False
        self._opening = asyncio.Lock()
        self._silent_until = 0.0

    def ring(self) -> None:
        """Tell everybody, soon; who rings meanwhile shares the next one."""
        super().ring()
        self._again = True
        if self._ringing is None:
            self._ringing = asyncio.create_task(self._ring())

    async def wait(self, seconds: float) -> None:
        """Return when it rang, in whatever process, at the latest after so many seconds."""
        with contextlib.suppress(*FAILURES, ValueError):
            await self._listening()
        await super().wait(seconds)

    async def hang_up(self) -> None:
        """Stop listening."""
        if self._ringing is not None:
            await self._ringing
        if self._connection is not None:
            await hang_up(self._connection)

    async def _ring(self) -> None:
        while self._again:
            self._again = False
            with contextlib.suppress(*FAILURES, ValueError):
                await (await self._listening()).execute(f"NOTIFY {CHANNEL}")
        self._ringing = None

    async def _listening(self) -> Connection:
        async with self._opening:
            if self._connection is None or self._connection.is_closed():
                self._connection = None
                now = asyncio.get_running_loop().time()
                if now < self._silent_until:
                    raise TimeoutError
                self._silent_until = now + TRY_AGAIN_AFTER
                connection = await self._connect()
                await connection.add_listener(CHANNEL, self._heard)
                self._connection, self._silent_until = connection, 0.0
            return self._connection

    def _heard(self, *_: Any) -> None:
        super().ring()
