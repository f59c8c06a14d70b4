"""Words written together in one name and apart in the other: NURHAYATI, NUR HAYATI."""

from itertools import pairwise, product

from padan.names.alignment import Alignment, text_of
from padan.names.features import may_belong
from padan.names.models import Feature, Handling
from padan.names.reading import Name
from padan.names.sounds import frame
from padan.names.words import LONGEST_WORD, Word, word

_Variant = tuple[Feature, Word, Word]
# A doubled letter and an article may make one of two spellings longer, not more.
_MOST_JOINED_DIFFERENCE = 3


def take_joined(found: Alignment, a: Name, *, b: Name) -> None:  # noqa: ARG001
    """Pair all that is left over where it differs in spaces alone."""
    if len(found.left) == len(found.right) == 1 or found.left[0].letters[0] != found.right[0].letters[0]:
        return
    one = "".join([item.letters for item in found.left])
    other = "".join([item.letters for item in found.right])
    if abs(len(one) - len(other)) <= _MOST_JOINED_DIFFERENCE:
        first, second = Word(one), Word(other)
        if first.key == second.key or first.arabic == second.arabic:
            _pair_joined(found, found.left, right=found.right)
            found.left, found.right = [], []


def _pair_joined(found: Alignment, left: list[Word], *, right: list[Word]) -> None:
    found.bits += max(sum(item.bits for item in left), sum(item.bits for item in right))
    found.note("joined", text_of(left), right=text_of(right))


def take_partly_joined(found: Alignment, a: Name, *, b: Name) -> None:  # noqa: ARG001
    """Pair two neighbours of one side with a word of the other that they make together."""
    if len(found.left) == len(found.right):
        return
    for many, few in ((found.left, found.right), (found.right, found.left)):
        if len(many) == 1:
            continue
        for first, second in pairwise(tuple(many)):
            match = next((item for item in few if _make_together(first, second, item=item)), None)
            if match is not None:
                sides = ([first, second], [match]) if many is found.left else ([match], [first, second])
                _pair_joined(found, sides[0], right=sides[1])
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


def take_same_letters(found: Alignment, a: Name, *, b: Name) -> None:  # noqa: ARG001
    """Pair all that is left over where the letters are the same, or fewer words have the same fold."""
    if found.left[0].start != found.right[0].start:
        return
    one = "".join([item.letters for item in found.left])
    other = "".join([item.letters for item in found.right])
    if one == other or (len(found.left) != len(found.right) and _fold_alike(one, other)):
        _pair_joined(found, found.left, right=found.right)
        found.left, found.right = [], []


def _fold_alike(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > _MOST_JOINED_DIFFERENCE:
        return False
    return Word(one).key == Word(other).key


def take_written_together(found: Alignment, a: Name, *, b: Name) -> None:
    """Pair a word with two neighbours that it is made of, each as it is or by a lawful variant.

    A Balinese prefix is such a neighbour too: IMADE is I MADE, though the prefix was put aside.
    """
    if len(found.left) == len(found.right) and not (a.prefix or b.prefix):
        return
    for many, few, name in ((found.left, found.right, a), (found.right, found.left, b)):
        neighbours = pairwise((*name.prefix[-1:], *many) if name.prefix else many)
        for parts, item in product(neighbours, few):
            if (variants := _variants(found, item, parts)) is not None:
                few.remove(item)
                many[:] = [other for other in many if other not in parts]
                _pair_parts(found, parts, item, variants=variants, turned=name is b)
                if found.left and found.right:
                    take_written_together(found, a, b=b)
                return


def _pair_parts(
    found: Alignment, parts: tuple[Word, Word], item: Word, *, variants: list[_Variant], turned: bool
) -> None:
    left, right = ([item], list(parts)) if turned else (list(parts), [item])
    _pair_joined(found, left, right=right)
    for feature, part, other in variants:
        one, another = (other, part) if turned else (part, other)
        found.see(feature, one, b=another)


def _may_be_made(item: Word, first: Word, second: Word) -> bool:
    if item.start != first.start or first.short or second.short:
        return False
    letters = first.letters + second.letters
    if abs(len(letters) - len(item.letters)) > _MOST_JOINED_DIFFERENCE:
        return False
    if "J" in letters or "J" in item.letters or letters.startswith("ABD"):
        return True
    return frame(first.key + second.key) == item.frame


def _variants(found: Alignment, item: Word, parts: tuple[Word, Word]) -> list[_Variant] | None:
    """Return the variants by which a word is made of two: an empty list if by none, nothing if it is not."""
    first, second = parts
    if not _may_be_made(item, first, second):
        return None
    joined = word((first.letters + second.letters)[:LONGEST_WORD])
    if joined.key == item.key or joined.arabic == item.arabic:
        return []
    usual = len(first.letters)
    for place in (usual, usual + 1, usual - 1, usual + 2, usual - 2):
        if 0 < place < len(item.letters):
            before = _variant(found, first, word(item.letters[:place]))
            after = None if before is None else _variant(found, second, word(item.letters[place:]))
            if before is not None and after is not None:
                return before + after
    return None


def _variant(found: Alignment, part: Word, other: Word) -> list[_Variant] | None:
    if part.key == other.key:
        return []
    feature = found.model.pair(part.text, other.text) if may_belong(part, other) else None
    lawful = feature is not None and feature.handling is Handling.EQUIVALENT
    return [(feature, part, other)] if feature and lawful else None
