"""The benchmark of names: its splits stay what they were, their labels hold, and its table hides nothing."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from random import Random

import bench.names as benchmark
import pytest
from bench.names import report
from bench.names import split as split_module
from bench.names.classes import BY_CODE, CLASSES, LAWFUL
from bench.names.doubt import may_be_same
from bench.names.measure import Share, area, at_rate, result, threshold
from bench.names.negatives import FAMILIES, NEIGHBOURS, closed
from bench.names.people import (
    CLOSED,
    EARLIER,
    SPLITS,
    VARIANTS,
    Person,
    Split,
    known,
    raw_words,
    variant_tables,
)
from bench.names.split import (
    NEGATIVE,
    ONE_IN,
    ONE_IN_OF_CLOSED,
    SIZE,
    Row,
    Size,
    as_text,
    digest,
    generate,
    negatives,
    read,
    read_text,
)
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parent.parent.parent

# A new digest is a new benchmark: say so in the changes, and compare its figures with no older ones.
FROZEN: dict[Split, str] = {
    "dev": "415a041edbad3fe3979a6a64476504c6a29a8b99c4eb1fc902d0dd525e4a007d",
    "dev2": "4d63a701c77fc6b71eb938345633c053159b9319560dd3353ea6f2ce4d9c4f78",
    "dev3": "30e198462e17c5793da8b77d9903120d826ad6c512f99405ed68d54b47752f0e",
    "test": "36268bf69895ef1428a7b2949c183f5e766bb83e97fdfb8e289a57276284fc61",
}
SMALL = Size(lawful=12, apart=6, family=40)


@pytest.fixture(scope="module")
def frozen() -> list[Row]:
    return read("test")


@pytest.mark.parametrize("split", SPLITS)
def test_the_frozen_splits_are_the_ones_that_were_frozen(split: Split) -> None:
    assert digest(read_text(split)) == FROZEN[split] == split_module.FROZEN[split]


def test_the_generators_make_the_same_split_in_every_process() -> None:
    program = "from bench.names.split import *; print(digest(as_text(generate(Size(12, 6, 40)))))"
    again = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert again.stdout.strip() == digest(as_text(generate(SMALL)))


def test_the_frozen_test_split_has_every_class_and_family_in_full(frozen: list[Row]) -> None:
    counts = {name: sum(row.name == name for row in frozen) for name in {row.name for row in frozen}}
    expected = {item.code: SIZE.lawful if item.group == LAWFUL else SIZE.apart for item in CLASSES}
    assert counts == expected | dict.fromkeys((*FAMILIES, NEIGHBOURS), SIZE.family)
    assert sum(row.group == LAWFUL for row in frozen) >= 20_000
    assert sum(row.group == NEGATIVE for row in frozen) >= 200_000


def test_no_pair_has_two_labels_and_none_is_a_name_and_itself(frozen: list[Row]) -> None:
    assert len({row.key for row in frozen}) == len(frozen)
    assert [row for row in frozen if row.left == row.right] == []


def test_a_pair_of_one_person_carries_the_class_it_counts_for(frozen: list[Row]) -> None:
    assert [row for row in frozen if row.group != NEGATIVE and row.name not in row.detail.split("+")] == []
    assert [row for row in frozen if row.group != NEGATIVE and len(row.detail.split("+")) > 3] == []


def test_two_people_of_the_split_are_two_beyond_doubt(frozen: list[Row]) -> None:
    plain = [
        row for row in frozen if row.group == NEGATIVE and row.detail in {"-", "9X", "14X", "16X", "17X"}
    ]
    assert [row for row in plain[::40] if may_be_same(row.left, row.right)] == []


def test_no_two_words_make_up_much_of_a_family(frozen: list[Row]) -> None:
    counts: dict[str, Counter[frozenset[frozenset[str]]]] = defaultdict(Counter)
    for row in frozen:
        if row.group == NEGATIVE and row.detail in {"-", "9X", "14X", "16X", "17X"}:
            left, right = (frozenset(name.split()) for name in (row.left, row.right))
            limit = ONE_IN_OF_CLOSED if left ^ right <= closed() else ONE_IN
            counts[f"{row.name}, one in {limit}"][frozenset({left - right, right - left})] += 1
    most = {family: max(pairs.values()) for family, pairs in counts.items()}
    assert {
        family: many for family, many in most.items() if many > SIZE.family // int(family.split()[-1])
    } == {}


def test_the_test_split_has_no_pair_of_the_development_splits(frozen: list[Row]) -> None:
    earlier = {row.key for split in SPLITS if split != "test" for row in read(split)}
    assert {row.key for row in frozen}.isdisjoint(earlier)


def test_the_test_split_has_base_words_of_its_own() -> None:
    earlier = {word for file in EARLIER for listed in raw_words(file).values() for word in listed}
    own = {name: set(listed) for name, listed in raw_words().items() if name not in CLOSED}
    assert {name: words & earlier for name, words in own.items() if words & earlier} == {}
    assert sum(map(len, own.values())) > 15_000


@pytest.mark.parametrize(("section", "key"), [
    ("vowels", "pairs"), ("javanese", "final_vowel"), ("mirrors", "pairs"),
    ("twins", "men"), ("twins", "women"), ("twins", "both"),
])  # fmt: skip
def test_the_open_tables_of_the_test_split_share_no_pair_with_the_earlier(section: str, key: str) -> None:
    own, *earlier = ({frozenset(line.split("/")) for line in table(file, section, key)} for file in VARIANTS)
    assert own.isdisjoint(frozenset().union(*earlier))


def table(file: str, section: str, key: str) -> list[str]:
    found = variant_tables(file)[section]
    assert isinstance(found, Mapping)
    return str(found[key]).split()


def test_a_cut_or_a_slip_makes_no_other_known_name(frozen: list[Row]) -> None:
    rows = [row for row in frozen if row.detail in {"24", "25"}]
    changed = [
        words[0]
        for row in rows
        for one, other in ((row.left, row.right), (row.right, row.left))
        if len(words := sorted(set(one.split()) - set(other.split()))) == 1
    ]
    assert len(changed) > 1_000
    # Of the two words of such a pair one is known, the other not.
    assert sum(word in known() for word in changed) <= len(changed) / 2


@pytest.mark.parametrize(("left", "right"), [
    ("PUTRA WIJAYA", "PUTRI WIJAYA"), ("SUTRISNO", "SUTRISNI"), ("HASAN BASRI", "HUSIN BASRI"),
    ("I WAYAN SUDANA", "I MADE SUDANA"), ("NI MADE SARI", "I MADE SARI"), ("EKA LESTARI", "DWI LESTARI"),
    ("MARULI SINAGA", "MARULI SIREGAR"), ("BUDI SANTOSO", "RUDI SANTOSO"), ("RIANA", "RINA"),
    ("DARMAWAN", "DARMAN"), ("SALIM", "SALIMAH"), ("FITRIA", "FITRI"), ("KURNIAWAN", "KURNIAWATI"),
    ("SALIMAH", "SALMAH"), ("NABILATUL", "NADILATUL"),
])  # fmt: skip
def test_what_the_facts_forbid_to_treat_as_one_is_beyond_doubt(left: str, right: str) -> None:
    assert not may_be_same(left, right)


@pytest.mark.parametrize(("left", "right"), [
    ("SOEKARNO", "SUKARNO"), ("MUHAMMAD RIZKI", "M. RISKY"), ("NURHAYATI", "NUR HAYATI"),
    ("BUDI SANTOSO", "BUDI S."),
    ("SUTRISNO", "SUTRISNA"), ("DRS. H. SUPARMAN, M.SI.", "SUPARMAN"), ("I WAYAN SUDANA", "WAYAN SUDANA"),
    ("BUDI SANTOSO", "SANTOSO BUDI"), ("KHOTIMAH", "CHOTIMAH"), ("STEFANUS", "STEPANUS"),
    ("BUDI", "BUDI SANTOSO"), ("MUHAMMAD ABDUL RAHMAN", "MUHAMMAD ABDURRAHMAN"), ("RAHEL", "RACHEL"),
    ("MAMAD", "MAMAT"), ("ROHAYATI", "ROHAETI"), ("SAKDIAH", "SADIYAH"), ("JUWAIRIYAH", "JUARIYAH"),
    ("AGUSTINA", "AUGUSTINA"), ("KHAIRUNNISA", "KHOIRUNNISAK"), ("SUPRIHATINI", "SUPRIATIN"),
    ("YUSUF DJAJA", "JOESOEP JAYA"), ("I KADEK SURYA", "I MADE SURYA"), ("KUSUMAWATI", "KUSMAWATI"),
    ("SITI RAHMAWATI MUSTAQIMAH", "SITI ROHMAWATI MUSTAQIMAHTUN"), ("ALBERTUS", "ALBERT"),
    ("MUHAMMAD NAZARI MUSTAQIM", "MOHAMAD NAJARI MUSTAQIMAH"), ("LASMARIA", "LAMSARIA"),
    ("ROMADHON", "RAMDHAN"), ("KHABIBATUL", "KHABIBATUS"), ("SHAQUILA", "SHAQILA"),
    ("SUPRASETYO", "SUPRASTYO"),
])  # fmt: skip
def test_what_might_be_one_person_is_in_no_family(left: str, right: str) -> None:
    assert may_be_same(left, right)


@pytest.mark.parametrize(("code", "person", "allowed"), [
    ("1", Person(("SUKARNO",), "M", "javanese"), {"SOEKARNO"}),
    ("3", Person(("ABDUL", "AZIZ"), "M", "muslim"), {"ABD. AZIZ", "ABD AZIZ", "A. AZIZ"}),
    ("9", Person(("DALIJO",), "M", "javanese"), {"DALIJA"}),
    ("16", Person(("I", "MADE", "SUDANA"), "M", "balinese"), {"MADE SUDANA", "IMADE SUDANA"}),
    ("17P", Person(("RUTH", "SINAGA"), "F", "batak", clan=True), {"RUTH", "RUTH S."}),
    ("20", Person(("BUDI", "SANTOSO"), "M", "javanese"), {"SANTOSO BUDI"}),
    ("24", Person(("MUSTAGHFIROH", "MUKARROMAH"), "F", "muslim"), set()),
])  # fmt: skip
def test_a_class_changes_a_name_as_its_rule_says(code: str, person: Person, allowed: set[str]) -> None:
    made = [BY_CODE[code].generate(person, Random(seed)) for seed in range(60)]
    assert {one.text for one in made if one and one.text != person.text} == allowed


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_gives_two_people(family: str) -> None:
    rows = list(islice(negatives(family, 1_000), 50))
    assert all(row.group == NEGATIVE and row.left != row.right for row in rows)


@given(st.lists(st.integers(0, 20), min_size=1), st.floats(0, 0.99))
def test_a_threshold_lets_through_no_more_than_its_share(scores: list[int], rate: float) -> None:
    limit = threshold(scores, rate)
    assert sum(score > limit for score in scores) <= rate * len(scores)


@given(st.lists(st.integers(0, 9), min_size=1), st.lists(st.integers(0, 9), min_size=1))
def test_the_area_is_the_share_of_pairs_in_the_right_order(lawful: list[int], other: list[int]) -> None:
    right = sum((one > two) + (one == two) / 2 for one in lawful for two in other)
    assert area(lawful, other) == pytest.approx(right / (len(lawful) * len(other)))


def test_the_interval_of_twenty_in_two_hundred_thousand_is_wide() -> None:
    low, high = Share(20, 200_000).interval
    assert low == pytest.approx(6.5e-5, abs=1e-6)
    assert high == pytest.approx(1.54e-4, abs=1e-6)


@pytest.fixture(scope="module")
def labelled() -> list[Row]:
    return [row for row in read("dev")[::20] if row.group != "apart"]


def test_who_knows_the_labels_reaches_the_goals_and_who_guesses_does_not(labelled: list[Row]) -> None:
    rows = labelled
    truth = {(row.left, row.right): float(row.group == LAWFUL) for row in rows}
    knowing = result(lambda left, right: truth.get((left, right), 0.0), rows)
    guessing = result(lambda left, right: 0.5, rows)
    assert [goal["holds"] for goal in report.goals({"padan.names": knowing, "ratio": guessing})] == [True] * 3
    assert [goal["holds"] for goal in report.goals({"padan.names": guessing, "ratio": knowing})] == [
        False
    ] * 3
    assert all(report.failing({"padan.names": guessing}).values())


def test_a_class_that_is_refused_is_named_below_the_goal(labelled: list[Row]) -> None:
    rows = labelled
    truth = {(row.left, row.right): float(row.group == LAWFUL and row.name != "16") for row in rows}
    found = report.failing({"padan.names": result(lambda left, right: truth.get((left, right), 0.0), rows)})
    assert {rate: [line.split(" (")[0] for line in lines] for rate, lines in found.items()} == {
        "1 in 1,000": ["16 Balinese forms"],
        "1 in 10,000": ["16 Balinese forms"],
    }


def test_a_rate_counts_the_families_apart() -> None:
    rows = [Row(NEGATIVE, "twins", "-", "A", "B"), Row(NEGATIVE, "siblings", "16X", "C", "D")]
    at = at_rate(0.1, 0.5, list(zip(rows, (0.9, 0.1), strict=True)))
    assert (at.accepted, at.families["twins"], at.rules["16X"]) == (Share(1, 2), Share(1, 1), Share(0, 1))


def test_the_printed_tables_have_every_class_family_and_goal() -> None:
    results, about = benchmark.figures("dev", size=2_500, without=frozenset({"nomenklatura"}))
    lines = report.as_text(results, about).splitlines()
    assert {"rapidfuzz ratio", "Jaro-Winkler", "token sort ratio", "token set ratio", "WRatio"} <= set(
        results
    )
    wanted = [f"  {item.code} {item.title} " for item in CLASSES]
    wanted += [f"  {family} " for family in (*FAMILIES, NEIGHBOURS, "all negatives")]
    missing = [title for title in wanted if sum(line.startswith(title) for line in lines) != 2]
    assert missing == []
    assert sum("at least" in line for line in lines) == 3
    printed = report.as_json(results, about)
    assert set(printed["results"]["WRatio"]["at"]["1 in 1000"]["recallPerClass"]) == set(BY_CODE)
