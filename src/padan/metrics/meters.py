"""The numbers of one process. Adding to one costs less than a microsecond; nobody locks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final

HTTP_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
REGISTRY_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 30.0)
STORE_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0)
LAG_SECONDS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Histogram:
    """Seconds, counted by bucket. Each bound belongs to its bucket."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Add one."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds


class Meters:
    """What is counted, by the labels of its metric. Labels are words of ours, never what somebody sent."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.request_seconds: dict[str, Histogram] = {}
        self.created: Counter[tuple[str, str, str]] = Counter()
        self.ended: Counter[tuple[str, str]] = Counter()
        self.questions: Counter[tuple[str, str, str]] = Counter()
        self.rupiah: Counter[tuple[str, str]] = Counter()
        self.question_seconds: dict[str, Histogram] = {}
        self.store_seconds: dict[str, Histogram] = {}
        self.store_refused: Counter[str] = Counter()
        self.events: Counter[tuple[str, str]] = Counter()
        self.lag = Histogram(LAG_SECONDS)

    def request(self, operation: str, status: int, *, seconds: float) -> None:
        """A request was answered."""
        self.requests[operation, f"{status // 100}xx"] += 1
        histogram = self.request_seconds.get(operation)
        if histogram is None:
            histogram = self.request_seconds[operation] = Histogram(HTTP_SECONDS)
        histogram.observe(seconds)

    def stored(self, write: str, seconds: float) -> None:
        """A write was acknowledged by the store."""
        histogram = self.store_seconds.get(write)
        if histogram is None:
            histogram = self.store_seconds[write] = Histogram(STORE_SECONDS)
        histogram.observe(seconds)

    def heard(self, event: str, detail: str) -> None:
        """An event of the log. Of its detail only the word before a colon, a space or a `=` is kept."""
        self.events[event, _word(detail)] += 1


def _word(detail: str) -> str:
    """The first word of a detail where that is one of ours; trace ids and numbers are not."""
    word = detail.partition(":")[0]
    return word if word.replace("_", "").isalpha() else ""
