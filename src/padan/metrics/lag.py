"""How late the event loop is: whoever waits for it waits at least that long."""

from __future__ import annotations

import asyncio
from typing import Final

from padan.metrics.meters import Histogram

EVERY: Final = 0.25


async def watch_loop(lag: Histogram) -> None:
    """Measure, four times a second, how late a timer fires; until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY
        await asyncio.sleep(EVERY)
        lag.observe(max(0.0, loop.time() - due))
