"""Names that a bank card, a ticket or a form cut at a number of characters."""

from padan.names.alignment import Alignment
from padan.names.features import FEMALE, different_sex
from padan.names.reading import Name
from padan.names.sounds import heard
from padan.names.words import Word

# A word that lost more letters than these may be another word.
_MOST_CUT_OFF = 4
# Where bank cards, tickets and forms cut names, in characters.
_LIMITS = frozenset({25, 30, 35, 40, 50})
_SHORTEST_LEFT = 3
_MAKE_A_WOMAN = frozenset({"A", "O", "HA", "HO"})
_ENDINGS_OF_MEN = ("IAN", "EL")
_LONGER_THAN_A_MAN = 8


def take_cut(found: Alignment, a: Name, *, b: Name) -> None:
    """Pair the last word of a name that was cut at a usual length with the word it is the beginning of."""
    if a.length not in _LIMITS and b.length not in _LIMITS:
        return
    for short, few, many in ((a, found.left, found.right), (b, found.right, found.left)):
        if short.length in _LIMITS and few and few[-1] is short.words[-1]:
            last = few[-1]
            whole = next((item for item in many if _begins(item, last)), None)
            if whole is not None and not (last.known and different_sex(last, whole)):
                lost = len(whole.letters) - len(last.letters)
                _pair_cut(found, last, whole, code="truncated" if lost <= _MOST_CUT_OFF else "cut_short")
                return


def _begins(whole: Word, cut: Word) -> bool:
    return len(whole.letters) > len(cut.letters) and (
        whole.letters.startswith(cut.letters) or whole.key.startswith(cut.key)
    )


def _pair_cut(found: Alignment, cut: Word, whole: Word, *, code: str) -> None:
    left, right = (cut, whole) if cut in found.left else (whole, cut)
    found.note(code, left.text, right=right.text)
    found.bits += cut.bits
    found.left.remove(left)
    found.right.remove(right)


def take_cut_off(found: Alignment, a: Name, *, b: Name) -> None:
    """Pair the last word of a name cut at a usual length, by any of its sounds; half of it must be left."""
    if a.length not in _LIMITS and b.length not in _LIMITS:
        return
    for short, few, many in ((a, found.left, found.right), (b, found.right, found.left)):
        if short.length in _LIMITS and few and few[-1] is short.words[-1]:
            cut = few[-1]
            whole = next((item for item in many if _is_start(cut, item)), None)
            if whole is not None:
                lawful = 2 * len(cut.letters) >= len(whole.letters) and not _may_be_a_man(cut, whole)
                _pair_cut(found, cut, whole, code="truncated" if lawful else "cut_short")
                return


def _is_start(cut: Word, whole: Word) -> bool:
    if len(cut.letters) < _SHORTEST_LEFT or cut.start != whole.start:
        return False
    if _begins_with(whole.key, cut.key):
        return True
    if len(cut.letters) >= len(whole.letters) and different_sex(cut, whole):
        return False
    beginnings = cut.heard if cut.letters[-1] in "AEIOU" else _beginnings(cut.letters)
    return any(_begins_with(key, beginning) for key in whole.heard for beginning in beginnings)


def _beginnings(letters: str) -> set[str]:
    """Return the keys of what was cut within a word: its end is none, and perhaps half of an old pair."""
    whole_pairs = (letters, letters + "J") if letters[-1] in "DT" else (letters,)
    return {key[:-1] for text in whole_pairs for key in heard(text + "A")}


def _begins_with(whole: str, cut: str) -> bool:
    return len(whole) > len(cut) > 1 and whole.startswith(cut)


def _may_be_a_man(cut: Word, whole: Word) -> bool:
    """Whether what is left is a man's name, and what was cut off makes it a woman's: KHALID, KHALIDAH."""
    lost = whole.key.removeprefix(cut.key)
    if lost == whole.key or whole.key.endswith("ULA"):
        return False
    if cut.known and lost in FEMALE and not cut.key.endswith("IA"):
        return True
    if lost not in _MAKE_A_WOMAN or (cut.key[-1] in "AEIOUY" and cut.letters[-1] != "H"):
        return False
    if whole.letters[-1] == "H" or cut.key.endswith(_ENDINGS_OF_MEN):
        return True
    return cut.key[-2] == "I" and cut.key[-1] not in "KT" and len(cut.key) < _LONGER_THAN_A_MAN
