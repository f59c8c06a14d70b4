"""What two words may have to do with each other: one pure function each, of two words, true or false.

A model lists them in order with what follows from each. The functions are symmetric.
"""

from rapidfuzz.distance import OSA

from padan.names import spelling, tables
from padan.names.words import Word

# A word shorter than this is no word to slip in: ARI and ADI are two people.
SHORTEST_WITH_A_SLIP = 4
SHORTEST_WITH_TWO_SLIPS = 8
_SHORTEST_MIDDLING_WORD, _SHORTEST_LONG_WORD = 7, 9
_SHORTEST_WITH_A_LOOSE_VOWEL = 5
_VOWELS = frozenset("AEIOU")
_MALE = frozenset(tables.MALE_ENDINGS)
FEMALE = frozenset(map(spelling.fold, tables.FEMALE_ENDINGS))
_ROWS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
NEIGHBOURS = frozenset(
    pair
    for row, lower in zip(_ROWS, (*_ROWS[1:], ""), strict=True)
    for place, key in enumerate(row)
    for other in (row[place + 1 : place + 2], lower[max(place - 1, 0) : place], lower[place : place + 1])
    if other
    for pair in ((key, other), (other, key))
)


def may_belong(a: Word, b: Word) -> bool:
    """Whether two words begin alike, or are of those that may belong together without: most do not."""
    return a.start == b.start or a.brief or b.brief or (a.listed and b.listed) or a.name == b.name


def worth_comparing(a: Word, b: Word) -> bool:
    """Whether any feature could hold between two words that may belong together."""
    if a.brief or b.brief or (a.listed and b.listed) or a.name == b.name or a.key[:3] == b.key[:3]:
        return True
    shorter = min(len(a.key), len(b.key))
    most = 3 if shorter > 5 else max(1, shorter // 2)
    return OSA.distance(a.key, b.key, score_cutoff=most) <= most


def same_name(a: Word, b: Word) -> bool:
    """Both are listed as spellings of one name."""
    return a.name == b.name


def different_clans(a: Word, b: Word) -> bool:
    """Both are clans, and not the same."""
    return a.clan is not None and b.clan is not None and a.clan != b.clan


def different_birth_order(a: Word, b: Word) -> bool:
    """Both are Balinese words of the order of birth, of different places."""
    return a.birth is not None and b.birth is not None and a.birth != b.birth


def same_birth_order(a: Word, b: Word) -> bool:
    """Both are Balinese words of the order of birth, of the same place, and different words."""
    return a.birth is not None and a.birth == b.birth and a.key != b.key


def different_numbers(a: Word, b: Word) -> bool:
    """Both are numbers that siblings are called by, and different ones."""
    return a.number is not None and b.number is not None and a.number != b.number


def twins(a: Word, b: Word) -> bool:
    """The two are given to twins or siblings together."""
    return (a.name, b.name) in tables.TWINS


def different_sex(a: Word, b: Word) -> bool:
    """One is a man's and the other a woman's form: PUTRA and PUTRI, SUSILO and SUSILOWATI."""
    if (a.name, b.name) in tables.SEX_PAIRS:
        return True
    left, right = a.key, b.key
    if a.name == b.name:
        return False
    for stem in range(2, common_start(left, right) + 1):
        ends = left[stem:], right[stem:]
        if ends not in _EITHER_WAY and (_told_apart(*ends) or _told_apart(ends[1], ends[0])):
            return a.consonants != b.consonants
    return False


_EITHER_WAY = frozenset({("O", "A"), ("A", "O")})


def _told_apart(male: str, female: str) -> bool:
    return male in _MALE and female in FEMALE and male != female


def common_start(left: str, right: str) -> int:
    """Return how many letters two words begin with alike."""
    length = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        length += 1
    return length


def short_form(a: Word, b: Word) -> bool:
    """One is a usual short form of the other."""
    return b.name in a.short or a.name in b.short or bool(a.short & b.short)


def initial(a: Word, b: Word) -> bool:
    """One is a letter with which the other begins."""
    shorter, longer = (a, b) if len(a.key) <= len(b.key) else (b, a)
    return len(shorter.key) == 1 and len(longer.key) > 1 and longer.letters[0] == shorter.letters[0]


def two_names(a: Word, b: Word) -> bool:
    """Both are common names, and not the same one."""
    return a.known and b.known and a.name != b.name


def same_sounds(a: Word, b: Word) -> bool:
    """They differ in letters for one consonant or glide alone: NOVI, NOPI."""
    return a.consonants == b.consonants


def loose_vowels(a: Word, b: Word) -> bool:
    """They differ in vowels that people write either way: ZAINUDIN, ZAENUDIN."""
    return a.vowels == b.vowels and min(len(a.key), len(b.key)) >= _SHORTEST_WITH_A_LOOSE_VOWEL


def javanese_vowel(a: Word, b: Word) -> bool:
    """They are the Javanese o and a: COKRO, CAKRA."""
    return a.javanese is not None and a.javanese == b.javanese


def arabic_spelling(a: Word, b: Word) -> bool:
    """They are spellings of one Arabic word by rule: ABDULRAHMAN, ABDURROHMAN; MAKRUF, MARUF."""
    return a.arabic == b.arabic and min(len(a.key), len(b.key)) >= _SHORTEST_WITH_A_LOOSE_VOWEL - 1


def z_for_j(a: Word, b: Word) -> bool:
    """One has z or dz where the other has j: ZAENAB, JAENAB."""
    if ("Z" in a.key) == ("Z" in b.key) or not ("J" in a.key or "J" in b.key):
        return False
    return a.arabic.replace("J", "S") == b.arabic.replace("J", "S")


def old_spelling(a: Word, b: Word) -> bool:
    """One is the old spelling of the other, with j for y: SOERJO, SURYO. JOKO is not YOKO."""
    return (a.old_y is not None and (a.old_y == b.key or b.name == tables.name_of(a.old_y))) or (
        b.old_y is not None and (b.old_y == a.key or a.name == tables.name_of(b.old_y))
    )


def j_for_y(a: Word, b: Word) -> bool:
    """One has j where the other has y, in a word that is no other name: FITRIJAH, FITRIYAH."""
    if "J" not in a.letters and "J" not in b.letters:
        return False
    return spelling.fold(a.letters.replace("J", "Y")) == spelling.fold(b.letters.replace("J", "Y"))


def digit_for_letter(a: Word, b: Word) -> bool:
    """A digit stands in one, and they look alike: 5ITI, SITI. No register has digits in a name."""
    return (a.has_digits or b.has_digits) and looks_alike(a, b)


def looks_alike(a: Word, b: Word) -> bool:
    """A reading machine takes one for the other: HARNI, HAMI; LWAN, IWAN."""
    return a.seen == b.seen and len(a.key) >= SHORTEST_WITH_A_SLIP


def swapped_letters(a: Word, b: Word) -> bool:
    """Two neighbouring letters changed places: SUTIRSNO, SUTRISNO."""
    return slip_between(a.key, b.key) == "swapped"


def slip_in_a_long_word(a: Word, b: Word) -> bool:
    """A letter of a long word is left out, doubled, or hit beside its key."""
    return min(len(a.key), len(b.key)) >= _SHORTEST_LONG_WORD and one_slip(a, b)


def slip_in_a_middling_word(a: Word, b: Word) -> bool:
    """A letter of a word of middling length is left out, doubled, or hit beside its key."""
    return min(len(a.key), len(b.key)) >= _SHORTEST_MIDDLING_WORD and one_slip(a, b)


def one_slip(a: Word, b: Word) -> bool:
    """A letter is left out, doubled, or hit beside its key."""
    kind = slip_between(a.key, b.key) or slip_between(a.vowels, b.vowels)
    return kind in {"swapped", "left out", "neighbour"}


def one_letter(a: Word, b: Word) -> bool:
    """They differ in one letter in a way that may be a slip, and may be another name."""
    return bool(slip_between(a.key, b.key))


def two_slips(a: Word, b: Word) -> bool:
    """A long common name and a word that is no name, two letters apart, beginning and ending alike."""
    return (
        a.known != b.known
        and min(len(a.key), len(b.key)) >= SHORTEST_WITH_TWO_SLIPS
        and a.key[:2] == b.key[:2]
        and a.key[-1] == b.key[-1]
        and OSA.distance(a.key, b.key, score_cutoff=2) <= 2
    )


def slip_between(left: str, right: str) -> str:
    """Say how one letter went wrong: swapped, left out, neighbour, other; nothing where more did."""
    if min(len(left), len(right)) < SHORTEST_WITH_A_SLIP or OSA.distance(left, right, score_cutoff=1) != 1:
        return ""
    start = common_start(left, right)
    if start == 0:
        return ""
    if len(left) != len(right):
        return "left out"
    if left[start + 1 :] != right[start + 1 :]:
        return "swapped"
    one, other = left[start], right[start]
    vowels = (one in _VOWELS) + (other in _VOWELS)
    if vowels == 2 or (vowels and start == len(left) - 1):
        return ""
    return "neighbour" if (one, other) in NEIGHBOURS else "other"
