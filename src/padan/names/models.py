"""How much each difference weighs: a model is a named list that a person can read, and never changes.

A new judgement is a new model beside the old ones, so that what was decided last year can be decided again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from padan.names import features
from padan.names.words import Word, word

# Pairs of words that are not the same, kept by each model: some 30 MB at most.
PAIRS_KEPT = 131_072


class Handling(StrEnum):
    """What follows from a difference."""

    EQUIVALENT = "equivalent"
    PARTIAL = "partial"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Feature:
    """A relation of two words: its code, the function that sees it, what follows, its cost (0 to 1)."""

    code: str
    applies: Callable[[Word, Word], bool]
    handling: Handling
    cost: float = 0.0
    rank: tuple[int, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # What is lawful goes before what is not, so that a word is vetoed only where nothing lawful fits it.
        object.__setattr__(self, "rank", (list(Handling).index(self.handling), self.cost))


@dataclass(frozen=True, slots=True)
class Rule:
    """A difference between two names as a whole: its code, what follows, its cost (0 to 1)."""

    code: str
    handling: Handling
    cost: float = 0.0


@dataclass(frozen=True, eq=False)
class Model:
    """A frozen judgement of names.

    ``words`` is tried in its order, and the first feature that holds for two words decides. ``names`` weighs
    what is seen in whole names. ``most_cost`` is what a variation may cost in all; ``enough_bits`` how much
    the words that two names share must tell before part of a name says anything (log2 of one divided by the
    share of people); ``well_known_bits`` is from where a difference weighs no more than its cost.
    """

    name: str
    words: tuple[Feature, ...]
    names: tuple[Rule, ...]
    most_cost: float
    enough_bits: float
    well_known_bits: float
    rules: Mapping[str, Rule] = field(init=False, repr=False)
    pair: Callable[[str, str], Feature | None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", MappingProxyType({rule.code: rule for rule in self.names}))
        object.__setattr__(self, "pair", lru_cache(PAIRS_KEPT)(self._pair))

    def forget(self) -> None:
        """Empty the memory of pairs of words, for measurements."""
        self.pair.cache_clear()  # type: ignore[attr-defined]

    def _pair(self, left: str, right: str) -> Feature | None:
        a, b = word(left), word(right)
        if features.worth_comparing(a, b):
            for feature in self.words:
                if feature.applies(a, b):
                    return feature
        return None


_E, _P, _X = Handling.EQUIVALENT, Handling.PARTIAL, Handling.NEVER

_2026_1: Final = Model(
    name="2026.1",
    words=(
        Feature("same_name", features.same_name, _E, 0.02),
        Feature("clan", features.different_clans, _X),
        Feature("birth_order", features.different_birth_order, _X),
        Feature("birth_word", features.same_birth_order, _P, 0.10),
        Feature("sibling_number", features.different_numbers, _X),
        Feature("twins", features.twins, _X),
        Feature("short_form", features.short_form, _E, 0.03),
        Feature("initial", features.initial, _P, 0.05),
        Feature("sex", features.different_sex, _X),
        Feature("old_spelling", features.old_spelling, _E, 0.02),
        Feature("two_names", features.two_names, _X),
        Feature("same_sounds", features.same_sounds, _E, 0.03),
        Feature("javanese_vowel", features.javanese_vowel, _E, 0.03),
        Feature("arabic_spelling", features.arabic_spelling, _E, 0.03),
        Feature("vowels", features.loose_vowels, _E, 0.03),
        Feature("arabic_spelling", features.z_for_j, _E, 0.03),
        Feature("old_spelling", features.j_for_y, _E, 0.03),
        Feature("misread", features.digit_for_letter, _E, 0.02),
        Feature("misread", features.looks_alike, _P, 0.05),
        Feature("slip", features.swapped_letters, _E, 0.05),
        Feature("slip", features.slip_in_a_long_word, _E, 0.06),
        Feature("slip", features.slip_in_a_middling_word, _E, 0.09),
        Feature("slip", features.one_slip, _E, 0.13),
        Feature("two_slips", features.two_slips, _E, 0.14),
        Feature("one_letter", features.one_letter, _P, 0.10),
    ),
    names=(
        Rule("same", _E),
        Rule("folded", _E, 0.01),
        Rule("misread", _E, 0.02),
        Rule("repeated", _E),
        Rule("title", _E),
        Rule("noble_title", _E, 0.02),
        Rule("balinese_prefix", _E, 0.01),
        Rule("parent_left_out", _E, 0.02),
        Rule("alias", _E, 0.05),
        Rule("word_order", _E, 0.03),
        Rule("joined", _E, 0.02),
        Rule("truncated", _E, 0.05),
        Rule("cut_short", _P, 0.05),
        Rule("missing_word", _P),
        Rule("missing_clan", _P),
        Rule("missing_legal_title", _P),
        Rule("unread", _P, 0.10),
        Rule("many_differences", _P),
        Rule("sex", _X),
        Rule("parent", _X),
        Rule("too_common", _X),
        Rule("different_words", _X),
        Rule("empty", _X),
        Rule("too_long", _X),
    ),
    most_cost=0.18,
    enough_bits=6.0,
    well_known_bits=16.0,
)

models: Final[Mapping[str, Model]] = MappingProxyType({_2026_1.name: _2026_1})
DEFAULT: Final = _2026_1
