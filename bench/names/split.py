"""The splits: made once from a seed, kept in ``data``, read from there ever after.

``python -m bench.names.split`` makes the test split anew and says whether its file still is what the
generators make; ``--write`` replaces it. A split that was replaced is another benchmark: its figures compare
with no older ones. The development splits were made by earlier generators: they are held to their SHA-256
alone.
"""

import argparse
import hashlib
import lzma
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.names.classes import BY_CODE, CLASSES, LAWFUL, VariantClass, compatible
from bench.names.doubt import may_be_same, plain_words
from bench.names.negatives import FAMILIES, NEIGHBOURS, Pair, closed, nearest_neighbours
from bench.names.people import BIRTH, DATA, SPLITS, Person, Split, clans, person

SEED = 24_2014
NEGATIVE = "negative"
HEADER = "group\tname\tdetail\tleft\tright"
# What is written on one side of a quarter of the negatives, so that a title or an old spelling does not tell
# a positive.
NOISE = ("1", "2", "3", "5", "6", "9", "10", "12", "13", "20", "21", "22", "26")
SHARE_NOISE = 0.27
# How many pairs of a family may differ in the same two words: one in so many; of closed lists, more.
ONE_IN, ONE_IN_OF_CLOSED = 1_000, 100

# What each file has to be. A new digest is a new benchmark.
FROZEN: dict[Split, str] = {
    "dev": "415a041edbad3fe3979a6a64476504c6a29a8b99c4eb1fc902d0dd525e4a007d",
    "dev2": "4d63a701c77fc6b71eb938345633c053159b9319560dd3353ea6f2ce4d9c4f78",
    "dev3": "30e198462e17c5793da8b77d9903120d826ad6c512f99405ed68d54b47752f0e",
    "test": "36268bf69895ef1428a7b2949c183f5e766bb83e97fdfb8e289a57276284fc61",
}


@dataclass(frozen=True, slots=True)
class Size:
    """Pairs per lawful class, per class apart, and per family of negatives."""

    lawful: int
    apart: int
    family: int


SIZE = Size(900, 400, 40_000)


@dataclass(frozen=True, slots=True)
class Row:
    """A pair and its label: ``lawful``, ``apart`` or ``negative``; class or family; every class applied, or
    an X rule."""

    group: str
    name: str
    detail: str
    left: str
    right: str

    @property
    def key(self) -> tuple[str, str]:
        """The two names in an order of their own, so that a pair is met again either way round."""
        return (self.left, self.right) if self.left < self.right else (self.right, self.left)


def path(split: Split) -> Path:
    """Where a split lies."""
    return DATA / f"{split}.tsv.xz"


def read_text(split: Split) -> str:
    """The frozen split as text."""
    return lzma.decompress(path(split).read_bytes()).decode("ascii")


def read(split: Split) -> list[Row]:
    """The frozen split."""
    header, *lines = read_text(split).splitlines()
    assert header == HEADER
    return [Row(*line.split("\t")) for line in lines]


def digest(text: str) -> str:
    """SHA-256 of a split's text."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def generate(size: Size) -> list[Row]:
    """Make a split of a size, without a pair of the development splits; the same rows for the same tables,
    seed and size."""
    rows: list[Row] = []
    seen = {row.key for split in SPLITS if split != "test" for row in read(split)}
    for variant in CLASSES:
        wanted = size.lawful if variant.group == LAWFUL else size.apart
        rows += _take(wanted, seen, positives(variant))
    for family in FAMILIES:
        rows += _take(size.family, seen, negatives(family, size.family))
    rows += _take(size.family, seen, neighbours(size.family))
    return rows


def _take(wanted: int, seen: set[tuple[str, str]], found: Iterator[Row]) -> list[Row]:
    rows: list[Row] = []
    for row in found:
        if row.key in seen or row.left == row.right:
            continue
        seen.add(row.key)
        rows.append(row)
        if len(rows) == wanted:
            break
    return rows


def _draw(name: str) -> Random:
    return Random(f"{SEED} {name}")


def positives(variant: VariantClass) -> Iterator[Row]:
    """Pairs of one person: the class itself, and in four of ten one or two lawful classes more."""
    draw = _draw(variant.code)
    lawful = [other.code for other in CLASSES if other.group == LAWFUL]
    while True:
        one = person(draw)
        codes = [variant.code]
        for code in draw.sample(lawful, 6)[: draw.choices((0, 3, 6), (6, 3, 1))[0]]:
            if len(codes) < 3 and compatible(codes, code):
                codes.append(code)
        changed, applied = apply(one, codes, draw)
        if variant.code in applied and changed.text != one.text:
            yield _row(variant.group, variant.code, "+".join(applied), (one, changed), draw)


def apply(one: Person, codes: Sequence[str], draw: Random) -> tuple[Person, list[str]]:
    """Apply classes in the order of their stages; return the name and the codes that changed something."""
    applied = []
    for code in sorted(codes, key=lambda code: BY_CODE[code].stage):
        changed = BY_CODE[code].generate(one, draw)
        if changed and changed.text != one.text:
            one = changed
            applied.append(code)
    return one, applied


def negatives(family: str, count: int) -> Iterator[Row]:
    """Pairs of two people of a family, of which so many are wanted."""
    draw, variety = _draw(family), Variety(count)
    while True:
        pair = FAMILIES[family](draw)
        if pair and _distinct(pair) and not may_be_same(pair[0].text, pair[1].text) and variety.admits(pair):
            yield _negative(family, pair, draw)


class Variety:
    """Counts in which words the pairs of a family differ, so that no two words make up much of it."""

    def __init__(self, count: int) -> None:
        self._limit, self._of_closed = max(1, count // ONE_IN), max(1, count // ONE_IN_OF_CLOSED)
        self._seen: Counter[frozenset[frozenset[str]]] = Counter()

    def admits(self, pair: Pair) -> bool:
        """Whether there is room for one more pair that differs in these words; if so, count it."""
        left, right = (frozenset(one.words) for one in pair)
        differing = frozenset({left - right, right - left})
        short_list = (left ^ right) <= closed()
        if self._seen[differing] >= (self._of_closed if short_list else self._limit):
            return False
        self._seen[differing] += 1
        return True


def neighbours(count: int) -> Iterator[Row]:
    """Pairs of nearest neighbours in a population, drawn until there are enough."""
    draw, variety = _draw(NEIGHBOURS), Variety(count)
    while True:
        people: dict[str, Person] = {}
        while len(people) < max(count, 500):
            one = person(draw)
            people[one.text] = one
        for pair in nearest_neighbours(list(people.values()), may_be_same):
            if _distinct(pair) and variety.admits(pair):
                yield _negative(NEIGHBOURS, pair, draw)


def _distinct(pair: Pair) -> bool:
    """Whether neither name says a word twice: a name said twice is how forms pad a single one."""
    return all(len(set(one.words)) == len(one.words) for one in pair)


def _negative(family: str, pair: Pair, draw: Random) -> Row:
    left, right = pair
    detail = forbidden(family, pair)
    if draw.random() < SHARE_NOISE:
        noisy, applied = apply(left, [draw.choice(NOISE)], draw)
        if applied and not may_be_same(noisy.text, right.text):
            left, detail = noisy, "+".join([*([detail] if detail else []), *applied])
    return _row(NEGATIVE, family, detail or "-", (left, right), draw)


def forbidden(family: str, pair: Pair) -> str:
    """Which X rule of the facts a pair of two people breaks, if it is one of those."""
    left, right = (plain_words(one.text) for one in pair)
    if family == "swapped sex":
        return "9X"
    if any(set(left) & order for order in BIRTH) and pair[0].people == "balinese" and family == "siblings":
        return "16X"
    if {"BIN", "BINTI"} & set(pair[0].words):
        return "14X"
    if left[0] == right[0] and left[-1] != right[-1] and {left[-1], right[-1]} <= clans():
        return "17X"
    return ""


def _row(group: str, name: str, detail: str, pair: Pair, draw: Random) -> Row:
    left, right = pair if draw.random() < 0.5 else pair[::-1]
    return Row(group, name, detail, left.text, right.text)


def as_text(rows: Sequence[Row]) -> str:
    """A split as its file holds it."""
    lines = ("\t".join((row.group, row.name, row.detail, row.left, row.right)) for row in rows)
    return "\n".join((HEADER, *lines)) + "\n"


def main() -> None:
    """Hold every file to its digest; make the test split anew and compare, or write it."""
    parser = argparse.ArgumentParser(prog="python -m bench.names.split", description=__doc__)
    parser.add_argument(
        "--write", action="store_true", help="replace the test split: makes another benchmark"
    )
    arguments = parser.parse_args()
    made = as_text(generate(SIZE))
    if arguments.write:
        path("test").write_bytes(lzma.compress(made.encode("ascii"), preset=9 | lzma.PRESET_EXTREME))
    for split in SPLITS:
        held = digest(read_text(split))
        print(f"{split}: {held} {'as frozen' if held == FROZEN[split] else 'NOT the one that was frozen'}")
    print(f"the generators make {digest(made)}")


if __name__ == "__main__":
    main()
