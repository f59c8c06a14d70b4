"""Reasons for who knows one of two names: no word of the other is told."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.names import MESSAGES, Told, compare, told_of

SHORT = "'Moch.' and a word of the record are a short form and the whole word."
# Without A: AA is read as ANAK AGUNG, whose letters the name has not.
LETTERS = st.text(st.sampled_from("EIOUSTRNDHK .,'-13é"), max_size=30)


@pytest.mark.parametrize("code", MESSAGES)
@pytest.mark.parametrize("word", ["", "MOCH."])
def test_every_code_has_a_sentence_with_and_without_a_word(code: str, word: str) -> None:
    english, indonesian = (Told(code, word).message(language) for language in ("en", "id"))
    assert english != indonesian
    for sentence in (english, indonesian):
        assert sentence[0].isupper() or sentence[0] == "'"
        assert sentence.endswith(".")
        assert "{" not in sentence
    if "'{}'" in MESSAGES[code][0] and word:
        assert "'Moch.'" in english


@pytest.mark.parametrize(
    ("own", "held", "sentence"),
    [
        (
            "Moch. Budi",
            "MUHAMMAD BUDI",
            "'Moch.' and a word of the record are a short form and the whole word.",
        ),
        ("Siti Rahayu", "SITI RAHAYU HARAHAP", "The clan of the record is missing in the name given."),
        ("Siti Rahayu Harahap", "SITI RAHAYU", "The clan 'Harahap' is in only one of the names."),
        ("Siti", "DR. SITI", "A title is left out."),
        ("Dr. Siti", "SITI", "The title 'Dr' is left out."),
    ],
)
def test_what_is_told_names_the_words_that_were_given_alone(own: str, held: str, sentence: str) -> None:
    told = told_of(compare(own, held).reasons, name=own)
    assert [one.message() for one in told] == [sentence]


@given(LETTERS, LETTERS)
def test_a_word_that_is_told_stands_in_the_name_that_was_given(one: str, other: str) -> None:
    """Letter by letter, for a dot or a hyphen may part what is one word."""
    letters = Counter(filter(str.isalnum, one.upper().replace("É", "E")))
    for told in told_of(compare(one, other).reasons, name=one):
        assert Counter(filter(str.isalnum, told.word)) <= letters


def test_a_word_that_is_told_is_in_no_repr() -> None:
    assert "MOCH" not in repr(told_of(compare("Moch. Budi", "MUHAMMAD BUDI").reasons, name="Moch. Budi"))


def test_of_many_differences_no_word_is_told() -> None:
    name = "Siti Nurhaliza Agus Joko Wahyu Rina Harahap Dewi"
    told = told_of(compare(name, "SITI NURHALIZA HARAHAP").reasons, name=name)
    assert not any(one.word for one in told)
    assert len({one.code for one in told}) == len(told)
