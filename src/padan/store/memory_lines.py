"""What processes know of a line to a registry, in memory: of one process, or of several in a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from padan.domain.breaker import NOTHING_LEARNT, Learnt
from padan.store.counting import FURTHEST_AHEAD


class MemoryLines:
    """The port `LineStates`."""

    def __init__(self) -> None:
        self._known_lines: dict[str, Learnt] = {}

    async def known_lines(self) -> Mapping[str, Learnt]:
        """What was told of each line."""
        return dict(self._known_lines)

    async def tell_line(self, name: str, learnt: Learnt) -> None:
        """Tell the others; the later of each instant stays."""
        self._known_lines[name] = self._known_lines.get(name, NOTHING_LEARNT).with_(learnt)

    async def claim_probe(self, name: str, now: int, *, every: int) -> bool:
        """Whether nobody has looked for so long; then it is the caller who does."""
        known = self._known_lines.get(name)
        if known is not None and now - every < known.probed_at <= now + FURTHEST_AHEAD:
            return False
        self._known_lines[name] = replace(known or NOTHING_LEARNT, probed_at=now)
        return True
