"""Put the words of two names side by side: which belongs to which, and what is left over on either side.

The work is bounded: a name has at most ``reading.MOST_WORDS`` words, and each pair of words is compared once.
"""

from itertools import pairwise
from operator import itemgetter

from padan.names.features import different_sex, may_belong
from padan.names.models import Feature, Handling, Model
from padan.names.reading import Name
from padan.names.reasons import Reason
from padan.names.words import LONGEST_WORD, Role, Word, word

# A doubled letter and an article may make one of two spellings longer, not more.
_MOST_JOINED_DIFFERENCE = 3
# A word that lost more letters than these may be another word.
_MOST_CUT_OFF = 4
# Where bank cards, tickets and forms cut names, in characters.
_LIMITS = frozenset({25, 30, 35, 40, 50})


class Alignment:
    """Two names side by side, and what was seen so far.

    ``left`` and ``right`` are the words without a partner, ``bits`` what the others tell together, ``cost``
    of their differences, ``handling`` the gravest of them, ``reasons`` each of them.
    """

    __slots__ = ("bits", "cost", "handling", "left", "model", "places", "reasons", "right")

    def __init__(self, model: Model) -> None:
        self.model = model
        self.bits = self.cost = 0.0
        self.handling = Handling.EQUIVALENT
        self.reasons: list[Reason] = []
        self.left: list[Word] = []
        self.right: list[Word] = []
        self.places: list[tuple[int, int]] = []

    def note(self, code: str, left: str = "", *, right: str = "") -> None:
        """Take account of a rule of the model, with the words it is about."""
        rule = self.model.rules[code]
        self.cost += rule.cost
        self._weigh(rule.handling)
        self.reasons.append(Reason(code, left, right))

    def see(self, feature: Feature, a: Word, *, b: Word) -> None:
        """Take account of a feature that holds for two words."""
        self.cost += feature.cost
        self._weigh(feature.handling)
        self.reasons.append(Reason(feature.code, a.text, b.text))
        if feature.handling is not Handling.NEVER:
            self.bits += min(a.bits, b.bits)

    def _weigh(self, handling: Handling) -> None:
        if handling is Handling.NEVER or self.handling is Handling.EQUIVALENT:
            self.handling = handling

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
    if found.left and found.right and (a.length in _LIMITS or b.length in _LIMITS):
        _take_cut(found, a, b=b)
    if found.left and found.right:
        _take_joined(found)
    if found.left and found.right and len(found.left) != len(found.right):
        _take_partly_joined(found)
    if found.left and found.right:
        _take_related(found)
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


def _take_joined(found: Alignment) -> None:
    """Pair all that is left over where it differs in spaces alone."""
    if len(found.left) == len(found.right) == 1 or found.left[0].letters[0] != found.right[0].letters[0]:
        return
    one = "".join([item.letters for item in found.left])
    other = "".join([item.letters for item in found.right])
    if abs(len(one) - len(other)) <= _MOST_JOINED_DIFFERENCE:
        a, b = Word(one), Word(other)
        if a.key == b.key or a.arabic == b.arabic:
            _pair_joined(found, found.left, right=found.right)
            found.left, found.right = [], []


def _pair_joined(found: Alignment, left: list[Word], *, right: list[Word]) -> None:
    found.bits += max(sum(item.bits for item in left), sum(item.bits for item in right))
    found.note("joined", _text(left), right=_text(right))


def _take_related(found: Alignment) -> None:
    """Pair the words between which the model sees something: the lawful first, the cheapest first."""
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
            found.see(feature, one_left, b=other_left)
    found.left, found.right = [item for item in left if item], [item for item in right if item]


def _take_partly_joined(found: Alignment) -> None:
    """Pair two neighbours of one side with a word of the other that they make together."""
    for many, few in ((found.left, found.right), (found.right, found.left)):
        if len(many) == 1:
            continue
        for first, second in pairwise(tuple(many)):
            match = next((item for item in few if _make_together(first, second, item=item)), None)
            if match is not None:
                _pair_joined(found, [first, second], right=[match])
                few.remove(match)
                many.remove(first)
                many.remove(second)
                break


def _make_together(first: Word, second: Word, *, item: Word) -> bool:
    if first.letters[0] != item.letters[0]:
        return False
    if abs(len(first.letters) + len(second.letters) - len(item.letters)) > _MOST_JOINED_DIFFERENCE:
        return False
    joined = word((first.letters + second.letters)[:LONGEST_WORD])
    return joined.key == item.key or joined.arabic == item.arabic


def _explain_leftovers(found: Alignment) -> None:
    if found.left and found.right:
        if found.handling is not Handling.NEVER:
            found.note("different_words", _text(found.left), right=_text(found.right))
        return
    for item in found.left or found.right:
        found.note(_missing(item), item.text)


def _missing(item: Word) -> str:
    if item.role & Role.CLAN.value:
        return "missing_clan"
    return "missing_legal_title" if item.role & Role.LEGAL.value else "missing_word"


def _take_cut(found: Alignment, a: Name, *, b: Name) -> None:
    """Pair the last word of a name that was cut at a usual length with the word it is the beginning of."""
    for short, few, many in ((a, found.left, found.right), (b, found.right, found.left)):
        if short.length in _LIMITS and few and few[-1] is short.words[-1]:
            last = few[-1]
            whole = next((item for item in many if _begins(item, last)), None)
            if whole is not None and not (last.known and different_sex(last, whole)):
                lost = len(whole.letters) - len(last.letters)
                found.note("truncated" if lost <= _MOST_CUT_OFF else "cut_short", last.text, right=whole.text)
                found.bits += last.bits
                few.remove(last)
                many.remove(whole)
                return


def _begins(whole: Word, cut: Word) -> bool:
    return len(whole.letters) > len(cut.letters) and (
        whole.letters.startswith(cut.letters) or whole.key.startswith(cut.key)
    )


def _text(words: list[Word]) -> str:
    return words[0].text if len(words) == 1 else " ".join([item.text for item in words])
