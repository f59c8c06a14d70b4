"""The lines to the registries: which may be asked now, and what each is allowed.

A line is a registry with its breaker and its terms. An environment has one or more, in order: the first that
may be asked is, so that a second takes over while the first is silent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from padan.domain.activation import Terms
from padan.domain.breaker import NOTHING_LEARNT, PROBE_EVERY, Breaker
from padan.domain.environment import EnvironmentKind
from padan.domain.provider import Health

if TYPE_CHECKING:
    from padan.app.ports.outside import Registry
    from padan.app.ports.stores import LineStates


REFUSALS_UNTIL_HELD = 3
HELD_FOR = 60_000
"""Milliseconds for which a registry that refuses everybody is left alone."""


@dataclass(slots=True)
class Line:
    """One registry as it is asked. `account` is whose quota and rate its questions count against.

    Where it refuses everybody (wrong credentials, say), it is left alone until `held_until`: asking on would
    cost, or lock the account.
    """

    registry: Registry
    terms: Terms = field(default_factory=Terms)
    breaker: Breaker = field(default_factory=Breaker)
    account: str = ""
    name: str = ""
    """Under which every process over one database knows the line; without one it is this process's own."""
    refusals: int = 0
    held_until: int = 0

    def __post_init__(self) -> None:
        """A line is an account of its own, unless it is a second way to the same agreement."""
        self.account = self.account or self.registry.name

    def health(self, now: int) -> Health:
        """Whether an answer can be expected."""
        silent = self.breaker.is_open(now) or self.held(now)
        return Health.OFFLINE if silent else Health.ONLINE

    def held(self, now: int) -> bool:
        """Whether it is left alone: it refuses everybody. A clock that was set back holds nobody up."""
        return 0 < self.held_until - now <= HELD_FOR

    def refused_everybody(self, now: int) -> None:
        """It refused, for a reason that holds for whoever asks; after a few in a row it is left alone."""
        self.refusals += 1
        if self.refusals >= REFUSALS_UNTIL_HELD:
            self.held_until = now + HELD_FOR

    def answered_somebody(self) -> None:
        """It answered: no refusal holds for everybody."""
        self.refusals, self.held_until = 0, 0


class Lines:
    """Every line, by kind of environment. The Live ones change when the agreement does."""

    def __init__(self, lines: Mapping[EnvironmentKind, Sequence[Line]]) -> None:
        self._states: LineStates | None = None
        self._lines = {kind: tuple(own) for kind, own in lines.items() if own}

    @property
    def kinds(self) -> frozenset[EnvironmentKind]:
        """The environments that have a line at all."""
        return frozenset(self._lines)

    def of(self, kind: EnvironmentKind) -> tuple[Line, ...]:
        """The lines of an environment, in order; none where nothing is configured."""
        return self._lines.get(kind, ())

    def replace(self, kind: EnvironmentKind, lines: Sequence[Line]) -> tuple[Line, ...]:
        """Put other lines in place; returns those before, to be closed when nobody asks them any more."""
        before = self.of(kind)
        self._lines.pop(kind, None)
        if lines:
            self._lines[kind] = tuple(lines)
        return before

    async def choose(self, kind: EnvironmentKind, now: int) -> Line | None:
        """The first line that may be asked now. Where it is silent, the caller is its probe for a while.

        A silent line is looked for even while a later one answers: it comes back by itself. Of all processes
        that share it, one alone is its probe.

        Raises:
            StoreUnavailable: nobody knows who else looks.
        """
        for line in self.of(kind):
            if not line.breaker.allows(now):
                continue
            if not line.breaker.is_open(now) or await self._mine_to_probe(line, now):
                line.breaker.claim(now)
                return line
            # Another process looks at this moment.
            line.breaker.claim(now)
        return None

    def share_over(self, states: LineStates) -> None:
        """From now on other processes are told and heard, by those lines that have a name."""
        self._states = states

    async def share(self, now: int) -> None:
        """Tell other processes what was learnt here of the lines, and learn from them.

        Nothing is written while nothing changes, and nothing is read where no line is shared.
        """
        shared = [line for own in self._lines.values() for line in own if line.name]
        if self._states is None or not shared:
            return
        known = await self._states.known_lines()
        for line in shared:
            line.breaker.is_open(now)
            told = known.get(line.name, NOTHING_LEARNT)
            line.breaker.learn(told)
            mine = line.breaker.learnt()
            if mine.opened_at > told.opened_at or mine.closed_at > told.closed_at:
                await self._states.tell_line(line.name, mine)

    async def _mine_to_probe(self, line: Line, now: int) -> bool:
        if self._states is None or not line.name:
            return True
        return await self._states.claim_probe(line.name, now, every=PROBE_EVERY)

    def room(self, kind: EnvironmentKind, now: int, *, free: int) -> int:
        """How many sessions may be taken up now: `free`; one, to find a silent registry; or none."""
        if any(not line.breaker.is_open(now) for line in self.of(kind)):
            return free
        return min(free, 1) if any(line.breaker.allows(now) for line in self.of(kind)) else 0

    def health(self, kind: EnvironmentKind, now: int) -> Health:
        """Online while any line of the environment is."""
        online = any(line.health(now) is Health.ONLINE for line in self.of(kind))
        return Health.ONLINE if online else Health.OFFLINE

    def hopeless(self, kind: EnvironmentKind, now: int) -> bool:
        """Whether every line is silent and sessions that wait look for its return already.

        Where none waits, a new one has to be taken: nobody else would notice the return.
        """
        return all(line.breaker.is_open(now) and not line.breaker.idle(now) for line in self.of(kind))

    async def look_around(self, now: int) -> None:
        """Find a silent registry back that no session looks for, without a question."""
        for lines in self._lines.values():
            for line in lines:
                if line.breaker.idle(now) and await line.registry.reachable():
                    line.breaker.reset(now)

    async def close(self) -> None:
        """Let go of every connection."""
        for lines in self._lines.values():
            for line in lines:
                await line.registry.close()
