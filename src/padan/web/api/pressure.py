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

A_LITTLE_LATE, BUSY = 0.01, 0.5
"""Seconds of delay, and the share of looks that are so late, from which on the processor is the limit."""

BACKLOG_OF_THE_BUSY, MOST_BACKLOG = 2.0, 100.0
"""Sessions for each place that may wait before no more are begun: while the processor is the limit, and ever.

A slow registry leaves the processor idle: sessions may wait for it, for their answer comes later in any case.
"""

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
        self._busy = 0.0

    def refuses_work(self, backlog: float) -> bool:
        """Whether a session that has to be asked at once is one too many, where so many wait for a place."""
        if backlog >= MOST_BACKLOG:
            return True
        return backlog >= BACKLOG_OF_THE_BUSY and self._busy >= BUSY

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
        # An average over some twenty looks, half a second.
        self._busy += ((seconds > A_LITTLE_LATE) - self._busy) / 20

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = loop.time()
        self.late_by(now - due)
        if now - self._used_at > REST_AFTER and not self._share:
            self._timer, self._busy = None, 0.0
            return
        self._timer = loop.call_later(TICK, self._look, loop, now + TICK)
