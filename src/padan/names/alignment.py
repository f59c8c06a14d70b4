"""Put the words of two names side by side: which belongs to which, and what is left over on either side.

The work is bounded: a name has at most ``reading.MOST_WORDS`` words, and each pair of words is compared once.
"""

from itertools import pairwise
from operator import itemgetter

from padan.names.features import may_belong
from padan.names.models import HANDLINGS, Feature, Handling, Model
from padan.names.reading import Name
from padan.names.reasons import Reason
from padan.names.words import Role, Word


class Alignment:
    """Two names side by side, and what was seen so far.

    ``left`` and ``right`` are the words without a partner, ``bits`` what the others tell together, ``cost``
    of their differences, ``gravity`` that of the gravest of them, ``reasons`` each of them.
    """

    __slots__ = ("bits", "cost", "gravity", "left", "model", "places", "reasons", "right")

    def __init__(self, model: Model) -> None:
        self.model = model
        self.bits = self.cost = 0.0
        self.gravity = 0
        self.reasons: list[Reason] = []
        self.left: list[Word] = []
        self.right: list[Word] = []
        self.places: list[tuple[int, int]] = []

    def note(self, code: str, left: str = "", *, right: str = "") -> None:
        """Take account of a rule of the model, with the words it is about."""
        rule = self.model.rules[code]
        self.cost += rule.cost
        self.gravity = max(self.gravity, rule.gravity)
        self.reasons.append(Reason(code, left, right))

    def see(self, feature: Feature, a: Word, b: Word) -> None:
        """Take account of a feature that holds for two words."""
        self.cost += feature.cost
        self.gravity = max(self.gravity, feature.gravity)
        self.reasons.append(Reason(feature.code, a.text, b.text))
        if feature.handling is not Handling.NEVER:
            self.bits += min(a.bits, b.bits)

    @property
    def handling(self) -> Handling:
        """What follows from the gravest difference."""
        return HANDLINGS[self.gravity]

    def cover(self) -> float:
        """Return the share of the two names, in bits, that has a partner: 0 to 1."""
        missing = 0.0
        for item in self.left:
            missing += item.bits
        for item in self.right:
            missing += item.bits
        return self.bits / (self.bits + missing) if self.bits else 0.0


def align(a: Name, b: Name, *, model: Model) -> Alignment:
    """Put two names side by side."""
    found = Alignment(model)
    _take_equal(found, a.words, right=b.words)
    if found.left or found.right:
        for step in model.steps:
            step(found, a, b)
        _explain_leftovers(found)
    return found


def _take_equal(found: Alignment, left: list[Word], *, right: list[Word]) -> None:
    """Pair the words of one key: those in the same place first, then wherever they stand."""
    free, taken = list(range(len(left))), dict(enumerate(right))
    if len(left) == len(right):
        rest = [place for place in free if not _pair_equal(found, left[place], other=right[place])]
        if len(rest) < 2:
            found.left, found.right = [left[place] for place in rest], [right[place] for place in rest]
            return
        found.places = [(place, place) for place in free if place not in rest]
        free, taken = rest, {place: right[place] for place in rest}
    for place in free:
        match = next((at for at, other in taken.items() if other.key == left[place].key), None)
        if match is None:
            found.left.append(left[place])
        else:
            _pair_equal(found, left[place], other=taken.pop(match))
            found.places.append((place, match))
    found.right = list(taken.values())
    if len(found.places) > 1:
        found.places.sort()
        if any(one[1] > other[1] for one, other in pairwise(found.places)):
            found.note("word_order")


def _pair_equal(found: Alignment, one: Word, *, other: Word) -> bool:
    if one is not other:
        if one.key != other.key:
            return False
        if one.letters != other.letters:
            found.note("folded", one.text, right=other.text)
        elif one.has_digits is not other.has_digits:
            found.note("misread", one.text, right=other.text)
    found.bits += one.bits
    return True


def take_related(found: Alignment, a: Name, b: Name) -> None:  # noqa: ARG001
    """Pair the words between which the model sees something: the lawful first, the cheapest first."""
    if not (found.left and found.right):
        return
    pair = found.model.pair
    seen = []
    for row, one in enumerate(found.left):
        for column, other in enumerate(found.right):
            if may_belong(one, other) and (feature := pair(one.text, other.text)):
                # The last two break ties in a way that does not depend on which name came first.
                order = (*feature.rank, abs(row - column), row + column, *sorted((one.text, other.text)))
                seen.append((order, row, column, feature))
    if not seen:
        return
    if len(seen) > 1:
        seen.sort(key=itemgetter(0))
    left: list[Word | None] = list(found.left)
    right: list[Word | None] = list(found.right)
    for _, row, column, feature in seen:
        one_left, other_left = left[row], right[column]
        if one_left and other_left:
            left[row] = right[column] = None
            found.see(feature, one_left, other_left)
    found.left, found.right = [item for item in left if item], [item for item in right if item]


def _explain_leftovers(found: Alignment) -> None:
    if found.left and found.right:
        if found.handling is not Handling.NEVER:
            found.note("different_words", text_of(found.left), right=text_of(found.right))
        return
    for item in found.left or found.right:
        found.note(_missing(item), item.text)


def _missing(item: Word) -> str:
    if item.role & Role.CLAN.value:
        return "missing_clan"
    return "missing_legal_title" if item.role & Role.LEGAL.value else "missing_word"


def text_of(words: list[Word]) -> str:
    """Return words as they were read."""
    return words[0].text if len(words) == 1 else " ".join([item.text for item in words])
