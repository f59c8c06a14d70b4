"""Reads that nothing is given out by are many: the first is an event, the others are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import msgspec

from padan.app.ports.audit import Event

MOST: Final = 20_000
"""Tokens and subjects that are kept apart at once; then all are written."""

Key = tuple[UUID | None, UUID | str | None]


class _Kept:
    __slots__ = ("first", "last", "more")

    def __init__(self, first: Event) -> None:
        self.first = first
        self.more = 0
        self.last = first.at


class Tally:
    """What was counted and is not written yet, by token and subject."""

    def __init__(self) -> None:
        self._kept: dict[Key, _Kept] = {}

    def count(self, event: Event) -> Iterator[Event]:
        """Count an event; yields those to be written now: the first of its kind, and a number it follows."""
        key = (event.token, event.subject)
        kept = self._kept.get(key)
        if kept is not None:
            first = kept.first
            if first.action == event.action and first.outcome == event.outcome:
                kept.more += 1
                kept.last = event.at
                return
            yield from self.take(key)
        elif len(self._kept) >= MOST:
            yield from self.take_all()
        self._kept[key] = _Kept(event)
        yield event

    def take(self, key: Key) -> Iterator[Event]:
        """The number that stands before another event of a token and subject."""
        kept = self._kept.pop(key, None)
        if kept is not None and kept.more:
            yield msgspec.structs.replace(kept.first, at=kept.last, count=kept.more)

    def take_all(self) -> Iterator[Event]:
        """Every number. Whoever reads on begins anew."""
        for key in tuple(self._kept):
            yield from self.take(key)
