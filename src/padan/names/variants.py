"""What two spellings of one name may have to do with each other, as models since 2026.2 see it.

Like ``features``: pure functions of two words, symmetric, each with its rule in one sentence.
"""

from typing import Final

from padan.names import features, tables
from padan.names.words import Word

_VOWELS: Final = frozenset("AEIOU")
_SHORTEST_HEARD = 4
_SHORTEST_WITHOUT_SCHWA = 4
# A man's and a woman's form of names from Spanish and Portuguese; O and A are no Javanese vowel there.
_IBERIAN: Final = ("IN", "AND", "ARD", "ALD", "ELI", "BERT", "NAT", "ONS", "OLF")


def initial(a: Word, b: Word) -> bool:
    """One is a letter, written as one, with which the other begins: W. and WAHYU, but not WHHH."""
    return features.initial(a, b) and min(len(a.letters), len(b.letters)) == 1


def worth_comparing(a: Word, b: Word) -> bool:
    """Whether any feature could hold between two words that may belong together."""
    return features.worth_comparing(a, b) or _has_no_vowel(a) or _has_no_vowel(b)


def _has_no_vowel(item: Word) -> bool:
    return _VOWELS.isdisjoint(item.key)


def has_j(a: Word, b: Word) -> bool:
    """Whether a J stands in one of the words."""
    return "J" in a.letters or "J" in b.letters


def may_sound_alike(a: Word, b: Word) -> bool:
    """Whether the consonants that no rule changes are the same; J and the article after Abd may be any."""
    if a.frame == b.frame or has_j(a, b):
        return True
    return a.key.startswith("ABDU") and b.key.startswith("ABDU")


def may_be_heard_alike(a: Word, b: Word) -> bool:
    """Whether two words have a key in common under which they may be heard."""
    return may_sound_alike(a, b) and not a.heard.isdisjoint(b.heard)


def iberian_sex(a: Word, b: Word) -> bool:
    """One is a man's and the other a woman's form of a name from Spain or Portugal: FERNANDO, FERNANDA."""
    left, right = a.key, b.key
    return (
        left[:-1] == right[:-1]
        and {left[-1], right[-1]} == {"O", "A"}
        and len(left) > 5
        and left[:-1].endswith(_IBERIAN)
    )


def same_sound(a: Word, b: Word) -> bool:
    """They differ in letters for one consonant or glide alone: NOVI, NOPI; WARSY, WARSI."""
    return a.sound == b.sound


def two_names(a: Word, b: Word) -> bool:
    """Both are common names, and not the same one; of names built of parts, those that sound apart."""
    if not (a.known and b.known and a.name != b.name):
        return False
    return (a.key in tables.NAMES and b.key in tables.NAMES) or not heard_alike(a, b)


def schwa_left_out(a: Word, b: Word) -> bool:
    """An e that is hardly said after the first letter is left out: KETUT, KTUT."""
    return a.schwa == b.schwa and len(a.key) != len(b.key) and len(a.schwa) >= _SHORTEST_WITHOUT_SCHWA


def heard_alike(a: Word, b: Word) -> bool:
    """Several rules together, or old spelling within a word, make one of the other: JUSNJATI, JUSNIATI."""
    return min(len(a.key), len(b.key)) >= _SHORTEST_HEARD and may_be_heard_alike(a, b)


def abbreviation(a: Word, b: Word) -> bool:
    """One is of three consonants or more that a common name has in that order: MCH, MOCHAMAD."""
    short, name = (a, b) if len(a.letters) <= len(b.letters) else (b, a)
    if len(short.letters) < 3 or len(short.key) < 2 or not name.known or not _has_no_vowel(short):
        return False
    return any(_in_order(short.key, spelling) for spelling in tables.SPELLINGS.get(name.name, (name.key,)))


def _in_order(short: str, name: str) -> bool:
    rest = iter(name)
    return len(name) > len(short) + 1 and name[0] == short[0] and all(letter in rest for letter in short)


def z_for_j(a: Word, b: Word) -> bool:
    """One has z or dz where the other has j: ZAENAB, JAENAB; AZIZAH, AZIJAH."""
    if not (("J" in a.letters or "J" in b.letters) and ("Z" in a.key or "Z" in b.key)):
        return False
    return not a.heard_with_z.isdisjoint(b.heard_with_z)
