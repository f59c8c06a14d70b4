"""Base names: people drawn from word lists, half of them for each split.

The lists stand in ``data/words.toml``. A word belongs to one split alone, by a hash of it; short closed
lists (clans of the Minangkabau, Balinese birth order) belong to both. The test split takes a share of its
people from the names of the sandbox's nation, the dev split from Faker's Indonesian words where Faker is
installed.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal

from padan.nik import Sex
from padan.sandbox import names as nation_names

DATA = Path(__file__).parent / "data"
SHARE_OTHER_SOURCE = 0.3
CLOSED = frozenset({"minang.clan", "balinese.orders", "chinese.shi", "muslim.abdul"})

Split = Literal["dev", "test"]


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
def raw_words() -> Mapping[str, Sequence[str]]:
    """Every list, by people and kind: ``javanese.male``."""
    tables = tomllib.loads((DATA / "words.toml").read_text("utf-8"))
    return {
        f"{people}.{kind}": [word.replace("_", " ") for word in line.split()]
        for people, table in tables.items()
        for kind, line in table.items()
    }


def half(word: str) -> Split:
    """Which split a base word belongs to."""
    return "test" if hashlib.sha256(word.encode()).digest()[0] % 2 else "dev"


@cache
def words(split: Split, name: str) -> Sequence[str]:
    """A list, as far as it belongs to a split."""
    listed = raw_words()[name]
    return listed if name in CLOSED else [word for word in listed if half(word) == split]


@cache
def variant_tables() -> Mapping[str, Mapping[str, object] | Sequence[str]]:
    """What stands in ``data/variants.toml``."""
    return tomllib.loads((DATA / "variants.toml").read_text("utf-8"))


def pairs(section: str, key: str) -> list[tuple[str, str]]:
    """The lines of a table that part two words by a slash."""
    table = variant_tables()[section]
    assert isinstance(table, Mapping)
    split_words = (item.split("/") for item in str(table[key]).split())
    return [(left.replace("_", " "), right.replace("_", " ")) for left, right in split_words]


@cache
def clans() -> frozenset[str]:
    """Every clan name the benchmark knows."""
    lists = ("batak.clan", "eastern.clan", "minang.clan")
    own = {word for name in lists for word in raw_words()[name]}
    nation = nation_tables()["words"]
    return frozenset(own.union(*(line.split() for name, line in nation.items() if name.endswith("_clan"))))


@cache
def nation_tables() -> Mapping[str, Mapping[str, str]]:
    """The word lists of the sandbox's nation."""
    return tomllib.loads((Path(nation_names.__file__).parent / "data" / "names.toml").read_text("utf-8"))


@cache
def attested() -> frozenset[str]:
    """Every word that is known to be a name: no slip of the keyboard may end in one of them."""
    own = {part for listed in raw_words().values() for word in listed for part in word.split()}
    text = (DATA / "variants.toml").read_text("utf-8")
    own |= {
        part
        for item in text.replace('"', " ").replace("_", " ").replace("/", " ").split()
        if (part := item.strip(",[]")).isupper()
    }
    nation = nation_tables()["words"].values()
    return frozenset(own | {part for line in nation for part in line.replace("_", " ").split()})


def person(split: Split, draw: Random) -> Person:
    """Draw somebody of a split."""
    if draw.random() < SHARE_OTHER_SOURCE:
        found = of_nation(draw) if split == "test" else of_faker(draw)
        if found:
            return found
    make, weights = zip(*MAKERS, strict=True)
    return draw.choices(make, weights)[0](split, draw)  # type: ignore[no-any-return]


def of_nation(draw: Random) -> Person | None:
    """Somebody named as the sandbox names people; nobody whose card carries a title or a short form."""
    sex = draw.choice((Sex.MALE, Sex.FEMALE))
    key = draw.getrandbits(60)
    group = nation_names.group_of(draw.choice(REGENCIES), key)
    born = date(draw.randint(1945, 2010), 6, 15)
    name = nation_names.full_name(group, sex, born, key).split()
    if any("." in word or "," in word or "'" in word or (len(word) == 1 and word != "I") for word in name):
        return None
    return Person(tuple(name), "M" if sex is Sex.MALE else "F", group, clan=name[-1] in clans())


def of_faker(draw: Random) -> Person | None:
    """Somebody of the words of Faker (MIT): a first and a last name; None where Faker is not installed."""
    try:
        from faker.providers.person.id_ID import Provider
    except ImportError:
        return None
    sex = draw.choice("MF")
    first = Provider.first_names_male if sex == "M" else Provider.first_names_female
    last = Provider.last_names_male if sex == "M" else Provider.last_names_female
    name = (draw.choice(tuple(first)).upper(), draw.choice(tuple(last)).upper())
    return Person(name, sex, "javanese", clan=name[-1] in clans()) if name[0] != name[1] else None


REGENCIES = (
    "1171",
    "1271",
    "1371",
    "1471",
    "1671",
    "3173",
    "3204",
    "3374",
    "3471",
    "3578",
    "3671",
    "5103",
    "5171",
    "5271",
    "5371",
    "6171",
    "6371",
    "7171",
    "7371",
    "7471",
    "7571",
    "8171",
    "9171",
    "1204",
    "7326",
)


def _sexed(draw: Random) -> tuple[str, str]:
    sex = draw.choice("MF")
    return sex, "male" if sex == "M" else "female"


def _pick(split: Split, name: str, draw: Random) -> list[str]:
    return draw.choice(words(split, name)).split()


def javanese(split: Split, draw: Random) -> Person:
    """One word of an older person, or two to three."""
    sex, kind = _sexed(draw)
    if draw.random() < 0.3:
        return Person(tuple(_pick(split, f"javanese.one_{kind}", draw)), sex, "javanese")
    first = _pick(split, f"javanese.{kind}", draw)
    if draw.random() < 0.25:
        first += [word for word in _pick(split, f"javanese.{kind}", draw) if word not in first]
    return Person((*first, *_pick(split, f"javanese.{kind}_last", draw)), sex, "javanese")


def sundanese(split: Split, draw: Random) -> Person:
    """A first and a last word."""
    sex, kind = _sexed(draw)
    name = _pick(split, f"sundanese.{kind}", draw) + _pick(split, f"sundanese.{kind}_last", draw)
    return Person(tuple(name), sex, "sundanese")


def muslim(split: Split, draw: Random) -> Person:
    """MUHAMMAD, AHMAD or ABDUL and one or two words; SITI, NUR or NURUL and the like for women."""
    sex, kind = _sexed(draw)
    roll = draw.random()
    own = _pick(split, f"muslim.{kind}", draw)
    if sex == "M":
        first = _pick(split, "muslim.male", draw) if roll < 0.35 else ["MUHAMMAD"]
        first = ["AHMAD"] if 0.35 < roll < 0.5 else first
        if 0.5 < roll < 0.6:
            return Person(("ABDUL", *_pick(split, "muslim.abdul", draw)), sex, "muslim")
    else:
        first = ["SITI"] if roll < 0.3 else ["NUR"] if roll < 0.36 else own
        own = own if roll < 0.36 else _pick(split, "muslim.female_end", draw)
    name = [*first, *(word for word in own if word not in first)]
    if draw.random() < 0.25:
        end = "modern.male_last" if sex == "M" else "modern.female_last"
        name += [word for word in _pick(split, end, draw) if word not in name]
    return Person(tuple(name), sex, "muslim")


def minang(split: Split, draw: Random) -> Person:
    """One word, two words, or one and a clan."""
    sex, kind = _sexed(draw)
    first, roll = _pick(split, f"minang.{kind}", draw), draw.random()
    if roll < 0.15:
        return Person(tuple(first), sex, "minang")
    clan = roll < 0.45
    last = _pick(split, "minang.clan" if clan else f"muslim.{kind}", draw)
    return Person((*first, *last), sex, "minang", clan)


def batak(split: Split, draw: Random) -> Person:
    """One or two given names and the clan."""
    return _of_clan(split, draw, people="batak", two=0.4)


def _of_clan(split: Split, draw: Random, *, people: str, two: float) -> Person:
    """A given name, or two with that chance, and the name of a clan or family."""
    sex, kind = _sexed(draw)
    given = _pick(split, f"{people}.{kind}", draw)
    if draw.random() < two:
        given += [word for word in _pick(split, f"{people}.{kind}", draw) if word not in given]
    return Person((*given, *_pick(split, f"{people}.clan", draw)), sex, people, clan=True)


def balinese(split: Split, draw: Random) -> Person:
    """I or NI, the word of birth order, the own name; some of the IDA BAGUS and IDA AYU families."""
    sex, kind = _sexed(draw)
    own, roll = _pick(split, f"balinese.{kind}", draw), draw.random()
    if roll < 0.15:
        return Person(("IDA", "BAGUS" if sex == "M" else "AYU", *own), sex, "balinese")
    order = _pick(split, "balinese.orders", draw)
    if order[0] == "GEDE" and sex == "F":
        order = ["LUH"]
    prefix = ["I" if sex == "M" else "NI"] if roll < 0.8 else []
    if sex == "F" and roll < 0.3:
        prefix = ["NI", "LUH"] if order != ["LUH"] else ["NI"]
    return Person((*prefix, *order, *own), sex, "balinese")


def bugis(split: Split, draw: Random) -> Person:
    """ANDI and a name, or two names."""
    sex, kind = _sexed(draw)
    name = _pick(split, f"bugis.{kind}", draw)
    if draw.random() < 0.35:
        return Person(("ANDI", *name), sex, "bugis")
    other = _pick(split, f"muslim.{kind}", draw)
    return Person((*name, *(word for word in other if word not in name)), sex, "bugis")


def noble(split: Split, draw: Random) -> Person:
    """TEUKU, CUT, TUBAGUS, LALU, BAIQ, LA ODE, WA ODE, SUTAN: a rank that is part of the legal name."""
    sex, kind = _sexed(draw)
    ranks = ("TEUKU", "TUBAGUS", "LALU", "LA ODE", "SUTAN") if sex == "M" else ("CUT", "BAIQ", "WA ODE")
    name = [*draw.choice(ranks).split(), *_pick(split, f"muslim.{kind}", draw)]
    if draw.random() < 0.4:
        name += [word for word in _pick(split, f"bugis.{kind}", draw) if word not in name]
    return Person(tuple(name), sex, "noble")


def chinese(split: Split, draw: Random) -> Person:
    """A given name of the West or of Java and an Indonesian family name, or a Chinese name."""
    sex, kind = _sexed(draw)
    if draw.random() < 0.2:
        name = _pick(split, "chinese.shi", draw) + _pick(split, "chinese.given", draw)
        return Person(tuple(name), sex, "chinese")
    return Person(
        (*_pick(split, f"chinese.{kind}", draw), *_pick(split, "chinese.surname", draw)), sex, "chinese"
    )


def eastern(split: Split, draw: Random) -> Person:
    """One or two Christian names and a family name of Minahasa, Maluku, Timor or Papua."""
    return _of_clan(split, draw, people="eastern", two=0.35)


def modern(split: Split, draw: Random) -> Person:
    """Two or three words of somebody young."""
    sex, kind = _sexed(draw)
    name = _pick(split, f"modern.{kind}", draw)
    if draw.random() < 0.5:
        name += [word for word in _pick(split, f"modern.{kind}", draw) if word not in name]
    name += [word for word in _pick(split, f"modern.{kind}_last", draw) if word not in name]
    return Person(tuple(name), sex, "modern")


MAKERS = (
    (javanese, 26),
    (sundanese, 12),
    (muslim, 20),
    (minang, 6),
    (batak, 7),
    (balinese, 6),
    (bugis, 5),
    (noble, 2),
    (chinese, 5),
    (eastern, 6),
    (modern, 15),
)
