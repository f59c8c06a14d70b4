"""What a model answered once it answers ever after, and which name comes first makes no difference."""

from __future__ import annotations

import hashlib

import pytest
from bench.names.split import Row, read
from hypothesis import given
from hypothesis import strategies as st

from padan.names import Comparison, compare, models

# Digests of a model's answers over the dev split. One that changes is a new model, or mends what was no
# judgement (how text is read); that stands in CHANGELOG.md.
ANSWERS = {
    "2026.1": "f075efd51e231332d9a7fcac9dfaad343f96533efebb5c4f28939388cf26dae7",
    "2026.2": "fd1303e1d76e4bcd488117a94368a61d1b6d3b96b0a33175983518100e171276",
}
# Names of words that mean something to the reader of names, near enough to one another to be confused.
_WORDS = """
ANA ANNA ANI ANAK DARI BIN BINTI ALIAS AL. H. HJ DRS. S.H. A.AA M. MUH. MUHAMMAD MUHAMAD MOCHAMMAD HABIB
LABIB ABDUL RAHMAN ABDURRAHMAN ABDULRAHMAN I NI IWAYAN WAYAN MADE KETUT KTUT GEDE IDA AYU BAGUS I.B.
RADEN R. RM AJENG BR SIREGAR HARAHAP S. SI SIT SITI NUR NURHAYATI HAYATI SUTRISNO SUTIRSNO SUTRISNI
SUTRISNA EKA DWI HASAN HUSEIN RAFI RAFID RAFIT LENA LENNY LENI KHALID KHALIDAH 5ITI 1 O - , @ JUSUF YUSUF
JOKO YOKO PUTRA PUTRI FERNANDO FERNANDA
"""
NAMES = st.lists(st.sampled_from(_WORDS.split()), max_size=6).map(" ".join)


@pytest.fixture(scope="module")
def pairs() -> list[Row]:
    return read("dev")


def _line(found: Comparison) -> str:
    return f"{found.verdict} {found.score:.6f} {' '.join(sorted(reason.code for reason in found.reasons))}\n"


@pytest.mark.parametrize("name", models)
def test_a_model_answers_as_it_did(name: str, pairs: list[Row]) -> None:
    answers = hashlib.sha256()
    for row in pairs:
        answers.update(_line(compare(row.left, row.right, model=models[name])).encode())
    assert answers.hexdigest() == ANSWERS[name]


@pytest.mark.parametrize("name", models)
@given(NAMES, NAMES)
def test_which_name_comes_first_makes_no_difference(name: str, a: str, b: str) -> None:
    one, other = (compare(*pair, model=models[name]) for pair in ((a, b), (b, a)))
    assert _line(one) == _line(other)


def test_the_words_of_a_reason_keep_to_their_side() -> None:
    for a, b in (("Moch. Agus", "Muhammad Agus"), ("Muhammad Agus", "Moch. Agus")):
        [reason] = compare(a, b).reasons
        assert (reason.left, reason.right) == (a.split()[0].upper(), b.split()[0].upper())
