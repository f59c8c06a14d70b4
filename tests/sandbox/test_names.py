"""Names that fit region, cohort and sex."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections import Counter
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.nik import Sex, regencies_and_cities
from padan.sandbox.names import TWO_WORDS_SINCE, full_name, group_of, religion_of
from tests.sandbox.simulator import NATION

DATA = tomllib.loads(files("padan.sandbox").joinpath("data/names.toml").read_text("utf-8"))
GROUPS = sorted(DATA["groups"])
DATES = st.dates(datetime.date(1916, 1, 1), datetime.date(2025, 12, 31))
DRAWS = st.integers(0, 2**64 - 1)


@given(st.sampled_from(GROUPS), st.sampled_from(Sex), DATES, DRAWS)
def test_a_name_is_upper_case_and_at_most_60_letters(
    group: str, sex: Sex, born: datetime.date, draw: int
) -> None:
    name = full_name(group, sex, born, draw)
    assert re.fullmatch(r"[A-Z][A-Z., ]*", name)
    assert len(name) <= 60
    assert name == " ".join(name.split())


@given(
    st.sampled_from(GROUPS),
    st.sampled_from(Sex),
    st.dates(TWO_WORDS_SINCE, datetime.date(2025, 12, 31)),
    DRAWS,
)
def test_since_2022_a_name_has_two_words_and_no_abbreviation(
    group: str, sex: Sex, born: datetime.date, draw: int
) -> None:
    name = full_name(group, sex, born, draw)
    assert len(name.split()) >= 2
    assert "." not in name


def test_every_part_of_every_pattern_is_a_list_or_a_word() -> None:
    for group in DATA["groups"].values():
        for key, patterns in group.items():
            if key != "religion":
                for part in (part for line in patterns for part in line.split()[1:]):
                    assert part in DATA["words"] or part.isupper()


def test_every_regency_has_its_people() -> None:
    assert {group_of(code, 1) for code in regencies_and_cities()} <= set(GROUPS)
    assert set(DATA["regions"]) <= set(regencies_and_cities()) | {c[:2] for c in regencies_and_cities()}


@pytest.mark.parametrize(
    ("region_code", "pattern", "share"),
    [
        ("51", r"(I|NI|IDA|ANAK|DEWA|DESAK|PUTU|WAYAN|MADE|KADEK|GEDE|NYOMAN|KOMANG|KETUT|LUH)\b", 0.7),
        ("1202", r".*\b(SI[A-Z]+|HUTA[A-Z]+|NA[A-Z]+|PAN[A-Z]+|MAN[A-Z]+|HA[A-Z]+|LU[A-Z]+)$", 0.2),
        ("73", r"(ANDI|MUH|BESSE|SITTI|MUHAMMAD|.*\bDG\.)", 0.12),
    ],
)
def test_names_show_where_their_bearers_come_from(region_code: str, pattern: str, share: float) -> None:
    people = NATION.sample(300, region_code=region_code)
    fitting = sum(bool(re.match(pattern, person.full_name)) for person in people)
    assert fitting / len(people) > share


def test_older_javanese_have_one_word_and_younger_ones_more() -> None:
    def share_of_one_word(before: int, since: int) -> float:
        people = [p for p in NATION.sample(3000, region_code="33") if since <= p.date_of_birth.year < before]
        return sum(" " not in p.full_name for p in people) / len(people)

    assert share_of_one_word(1960, 1900) > 0.5
    assert share_of_one_word(2026, 2000) < 0.2


def test_the_head_of_the_most_frequent_names_is_flat() -> None:
    names = Counter(person.full_name for person in NATION.sample(6000, 5))
    assert names.most_common(1)[0][1] / 6000 < 0.005


def test_some_older_people_have_titles_on_the_card() -> None:
    names = [p.full_name for p in NATION.sample(4000, 6) if p.date_of_birth.year < 1975]
    titled = [n for n in names if re.match(r"(H|HJ|DRS|DRA|IR|DR)\. ", n) or ", " in n]
    assert 0.005 < len(titled) / len(names) < 0.08


def test_religion_fits_the_group() -> None:
    religions = Counter(religion_of("balinese", draw) for draw in range(1000))
    assert religions["HINDU"] > 900
