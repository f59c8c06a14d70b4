"""How much each difference weighs: a model is a named list that a person can read, and never changes.

A new judgement is a new model beside the old ones, so that what was decided last year can be decided again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from padan.names.words import Word, word

if TYPE_CHECKING:
    from padan.names.alignment import Alignment
    from padan.names.reading import Name

# Pairs of words that are not the same, kept by each model: some 30 MB at most.
PAIRS_KEPT = 131_072


class Handling(StrEnum):
    """What follows from a difference, the lightest first.

    ``equivalent``: a rule explains it in full. ``slip``: a slip of the keyboard explains it, hardly anything
    else does. ``slip or name``: a slip explains it, and so would another name. ``partial`` is told and not
    accepted. ``never`` is a veto.
    """

    EQUIVALENT = "equivalent"
    SLIP = "slip"
    SLIP_OR_NAME = "slip or name"
    PARTIAL = "partial"
    NEVER = "never"


GRAVITY = MappingProxyType({handling: place for place, handling in enumerate(Handling)})
PARTIAL, NEVER = GRAVITY[Handling.PARTIAL], GRAVITY[Handling.NEVER]


@dataclass(frozen=True, slots=True)
class Feature:
    """A relation of two words: its code, the function that sees it, what follows, its cost (0 to 1).

    ``when`` must hold for it to hold: features that stand together share it, so that it is asked once.
    """

    code: str
    applies: Callable[[Word, Word], bool]
    handling: Handling
    cost: float = 0.0
    when: Callable[[Word, Word], bool] | None = None
    rank: tuple[int, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # What is lawful goes before what is not, so that a word is vetoed only where nothing lawful fits it.
        object.__setattr__(self, "rank", (GRAVITY[self.handling], self.cost))


@dataclass(frozen=True, slots=True)
class Rule:
    """A difference between two names as a whole: its code, what follows, its cost (0 to 1)."""

    code: str
    handling: Handling
    cost: float = 0.0


class Step(Protocol):
    """Takes words that belong together out of what is left over on both sides of an alignment."""

    def __call__(self, found: "Alignment", a: "Name", /, *, b: "Name") -> None:
        """Take a step in the alignment of two names."""


@dataclass(frozen=True, eq=False)
class Model:
    """A frozen judgement of names.

    ``words`` is tried in its order, and the first feature that holds for two words decides. ``names`` weighs
    what is seen in whole names. ``steps`` pair words that are not equal, each what was left over before,
    ``leftovers`` explains what one name has alone.
    ``worth_comparing`` tells quickly whether any feature could hold for two words. ``shelves`` are the lowest
    and the highest score of two names whose gravest difference is handled so: costs never lead from one to
    the next. ``most_cost`` is what a variation may cost in all; ``enough_bits`` how much the words that two
    names share must tell before part of a name says anything (log2 of one divided by the share of people);
    ``most_alone`` how many words may be in only one of them, or whoever gives many words would be told which
    are right;
    ``well_known_bits`` is from where a difference weighs no more than its cost.
    """

    name: str
    words: tuple[Feature, ...]
    names: tuple[Rule, ...]
    steps: tuple[Step, ...]
    leftovers: Step | None
    worth_comparing: Callable[[Word, Word], bool]
    shelves: Mapping[Handling, tuple[float, float]]
    most_cost: float
    enough_bits: float
    most_alone: int
    well_known_bits: float
    weights: Mapping[str, tuple[int, float]] = field(init=False, repr=False)
    pair: Callable[[str, str], Feature | None] = field(init=False, repr=False)
    _shelves: Mapping[int, tuple[float, float]] = field(init=False, repr=False)
    _groups: tuple[tuple[Callable[[Word, Word], bool] | None, tuple[Feature, ...]], ...] = field(
        init=False, repr=False
    )

    def __post_init__(self) -> None:
        weights = {rule.code: (GRAVITY[rule.handling], rule.cost) for rule in self.names}
        object.__setattr__(self, "weights", weights)
        groups = [(when, tuple(features)) for when, features in groupby(self.words, attrgetter("when"))]
        object.__setattr__(self, "_groups", tuple(groups))
        object.__setattr__(self, "_shelves", {GRAVITY[key]: shelf for key, shelf in self.shelves.items()})
        object.__setattr__(self, "pair", lru_cache(PAIRS_KEPT)(self._pair))

    def shelf(self, gravity: int) -> tuple[float, float]:
        """Return the lowest and the highest score where the gravest difference is as grave as this."""
        return self._shelves.get(gravity, (0.0, 1.0))

    def forget(self) -> None:
        """Empty the memory of pairs of words, for measurements."""
        self.pair.cache_clear()  # type: ignore[attr-defined]

    def _pair(self, left: str, right: str) -> Feature | None:
        a, b = word(left), word(right)
        if self.worth_comparing(a, b):
            for when, features in self._groups:
                if when is None or when(a, b):
                    for feature in features:
                        if feature.applies(a, b):
                            return feature
        return None
