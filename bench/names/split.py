"""The splits: made once from a seed, kept in ``data``, read from there ever after.

``python -m bench.names.split`` makes them anew and says whether the files still are what the generators make;
``--write`` replaces them. A split that was replaced is another benchmark: its figures compare with no older
ones.
"""

import argparse
import hashlib
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.names.classes import BY_CODE, CLASSES, LAWFUL, VariantClass, compatible
from bench.names.doubt import may_be_same, plain_words
from bench.names.negatives import BIRTH, FAMILIES, NEIGHBOURS, Pair, nearest_neighbours
from bench.names.people import DATA, Person, Split, clans, person

SEEDS: dict[Split, int] = {"test": 73_2022, "dev": 1972}
NEGATIVE = "negative"
HEADER = "group\tname\tdetail\tleft\tright"
# What is written on one side of a quarter of the negatives, so that a title or an old spelling does not tell
# a positive.
NOISE = ("1", "2", "3", "5", "6", "9", "10", "12", "13", "20", "21", "22", "26")
SHARE_NOISE = 0.25


@dataclass(frozen=True, slots=True)
class Size:
    """Pairs per lawful class, per class apart, and per family of negatives."""

    lawful: int
    apart: int
    family: int


SIZES: dict[Split, Size] = {"test": Size(900, 400, 40_000), "dev": Size(300, 150, 10_000)}


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


def generate(split: Split, size: Size) -> list[Row]:
    """Make a split of a size; the same rows for the same tables, seed and size."""
    rows: list[Row] = []
    seen: set[tuple[str, str]] = set()
    for variant in CLASSES:
        wanted = size.lawful if variant.group == LAWFUL else size.apart
        rows += _take(wanted, seen, positives(split, variant))
    for family in FAMILIES:
        rows += _take(size.family, seen, negatives(split, family))
    rows += _take(size.family, seen, neighbours(split, size.family))
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


def _draw(split: Split, name: str) -> Random:
    return Random(f"{SEEDS[split]} {name}")


def positives(split: Split, variant: VariantClass) -> Iterator[Row]:
    """Pairs of one person: the class itself, and in four of ten one or two lawful classes more."""
    draw = _draw(split, variant.code)
    lawful = [other.code for other in CLASSES if other.group == LAWFUL]
    while True:
        one = person(split, draw)
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


def negatives(split: Split, family: str) -> Iterator[Row]:
    """Pairs of two people of a family."""
    draw = _draw(split, family)
    while True:
        pair = FAMILIES[family](split, draw)
        if pair and _distinct(pair) and not may_be_same(pair[0].text, pair[1].text):
            yield _negative(family, pair, draw)


def neighbours(split: Split, count: int) -> Iterator[Row]:
    """Pairs of nearest neighbours in a population, drawn until there are enough."""
    draw = _draw(split, NEIGHBOURS)
    while True:
        people: dict[str, Person] = {}
        while len(people) < max(count, 500):
            one = person(split, draw)
            people[one.text] = one
        for pair in nearest_neighbours(list(people.values()), may_be_same):
            if _distinct(pair):
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
    """Make the splits and compare them with the files, or write them."""
    parser = argparse.ArgumentParser(prog="python -m bench.names.split", description=__doc__)
    parser.add_argument("--split", choices=("dev", "test"), action="append", help="which; both without it")
    parser.add_argument("--write", action="store_true", help="replace the files: makes another benchmark")
    arguments = parser.parse_args()
    for split in arguments.split or ("dev", "test"):
        text = as_text(generate(split, SIZES[split]))
        if arguments.write:
            path(split).write_bytes(lzma.compress(text.encode("ascii"), preset=9 | lzma.PRESET_EXTREME))
        same = path(split).exists() and digest(read_text(split)) == digest(text)
        print(f"{split}: {digest(text)} {'is what the file holds' if same else 'differs from the file'}")


if __name__ == "__main__":
    main()
