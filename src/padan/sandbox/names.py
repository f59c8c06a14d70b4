"""Names that fit a person's region, year of birth and sex.

Words and patterns stand in ``data/names.toml``: a pattern is a weight and its parts, a lower-case
part names a list of words, an upper-case part stands as it is. Lists run from the most frequent
word to the rarest. Which share of people bears which kind of name is assumed.
"""

import datetime
import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any, Final

from padan.nik import Sex
from padan.sandbox.hashing import mix, uniform

LONGEST_NAME: Final = 60
"""Letters and spaces, by Permendagri 73/2022."""

TWO_WORDS_SINCE: Final = datetime.date(2022, 4, 21)
"""The day of Permendagri 73/2022: newer names have two words or more and no abbreviation."""

_FIRST_MIDDLE_YEAR: Final = 1965
_FIRST_YOUNGER_YEAR: Final = 1990
_SHARE_HAJI: Final = 0.02
_SHARE_DEGREE: Final = 0.012
_TITLE_AGE_BEFORE: Final = 1985
_MALE_TITLES_AFTER: Final = (
    ", S.H.",
    ", S.E.",
    ", S.PD.",
    ", S.T.",
    ", S.SOS.",
    ", M.M.",
    ", M.SI.",
    ", S.KOM.",
)
_TITLES_BEFORE: Final = ("DRS. ", "IR. ", "DR. ")
_FEMALE_TITLES_BEFORE: Final = ("DRA. ", "IR. ", "DR. ")

Words = Sequence[str]


@dataclass(frozen=True, slots=True)
class Weighted:
    """Choices with their cumulative weights, the last of which is the total."""

    limits: Sequence[float]
    choices: Sequence[Any]

    def at(self, fraction: float) -> Any:
        """Return the choice that lies at a fraction, 0 to 1, of the total weight."""
        return self.choices[bisect_right(self.limits, fraction * self.limits[-1])]


@dataclass(frozen=True, slots=True)
class _Group:
    religion: Weighted
    patterns: Mapping[str, Weighted]


@cache
def _tables() -> tuple[Mapping[str, _Group], Mapping[str, Weighted]]:
    text = files("padan.sandbox").joinpath("data/names.toml").read_text("utf-8")
    data = tomllib.loads(text)
    words = {name: [word.replace("_", " ") for word in line.split()] for name, line in data["words"].items()}
    groups = {name: _group(table, words) for name, table in data["groups"].items()}
    return groups, {code: _shares(line) for code, line in data["regions"].items()}


def _group(table: Mapping[str, Any], words: Mapping[str, Words]) -> _Group:
    patterns = {
        f"{age}_{sex}": _patterns(table.get(f"{age}_{sex}", table[f"younger_{sex}"]), words)
        for age in ("older", "middle", "younger")
        for sex in ("male", "female")
    }
    for sex in ("male", "female"):
        lines = [line for line in table[f"younger_{sex}"] if len(line.split()) > 2]
        patterns[f"newborn_{sex}"] = _patterns(lines, {k: _unabbreviated(v) for k, v in words.items()})
    return _Group(religion=_shares(table["religion"]), patterns=patterns)


def _unabbreviated(words: Words) -> Words:
    return [word for word in words if "." not in word]


def _patterns(lines: Sequence[str], words: Mapping[str, Words]) -> Weighted:
    parts = [line.split() for line in lines]
    choices = [tuple(words.get(part, (part,)) for part in part_names) for _, *part_names in parts]
    return Weighted(tuple(accumulate(float(weight) for weight, *_ in parts)), choices)


def _shares(line: str) -> Weighted:
    pairs = [part.split() for part in line.split(",")]
    return Weighted(tuple(accumulate(float(w) for _, w in pairs)), [name for name, _ in pairs])


def group_of(regency_code: str, draw: int) -> str:
    """Return the people (as javanese, minang, chinese) whose names somebody of a regency bears."""
    regions = _tables()[1]
    shares = regions.get(regency_code) or regions[regency_code[:2]]
    group: str = shares.at(uniform(draw, 1))
    return group


def religion_of(group: str, draw: int) -> str:
    """Return the religion of somebody of a group, as a card writes it."""
    religion: str = _tables()[0][group].religion.at(uniform(draw, 2))
    return religion


def full_name(group: str, sex: Sex, born: datetime.date, draw: int) -> str:
    """Return a name of a group for a sex and a date of birth: upper-case, at most 60 letters."""
    sex_word = "male" if sex is Sex.MALE else "female"
    pattern = _tables()[0][group].patterns[f"{_age(born)}_{sex_word}"].at(uniform(draw, 3))
    chosen: list[str] = []
    for place, words in enumerate(pattern):
        # The first words of a list are up to 2.5 times as frequent as an even spread: a flat head.
        fraction = uniform(draw, 4, place)
        rank = int(fraction * (0.4 + 0.6 * fraction) * len(words))
        word = words[rank]
        if word in chosen:  # nobody is called twice the same, and two words stay two
            word = words[(rank + 1) % len(words)]
        chosen.append(word)
    name = " ".join(chosen)
    if born.year < _TITLE_AGE_BEFORE:
        name = _with_title(name, group, sex, draw)
    return name if len(name) <= LONGEST_NAME else chosen[0]


def _age(born: datetime.date) -> str:
    if born >= TWO_WORDS_SINCE:
        return "newborn"
    if born.year >= _FIRST_YOUNGER_YEAR:
        return "younger"
    return "middle" if born.year >= _FIRST_MIDDLE_YEAR else "older"


def _with_title(name: str, group: str, sex: Sex, draw: int) -> str:
    chance = uniform(draw, 5)
    if chance < _SHARE_HAJI and religion_of(group, draw) == "ISLAM":
        return ("H. " if sex is Sex.MALE else "HJ. ") + name
    if not _SHARE_HAJI < chance < _SHARE_HAJI + _SHARE_DEGREE:
        return name
    choice = mix(draw, 6)
    if choice % 3:
        return name + _MALE_TITLES_AFTER[choice % len(_MALE_TITLES_AFTER)]
    before = _TITLES_BEFORE if sex is Sex.MALE else _FEMALE_TITLES_BEFORE
    return before[choice % len(before)] + name
