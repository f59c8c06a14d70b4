"""The five families of hard negatives: two people whose names are near. Each function says its rule.

A function returns the names of two people, or None where its rule does not apply to the person drawn. Who
calls it checks with ``doubt.may_be_same`` that the pair is beyond doubt.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations
from random import Random

from bench.names.doubt import one_word
from bench.names.people import Person, Split, half, pairs, person, words

Pair = tuple[Person, Person]
NUMBERS = ("EKA", "DWI", "TRI", "CATUR", "PANCA")
BIRTH = ({"WAYAN", "PUTU", "GEDE", "LUH"}, {"MADE", "KADEK", "NENGAH"}, {"NYOMAN", "KOMANG"}, {"KETUT"})
TRIES = 12


def siblings(split: Split, draw: Random) -> Pair | None:
    """Another number of birth (Eka, Dwi, Tri, Catur), another Balinese order word, or another first word
    before the same family name or last word: of a dozen that are drawn the one spelt nearest, as parents
    rhyme."""
    one = person(split, draw)
    if one.people == "balinese" and (order := _order_place(one)) is not None:
        others = [
            word
            for words_ in BIRTH
            if one.words[order] not in words_
            for word in sorted(words_)
            if word != "LUH"
        ]
        return one, _with(one, order, draw.choice(others))
    roll = draw.random()
    if roll < 0.25:
        rest = one.words[-1:] if one.words[0] not in NUMBERS else one.words[1:]
        left, right = draw.sample(NUMBERS, 2)
        return one.with_words([left, *rest]), one.with_words([right, *rest])
    if len(one.words) < 2 or len(one.words[0]) < 3:
        return None
    rivals = [_same_kind(split, one, draw) for _ in range(TRIES)]
    near = max(rivals, key=lambda rival: _likeness(rival, one.words[0]))
    return (one, _with(one, 0, near)) if near != one.words[0] else None


def twins(split: Split, draw: Random) -> Pair | None:
    """Hasan and Husein, Rama and Sinta, Rina and Rini: names given to twins, before the same rest of the
    name."""
    listed = _twin_pairs(split) if draw.random() < 0.25 else _rhymes(split)
    kind, left, right = draw.choice(listed)
    rest = _rest(split, "F" if kind == "women" else "M", draw)
    sexes = {"men": "MM", "women": "FF", "both": "MF"}[kind]
    place = draw.choice((0, 0, 0, 1))
    names = [[*rest[:place], twin, *rest[place:]] for twin in (left, right)]
    return Person(tuple(names[0]), sexes[0], "twins"), Person(tuple(names[1]), sexes[1], "twins")


def same_first(split: Split, draw: Random) -> Pair | None:
    """The same first word, another second one; where there are three words, another second or another third.
    What differs may be the clan, or the father's name after bin."""
    one = person(split, draw)
    if len(one.words) < 2 or len(one.words[0]) < 3:
        return None
    if draw.random() < 0.06 and one.people in {"muslim", "minang", "bugis", "javanese"}:
        link = "BIN" if one.sex == "M" else "BINTI"
        left, right = (draw.choice(words(split, "muslim.male")) for _ in "12")
        return (one.with_words([*one.words, link, left]), one.with_words([*one.words, link, right]))
    place = draw.randrange(1, len(one.words))
    for _ in range(TRIES):
        other = person(split, draw)
        if other.sex == one.sex and len(other.words) > 1 and other.words[-1] != one.words[place]:
            return one, _with(one, place, other.words[-1])
    return None


def swapped_sex(split: Split, draw: Random) -> Pair | None:
    """The same name of the other sex: Putra and Putri, -wan and -wati, -o and -i, -us and -a, I and Ni."""
    ranks = pairs("mirrors", "men_first")
    roll = draw.random()
    if roll < 0.12:
        man, woman = draw.choice(ranks)
        rest = _rest(split, draw.choice("MF"), draw)
        return Person((*man.split(), *rest), "M", "noble"), Person((*woman.split(), *rest), "F", "noble")
    if roll < 0.2:
        one = person(split, draw)
        other = {"I": "NI", "NI": "I"}.get(one.words[0])
        return (
            (one, _with(one, 0, other))
            if other and one.people == "balinese" and "LUH" not in one.words
            else None
        )
    man, woman = draw.choice(_mirrors(split))
    rest = _rest(split, draw.choice("MF"), draw) if draw.random() < 0.85 else []
    place = draw.choice((0, len(rest), len(rest)))
    names = [[*rest[:place], word, *rest[place:]] for word in (man, woman)]
    return Person(tuple(names[0]), "M", "mirror"), Person(tuple(names[1]), "F", "mirror")


FAMILIES: dict[str, Callable[[Split, Random], Pair | None]] = {
    "siblings": siblings,
    "twins": twins,
    "same first word": same_first,
    "swapped sex": swapped_sex,
}
NEIGHBOURS = "nearest neighbours"


def nearest_neighbours(population: Sequence[Person], doubtful: Callable[[str, str], bool]) -> list[Pair]:
    """For each of a population whoever is called most like him, by rapidfuzz's ratio, but not so much that
    the two might be one person's spellings: of the nearest sixteen the first who is not."""
    from rapidfuzz import fuzz, process

    names = [one.text for one in population]
    found = []
    for place, one in enumerate(population):
        near = process.extract(one.text, names, scorer=fuzz.ratio, limit=16, score_cutoff=55)
        for text, _, index in near:
            if index != place and text != one.text and not doubtful(one.text, text):
                found.append((one, population[index]))
                break
    return found


def _order_place(one: Person) -> int | None:
    return next((n for n, word in enumerate(one.words[:-1]) if any(word in order for order in BIRTH)), None)


def _with(one: Person, place: int, word: str) -> Person:
    return one.with_words([*one.words[:place], word, *one.words[place + 1 :]])


def _same_kind(split: Split, one: Person, draw: Random) -> str:
    for _ in range(TRIES):
        other = person(split, draw)
        if other.sex == one.sex and other.people == one.people and len(other.words[0]) > 2:
            return other.words[0]
    return one.words[0]


def _likeness(word: str, own: str) -> float:
    if word == own:
        return -1
    shared = sum(a == b for a, b in zip(word, own, strict=False))
    return shared / max(len(word), len(own))


@cache
def _twin_pairs(split: Split) -> list[tuple[str, str, str]]:
    return [
        (kind, *pair)
        for kind in ("men", "women", "both")
        for pair in pairs("twins", kind)
        if half("".join(pair)) == split
    ]


@cache
def _rhymes(split: Split) -> list[tuple[str, str, str]]:
    """Two first words of one sex that differ by one letter, or by two where they begin alike."""
    from rapidfuzz.distance import Levenshtein

    found = []
    for kind, sex in (("men", "male"), ("women", "female")):
        lists = (f"{people}.{sex}" for people in FIRST_WORDS)
        every = {word for name in lists for word in words(split, name) if len(word) > 3 and " " not in word}
        for left, right in combinations(sorted(every), 2):
            if Levenshtein.distance(left, right, score_cutoff=2) <= (2 if left[0] == right[0] else 1):
                found.append((kind, left, right))
    return [rhyme for rhyme in found if not one_word(rhyme[1], rhyme[2])]


FIRST_WORDS = ("javanese", "sundanese", "muslim", "minang", "batak", "bugis", "chinese", "eastern", "modern")

# How a man's word becomes a woman's, by the lists whose words follow the rule; the first that fits.
ENDINGS = {
    "javanese.one_male": (("WAN", "WATI"), ("MAN", "MI"), ("O", "I")),
    "javanese.male_last": (("WAN", "WATI"), ("MAN", "MI"), ("O", "I")),
    "sundanese.male_last": (("WAN", "WATI"), ("NA", "NI")),
    "balinese.male": (("WAN", "WATI"), ("A", "I")),
    "eastern.male": (("US", "A"),),
    "modern.male_last": (("WAN", "WATI"), ("NTO", "NTI"), ("PUTRA", "PUTRI"), ("NA", "NI")),
    "muslim.male": (
        ("IM", "IMAH"),
        ("ID", "IDAH"),
        ("IF", "IFAH"),
        ("IR", "IRAH"),
        ("IL", "ILAH"),
        ("IQ", "IQAH"),
    ),
}


@cache
def _mirrors(split: Split) -> list[tuple[str, str]]:
    listed = [pair for pair in pairs("mirrors", "pairs") if half("".join(pair)) == split]
    for name, endings in ENDINGS.items():
        for man in words(split, name):
            fits = next((pair for pair in endings if man.endswith(pair[0]) and len(man) > 4), None)
            if fits and " " not in man and not man.endswith(("IA", "YA")):
                listed.append((man, man.removesuffix(fits[0]) + fits[1]))
    return sorted({pair for pair in listed if not one_word(*pair)})


def _rest(split: Split, sex: str, draw: Random) -> list[str]:
    """One word, sometimes two, that stand beside a twin's name; a family name fits either sex."""
    kind = "male" if sex == "M" else "female"
    lists = (
        f"javanese.{kind}_last",
        f"modern.{kind}_last",
        f"sundanese.{kind}_last",
        "batak.clan",
        "eastern.clan",
        "chinese.surname",
    )
    name = [draw.choice(words(split, draw.choice(lists)))]
    if draw.random() < 0.25:
        name.append(draw.choice(words(split, f"modern.{kind}_last")))
    return name
