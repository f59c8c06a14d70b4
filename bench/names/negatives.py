"""The five families of hard negatives: two people whose names are near. Each function says its rule.

A function returns the names of two people, or None where its rule does not apply to the person drawn. Who
calls it checks with ``doubt.may_be_same`` that the pair is beyond doubt.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import combinations
from random import Random

from bench.names.doubt import one_word
from bench.names.people import BIRTH, Person, known, pairs, person, raw_words, variant_tables

Pair = tuple[Person, Person]
TRIES = 12


def siblings(draw: Random) -> Pair | None:
    """Another number of birth (Eka, Dwi, Tri, Catur), another Balinese order word, or another first word
    before the same family name or last word: of a dozen that are drawn the one spelt nearest, as parents
    rhyme."""
    one = person(draw)
    if one.people == "balinese" and (order := _order_place(one)) is not None:
        others = [
            word
            for words_ in BIRTH
            if one.words[order] not in words_
            for word in sorted(words_)
            if word != "LUH" and (word != "GEDE" or one.sex == "M")
        ]
        return one, _with(one, order, draw.choice(others))
    roll = draw.random()
    if roll < 0.25:
        return _numbered(one, draw)
    if len(one.words) < 2 or len(one.words[0]) < 3:
        return None
    rivals = [_same_kind(one, draw) for _ in range(TRIES)]
    near = max(rivals, key=lambda rival: _likeness(rival, one.words[0]))
    return (one, _with(one, 0, near)) if near != one.words[0] else None


def _numbered(one: Person, draw: Random) -> Pair:
    """Two numbers of birth before the same rest: Eka and Dwi, or joined to a word, Ekaputra and Dwiputra."""
    numbers = _numbers("alone")
    rest = one.words[-1:] if one.words[0] not in numbers else one.words[1:]
    left, right = draw.sample(numbers, 2)
    if draw.random() < 0.6:
        end = draw.choice(_numbers("of_men" if one.sex == "M" else "of_women"))
        rest = tuple(word for word in rest if word != end) or one.words[-1:]
        left, right = left + end, right + end
    return one.with_words([left, *rest]), one.with_words([right, *rest])


@cache
def _numbers(key: str) -> list[str]:
    table = variant_tables()["numbers"]
    assert isinstance(table, Mapping)
    return str(table[key]).split()


@cache
def closed() -> frozenset[str]:
    """The words of short lists that differ in many negatives: numbers, Balinese birth order, ranks of either
    sex."""
    ranks = {part for pair in pairs("mirrors", "men_first") for rank in pair for part in rank.split()}
    return frozenset(ranks.union(_numbers("alone"), *BIRTH, {"I", "NI"}))


def twins(draw: Random) -> Pair | None:
    """Hasan and Husein, Rama and Sinta, Rina and Rini: names given to twins, before the same rest of the
    name."""
    listed = _twin_pairs() if draw.random() < 0.25 else _rhymes()
    kind, left, right = draw.choice(listed)
    rest = _rest("F" if kind == "women" else "M", draw)
    sexes = {"men": "MM", "women": "FF", "both": "MF"}[kind]
    place = draw.choice((0, 0, 0, 1))
    names = [[*rest[:place], twin, *rest[place:]] for twin in (left, right)]
    return Person(tuple(names[0]), sexes[0], "twins"), Person(tuple(names[1]), sexes[1], "twins")


def same_first(draw: Random) -> Pair | None:
    """The same first word, another second one; where there are three words, another second or another third.
    What differs may be the clan, or the father's name after bin."""
    one = person(draw)
    if len(one.words) < 2 or len(one.words[0]) < 3:
        return None
    if draw.random() < 0.06 and one.people in {"muslim", "minang", "bugis", "javanese"}:
        link = "BIN" if one.sex == "M" else "BINTI"
        left, right = (draw.choice(raw_words()["muslim.male"]) for _ in "12")
        return (one.with_words([*one.words, link, left]), one.with_words([*one.words, link, right]))
    place = draw.randrange(1, len(one.words))
    for _ in range(TRIES):
        other = person(draw)
        if other.sex == one.sex and len(other.words) > 1 and other.words[-1] != one.words[place]:
            return one, _with(one, place, other.words[-1])
    return None


def swapped_sex(draw: Random) -> Pair | None:
    """The same name of the other sex: Putra and Putri, -wan and -wati, -o and -i, -us and -a, I and Ni."""
    ranks = pairs("mirrors", "men_first")
    roll = draw.random()
    if roll < 0.12:
        man, woman = draw.choice(ranks)
        rest = _rest(draw.choice("MF"), draw)
        return Person((*man.split(), *rest), "M", "noble"), Person((*woman.split(), *rest), "F", "noble")
    if roll < 0.2:
        one = person(draw)
        other = {"I": "NI", "NI": "I"}.get(one.words[0])
        return (
            (one, _with(one, 0, other))
            if other and one.people == "balinese" and "LUH" not in one.words
            else None
        )
    man, woman = draw.choice(_mirrors())
    rest = _rest(draw.choice("MF"), draw) if draw.random() < 0.85 else []
    place = draw.choice((0, len(rest), len(rest)))
    names = [[*rest[:place], word, *rest[place:]] for word in (man, woman)]
    return Person(tuple(names[0]), "M", "mirror"), Person(tuple(names[1]), "F", "mirror")


FAMILIES: dict[str, Callable[[Random], Pair | None]] = {
    "siblings": siblings,
    "twins": twins,
    "same first word": same_first,
    "swapped sex": swapped_sex,
}
NEIGHBOURS = "nearest neighbours"
CHUNK, NEAREST = 500, 16


def nearest_neighbours(population: Sequence[Person], doubtful: Callable[[str, str], bool]) -> list[Pair]:
    """For each of a population whoever is called most like him, by rapidfuzz's ratio, but not so much that
    the two might be one person's spellings: of the nearest sixteen the first who is not."""
    import numpy
    from rapidfuzz import fuzz, process

    names = [one.text for one in population]
    found = []
    for start in range(0, len(names), CHUNK):
        some = names[start : start + CHUNK]
        table = process.cdist(some, names, scorer=fuzz.ratio, score_cutoff=55, dtype=numpy.uint8)
        for place, scores in enumerate(table, start):
            scores[place] = 0
            least = max(1, int(numpy.partition(scores, -NEAREST)[-NEAREST]))
            # Those of one score in the order of the population.
            near = sorted((-int(scores[index]), int(index)) for index in numpy.flatnonzero(scores >= least))
            other = next((n for _, n in near[:NEAREST] if not doubtful(names[place], names[n])), None)
            if other is not None:
                found.append((population[place], population[other]))
    return found


def _order_place(one: Person) -> int | None:
    return next((n for n, word in enumerate(one.words[:-1]) if any(word in order for order in BIRTH)), None)


def _with(one: Person, place: int, word: str) -> Person:
    return one.with_words([*one.words[:place], word, *one.words[place + 1 :]])


def _same_kind(one: Person, draw: Random) -> str:
    for _ in range(TRIES):
        other = person(draw)
        if other.sex == one.sex and other.people == one.people and len(other.words[0]) > 2:
            return other.words[0]
    return one.words[0]


def _likeness(word: str, own: str) -> float:
    if word == own:
        return -1
    shared = sum(a == b for a, b in zip(word, own, strict=False))
    return shared / max(len(word), len(own))


@cache
def _twin_pairs() -> list[tuple[str, str, str]]:
    return [
        (kind, *pair)
        for kind in ("men", "women", "both")
        for pair in pairs("twins", kind)
        if known().issuperset(pair)
    ]


@cache
def _rhymes() -> list[tuple[str, str, str]]:
    """Two first words of one sex that differ by one letter, or by two where they begin alike."""
    from rapidfuzz.distance import Levenshtein

    found = []
    for kind, sex in (("men", "male"), ("women", "female")):
        lists = (f"{people}.{sex}" for people in FIRST_WORDS)
        every = {word for name in lists for word in raw_words()[name] if len(word) > 3 and " " not in word}
        for left, right in combinations(sorted(every), 2):
            if Levenshtein.distance(left, right, score_cutoff=2) <= (2 if left[0] == right[0] else 1):
                found.append((kind, left, right))
    return [rhyme for rhyme in found if not one_word(rhyme[1], rhyme[2])]


FIRST_WORDS = (
    *("javanese", "sundanese", "muslim", "minang", "batak", "bugis", "chinese", "eastern", "modern"),
    *("acehnese", "sasak", "banjar", "nias", "toraja", "dayak"),
)

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
def _mirrors() -> list[tuple[str, str]]:
    listed = pairs("mirrors", "pairs")
    for name, endings in ENDINGS.items():
        for man in raw_words()[name]:
            fits = next((pair for pair in endings if man.endswith(pair[0]) and len(man) > 4), None)
            if fits and " " not in man and not man.endswith(("IA", "YA")):
                listed.append((man, man.removesuffix(fits[0]) + fits[1]))
    return sorted({pair for pair in listed if not one_word(*pair)})


def _rest(sex: str, draw: Random) -> list[str]:
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
    name = [draw.choice(raw_words()[draw.choice(lists)])]
    if draw.random() < 0.25:
        name.append(draw.choice(raw_words()[f"modern.{kind}_last"]))
    return name
