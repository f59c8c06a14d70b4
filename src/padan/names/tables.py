"""The tables of ``data/``, read once: titles, short forms, common words, clans, what stays apart.

The files say what their lines mean. Everything here is keyed by the fold of a word, so that a table need not
list spellings which are folded anyway.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import combinations
from math import log2
from types import MappingProxyType
from typing import Any, Final

from padan.names.spelling import consonants_alike, fold

_DATA = files("padan.names") / "data"

BITS_OF_A_RARE_WORD: Final = log2(50_000)
BITS_OF_AN_INITIAL: Final = 3.0
_BITS_OF_A_BUILT_WORD: Final = log2(5_000)


def read_toml(name: str) -> dict[str, Any]:
    """Return a file of ``data`` as it is."""
    return tomllib.loads((_DATA / name).read_text("utf-8"))


def _rows(name: str) -> Iterator[tuple[str, list[list[str]]]]:
    """Each row: its first column, then its groups of spellings."""
    for line in (_DATA / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            head, _, words = line.partition("\t")
            yield head, [group.split("/") for group in words.split()]


_TITLES: Final = {name: frozenset(words.split()) for name, words in read_toml("titles.toml").items()}
_APART: Final = read_toml("apart.toml")
_FORMS: Final = read_toml("forms.toml")

LEADING: Final = _TITLES["leading"] | _TITLES["ranks"]
DEGREES: Final = _TITLES["degrees"]
NOBLE: Final = _TITLES["noble"]
NOBLE_SECOND: Final = _TITLES["noble_second"]
LEGAL: Final = frozenset(map(fold, _TITLES["legal"]))
CHILD_OF: Final = _TITLES["child_of"]
ALIAS: Final = _TITLES["alias"]
CLAN_MARKS: Final = _TITLES["clan_marks"]
BALINESE_PREFIXES: Final = _TITLES["balinese_prefixes"]
OLD_J: Final = frozenset(_FORMS["old_j"]["words"].split())
looks_like_a_degree = re.compile(r"(?:S|SP|M|A|D|PH)\.[A-Z]{2,5}(?:\.[A-Z]+)*").fullmatch
MALE_ENDINGS: Final = tuple(ending.strip("-") for ending in _APART["sex"]["male"].split())
FEMALE_ENDINGS: Final = tuple(sorted(_APART["sex"]["female"].split(), key=len, reverse=True))


def _common() -> tuple[dict[str, str], dict[str, float]]:
    """For each known word its name (the first spelling), and for each name how much it tells, in bits."""
    names: dict[str, str] = {}
    bits: dict[str, float] = {}
    for share, groups in _rows("common.tsv"):
        for group in groups:
            name = names.setdefault(fold(group[0]), fold(group[0]))
            bits.setdefault(name, log2(1000 / float(share)))
            for spelling in group[1:]:
                names.setdefault(fold(spelling), name)
    return names, bits


def _built() -> frozenset[str]:
    """Every word of a beginning and an ending, each of two letters at least."""
    return frozenset(
        beginning + ending
        for part in read_toml("built.toml")["built"]
        for beginning in map(fold, part["beginnings"].split())
        for ending in map(fold, part["endings"].split())
        if len(beginning) > 1 and len(ending) > 1
    )


def _expanded() -> dict[str, tuple[str, ...]]:
    """Words that stand for several: short forms of double names, Balinese prefixes joined on."""
    joined = {one: tuple(words.split()) for one, words in _FORMS["joined"].items()}
    short = {form: joined[name] for form, name in _FORMS["short"].items() if name in joined}
    order = [word for words in _APART["birth"].values() for word in words.split()]
    prefixed = {
        prefix + word: (prefix, word) for prefix in BALINESE_PREFIXES for word in [*order, "LUH", "GUSTI"]
    }
    return joined | short | prefixed


def _clans() -> dict[str, str]:
    return {
        fold(spelling): fold(group[0])
        for _, groups in _rows("clans.tsv")
        for group in groups
        for spelling in group
    }


def find(key: str) -> tuple[str, float, bool]:
    """Return the name that a fold is a spelling of, how much it tells in bits, and whether it is common.

    The name of a word that is not common is the fold itself.
    """
    name = NAMES.get(key)
    if name is not None:
        return name, BITS[name], True
    if key in _BUILT:
        sounds = consonants_alike(key)
        name = _BY_SOUND.get(sounds, sounds)
        return name, BITS.get(name, _BITS_OF_A_BUILT_WORD), True
    return key, BITS_OF_A_RARE_WORD if len(key) > 1 else BITS_OF_AN_INITIAL, False


def name_of(key: str) -> str:
    """Return the name that a fold is a spelling of, or the fold itself where it is not known."""
    return find(key)[0]


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    """Both directions of every pair in ``A/B C/D/E``, as names."""
    found = set()
    for group in text.split():
        for left, right in combinations((name_of(fold(word)) for word in group.split("/")), 2):
            found |= {(left, right), (right, left)}
    return frozenset(found)


_COMMON = _common()
NAMES: Final[Mapping[str, str]] = MappingProxyType(_COMMON[0])
BITS: Final[Mapping[str, float]] = MappingProxyType(_COMMON[1])
SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        name: tuple(key for key, other in NAMES.items() if other == name)
        for name in {name for key, name in NAMES.items() if key != name}
    }
)
_BUILT: Final = _built()
_BY_SOUND: Final[Mapping[str, str]] = MappingProxyType(
    {consonants_alike(key): name for key, name in NAMES.items()}
)
CLANS: Final[Mapping[str, str]] = MappingProxyType(_clans())
SHORT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        form: frozenset(name_of(fold(word)) for word in words.split())
        for form, words in _FORMS["short"].items()
    }
)
SEX_PAIRS: Final = _pairs(_APART["sex"]["pairs"])
TWINS: Final = _pairs(_APART["twins"]["pairs"])
LISTED: Final = frozenset(name for pair in SEX_PAIRS | TWINS for name in pair)
NUMBERS: Final[Mapping[str, str]] = MappingProxyType(
    {fold(word): group for group in _APART["order"]["numbers"].split() for word in group.split("/")}
)
BIRTH_ORDER: Final[Mapping[str, str]] = MappingProxyType(
    {fold(word): place for place, words in _APART["birth"].items() for word in words.split()}
)
EXPANDED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(_expanded())
