"""What model 2026.2 sees that the one before it did not, and that its shelves never cross."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.names import Handling, Verdict, compare, models, normalise
from padan.names.clusters import is_possible
from padan.names.spelling import fold
from padan.names.tables import CLANS, NAMES
from padan.names.words import Word, word

MODEL = models["2026.2"]
# Written for these tests by hand: the two names, the shelf or verdict, and the codes that explain it.
BY_RULE = """
Listiani Putri|Listyani Putri|same_sounds
Sasy Harum|Sasi Harum|same_sounds
Vera Lestari|Fera Lestari|same_sounds
Raharjo Utama|Raharja Utama|javanese_vowel
Solehah Munir|Sholihah Munir|sound_alike
Jusnjati Amin|Jusniati Amin|sound_alike
Ida Aju Sarini|Ida Ayu Sarini|old_spelling
Hoeriyah Zahidah|Khoiriyah Zahidah|sound_alike
Julaeha Sintawati|Juleha Sintawati|sound_alike
Nurajizah Amir|Nurazizah Amir|arabic_spelling
Ktut Sudana|Ketut Sudana|vowels
Mch. Ansori|Mochamad Ansori|short_form
Sitifaujiah|Siti Fauziah|arabic_spelling joined
Silvanahwenda Putri|Silvana Wenda Putri|joined
Imadde Darmika|I Made Darmika|balinese_prefix joined
Tantri-Joeniarti Tantri-Joeniarti|Tantri Juniarti|folded repeated
Drs Radden Saputra|Raden Saputra|noble_title title
Kusnadi Genta Kusumadinat|Kusnadi Genta Kusumadinata|truncated
Kusnadi Muhammad Ferdians|Kusnadi Muhammad Perdiansyah|truncated
Kusnadi Muhammad Kusumadi|Kusnadi Muhammad Kusumadinata|truncated
"""
BY_SLIP = """
Sutirsno Hadi|Sutrisno Hadi|slip
Hagfnidar Amir|Hafnidar Amir|slip
Munkgas Amir|Mungkas Amir|slip
Muhamnmad Nafis|Muhammad Nafis|slip
Armoluds Yenu|Arnoldus Yenu|two_slips
"""
BY_SLIP_OR_NAME = """
Margana Pratama|Martana Pratama|slip_or_name
Hasmawati Ekasari|Hasnawati Ekasari|slip_or_name
Indarwati Okta|Indrawati Okta|slip_or_name
Ardian Karsono|Ardiman Karsono|slip_or_name
"""
NOT_ACCEPTED = """
Kusnadi Kumalasari Khalid|Kusnadi Kumalasari Khalidah|partial
Kumalasari Munir Mustaqim|Kumalasari Munir Mustaqimah|partial
Kusnadi Maulana S Gabriel|Kusnadi Maulana S Gabriela|partial
Kumalasari Maitimu Sholeh|Kumalasari Maitimu Sholehah|partial
Kusnadi Muhammad S Kusuma|Kusnadi Muhammad S Kusumawardani|partial
Fira Paramitha|Firda Paramitha|partial
Rafi Pangestu|Rafid Pangestu|partial
Fernando Silaban|Fernanda Silaban|different
Armando Silaban|Armanda Silaban|different
Muhammad Labib|Muchammad Habib|different
"""


def _cases(lines: str) -> list[list[str]]:
    return [line.split("|") for line in lines.strip().splitlines()]


@pytest.mark.parametrize(("a", "b", "codes"), _cases(BY_RULE))
def test_what_rules_explain_in_full_is_above_all_else(a: str, b: str, codes: str) -> None:
    comparison = compare(a, b, model=MODEL)
    assert comparison.score >= 0.9
    assert " ".join(sorted(reason.code for reason in comparison.reasons)) == codes


@pytest.mark.parametrize(("a", "b", "codes"), _cases(BY_SLIP))
def test_a_slip_that_shows_stands_below_that(a: str, b: str, codes: str) -> None:
    comparison = compare(a, b, model=MODEL)
    assert (comparison.verdict, [reason.code for reason in comparison.reasons]) == (
        Verdict.VARIATION,
        [codes],
    )
    assert 0.85 <= comparison.score < 0.9


@pytest.mark.parametrize(("a", "b", "codes"), _cases(BY_SLIP_OR_NAME))
def test_a_slip_that_may_be_another_name_stands_last(a: str, b: str, codes: str) -> None:
    comparison = compare(a, b, model=MODEL)
    assert (comparison.verdict, [reason.code for reason in comparison.reasons]) == (
        Verdict.VARIATION,
        [codes],
    )
    assert 0.8 <= comparison.score < 0.85


@pytest.mark.parametrize(("a", "b", "verdict"), _cases(NOT_ACCEPTED))
def test_what_may_be_another_person_is_not_accepted(a: str, b: str, verdict: str) -> None:
    assert compare(a, b, model=MODEL).verdict == verdict


def test_costs_never_lead_from_one_shelf_to_the_next() -> None:
    by_rule = (
        "Prof. Dr. R. Ktut Sutrisna, S.H.|Sutrisno Ketut bin Karim",
        "Nopi Faujiah alias Ani|Fauziah Novy",
    )
    by_slip = "Sutirsno Hadi|Sutrisno Hadi", "Hagfnidar Amir|Hafnidar Amir"
    by_name = "Indarwati Okta|Indrawati Okta", "Hasmawati Ekasari|Hasnawati Ekasari"
    scores = [
        [compare(*pair.split("|"), model=MODEL).score for pair in pairs]
        for pairs in (by_rule, by_slip, by_name)
    ]
    assert min(scores[0]) > max(scores[1]) >= min(scores[1]) > max(scores[2])


def test_shelves_touch_and_do_not_overlap() -> None:
    shelves = [MODEL.shelves[handling] for handling in list(Handling)[:3]]
    assert [low for low, _ in shelves[:-1]] == [high for _, high in shelves[1:]]
    assert (shelves[-1][0], shelves[0][1]) == (0.8, 1.0)
    # What lies on a lower shelf costs something, so that it stays below the next.
    assert all(
        feature.cost > 0
        for feature in MODEL.words
        if feature.handling in {Handling.SLIP, Handling.SLIP_OR_NAME}
    )


@pytest.mark.parametrize("table", [NAMES, CLANS])
def test_every_known_name_is_possible(table: dict[str, str]) -> None:
    assert [key for key in table if not is_possible(key)] == []


@pytest.mark.parametrize("text", ["SUTIRSNO", "KGHANSA", "MUNKGAS", "HRLAMBANG", "CHADNRA", "VNAESA"])
def test_what_no_name_has_is_not_possible(text: str) -> None:
    assert not is_possible(fold(text))


@pytest.mark.parametrize(
    "feature",
    dict.fromkeys(feature.applies for feature in MODEL.words),
    ids=lambda item: item.__name__,
)
def test_a_feature_sees_the_same_from_either_side(feature: object) -> None:
    words = [word(text) for text in _WORDS.split()]
    assert callable(feature)
    for a, b in product(words, words):
        assert feature(a, b) == feature(b, a), (a.text, b.text)


_WORDS = """
SUTRISNO SUTIRSNO SUTRISNA SUTRISNI RIFAI RIFAT LENA LENNY SASY SASI WARSI AYU AJU EDY EDJ MCH. MUHAMMAD
MUHAMNMAD MOCHAMAD M. KTUT KETUT FERNANDO FERNANDA JULAEHA JULEHA ZULAIKHA KHALID KHALIDAH INDARWATI
INDRAWATI MARGANA MARTANA 5ITI SITI S. ARNOLDUS ARMOLUDS JUSNJATI JUSNIATI HOERIYAH KHOIRIYAH RINA RITA
EKA EKO DWI WAYAN PUTU MADE HASAN HUSEIN
"""


@given(st.text(alphabet="AEIOUYKHNGSTRDMLJ", min_size=1, max_size=12))
def test_any_letters_have_sounds_and_a_normal_form_of_their_own(text: str) -> None:
    item = Word(text)
    assert item.heard
    assert isinstance(is_possible(item.key), bool)
    assert normalise(normalise(text)) == normalise(text)


def test_whoever_gives_many_words_does_not_learn_which_are_right() -> None:
    found = compare("Siti Nurhaliza Agus Joko Wahyu Rina Harahap Dewi", "SITI NURHALIZA HARAHAP")
    assert found.verdict is Verdict.DIFFERENT
    assert found.reasons[-1].code == "many_words"


def test_an_initial_is_written_as_one_letter() -> None:
    assert compare("W. Kurniawan", "WAHYU KURNIAWAN").reasons[0].code == "initial"
    assert compare("Whhh Kurniawan", "WAHYU KURNIAWAN").verdict is Verdict.DIFFERENT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SARAH", "SIARA"),
        ("ASYA", "ASIAH"),
        ("YERMINA", "ERMINA"),
        ("IYAN", "YAN"),
        ("KRISTINA", "RISTINA"),
        ("MARETTA", "MARTA"),
        ("DEWIYANI", "DWIYANI"),
    ],
)
def test_rules_of_spelling_join_no_two_names(one: str, other: str) -> None:
    found = compare(f"{one} Wirakusumah", f"{other} Wirakusumah")
    assert found.score < 0.9, [reason.code for reason in found.reasons]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SYARA", "SARA"),
        ("ARDIANSYAH", "ARDIANSIAH"),
        ("JUSUF", "YUSUF"),
        ("MAKRUF", "MARUF"),
        ("KETUT", "KTUT"),
    ],
)
def test_and_join_the_spellings_of_one(one: str, other: str) -> None:
    assert compare(f"{one} Wirakusumah", f"{other} Wirakusumah").score >= 0.9
