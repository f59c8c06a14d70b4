"""A breaker: it stops asking a registry that gives no answer, and lets single questions through to find it.

Pure: every instant comes in, in Unix milliseconds. A clock may be set back: an instant that lies ahead counts
as long ago, or a registry would be left alone until the clock is there again.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

FAILURES_UNTIL_OPEN = 3
SILENCE_UNTIL_OPEN = 2_000
"""Milliseconds without any answer before failures open it: what fails for one does not stop all others."""

STALLED_QUESTIONS, STALLED_AFTER = 3, 4_000
"""So many questions under way, the oldest for so many milliseconds, and no answer meanwhile: it hangs."""

PROBE_EVERY = 2_000
IDLE_AFTER = 2 * PROBE_EVERY
"""Milliseconds without a probe after which nobody seems to be left who would ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What one process can tell the others of a line: instants in Unix milliseconds, 0 for never.

    It is open where it was opened after it was closed. Two of them become one by the later of each instant.
    """

    opened_at: int = 0
    closed_at: int = 0
    probed_at: int = 0

    def with_(self, other: Learnt) -> Learnt:
        """Both together."""
        return Learnt(
            opened_at=max(self.opened_at, other.opened_at),
            closed_at=max(self.closed_at, other.closed_at),
            probed_at=max(self.probed_at, other.probed_at),
        )


NOTHING_LEARNT = Learnt()


class Breaker:
    """Closed, every question may be asked. Open, one every two seconds, until one is answered.

    A new probe does not wait for the one before: where a line swallows what is sent, each would hang until
    its deadline, and the recovery be seen as late.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._under_way: dict[int, int] = {}
        self._failures = 0
        self._heard_at: int | None = None
        self._opened_at: int | None = None
        self._probed_at = 0
        self._closed_at = 0

    def is_open(self, now: int) -> bool:
        """Whether questions have to wait."""
        if self._opened_at is None and self._stalled(now):
            self._open(now)
        return self._opened_at is not None

    def allows(self, now: int) -> bool:
        """Whether a question may be asked now: always while closed, as a probe while open."""
        return not self.is_open(now) or _passed(self._probed_at, PROBE_EVERY, now)

    def claim(self, now: int) -> None:
        """Somebody is about to ask: nobody else may be the probe of this moment."""
        if self._opened_at is not None:
            self._probed_at = now

    def idle(self, now: int) -> bool:
        """Whether it is open and nobody looks for the registry's return: no session waits for it."""
        return self.is_open(now) and not self._under_way and _passed(self._probed_at, IDLE_AFTER, now)

    def begin(self, now: int) -> int:
        """A question is on its way; returns the number to end it with."""
        number = next(self._numbers)
        self._under_way[number] = now
        self.claim(now)
        return number

    def answered(self, number: int, *, now: int) -> None:
        """The registry said something, even if it was a refusal: it is there."""
        self._under_way.pop(number, None)
        self._heard_at = now
        self._close(now)

    def failed(self, number: int, *, now: int) -> None:
        """Nobody answered."""
        self._under_way.pop(number, None)
        self._failures += 1
        silent = self._heard_at is None or _passed(self._heard_at, SILENCE_UNTIL_OPEN, now)
        if self._opened_at is None and self._failures >= FAILURES_UNTIL_OPEN and silent:
            self._open(now)

    def dropped(self, number: int) -> None:
        """The question was not asked to its end, by our own doing: it tells nothing."""
        self._under_way.pop(number, None)

    def reset(self, now: int) -> None:
        """Somebody is at the other end again, as was seen without a question: let the next ones find out."""
        self._close(now)

    def learnt(self) -> Learnt:
        """What is worth telling other processes."""
        return Learnt(opened_at=self._opened_at or 0, closed_at=self._closed_at, probed_at=self._probed_at)

    def learn(self, told: Learnt) -> None:
        """Take up what other processes know, but for an opening that an answer here has refuted since."""
        both = self.learnt().with_(told)
        heard_at = self._heard_at or 0
        self._probed_at, self._closed_at = both.probed_at, both.closed_at
        if both.opened_at > both.closed_at:
            self._opened_at = both.opened_at
            if heard_at >= both.opened_at:
                self._close(heard_at)
        elif self._opened_at is not None:
            self._failures, self._opened_at = 0, None

    def _close(self, now: int) -> None:
        if self._opened_at is not None:
            self._closed_at = max(now, self._opened_at + 1)
        self._failures, self._opened_at = 0, None

    def _open(self, now: int) -> None:
        self._opened_at, self._probed_at = max(now, self._closed_at + 1), now

    def _stalled(self, now: int) -> bool:
        waiting = [asked for asked in self._under_way.values() if now - asked >= STALLED_AFTER]
        unheard = self._heard_at is None or _passed(self._heard_at, STALLED_AFTER, now)
        return len(waiting) >= STALLED_QUESTIONS and unheard


def _passed(since: int, milliseconds: int, now: int) -> bool:
    return not since <= now < since + milliseconds
