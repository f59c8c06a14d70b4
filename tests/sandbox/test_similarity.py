"""The score of a fuzzy field."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from padan.sandbox.similarity import similarity

NAMES = st.text("ABCDEI ", max_size=30)


@given(NAMES, NAMES)
def test_it_is_a_symmetric_percentage_and_100_is_equality_alone(one: str, other: str) -> None:
    score = similarity(one, other)
    assert score == similarity(other, one)
    assert 0 <= score <= 100
    assert (score == 100) == (one.split() == other.split())


@given(NAMES, NAMES)
def test_it_agrees_with_the_plain_way_to_count_a_common_subsequence(one: str, other: str) -> None:
    left, right = " ".join(one.split()), " ".join(other.split())
    if left != right and left and right:
        expected = min(99, round(200 * plain(left, right) / (len(left) + len(right))))
        assert similarity(one, other) == expected


def plain(left: str, right: str) -> int:
    row = [0] * (len(right) + 1)
    for letter in left:
        above = row
        row = [0]
        for column, other in enumerate(right):
            row.append(above[column] + 1 if letter == other else max(row[-1], above[column + 1]))
    return row[-1]


def test_case_and_spacing_do_not_count() -> None:
    assert similarity("budi  santoso", " BUDI SANTOSO") == 100


def test_a_slip_scores_high_and_another_name_low() -> None:
    assert similarity("BUDI SANTOSO", "BUDI SANTOSA") > 90
    assert similarity("BUDI SANTOSO", "NI LUH PURNAMI") < 50
