"""The arithmetic: thresholds at a false-accept rate, recall there, AUC, and how far chance moves each
figure."""

import time
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from bench.names.classes import LAWFUL
from bench.names.contenders import Score
from bench.names.split import NEGATIVE, Row

RATES = (1 / 1_000, 1 / 10_000)
Z = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        return self.count / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval at 95 %."""
        if not self.total:
            return 0.0, 1.0
        middle = (self.value + Z * Z / (2 * self.total)) / (1 + Z * Z / self.total)
        spread = self.value * (1 - self.value) / self.total + Z * Z / (4 * self.total**2)
        reach = Z * sqrt(spread) / (1 + Z * Z / self.total)
        return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True, slots=True)
class AtRate:
    """What a contender does where at most a given share of all negatives is accepted."""

    rate: float
    threshold: float
    accepted: Share
    lawful: Share
    classes: Mapping[str, Share]
    depths: Mapping[str, Share]
    families: Mapping[str, Share]
    rules: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Result:
    """A contender's figures."""

    auc: float
    microseconds: float
    rates: Mapping[float, AtRate]


def score_all(score: Score, rows: Sequence[Row]) -> tuple[list[float], float]:
    """Score every pair once, in the order of the split; return the scores and the microseconds a pair took.

    What is loaded at the first call is not counted; almost every name is seen for the first time.
    """
    score("SITI AMINAH", "ST. AMINAH, S.PD.")
    start = time.perf_counter()
    scores = [score(row.left, row.right) for row in rows]
    return scores, (time.perf_counter() - start) / len(rows) * 1e6


def threshold(negatives: Sequence[float], rate: float) -> float:
    """The score that a pair has to exceed so that at most ``rate`` of the negatives are accepted."""
    return sorted(negatives, reverse=True)[int(rate * len(negatives))]


def area(positives: Iterable[float], negatives: Iterable[float]) -> float:
    """The chance that a lawful pair scores above a negative one; even scores count half."""
    ranked, own = sorted(negatives), list(positives)
    above = sum(bisect_left(ranked, score) + bisect_right(ranked, score) for score in own)
    return above / (2 * len(ranked) * len(own))


def result(score: Score, rows: Sequence[Row]) -> Result:
    """Measure a contender over a split."""
    scores, microseconds = score_all(score, rows)
    negatives = [value for row, value in zip(rows, scores, strict=True) if row.group == NEGATIVE]
    lawful = [value for row, value in zip(rows, scores, strict=True) if row.group == LAWFUL]
    rates = {
        rate: at_rate(rate, threshold(negatives, rate), list(zip(rows, scores, strict=True)))
        for rate in RATES
    }
    return Result(area(lawful, negatives), microseconds, rates)


def at_rate(rate: float, limit: float, scored: Sequence[tuple[Row, float]]) -> AtRate:
    """Count what exceeds a score."""

    def share(rows: Callable[[Row], bool]) -> Share:
        chosen = [value > limit for row, value in scored if rows(row)]
        return Share(sum(chosen), len(chosen))

    def shares(key: Callable[[Row], Iterable[str]]) -> dict[str, Share]:
        found: dict[str, list[bool]] = defaultdict(list)
        for row, value in scored:
            for name in key(row):
                found[name].append(value > limit)
        return {name: Share(sum(taken), len(taken)) for name, taken in found.items()}

    def depth(row: Row) -> list[str]:
        many = row.detail.count("+") + 1
        return [f"{many} class{'es' if many > 1 else ''}"] if row.group == LAWFUL else []

    return AtRate(
        rate=rate,
        threshold=limit,
        accepted=share(lambda row: row.group == NEGATIVE),
        lawful=share(lambda row: row.group == LAWFUL),
        classes=shares(lambda row: [row.name] if row.group != NEGATIVE else []),
        depths=dict(sorted(shares(depth).items())),
        families=shares(lambda row: [row.name] if row.group == NEGATIVE else []),
        rules=shares(forbidden_rules),
    )


def forbidden_rules(row: Row) -> list[str]:
    """The X rule that a negative pair breaks, if any."""
    return [part for part in row.detail.split("+") if part.endswith("X")] if row.group == NEGATIVE else []


def verdicts(decide: Callable[[str, str], str], rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """How often each verdict is given to lawful pairs, to those apart, and to negatives."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        found[row.group][decide(row.left, row.right)] += 1
    return {group: dict(sorted(counts.items())) for group, counts in found.items()}
