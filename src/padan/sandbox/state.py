"""What the simulator remembers: the day's quota, what it counted, and faults set by the side door."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from padan.domain.finding import Outcome
from padan.sandbox.hashing import mix
from padan.sandbox.misbehaviour import FAULTS

OUTCOMES: Final = frozenset(str(outcome) for outcome in Outcome)
_JAKARTA: Final = 7 * 3600
_DAY: Final = 86_400


@dataclass(slots=True)
class Quota:
    """So many questions a day; the day begins at midnight in Jakarta (UTC+7)."""

    daily: int
    clock: Callable[[], float]
    _day: int = -1
    _left: int = 0

    def take(self) -> bool:
        """Count one question; False where the day's are used up."""
        self.left()
        if not self._left:
            return False
        self._left -= 1
        return True

    def left(self) -> int:
        """How many questions are still answered today."""
        day = int(self.clock() + _JAKARTA) // _DAY
        if day != self._day:
            self._day, self._left = day, self.daily
        return self._left


@dataclass(slots=True)
class SideDoor:
    """What was asked for on purpose: outcomes and faults by NIK, and a fault for a share of all questions."""

    by_nik: dict[str, str] = field(default_factory=dict, repr=False)
    fault: str | None = None
    share: float = 0.0
    counted: Counter[str] = field(default_factory=Counter)

    def wanted_of(self, nik: str, own_fault: str | None) -> str | None:
        """The outcome or fault that this question is to have, None for the plain truth."""
        wanted = self.by_nik.get(nik, own_fault)
        if wanted is None and self.fault and self._in_share():
            return self.fault
        return wanted

    def _in_share(self) -> bool:
        """Spread evenly and the same at every run: the n-th question's draw depends on n alone."""
        return mix(self.counted["questions"]) % 1_000_000 < self.share * 1_000_000

    def clear(self) -> None:
        """Be an ordinary registry again; what was counted stays."""
        self.by_nik.clear()
        self.fault, self.share = None, 0.0


def is_wanted(name: object) -> bool:
    """Whether this is an outcome or a fault that can be asked for."""
    return isinstance(name, str) and (name in OUTCOMES or name in FAULTS)
