"""Whether two names might be one person's: what keeps false labels out of the benchmark.

A negative is taken only where this says no. It is much coarser than any matcher may be, on purpose: it folds
every spelling rule of the facts at once, takes every short form, every missing word and every place where
words are joined for possible, and so leaves out pairs of which nobody could say whether they are variants.
Such pairs are in no family and in no class.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

from bench.names.people import BIRTH, VARIANTS, variant_tables

LIMITS = (25, 30, 35, 40, 50)
# A cut that ends at a space leaves a name of one letter less.
CUT_LENGTHS = frozenset(length for limit in LIMITS for length in (limit - 1, limit))
_TITLES = """
H HJ KH K UST USTADZ USTADZAH USTZ PDT RM SR DRS DRA DR IR PROF DRG R RR RA RADEN MAS AJENG RORO KRT I NI BIN
BINTI BR BORU NY TN BPK BAPAK IBU SDR SDRI NN MR MRS MS FNU LNU PURN
"""
TITLES = frozenset(_TITLES.split())

# The short and joined forms of Bali, and what stands in their place.
_BALINESE = {
    "GDE": "GEDE", "GD": "GEDE", "KT": "KETUT", "KTUT": "KETUT", "KOMING": "KOMANG",
    "IB": "IDA BAGUS", "IA": "IDA AYU", "IDABAGUS": "IDA BAGUS", "IDAAYU": "IDA AYU",
} | {
    prefix + word: word for prefix in ("I", "NI") for order in BIRTH for word in sorted(order)
}  # fmt: skip

# What one rule of the facts does to a word. Each may apply or not, so a word has a key for every choice.
_CHOICES = (
    (r"KH|CH", "H"),  # Khasanah, Hasanah; Rachel, Rahel
    (r"NJ", "NY"),
    (r"(?<!D)J", "Y"),  # the old j: Jusuf, Yusuf
    (r"DJ", "DY"),  # Widjanti, Widyanti
    (r"V", "W"),  # Ervin, Erwin
    (r"C(?=[EIY])", "S"),  # Cynthia, Sintia
    (r"G(?=[EI])", "J"),  # Gerry, Jerry
    (r"TH", "S"),  # Tharits, Harith
    (r"(?<=[AEIOU])[KQ](?=[^AEIOUYKQH])", ""),  # the ain: Sakdiah, Sadiah
    (r"(?<=[AI])[KQ]$", ""),  # the hamza: Khairunnisak
    (r"(?<=[^AEIOU])E(?=[^AEIOUH][AEIOUY])", ""),  # Puteri, Putri; Suprasetyo, Suprastiyo
    (r"([AIU])([^AEIOU]H?)\1(?=[^AEIOUH]H?[AEIOU])", r"\1\2"),  # Kusumawati, Kusmawati
    (r"O([^AEIOU]H?)[AO](?=[^AEIOUH]H?[AEIOU])", r"A\1"),  # Romadhon, Ramdhan
    (r"QU(?=[AEIO])", "K"),  # Shaquila, Shakila
    (r"(?<=...)US$", ""),  # Albertus, Albert; Antonius, Antoni
    (r"(?<=...)IUS$", ""),  # Antonius, Anton
    (r"(?<=IA)S$", ""),  # Yosias, Yosia
    (r"(?<=[^AEIOU]{1}[AEIOU][^AEIOU])E$", ""),  # the mute e: Caroline, Carolin
    (r"(?<=[TR]IN)I$", ""),  # Suprihatin, Suprihatini
    (r"D?Z", "D"),  # Hafidz, Hafid; Fazli, Fadhli
    (r"^N(U|OE|OO)R+(U|OE)L", "NUR"),
    (r"SY(?=[^AEIOUH]|$)", "SI"),  # Sylvia: a vowel, not the sy of Syarif
    (r"(?<=[AEIOU])N(?=Y)", "NI"),  # Anya, Ania
)
# What is folded always, in this order.
_ALWAYS = (
    ("TJ", "C"), ("DJ", "J"), ("DZ", "Z"), ("SJ", "S"), ("SY", "S"), ("TS", "S"), ("DL", "D"), ("H", ""),
    ("OE", "U"), ("OU", "U"), ("X", "KS"), ("Q", "K"), ("C", "K"), ("V", "P"), ("F", "P"), ("Z", "S"),
    ("J", "S"),
)  # fmt: skip

Key = tuple[frozenset[str], ...]


@cache
def groups() -> dict[str, frozenset[int]]:
    """The groups of the tables of spellings that a word belongs to, those of the development splits too."""
    found: dict[str, set[int]] = {}
    lines: list[str] = []
    for file in VARIANTS:
        tables: Any = variant_tables(file)
        pairs = [*tables["javanese"]["final_vowel"].split(), *tables["vowels"]["pairs"].split()]
        short = [f"{word} {forms}" for word, forms in tables["short"].items()]
        lines += [*tables["arabic"], *tables["apostrophe"]["groups"], *short]
        lines += [pair.replace("/", " ") for pair in pairs]
    for number, line in enumerate(lines):
        for word in re.sub(r"[_'.-]", "", line).split():
            found.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


@cache
def _keys(word: str) -> dict[tuple[str, ...], list[Key]]:
    """The coarse keys of a word: by its groups of consonants, what may stand in each run of vowels."""
    word = re.sub(r"(?<=[AOI]T)U[LNRSTDZ]$", "U", word)  # Khabibatul, Khabibatus: the article, assimilated
    bases = {re.sub(r"^ABDUL(?=[^AEIOU])", "ABDU", word)}
    for pattern, new in _CHOICES:
        bases |= {re.sub(pattern, new, base) for base in bases}
    found: dict[tuple[str, ...], list[Key]] = {}
    for base in bases:
        consonants, *rest = re.split(r"([AEIOUYW]+)", _folded(base))
        *inner, last = [consonants, *rest[1::2]]
        clusters = (*map(_cluster, inner), _cluster(last, last=True))
        found.setdefault(clusters, []).append(tuple(_runs(run) for run in rest[::2]))
    return found


def _folded(word: str) -> str:
    """A word with all its consonants folded; y and w at its head are consonants too, as 1 and 2."""
    for old, new in _ALWAYS:
        word = word.replace(old, new)
    return re.sub(r"^Y", "1", re.sub(r"^W", "2", word))


def _cluster(letters: str, last: bool = False) -> str:
    """Consonants without doubling; d, b and g are t, p and k where no vowel follows."""
    letters = _undoubled(letters)
    closed = letters if last else letters[:-1]
    return closed.replace("D", "T").replace("B", "P").replace("G", "K") + letters[len(closed) :]


@cache
def _runs(letters: str) -> frozenset[str]:
    """What a run of vowels may be: e is i, o is u or a, ai and au may be one vowel, aya may be ae; but no run
    loses more than two."""
    plain = letters.replace("E", "I").replace("Y", "I").replace("W", "U")
    found: set[str] = set()
    for choice in product(*("UA" if one == "O" else one for one in plain)):
        reached = {_undoubled("".join(choice))}
        for _ in range(2):
            found |= reached
            reached = {_undoubled(re.sub(old, new, run, count=1)) for run in reached for old, new in _SHORTER}
        found |= reached
    return frozenset(found)


_SHORTER = (("AI", "A"), ("AI", "I"), ("AU(?!A)", "A"), ("AU(?!A)", "U"), ("AIA", "AI"))


def _undoubled(letters: str) -> str:
    return re.sub(r"(.)\1+", r"\1", letters)


@cache
def one_spelling(left: str, right: str) -> bool:
    """Whether two words might be spellings of one."""
    if any({left, right} <= order for order in BIRTH):  # Nyoman and Komang are both the third child
        return True
    if left == right or groups().get(left, frozenset()) & groups().get(right, frozenset()):
        return True
    if _turned(left, right):
        return True
    if _firm(left) != _firm(right):
        return False
    ours, theirs = _keys(left), _keys(right)
    return any(
        all(run & other for run, other in zip(one, two, strict=True))
        for clusters in ours.keys() & theirs.keys()
        for one in ours[clusters]
        for two in theirs[clusters]
    )


def _turned(left: str, right: str) -> bool:
    """Whether two neighbouring letters inside a word changed places: a slip that no second name explains."""
    if len(left) != len(right) or len(left) < 5 or sorted(left) != sorted(right):
        return False
    places = [place for place, letter in enumerate(left) if letter != right[place]]
    return len(places) == 2 and places[1] - places[0] == 1 and places[0] > 0 and places[1] < len(left) - 1


@cache
def _firm(word: str) -> str:
    """The letters that no rule changes, as a quick look before the keys are compared."""
    word = re.sub(r"^(ABDU)L(?=[^AEIOU])", r"\1", word).replace("DL", "D")
    word = re.sub(r"^N(U|OE|OO)R+(U|OE)L", "NUR", word)
    word = re.sub(r"(?<=[AOI]T)U[LNRSTDZ]$", "U", word)
    return _undoubled(re.sub(r"[^LMNR]", "", word))


def plain_words(name: str) -> list[str]:
    """The words of a name without titles and what follows a comma."""
    before = name.split(",", maxsplit=1)[0].upper().replace("'", "").replace("-", " ")
    before = re.sub(r"\bI\.([AB])\.", r"I\1", before)
    spelt = (_BALINESE.get(word, word) for word in re.findall(r"[A-Z]+", before))
    listed = " ".join(spelt).split()
    return [word for word in listed if word not in TITLES] or listed


@cache
def one_word(left: str, right: str) -> bool:
    """Whether two words might be one: by spelling, or as a short form."""
    short, long = sorted((left, right), key=len)
    if len(short) <= 4 and short[0] == long[0] and (len(short) < 3 or _inside(short, long)):
        return True
    return one_spelling(left, right)


def _inside(short: str, long: str) -> bool:
    letters = iter(long)
    vowels = sum(letter in "AEIOU" for letter in short)
    return vowels <= 1 and len(long) > len(short) + 2 and all(letter in letters for letter in short)


def may_be_same(left: str, right: str) -> bool:
    """Whether two names might be lawful or partial variants of one."""
    if {left.split(maxsplit=1)[0], right.split(maxsplit=1)[0]} == {"I", "NI"}:  # a man and a woman of Bali
        return False
    one, other = plain_words(left), plain_words(right)
    # Never joined on both sides: an ending would melt into the next word's vowel, -a Yu into -i Yu.
    if any(_all_found(ours, other) for ours in [one, *_joinings(one)]):
        return True
    if any(_all_found(one, theirs) for theirs in _joinings(other)):
        return True
    if len(one) != len(other) and one_spelling("".join(one), "".join(other)):
        return True
    return (len(left) in CUT_LENGTHS and _cut(one, other)) or (len(right) in CUT_LENGTHS and _cut(other, one))


def _joinings(words: Sequence[str]) -> Iterator[list[str]]:
    """The words with any two neighbours joined."""
    for place in range(len(words) - 1):
        yield [*words[:place], words[place] + words[place + 1], *words[place + 2 :]]


def _cut(cut: list[str], whole: list[str]) -> bool:
    """Whether one name might be the other, cut in its last word."""
    for place, word in enumerate(whole):
        for length in range(len(cut[-1]) - 1, len(cut[-1]) + 3):
            if 0 < length < len(word) and _all_found(
                cut, [*whole[:place], word[:length], *whole[place + 1 :]]
            ):
                return True
    return False


def _all_found(one: list[str], other: list[str]) -> bool:
    """Whether every word of the name that has fewer stands in the other, each for a word of its own."""
    few, many = sorted((one, other), key=len)
    if not few:
        return True
    return any(
        one_word(few[0], word) and _all_found(few[1:], [*many[:place], *many[place + 1 :]])
        for place, word in enumerate(many)
    )
