"""Read a name: its words, and what stands beside them."""

import re
import unicodedata
from collections.abc import Sequence

from padan.names import tables
from padan.names.words import DIGITS, TO_CLEAR, Role, Word, word

# A register's names have 60 letters. What is longer than this, or has more words with titles, is not read,
# and so is no match: the work is bounded.
LONGEST_NAME = 200
MOST_WORDS = 20

_BESIDE_A_NAME = (Role.DEGREE | Role.LEADING).value
_APOSTROPHES = re.compile(r"['`´‘’ʼʻ′\"]")
_SPACES = re.compile(r"[\s\-‐-―_/()\[\];:*&+|]+")
_DOUBLE_NAMES = {"I.B.": ("IDA", "BAGUS"), "I.A.": ("IDA", "AYU"), "A.A.": ("ANAK", "AGUNG")}
# (Purn.), (K), (Alm): what stands in brackets beside a name and is no part of it.
_BRACKETED = re.compile(r"\([A-Z]{1,5}\.?\)")
_ALL_INITIALS = re.compile(r"(?:[A-Z]\.)+[A-Z]?\.?").fullmatch


class Name:
    """A name as it was read; ``repr`` leaves it out.

    ``words`` are what is compared. ``titles``, ``noble``, ``prefix`` are the words left out before them,
    ``parent`` the words after bin or binti, ``other`` the name after alias, ``unread`` what has no Latin
    letters. ``repeated`` says that a single word was written twice, ``problem`` why nothing could be read,
    ``length`` is that of the text.
    """

    # Most names have none of these: they are set where there is one.
    titles: Sequence[Word] = ()
    noble: Sequence[Word] = ()
    prefix: Sequence[Word] = ()
    parent: Sequence[Word] = ()
    unread: Sequence[Word] = ()
    other: "Name | None" = None
    repeated = False
    has_more = False

    def __init__(self, words: list[Word], length: int, *, problem: str = "") -> None:
        self.words, self.length, self.problem = words, length, problem

    def __repr__(self) -> str:
        return f"<Name of {len(self.words)} words>"


def read(text: str) -> Name:
    """Read a name. It never fails: what cannot be read has no words and a ``problem``."""
    is_ascii = text.isascii()
    plain = text.upper() if is_ascii else _latin(text[: LONGEST_NAME + 1])
    if len(plain) > LONGEST_NAME:
        return Name([], len(text), problem="too_long")
    tokens = plain.split() if is_ascii and plain.replace(" ", "").isalpha() else _tokens(plain)
    if len(tokens) > MOST_WORDS:
        return Name([], len(text), problem="too_long")
    words = list(map(word, tokens))
    name = Name(words, len(text))
    for item in words:
        if item.role & TO_CLEAR:
            _clear(name)
            break
    if name.has_more or not words or (len(words) > 1 and words[0].letters == words[-1].letters):
        _settle(name)
    return name


def normalise(text: str) -> str:
    """Return the normal form of a name: capital letters, one spelling, no titles, padding or punctuation.

    Two names with one normal form are the same name (``exact``, or ``variation`` where a digit was read as a
    letter or a noble title left out), and a normal form is its own. Empty where the text has no name in it.
    """
    words = read(text).words
    if len(words) > 1 and len({item.key for item in words}) == 1:  # ANNA ANA, which is no ANA said twice
        return " ".join([item.letters for item in words])
    return " ".join([_normal(item) for item in words])


def _normal(item: Word) -> str:
    # ANN is no AN, which is a title: a word keeps its letters where its fold would be read as something else.
    return item.letters if word(item.key).role & ~item.role & TO_CLEAR else item.key


def words_in(text: str) -> frozenset[str]:
    """Return every word of a text as reasons tell it, titles and what is not compared included."""
    words = [word(token) for token in _tokens(_latin(text))] if len(text) <= LONGEST_NAME else []
    return frozenset(part for item in words for part in (item.text, *(item.expanded or ())))


def _settle(name: Name) -> None:
    words = name.words
    if len(words) > MOST_WORDS or sum([len(item.letters) + 1 for item in words]) > LONGEST_NAME + 1:
        name.words, name.problem = [], "too_long"
    elif not words:
        name.problem = name.problem or "empty"
    elif len(words) > 1 and len({item.letters for item in words}) == 1:
        name.words, name.repeated = words[:1], True
        name.has_more = True


def _latin(text: str) -> str:
    """Return a text in capital letters without accents; one sign may become several."""
    decomposed = unicodedata.normalize("NFKD", text.upper())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).upper()


def _tokens(text: str) -> list[str]:
    """Cut a text with punctuation into words; a dot stays with the short form it ends."""
    text = _SPACES.sub(" ", _BRACKETED.sub(" ", _APOSTROPHES.sub("", text))).replace("@", " ALIAS ")
    name, _, behind = text.partition(",")
    tokens = [part for token in name.split() for part in _at_dots(token)]
    after = [part for token in behind.replace(",", " ").split() for part in _at_dots(token)]
    if after and not all(word(token).role & _BESIDE_A_NAME for token in after):
        tokens = after + tokens if len(tokens) == 1 else tokens + after
    else:
        tokens += after
    return _with_degrees_at_the_end(tokens)


def _with_degrees_at_the_end(tokens: list[str]) -> list[str]:
    """Cut at its dot what looks like a degree and stands where none can: M.RIZKI SAPUTRA has none."""
    end = len(tokens)
    while end > 1 and word(tokens[end - 1]).role & Role.DEGREE.value:
        end -= 1
    parts = [token.replace(".", ". ").split() if "." in token[:-1] else [token] for token in tokens[:end]]
    return [part for cut in parts for part in cut] + tokens[end:]


def _at_dots(token: str) -> list[str]:
    if "." not in token:
        return [token]
    if not (bare := token.replace(".", "")):
        return []
    if not bare.isalpha() and (seen := bare.translate(DIGITS)) in tables.DEGREES:
        return [seen]
    if token[:4] in _DOUBLE_NAMES:
        return [*_DOUBLE_NAMES[token[:4]], *_at_dots(token[4:])] if token[4:] else [*_DOUBLE_NAMES[token[:4]]]
    if bare in tables.DEGREES or bare in tables.LEADING or bare in tables.NOBLE or bare in tables.EXPANDED:
        return [bare]
    if _ALL_INITIALS(token):
        return [f"{letter}." for letter in bare]
    if tables.looks_like_a_degree(token.strip(".")):
        return [token.strip(".")]
    parts = [part for part in token.split(".") if part]
    return [f"{part}." for part in parts[:-1]] + [parts[-1] + ("." if token.endswith(".") else "")]


def _clear(name: Name) -> None:
    """Take out of the words what is not compared as a word."""
    name.has_more = True
    name.unread = [item for item in name.words if item.role & Role.UNREAD.value]
    words = _expand([item for item in name.words if not item.role & Role.UNREAD.value])
    words = _cut_at(name, words)
    words = _without_leading(name, words)
    degrees = []
    while len(words) > 1 and words[-1].role & Role.DEGREE.value:
        degrees.append(words.pop())
    name.titles = (*name.titles, *reversed(degrees))
    name.words = [
        item
        for place, item in enumerate(words)
        if not (item.role & Role.CLAN_MARK.value and 0 < place < len(words) - 1)
    ]


def _expand(words: list[Word]) -> list[Word]:
    if not any(item.expanded for item in words):
        return words
    return [word(part) for item in words for part in (item.expanded or (item.text,))]


def _cut_at(name: Name, words: list[Word]) -> list[Word]:
    """Cut off another name of the person, then the name of a parent."""
    for place, item in enumerate(words):
        if place and item.role & Role.ALIAS.value:
            name.other = read(" ".join(other.text for other in words[place + 1 :]))
            words = words[:place]
            break
    for place, item in enumerate(words[:-1]):
        if place and item.role & Role.CHILD_OF.value:
            before = words[: place - (item.letters == "DARI")]
            if item.letters != "DARI" or (before and words[place - 1].key == "ANAK"):
                name.parent = words[place + 1 :]
                return before
    return words


def _without_leading(name: Name, words: list[Word]) -> list[Word]:
    titles: list[Word] = []
    noble: list[Word] = []
    prefix: list[Word] = []
    start = 0
    for item in words[:-1]:
        if item.role & Role.LEADING.value:
            titles.append(item)
        elif item.role & Role.NOBLE.value or (noble and item.letters in tables.NOBLE_SECOND):
            noble.append(item)
        elif item.role & Role.PREFIX.value:
            prefix.append(item)
        else:
            break
        start += 1
    name.titles, name.noble, name.prefix = titles, noble, prefix
    return words[start:]
