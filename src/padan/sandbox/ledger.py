"""What the simulator keeps while it runs: the day's quota, the counts, the wishes of the side door."""

import datetime
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from padan.sandbox.hashing import uniform

JAKARTA: Final = datetime.timezone(datetime.timedelta(hours=7))
_MOST_WISHES: Final = 100_000


class TooManyWishes(ValueError):
    """More NIKs have a wished answer than the simulator keeps."""


@dataclass(slots=True)
class Ledger:
    """Counts and wishes; NIKs stand only among the wishes, and ``repr`` hides them."""

    quota: int
    questions: int = 0
    charged: int = 0
    """How many of the questions took one from a day's quota, whatever became of their answer."""
    counts: Counter[str] = field(default_factory=Counter)
    wishes: dict[str, str] = field(default_factory=dict, repr=False)
    """What the side door asked for: a scenario or a fault by NIK."""
    lasting: dict[str, int] = field(default_factory=dict, repr=False)
    """For how many questions more, where a wish was not made for good."""
    fault_shares: dict[str, float] = field(default_factory=dict)
    _day: datetime.date | None = None
    _used: int = 0

    def take(self, now: datetime.datetime) -> bool:
        """Take one question from the day's quota; False where it is used up. Days are Jakarta's."""
        self._turn(now)
        if self._used >= self.quota:
            return False
        self._used += 1
        self.charged += 1
        return True

    def left(self, now: datetime.datetime) -> int:
        """Return how many questions the day still has."""
        self._turn(now)
        return self.quota - self._used

    def count(self, answer: str) -> None:
        """Count one question by its answer."""
        self.questions += 1
        self.counts[answer] += 1

    def forget_counts(self) -> None:
        """Count from nothing again; what the day's quota has lost stays lost."""
        self.questions = self.charged = 0
        self.counts.clear()

    def wish(self, nik: str, wished: str | None, *, times: int | None = None) -> None:
        """Make a NIK answer so from now on, or as it is again (None); raises ``TooManyWishes``.

        With ``times``, only so many questions are answered so.
        """
        self.lasting.pop(nik, None)
        if wished is None:
            self.wishes.pop(nik, None)
            return
        if len(self.wishes) >= _MOST_WISHES and nik not in self.wishes:
            message = (
                f"The sandbox keeps {_MOST_WISHES} wished answers; DELETE /sandbox/scenario clears them."
            )
            raise TooManyWishes(message)
        self.wishes[nik] = wished
        if times is not None:
            self.lasting[nik] = times

    def granted(self, nik: str) -> str | None:
        """Return what one question about a NIK shall be answered with, and count that question."""
        wished = self.wishes.get(nik)
        if nik in self.lasting:
            self.lasting[nik] -= 1
            if not self.lasting[nik]:
                self.wish(nik, None)
        return wished

    def forget_wishes(self) -> None:
        """Let every NIK be itself again."""
        self.wishes.clear()
        self.lasting.clear()

    def fault_by_share(self) -> str | None:
        """Return the fault that this question draws, None for most; the same order of draws every run."""
        fraction = uniform(self.questions)
        for fault, share in self.fault_shares.items():
            if fraction < share:
                return fault
            fraction -= share
        return None

    def _turn(self, now: datetime.datetime) -> None:
        today = now.astimezone(JAKARTA).date()
        if today != self._day:
            self._day, self._used = today, 0
