"""What a server does with more requests than it can answer: it says so, and finishes what it has taken.

A loop that cannot keep up turns late. While it does, a growing share of the requests gets a 503 with
`Retry-After` before anything is done for them: creations first, for each brings work of its own, and other
requests only where that is not enough. What is under way goes on meanwhile, so a flood, of polls too, leaves
the workers their turns.
"""

from __future__ import annotations

import asyncio

TICK = 0.025
"""Seconds between two looks at how late the loop is."""

LATE = 0.1
"""Seconds of delay from which on there is too much to do."""

RISE, FALL = 0.08, 0.02
"""By how much the refused share changes with a look: it grows faster than it shrinks."""

FEW = 160
"""Requests under way up to which none is refused: so few are no flood, and it is the machine that is late."""

REST_AFTER = 1.0
"""Seconds without a request after which nobody looks any more."""

OTHERS_FROM = 0.8
"""The share of refused creations from which on other requests are refused as well."""


class Pressure:
    """Watches the event loop it is used in, while requests come."""

    def __init__(self) -> None:
        self._share = 0.0
        self._owed = {True: 0.0, False: 0.0}
        self._timer: asyncio.TimerHandle | None = None
        self._used_at = 0.0
        self.under_way = 0

    def refuses(self, *, creation: bool) -> bool:
        """Whether this request is one too many."""
        loop = asyncio.get_running_loop()
        self._used_at = now = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(TICK, self._look, loop, now + TICK)
        if not self._share or self.under_way <= FEW:
            return False
        share = self._share if creation else max(0.0, self._share - OTHERS_FROM) / (1 - OTHERS_FROM)
        # By turns and not by chance: of ten with a share of 0.3, three.
        self._owed[creation] += share
        if self._owed[creation] < 1:
            return False
        self._owed[creation] -= 1
        return True

    def late_by(self, seconds: float) -> None:
        """Hear how late the loop was, and change the share that is refused."""
        step = RISE if seconds > LATE else -FALL
        self._share = min(1.0, max(0.0, self._share + step))

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = loop.time()
        self.late_by(now - due)
        if now - self._used_at > REST_AFTER and not self._share:
            self._timer = None
            return
        self._timer = loop.call_later(TICK, self._look, loop, now + TICK)
