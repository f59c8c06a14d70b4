"""One word of a name, with everything that a comparison asks about it."""

from collections.abc import Callable, Mapping
from enum import IntFlag
from functools import lru_cache
from typing import Any, Final

from padan.names import clusters, sounds, spelling, tables

# Words are few beside names, and each is worked out once. About 1 KB a word: 64 MB at most.
WORDS_KEPT = 65_536
# Longer than any word of a register; what is longer still is cut before it is compared: work is bounded.
LONGEST_WORD = 40


class Role(IntFlag):
    """What a word may be besides a name; a word may be several, and the place in the name decides."""

    PLAIN = 0
    LEADING = 1
    DEGREE = 2
    NOBLE = 4
    LEGAL = 8
    CHILD_OF = 16
    ALIAS = 32
    CLAN_MARK = 64
    PREFIX = 128
    CLAN = 256
    UNREAD = 512
    EXPANDED = 1024


# What has to be looked at before the words of a name are compared.
TO_CLEAR = sum(role.value for role in Role if role not in Role.LEGAL | Role.CLAN)


class Word:
    """A word of capital letters, perhaps with digits or a final dot.

    ``text`` is as it was read, ``letters`` without dot and with digits read as letters, ``key`` its fold;
    ``name`` the common name it is a spelling of, or the key; ``known`` whether that name is a common one;
    ``bits`` how much it tells (log2 of one divided by its share); ``short`` the names it may be short for.
    ``start`` is the kind of its first sound; ``brief`` and ``listed`` words may belong to words with another.
    """

    __slots__ = (
        "arabic",
        "birth",
        "bits",
        "brief",
        "clan",
        "consonants",
        "expanded",
        "frame",
        "has_digits",
        "heard",
        "heard_with_z",
        "javanese",
        "key",
        "known",
        "letters",
        "listed",
        "name",
        "number",
        "old_y",
        "possible",
        "role",
        "schwa",
        "seen",
        "short",
        "sound",
        "start",
        "text",
        "vowels",
    )  # fmt: skip

    text: str
    letters: str
    key: str
    arabic: str
    consonants: str
    frame: str
    heard: frozenset[str]
    heard_with_z: frozenset[str]
    javanese: str | None
    old_y: str | None
    possible: bool
    schwa: str
    seen: str
    sound: str
    vowels: str

    def __init__(self, text: str) -> None:
        self.text = text
        plain = text.rstrip(".")
        self.has_digits = not plain.isalpha()
        self.letters = (plain.translate(READ_AS) if self.has_digits else plain)[:LONGEST_WORD]
        self.key = key = spelling.fold(self.letters)
        self.name, self.bits, self.known = tables.find(key)
        self.short = tables.SHORT.get(self.letters, frozenset())
        self.clan = tables.CLANS.get(key)
        self.number, self.birth = tables.NUMBERS.get(key), tables.BIRTH_ORDER.get(key)
        self.expanded = tables.EXPANDED.get(self.letters)
        self.role = _role(plain, key)
        self.start = key[0].translate(_STARTS)
        self.brief = len(key) == 1 or bool(self.short)
        self.listed = (
            bool(self.clan or self.number or self.birth) or self.name in tables.LISTED or key[0] in "JY"
        )

    def __getattr__(self, name: str) -> Any:
        """Work a sound out when it is first asked for: most words are equal or far apart, and need none."""
        if name not in _SOUNDS:
            raise AttributeError(name)
        value = _SOUNDS[name](self)
        setattr(self, name, value)
        return value

    def __repr__(self) -> str:
        return "<Word>"


def _arabic(item: Word) -> str:
    key = spelling.fold(spelling.throat_as_h(item.letters))
    key = spelling.without_article(spelling.without_stop(key))
    return spelling.vowels_alike(spelling.arabic_vowels(spelling.consonants_alike(key)))


def _javanese(item: Word) -> str | None:
    key = spelling.javanese_vowels(item.key)
    return key and spelling.consonants_alike(key)


def _old_y(item: Word) -> str | None:
    if item.letters in tables.OLD_J:
        return spelling.fold(item.letters.replace("J", "Y"))
    return spelling.old_j_as_y(item.letters)


_SOUNDS: Final[Mapping[str, Callable[[Word], object]]] = {
    "arabic": _arabic,
    "consonants": lambda item: spelling.consonants_alike(item.key),
    "frame": lambda item: sounds.frame(item.key),
    "heard": lambda item: sounds.heard(item.letters),
    "heard_with_z": lambda item: sounds.heard_with_z(item.letters),
    "javanese": _javanese,
    "old_y": _old_y,
    "possible": lambda item: clusters.is_possible(item.key),
    "schwa": lambda item: sounds.without_schwa(item.key),
    "seen": lambda item: spelling.as_seen(item.text.rstrip(".")[:LONGEST_WORD]),
    "sound": lambda item: sounds.consonants(item.key),
    "vowels": lambda item: spelling.vowels_alike(item.consonants),
}
_STARTS = str.maketrans("FVZJDTCKQXGHEYLOW", "PPSSSSSSSSSSIIIUU")
DIGITS = str.maketrans("015826", "OISBZG")
# The dot of what looks like a degree, where it is the whole name.
READ_AS = DIGITS | {ord("."): None}


def _role(plain: str, key: str) -> int:
    if "." in plain and tables.looks_like_a_degree(plain):
        return Role.DEGREE.value
    if not (plain.isascii() and plain.isalnum()) or (plain.isdigit() and plain != "1"):
        return Role.UNREAD.value
    role = _ROLES.get(plain, 0) or (0 if plain.isalpha() else _ROLES.get(plain.translate(DIGITS), 0))
    if key in tables.CLANS:
        role |= Role.CLAN.value
    return role | Role.LEGAL.value if key in tables.LEGAL else role


def _roles() -> dict[str, int]:
    roles: dict[str, int] = {}
    for words, role in (
        (tables.LEADING, Role.LEADING),
        (tables.DEGREES, Role.DEGREE),
        (tables.NOBLE, Role.NOBLE),
        (tables.CHILD_OF, Role.CHILD_OF),
        (tables.ALIAS, Role.ALIAS),
        (tables.CLAN_MARKS, Role.CLAN_MARK),
        (tables.BALINESE_PREFIXES, Role.PREFIX),
        (tables.EXPANDED, Role.EXPANDED),
    ):
        for item in words:
            roles[item] = roles.get(item, 0) | role.value
    return roles


_ROLES = _roles()


@lru_cache(WORDS_KEPT)
def word(text: str) -> Word:
    """Return the word that a text of letters is; words are kept, so that a common one costs a look-up."""
    return Word(text)
