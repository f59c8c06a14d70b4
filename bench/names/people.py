"""Base names of the test split: people drawn from word lists.

The lists stand in ``data/words_test.toml``; what the generators know of variants, in
``data/variants_test.toml``. The lists of the development splits are read only so that no slip of the keyboard
makes a name that stands there, and no two spellings that a table joins become two people.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal, get_args

from padan.sandbox import names as nation_names

DATA = Path(__file__).parent / "data"
EARLIER = ("words.toml", "words_dev3.toml")
"""The lists that the development splits were made from."""
CLOSED = frozenset({"minang.clan", "balinese.orders", "chinese.shi", "muslim.abdul"})

BIRTH = ({"WAYAN", "PUTU", "GEDE", "LUH"}, {"MADE", "KADEK", "NENGAH"}, {"NYOMAN", "KOMANG"}, {"KETUT"})
"""Balinese words of birth order, the first child's to the fourth's."""

VARIANTS = ("variants_test.toml", "variants.toml", "variants_dev3.toml")
"""The tables of variants, those of the test split first."""

Split = Literal["dev", "dev2", "dev3", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True, slots=True)
class Person:
    """A name in words as a card writes it, and what its rules depend on: sex M or F, the people it comes
    from."""

    words: tuple[str, ...]
    sex: str
    people: str
    clan: bool = False

    @property
    def text(self) -> str:
        """The name as one line."""
        return " ".join(self.words)

    def with_words(self, words: Sequence[str]) -> "Person":
        """The same person under other words; a list item may hold several."""
        return replace(self, words=tuple(" ".join(words).split()))


@cache
def raw_words(file: str = "words_test.toml") -> Mapping[str, Sequence[str]]:
    """Every list, by people and kind: ``javanese.male``."""
    tables = tomllib.loads((DATA / file).read_text("utf-8"))
    return {
        f"{people}.{kind}": [word.replace("_", " ") for word in line.split()]
        for people, table in tables.items()
        for kind, line in table.items()
    }


@cache
def variant_tables(
    file: str = "variants_test.toml",
) -> Mapping[str, Mapping[str, object] | Sequence[str]]:
    """What stands in a table of variants, by class."""
    return tomllib.loads((DATA / file).read_text("utf-8"))


def pairs(section: str, key: str) -> list[tuple[str, str]]:
    """The lines of a table that part two words by a slash."""
    table = variant_tables()[section]
    assert isinstance(table, Mapping)
    split_words = (item.split("/") for item in str(table[key]).split())
    return [(left.replace("_", " "), right.replace("_", " ")) for left, right in split_words]


@cache
def clans() -> frozenset[str]:
    """Every name of a clan that a list holds."""
    return frozenset(
        word for name, listed in raw_words().items() if name.endswith(".clan") for word in listed
    )


@cache
def known() -> frozenset[str]:
    """Every word that a list of names holds, those of the development splits and of the sandbox's nation
    too."""
    lists = [*raw_words().values(), *(listed for file in EARLIER for listed in raw_words(file).values())]
    own = {part for listed in lists for word in listed for part in word.split()}
    file = Path(nation_names.__file__).parent / "data" / "names.toml"
    nation = tomllib.loads(file.read_text("utf-8"))["words"].values()
    return frozenset(own | {part for line in nation for part in line.replace("_", " ").split()})


@cache
def attested() -> frozenset[str]:
    """Every word that is known to be a name or a spelling of one: no slip of the keyboard may end in one of
    them."""
    text = "".join((DATA / file).read_text("utf-8") for file in VARIANTS)
    items = text.replace('"', " ").replace("_", " ").replace("/", " ").split()
    return known() | {part for item in items if (part := item.strip(",[]")).isupper()}


def person(draw: Random) -> Person:
    """Draw somebody."""
    make, weights = zip(*MAKERS, strict=True)
    return draw.choices(make, weights)[0](draw)  # type: ignore[no-any-return]


def _sexed(draw: Random) -> tuple[str, str]:
    sex = draw.choice("MF")
    return sex, "male" if sex == "M" else "female"


def _pick(name: str, draw: Random) -> list[str]:
    return draw.choice(raw_words()[name]).split()


def javanese(draw: Random) -> Person:
    """One word of an older person, or two to three."""
    sex, kind = _sexed(draw)
    if draw.random() < 0.3:
        return Person(tuple(_pick(f"javanese.one_{kind}", draw)), sex, "javanese")
    first = _pick(f"javanese.{kind}", draw)
    if draw.random() < 0.25:
        first += [word for word in _pick(f"javanese.{kind}", draw) if word not in first]
    return Person((*first, *_pick(f"javanese.{kind}_last", draw)), sex, "javanese")


def sundanese(draw: Random) -> Person:
    """A first and a last word."""
    sex, kind = _sexed(draw)
    name = _pick(f"sundanese.{kind}", draw) + _pick(f"sundanese.{kind}_last", draw)
    return Person(tuple(name), sex, "sundanese")


FIRST_OF_MEN = (
    *("MUHAMMAD",) * 8,
    *("AHMAD",) * 4,
    *("MOHAMMAD", "MUHAMAD", "MOHAMAD", "MOCHAMAD", "MOCHAMMAD", "ACHMAD"),
)


def muslim(draw: Random) -> Person:
    """MUHAMMAD, AHMAD or ABDUL and one or two words; SITI, NUR or NURUL and the like for women."""
    sex, kind = _sexed(draw)
    roll = draw.random()
    own = _pick(f"muslim.{kind}", draw)
    if sex == "M":
        first = _pick("muslim.male", draw) if roll < 0.4 else [draw.choice(FIRST_OF_MEN)]
        if roll > 0.85:
            abdul = ("ABDUL", *_pick("muslim.abdul", draw))
            return Person(abdul if roll > 0.9 else (*first, *abdul), sex, "muslim")
    else:
        first = ["SITI"] if roll < 0.3 else ["NUR"] if roll < 0.34 else ["NURUL"] if roll < 0.42 else own
        own = own if roll < 0.34 else _pick("muslim.female_end", draw)
    name = [*first, *(word for word in own if word not in first)]
    if draw.random() < 0.25:
        end = "modern.male_last" if sex == "M" else "modern.female_last"
        name += [word for word in _pick(end, draw) if word not in name]
    return Person(tuple(name), sex, "muslim")


def minang(draw: Random) -> Person:
    """One word, two words, or one and a clan."""
    sex, kind = _sexed(draw)
    first, roll = _pick(f"minang.{kind}", draw), draw.random()
    if roll < 0.15:
        return Person(tuple(first), sex, "minang")
    clan = roll < 0.45
    last = _pick("minang.clan" if clan else f"muslim.{kind}", draw)
    return Person((*first, *last), sex, "minang", clan)


def batak(draw: Random) -> Person:
    """One or two given names and the clan."""
    return _of_clan(draw, people="batak", two=0.4)


def _of_clan(draw: Random, *, people: str, two: float) -> Person:
    """A given name, or two with that chance, and the name of a clan or family."""
    sex, kind = _sexed(draw)
    given = _pick(f"{people}.{kind}", draw)
    if draw.random() < two:
        given += [word for word in _pick(f"{people}.{kind}", draw) if word not in given]
    return Person((*given, *_pick(f"{people}.clan", draw)), sex, people, clan=True)


def balinese(draw: Random) -> Person:
    """I or NI, the word of birth order, the own name; some of the IDA BAGUS and IDA AYU families."""
    sex, kind = _sexed(draw)
    own, roll = _pick(f"balinese.{kind}", draw), draw.random()
    if roll < 0.15:
        return Person(("IDA", "BAGUS" if sex == "M" else "AYU", *own), sex, "balinese")
    order = _pick("balinese.orders", draw)
    if order[0] == "GEDE" and sex == "F":
        order = ["LUH"]
    prefix = ["I" if sex == "M" else "NI"] if roll < 0.8 else []
    if sex == "F" and roll < 0.3:
        prefix = ["NI", "LUH"] if order != ["LUH"] else ["NI"]
    return Person((*prefix, *order, *own), sex, "balinese")


def bugis(draw: Random) -> Person:
    """ANDI and a name, or two names."""
    sex, kind = _sexed(draw)
    name = _pick(f"bugis.{kind}", draw)
    if draw.random() < 0.35:
        return Person(("ANDI", *name), sex, "bugis")
    other = _pick(f"muslim.{kind}", draw)
    return Person((*name, *(word for word in other if word not in name)), sex, "bugis")


def noble(draw: Random) -> Person:
    """TEUKU, CUT, TUBAGUS, LALU, BAIQ, LA ODE, WA ODE, SUTAN: a rank that is part of the legal name."""
    sex, kind = _sexed(draw)
    ranks = ("TEUKU", "TUBAGUS", "LALU", "LA ODE", "SUTAN") if sex == "M" else ("CUT", "BAIQ", "WA ODE")
    name = [*draw.choice(ranks).split(), *_pick(f"muslim.{kind}", draw)]
    if draw.random() < 0.4:
        name += [word for word in _pick(f"bugis.{kind}", draw) if word not in name]
    return Person(tuple(name), sex, "noble")


def chinese(draw: Random) -> Person:
    """A given name of the West or of Java and an Indonesian family name, or a Chinese name."""
    sex, kind = _sexed(draw)
    if draw.random() < 0.2:
        name = _pick("chinese.shi", draw) + _pick("chinese.given", draw)
        return Person(tuple(name), sex, "chinese")
    return Person((*_pick(f"chinese.{kind}", draw), *_pick("chinese.surname", draw)), sex, "chinese")


def eastern(draw: Random) -> Person:
    """One or two Christian names and a family name of Minahasa, Maluku, Timor or Papua."""
    return _of_clan(draw, people="eastern", two=0.35)


def acehnese(draw: Random) -> Person:
    """One word or two."""
    sex, kind = _sexed(draw)
    name = _pick(f"acehnese.{kind}", draw)
    if draw.random() < 0.75:
        name += [word for word in _pick(f"muslim.{kind}", draw) if word not in name]
    return Person(tuple(name), sex, "acehnese")


def sasak(draw: Random) -> Person:
    """A name of Lombok, alone, before another, or after LALU and BAIQ."""
    sex, kind = _sexed(draw)
    name, roll = _pick(f"sasak.{kind}", draw), draw.random()
    if roll < 0.3:
        name = ["LALU" if sex == "M" else "BAIQ", *name]
    elif roll < 0.85:
        name += [word for word in _pick(f"muslim.{kind}", draw) if word not in name]
    return Person(tuple(name), sex, "sasak")


def banjar(draw: Random) -> Person:
    """One word, or MUHAMMAD, AHMAD, SITI before it, or two."""
    sex, kind = _sexed(draw)
    name, roll = _pick(f"banjar.{kind}", draw), draw.random()
    if roll < 0.35:
        name = [draw.choice(FIRST_OF_MEN) if sex == "M" else "SITI", *name]
    elif roll < 0.85:
        name += [word for word in _pick(f"banjar.{kind}", draw) if word not in name]
    return Person(tuple(name), sex, "banjar")


def nias(draw: Random) -> Person:
    """A given name and the clan."""
    return _of_clan(draw, people="nias", two=0.2)


def toraja(draw: Random) -> Person:
    """One or two given names and the name of the family."""
    return _of_clan(draw, people="toraja", two=0.3)


def dayak(draw: Random) -> Person:
    """A given name and a last one, which is no clan."""
    sex, kind = _sexed(draw)
    return Person((*_pick(f"dayak.{kind}", draw), *_pick("dayak.last", draw)), sex, "dayak")


def modern(draw: Random) -> Person:
    """Two or three words of somebody young."""
    sex, kind = _sexed(draw)
    name = _pick(f"modern.{kind}", draw)
    if draw.random() < 0.5:
        name += [word for word in _pick(f"modern.{kind}", draw) if word not in name]
    name += [word for word in _pick(f"modern.{kind}_last", draw) if word not in name]
    return Person(tuple(name), sex, "modern")


MAKERS = (
    (javanese, 25),
    (sundanese, 11),
    (muslim, 18),
    (minang, 6),
    (batak, 7),
    (balinese, 6),
    (bugis, 5),
    (noble, 2),
    (chinese, 5),
    (eastern, 6),
    (modern, 14),
    (acehnese, 3),
    (sasak, 2),
    (banjar, 2),
    (nias, 2),
    (toraja, 2),
    (dayak, 2),
)
