"""How fingers slip on a keyboard: what went wrong between two words, and whether one of them shows it.

A slip in a rare name may be another rare name: MARGANA, MARTANA. But most slips leave a row of letters that
no name has (``clusters``), and then the other word is the name that was meant.
"""

from functools import lru_cache

from rapidfuzz.distance import OSA

from padan.names.features import (
    NEIGHBOURS,
    SHORTEST_WITH_TWO_SLIPS,
    common_start,
    slip_between,
)
from padan.names.words import Word

# Several features ask the same of two words, one after the other.
_KEPT = 64
_MEANT = frozenset({"swapped", "left out", "neighbour"})


def may_be_a_slip(a: Word, b: Word) -> bool:
    """Whether two words are at most two letters apart, as they are written or folded."""
    return (
        OSA.distance(a.key, b.key, score_cutoff=2) <= 2
        or OSA.distance(a.letters, b.letters, score_cutoff=2) <= 2
    )


def shown_swap(a: Word, b: Word) -> bool:
    """Two neighbouring letters changed places, and one of the words can be no name: SUTIRSNO, SUTRISNO."""
    return a.possible != b.possible and "swapped" in _kinds(a, b)


def shown_slip(a: Word, b: Word) -> bool:
    """A letter is left out, hit too, or hit beside its key, and one of the words can be no name: KGHANSA."""
    if a.possible == b.possible:
        return False
    wrong, meant = (b, a) if a.possible else (a, b)
    return _one_went_wrong(wrong.letters, meant.letters) or _one_went_wrong(wrong.key, meant.key)


def shown_slips(a: Word, b: Word) -> bool:
    """Two letters of a long word went wrong, and one of the words can be no name: ARMOLUDS, ARNOLDUS."""
    return a.possible != b.possible and _two_apart(a, b)


def _two_apart(a: Word, b: Word) -> bool:
    return (
        min(len(a.key), len(b.key)) >= SHORTEST_WITH_TWO_SLIPS
        and a.key[:2] == b.key[:2]
        and a.key[-1] == b.key[-1]
        and OSA.distance(a.letters, b.letters, score_cutoff=2) <= 2
    )


def swapped(a: Word, b: Word) -> bool:
    """Two neighbouring letters changed places: SUWIRTA, SUWITRA. Names are seldom so near."""
    return "swapped" in _kinds(a, b)


def in_a_long_word(a: Word, b: Word) -> bool:
    """A letter of nine or more is left out, added, or hit beside its key."""
    return _one_slip(a, b, at_least=9)


def in_a_common_name(a: Word, b: Word) -> bool:
    """A letter of seven or more is left out, added, or hit beside its key; one word is a common name."""
    return a.known != b.known and _one_slip(a, b, at_least=7)


def in_a_middling_word(a: Word, b: Word) -> bool:
    """A letter of seven or more is left out, added, or hit beside its key."""
    return _one_slip(a, b, at_least=7)


def in_a_short_word(a: Word, b: Word) -> bool:
    """A letter of five or more is left out, added, or hit beside its key."""
    return _one_slip(a, b, at_least=5)


def _one_slip(a: Word, b: Word, *, at_least: int) -> bool:
    return min(len(a.key), len(b.key)) >= at_least and not _MEANT.isdisjoint(_kinds(a, b))


def slip_and_variant(a: Word, b: Word) -> bool:
    """A letter of seven or more went wrong, and vowels are written otherwise: MASHUDI, MASHOYDI."""
    return min(len(a.key), len(b.key)) >= 7 and slip_between(a.vowels, b.vowels) in _MEANT


@lru_cache(_KEPT)
def _kinds(a: Word, b: Word) -> tuple[str, str]:
    # By its letters as well: what was doubled is folded, and a slip inside it would count twice (MUHAMNMAD).
    return slip_between(a.letters, b.letters), slip_between(a.key, b.key)


def _one_went_wrong(wrong: str, meant: str) -> bool:
    if slip_between(wrong, meant) not in _MEANT:
        return False
    return len(wrong) <= len(meant) or _was_hit_too(wrong, common_start(wrong, meant))


def _was_hit_too(word: str, place: int) -> bool:
    """Whether the letter at a place lies beside the key of a letter next to it, or is that letter."""
    added = word[place]
    return any(
        beside == added or (beside, added) in NEIGHBOURS
        for beside in (word[place - 1 : place], word[place + 1 : place + 2])
    )
