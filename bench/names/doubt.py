"""Whether two names might be one person's: what keeps false labels out of the benchmark.

A negative is taken only where this says no. It is much coarser than any matcher may be, on purpose: it folds
every spelling rule of the facts at once, takes every short form and every missing word for possible, and so
leaves out pairs of which nobody could say whether they are variants. Such pairs are in no family and in no
class.
"""

import re
from collections.abc import Iterable
from functools import cache

from bench.names.people import variant_tables

LIMITS = (25, 30, 35, 40, 50)
_TITLES = """
H HJ KH K UST USTADZ USTADZAH USTZ PDT RM SR DRS DRA DR IR PROF DRG R RR RA RADEN MAS AJENG RORO KRT I NI BIN
BINTI BR BORU NY TN BPK BAPAK IBU SDR SDRI NN MR MRS MS FNU LNU PURN
"""
TITLES = frozenset(_TITLES.split())
_SAME = (
    ("TJ", "K"),
    ("DJ", "S"),
    ("DZ", "S"),
    ("SJ", "S"),
    ("SY", "S"),
    ("SH", "S"),
    ("TS", "S"),
    ("NJ", "NY"),
    ("KH", "K"),
    ("CH", "K"),
    ("GH", "G"),
    ("TH", "T"),
    ("DH", "D"),
    ("DL", "D"),
    ("H", ""),
    ("OE", "U"),
    ("OU", "U"),
    ("IE", "I"),
    ("AI", "I"),
    ("AE", "I"),
    ("EI", "I"),
    ("AY", "I"),
    ("Q", "K"),
    ("C", "K"),
    ("X", "KS"),
    ("V", "P"),
    ("F", "P"),
    ("W", "U"),
    ("Z", "S"),
    ("E", "I"),
)


@cache
def _spelling_group() -> dict[str, str]:
    groups: dict[str, str] = {}
    arabic = variant_tables()["arabic"]
    for line in arabic:
        first, *rest = line.split()
        groups |= {word.replace("_", ""): first for word in (first, *rest)}
    return groups


@cache
def folds(word: str) -> frozenset[str]:
    """Every coarse key of a word; two words that share one might be spellings of one name."""
    group = _spelling_group().get(word)
    bases = {word, group} if group else {word}
    bases |= {base.replace("KH", "H") for base in bases}
    bases |= {base.replace("J", "Y") for base in bases}
    bases |= {base.replace("O", "A") for base in bases}
    return frozenset(_fold(base) for base in bases)


def _fold(word: str) -> str:
    for old, new in _SAME:
        word = word.replace(old, new)
    word = word.replace("Y", "I").replace("J", "S").replace("O", "U")
    word = re.sub(r"(.)\1+", r"\1", word)
    return re.sub(r"I(?=[AU])|U(?=A)", "", word)


def plain_words(name: str) -> list[str]:
    """The words of a name without titles and what follows a comma."""
    before = name.split(",", maxsplit=1)[0].upper().replace("'", "").replace("-", " ")
    listed = re.findall(r"[A-Z]+", before)
    return [word for word in listed if word not in TITLES] or listed


def one_word(left: str, right: str) -> bool:
    """Whether two words might be one: by spelling, or as a short form."""
    short, long = sorted((left, right), key=len)
    if len(short) <= 4 and short[0] == long[0] and (len(short) < 3 or _inside(short, long)):
        return True
    return bool(folds(left) & folds(right))


def _inside(short: str, long: str) -> bool:
    letters = iter(long)
    vowels = sum(letter in "AEIOU" for letter in short)
    return vowels <= 1 and len(long) > len(short) + 2 and all(letter in letters for letter in short)


def may_be_same(left: str, right: str) -> bool:
    """Whether two names might be lawful or partial variants of one."""
    if {left.split(maxsplit=1)[0], right.split(maxsplit=1)[0]} == {"I", "NI"}:  # a man and a woman of Bali
        return False
    one, other = plain_words(left), plain_words(right)
    few, many = sorted((one, other), key=len)
    if len(few) != len(many) and (
        _joined(few) & _joined(many) or _joined(sorted(few)) & _joined(sorted(many))
    ):
        return True
    short, long = sorted((left, right), key=len)
    return _all_found(few, many) or (len(short) in LIMITS and long.startswith(short[:-1]))


def _joined(words: list[str]) -> frozenset[str]:
    return folds("".join(words))


def _all_found(few: list[str], many: Iterable[str]) -> bool:
    left = list(many)
    for word in few:
        found = next((other for other in left if one_word(word, other)), None)
        if found is None:
            return False
        left.remove(found)
    return True
