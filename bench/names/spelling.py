"""Classes of variants inside a word: spelling, short forms, slips. Each function says its rule and changes
one name.

A generator takes a person and a source of chance, and returns the same person under a changed name, or None
where its rule does not apply to that name.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random

from bench.names.doubt import groups, one_spelling
from bench.names.people import Person, attested, known, pairs, raw_words, variant_tables

Change = Callable[[str, Random], str | None]
VOWELS = "AEIOU"
SMALL_WORDS = frozenset({"I", "NI", "IDA", "LA", "WA", "ODE", "BIN", "BINTI", "LALU", "BAIQ"})


def another_name(new: str, word: str) -> bool:
    """Whether a changed word is a name of its own that no table knows as a spelling of the first."""
    return new in known() and not groups().get(new, frozenset()) & groups().get(word, frozenset())


def change_one(person: Person, draw: Random, change: Change) -> Person | None:
    """Change the first word, in a drawn order, to which a change applies, unless that makes another name."""
    order = [place for place, word in enumerate(person.words) if word not in SMALL_WORDS and "." not in word]
    draw.shuffle(order)
    for place in order:
        new = change(person.words[place], draw)
        if new and new != person.words[place] and not another_name(new, person.words[place]):
            return person.with_words([*person.words[:place], new, *person.words[place + 1 :]])
    return None


def replace_somewhere(word: str, draw: Random, rules: list[tuple[str, str]]) -> str | None:
    """Apply one of the rules that fit a word, at one place drawn, never at its first letter."""
    fits = [
        (place, old, new)
        for old, new in rules
        for place in range(1, len(word) - len(old) + 1)
        if word.startswith(old, place)
    ]
    if not fits:
        return None
    place, old, new = draw.choice(fits)
    return word[:place] + new + word[place + len(old) :]


def spelling_reform(person: Person, draw: Random) -> Person | None:
    """1: write one word, or half the time every word, as before 1947 and 1972, or the other way round."""
    if person.people in {"batak", "eastern", "modern", "nias", "toraja", "dayak"}:
        return None
    rules = [("U", "OE"), ("J", "DJ"), ("Y", "J"), ("SY", "SJ"), ("NY", "NJ"), ("KH", "CH")]
    if any("OE" in word or "DJ" in word or "TJ" in word for word in person.words):
        rules = [("OE", "U"), ("DJ", "J"), ("TJ", "C")]
    elif any("C" in word for word in person.words):
        rules = [("C", "TJ")]
    old, new = draw.choice(rules)

    def reform(word: str, draw: Random) -> str | None:
        if person.people == "chinese" and (old == "C" or word not in raw_words()["chinese.surname"]):
            return None
        if old == "C" and ("CH" in word or "CK" in word):
            return None
        if old in {"Y", "J"} and ("SY" in word or "NY" in word or "DJ" in word or {"Y", "J"} <= set(word)):
            return None  # Jaya was Djaja: both letters change, or neither
        if old == "KH" and not word.startswith("KH"):
            return None
        if word.endswith("IF") and draw.random() < 0.5:
            return word[:-2] + "IEF"
        if old == "Y":
            return re.sub(r"Y(?=[AEIOU])", "J", word)
        return word.replace(old, new)

    if draw.random() < 0.5:
        return change_one(person, draw, reform)
    changed = [(word, reform(word, draw) or word) for word in person.words]
    every = [word if another_name(new, word) else new for word, new in changed]
    return person.with_words(every) if tuple(every) != person.words else None


@cache
def _arabic() -> Mapping[str, list[str]]:
    groups = [line.replace("_", " ") for line in _lines()]
    split = [[item.replace("~", " ") for item in line.split("|")] for line in groups]
    return {word: group for group in split for word in group}


def _lines() -> list[str]:
    arabic = variant_tables()["arabic"]
    return [line.replace(" ", "|").replace("_", "~") for line in arabic]


def arabic_spelling(person: Person, draw: Random) -> Person | None:
    """2: another usual spelling of a name of Arabic origin, from a table, or by a rule where the table has
    none."""
    if len(person.words) > 1 and person.words[0] == "ABDUL":
        both = " ".join(person.words[:2])
        if both in _arabic() and draw.random() < 0.5:
            new = draw.choice([word for word in _arabic()[both] if word != both])
            return person.with_words([new, *person.words[2:]])

    def respell(word: str, draw: Random) -> str | None:
        if word in _arabic():
            return draw.choice([other for other in _arabic()[word] if other != word and " " not in other])
        if person.people not in {
            "muslim",
            "minang",
            "bugis",
            "noble",
            "acehnese",
            "sasak",
            "banjar",
        }:
            return None
        rules = [
            ("UDDIN", "UDIN"),
            ("UDIN", "UDDIN"),
            ("ULLAH", "ULLOH"),
            ("DH", "D"),
            ("TH", "T"),
            ("TS", "S"),
            ("Q", "K"),
            ("DZ", "Z"),
            ("KH", "H"),
            ("RAH", "ROH"),
            ("ROH", "RAH"),
            ("FAH", "FA"),
        ]
        return replace_somewhere(word, draw, rules)

    return change_one(person, draw, respell)


def short_form(person: Person, draw: Random) -> Person | None:
    """3: the short form of a frequent first name, with or without its dot; its bearer has another word."""
    table = variant_tables()["short"]
    assert isinstance(table, Mapping)
    if len(person.words) < 2 or person.words[0] not in table:
        return None
    forms = str(table[person.words[0]]).split()
    return person.with_words([draw.choice(forms), *person.words[1:]])


def doubled_letter(person: Person, draw: Random) -> Person | None:
    """5: a consonant between vowels doubled, or a doubled one written once; the last letter doubled,
    rarely."""

    def double(word: str, draw: Random) -> str | None:
        twice = [
            place
            for place in range(1, len(word) - 1)
            if word[place] == word[place + 1] and word[place] not in VOWELS
        ]
        if twice and draw.random() < 0.7:
            place = draw.choice(twice)
            return word[:place] + word[place + 1 :]
        inner = [
            place
            for place in range(1, len(word) - 1)
            if word[place] in "NSLMRTFDKB" and word[place - 1] in VOWELS and word[place + 1] in VOWELS
        ]
        if len(word) < 4 or not inner:
            return None
        place = draw.choice(inner) if draw.random() < 0.85 or word[-1] in VOWELS else len(word) - 1
        return word[:place] + word[place] + word[place:]

    return change_one(person, draw, double)


def silent_h(person: Person, draw: Random) -> Person | None:
    """6: an h that is not heard, left out or added, after a consonant or at the end; never the first
    letter."""

    def hush(word: str, draw: Random) -> str | None:
        if len(word) < 4:
            return None
        if word.endswith("AH") and draw.random() < 0.6:
            return word[:-1]
        quiet = replace_somewhere(word, draw, [("TH", "T"), ("DH", "D"), ("SH", "S")])
        if word.startswith("SH"):
            quiet = "S" + word[2:]
        if quiet:
            return quiet
        if person.sex == "F" and word[-1] == "A" and word[-2] in "MNLFRBS":
            return word + "H"
        if draw.random() < 0.7 or "TT" in word or "DD" in word:
            return None
        spoken = [(letter + vowel, f"{letter}H{vowel}") for letter in "TD" for vowel in VOWELS]
        return replace_somewhere(word, draw, spoken)

    return change_one(person, draw, hush)


def consonant(person: Person, draw: Random) -> Person | None:
    """7: f, p and v; z, s and j; y and i; c and k; w between u and a: one of them written for another."""
    rules = [
        ("F", "P"),
        ("V", "P"),
        ("V", "F"),
        ("Z", "S"),
        *((f"Z{vowel}", f"J{vowel}") for vowel in VOWELS),
        ("YA", "IA"),
        ("YU", "IU"),
        ("IA", "YA"),
        ("IYA", "IA"),
        ("UWA", "UA"),
        ("UA", "UWA"),
        ("PH", "F"),
        ("Q", "K"),
    ]
    first = {"F": "PV", "V": "FP", "Z": "SJ"}

    def swap(word: str, draw: Random) -> str | None:
        if len(word) < 4:
            return None
        if word[0] in first and draw.random() < 0.5:
            return draw.choice(first[word[0]]) + word[1:]
        if word.endswith("Y") and word[-2] not in VOWELS:
            return word[:-1] + "I"
        if word.endswith("I") and word[-2] not in VOWELS and draw.random() < 0.2:
            return word[:-1] + "Y"
        own = list(rules)
        if person.people in {"eastern", "chinese"}:
            own += [("CA", "KA"), ("CO", "KO"), ("CT", "KT"), ("CK", "K"), ("EPH", "EF")]
        new = replace_somewhere(word, draw, own)
        odd = "II|[FPV]{2}|[AEIOU]I[AEIOU]|D[SJ]"
        if not new or len(re.findall(odd, new)) > len(re.findall(odd, word)):
            return None
        return new if all(new.count(one) == word.count(one) for one in ("SY", "NY")) else None

    return change_one(person, draw, swap)


def vowel(person: Person, draw: Random) -> Person | None:
    """8: ai, ae and ei; e and i, o and u in words that are written either way. Never the last letter."""
    known: dict[str, str] = {}
    for left, right in pairs("vowels", "pairs"):
        known |= {left: right, right: left}

    def change(word: str, draw: Random) -> str | None:
        if word in known:
            return known[word]
        inside = word[:-1]
        rules = [("AI", "AE"), ("AE", "AI"), ("EI", "AI"), ("EI", "AE")]
        rules += [(f"{before}OI", f"{before}AI") for before in ("KH", "CH", "SH", "R", "Z")]
        changed = replace_somewhere(inside, draw, rules)
        return changed + word[-1] if changed else None

    return change_one(person, draw, change)


def javanese_ending(person: Person, draw: Random) -> Person | None:
    """9: o and a of one Javanese man's name, by a table; the glide in -iyo, -iyanto, -etyo."""
    known: dict[str, str] = {}
    for left, right in pairs("javanese", "final_vowel"):
        known |= {left: right, right: left}

    def end(word: str, draw: Random) -> str | None:  # noqa: ARG001
        return known.get(word) if person.sex == "M" else None

    def glide(word: str, draw: Random) -> str | None:
        if len(word) < 5:
            return None
        glides = [
            ("IYA", "IA"),
            ("IYO", "IO"),
            ("TIAN", "TIYAN"),
            ("DIAN", "DIYAN"),
            ("RIAN", "RIYAN"),
            ("TYO", "TIYO"),
            ("TYA", "TIYA"),
            ("IAN", "IYAN"),
            ("TIYO", "TYO"),
            ("LYO", "LIYO"),
        ]
        return replace_somewhere(word, draw, glides)

    if person.people not in {"javanese", "sundanese", "balinese", "modern", "muslim"}:
        return None
    # Glides fit far more names: without this they would be nearly the whole class.
    return change_one(person, draw, end) or (
        change_one(person, draw, glide) if draw.random() < 0.15 else None
    )


@cache
def _apostrophes() -> Mapping[str, list[str]]:
    table = variant_tables()["apostrophe"]
    assert isinstance(table, Mapping)
    groups: Sequence[str] = table["groups"]  # type: ignore[assignment]
    return {word: line.split() for line in groups for word in line.split()}


def apostrophe(person: Person, draw: Random) -> Person | None:
    """22: a hyphen for the space or between repeated words; an apostrophe, its loss, or the k written for
    it."""
    known = _apostrophes()

    def change(word: str, draw: Random) -> str | None:
        others = [other for other in known.get(word, []) if other != word]
        return draw.choice(others) if others else None

    changed = change_one(person, draw, change)
    if changed:
        return changed
    if len(person.words) != 2 or any(len(word) < 3 for word in person.words) or draw.random() < 0.99:
        return None
    return person.with_words(["-".join(person.words)])


def ocr_digit(person: Person, draw: Random) -> Person | None:
    """23: one or two letters read as the digit that looks like them; the register forbids digits."""
    like = {"O": "0", "I": "1", "S": "5", "B": "8", "Z": "2", "G": "6"}
    text = list(person.text)
    places = [place for place, letter in enumerate(text) if letter in like]
    if not places:
        return None
    for place in draw.sample(places, min(len(places), draw.choice((1, 1, 2)))):
        text[place] = like[text[place]]
    return person.with_words(["".join(text)])


def ocr_letters(person: Person, draw: Random) -> Person | None:
    """23, letters: rn for m, cl for d, vv for w, or the other way round; only a caller that reads by OCR
    knows it."""
    return change_one(
        person,
        draw,
        lambda word, chance: replace_somewhere(
            word, chance, [("M", "RN"), ("RN", "M"), ("D", "CL"), ("W", "VV")]
        ),
    )


KEYS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")


def slip(person: Person, draw: Random) -> Person | None:
    """25: one slip of the keyboard in a word of 5 to 7 letters, one or two in a longer one; never in its
    first or last letter, and never one that makes another name or comes as near to another name as to its
    own."""

    def change(word: str, draw: Random) -> str | None:
        if len(word) < 5 or not word.isalpha() or word not in attested():
            return None
        new = _slip(word, draw)
        if len(word) >= 8 and draw.random() < 0.3:
            new = _slip(new, draw)
        clear = new != word and not one_spelling(new, word) and new not in attested()
        return new if clear and not _near_another(new, word) else None

    return change_one(person, draw, change)


def _slip(word: str, draw: Random) -> str:
    place = draw.randrange(1, len(word) - 2)
    kind = draw.choice(("turn", "turn", "drop", "key", "twice"))
    if kind == "turn":
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == "drop":
        return word[:place] + word[place + 1 :]
    row = next(row for row in KEYS if word[place] in row)
    beside = draw.choice(
        [row[n] for n in (row.index(word[place]) - 1, row.index(word[place]) + 1) if 0 <= n < len(row)]
    )
    return word[:place] + beside + word[place + (kind == "key") :]


def _near_another(word: str, own: str) -> bool:
    """Whether one edit leads from a word to some other name than its own."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    edits = {a + b[1:] for a, b in parts if b} | {a + c + b for a, b in parts for c in letters}
    edits |= {a + c + b[1:] for a, b in parts if b for c in letters}
    edits |= {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
    return any(edit != own and not one_spelling(edit, own) for edit in edits & attested())
