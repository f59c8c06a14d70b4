"""Put the words of two names side by side: which belongs to which, and what is left over on either side.

The work is bounded: a name has at most ``reading.MOST_WORDS`` words, and each pair of words is compared once.
"""

from itertools import pairwise
from operator import itemgetter

from padan.names.features import may_belong
from padan.names.models import NEVER, Feature, Model
from padan.names.reading import Name
from padan.names.reasons import Reason
from padan.names.words import Role, Word


class Alignment:
    """Two names side by side, and what was seen so far.

    ``left`` and ``right`` are the words without a partner, ``bits`` what the others tell together, ``cost``
    of their differences, ``gravity`` that of the gravest of them, ``reasons`` each of them. Where they are
    ``turned``, the left name is the second of those who asked, and reasons tell it so.
    """

    __slots__ = ("bits", "cost", "gravity", "left", "model", "places", "reasons", "right", "turned")

    def __init__(self, model: Model, *, turned: bool = False) -> None:
        self.model, self.turned = model, turned
        self.bits = self.cost = 0.0
        self.gravity = 0
        self.reasons: list[Reason] = []
        self.left: list[Word] = []
        self.right: list[Word] = []
        self.places: list[tuple[int, int]] = []

    def note(self, code: str, left: str = "", *, right: str = "") -> None:
        """Take account of a rule of the model, with the words it is about."""
        gravity, cost = self.model.weights[code]
        self.cost += cost
        self.gravity = max(self.gravity, gravity)
        self.reasons.append(Reason(code, right, left) if right and self.turned else Reason(code, left, right))

    def see(self, feature: Feature, a: Word, *, b: Word) -> None:
        """Take account of a feature that holds for two words."""
        gravity, cost = feature.rank
        self.cost += cost
        self.gravity = max(self.gravity, gravity)
        one, other = (b, a) if self.turned else (a, b)
        self.reasons.append(Reason(feature.code, one.text, other.text))
        if gravity != NEVER:
            self.bits += min(a.bits, b.bits)

    def cover(self) -> float:
        """Return the share of the two names, in bits, that has a partner: 0 to 1."""
        missing = 0.0
        for item in self.left:
            missing += item.bits
        for item in self.right:
            missing += item.bits
        return self.bits / (self.bits + missing) if self.bits else 0.0


def align(a: Name, b: Name, *, model: Model, turned: bool = False) -> Alignment:
    """Put two names side by side."""
    found = Alignment(model, turned=turned)
    _take_equal(found, a.words, right=b.words)
    if found.left or found.right:
        for step in model.steps:
            if not (found.left and found.right):
                break
            step(found, a, b=b)
        if model.leftovers and not (found.left and found.right):
            model.leftovers(found, a, b=b)
        _explain_leftovers(found)
    return found


def _take_equal(found: Alignment, left: list[Word], *, right: list[Word]) -> None:
    """Pair the words of one key: those in the same place first, then wherever they stand."""
    if len(left) == len(right):
        places = range(len(left))
        rest = [place for place in places if not _pair_equal(found, left[place], other=right[place])]
        if len(rest) < 2:
            found.left, found.right = [left[place] for place in rest], [right[place] for place in rest]
            return
        found.places = [(place, place) for place in places if place not in rest]
        free, taken = rest, {place: right[place] for place in rest}
    else:
        free, taken = list(range(len(left))), dict(enumerate(right))
    _pair_anywhere(found, left, free=free, taken=taken)


def _pair_anywhere(found: Alignment, left: list[Word], *, free: list[int], taken: dict[int, Word]) -> None:
    for place in free:
        one = left[place]
        for match, other in taken.items():
            if other.key == one.key:
                _pair_equal(found, one, other=taken.pop(match))
                found.places.append((place, match))
                break
        else:
            found.left.append(one)
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


def take_related(found: Alignment, a: Name, *, b: Name) -> None:  # noqa: ARG001
    """Pair the words between which the model sees something: the lawful first, the cheapest first."""
    pair = found.model.pair
    seen = []
    for row, one in enumerate(found.left):
        for column, other in enumerate(found.right):
            alike = one.start == other.start or may_belong(one, other)
            if alike and (feature := pair(one.text, other.text)):
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
            found.see(feature, one_left, b=other_left)
    found.left, found.right = [item for item in left if item], [item for item in right if item]


def _explain_leftovers(found: Alignment) -> None:
    if found.left and found.right:
        if found.gravity != NEVER:
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
