from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from padan.names import DEFAULT, MESSAGES, Verdict, compare, models, normalise
from tests.docs.pages import DOCS, blocks

# Written for these tests by hand: what a person at a counter would say, a line a rule.
SAME = """
Soekarno|Sukarno
Djoko Tjokro|Joko Cokro
Njoman Sudarma|Nyoman Sudarma
Annisa Rahmmawati|Anisa Rahmawati
Fatimah Azzahra|Fatima Azahra
Siti-Aminah|Siti Aminah
Nur'aini|Nuraini
Suharto Suharto|Suharto
Mr Suharto -|SUHARTO
FNU Suharto|Suharto
Drs. H. Budi Santoso, M.Si.|BUDI SANTOSO
Prof. Dr. Ir. Hj. Siti Aminah, S.H., M.Hum., Ph.D.|Siti Aminah
Kompol Budi Santoso S.I.K.|Budi Santoso
Brigjen (Purn.) Budi Santoso|Budi Santoso
Ny. Hartini|Hartini
Rosmaida br. Simanjuntak|Rosmaida Simanjuntak
I.B. Oka|Ida Bagus Oka
José Amaral|Jose Amaral
"""
VARIATION = """
Djoko Tjahjo|Joko Cahyo
Jusuf Surja|Yusuf Surya
Mochammad Soleh|Muhamad Sholeh
Abdurrahman Wahid|Abdul Rahman Wahid
Abdur Rohman|Abdurrahman
Rahmat Hidayatulloh|Rachmat Hidayatullah
Zaenab|Jaenab
Dzulfikar|Zulfiqar
Moch. Agus|Muhammad Agus
M. Rizki|Muhammad Rizky
A. Yani|Ahmad Yani
St. Aminah|Siti Aminah
Nopi Sartika|Novi Sartika
Zainudin Karim|Zaenudin Karim
Supriyanto|Suprianto
Cokro Aminoto|Cakra Aminoto
R.A. Kartini|Kartini
Raden Ajeng Kartini|Kartini
Abdullah bin Hasan|Abdullah
Joko Pitono alias Hendra|Hendra
I Wayan Sudarma|Wayan Sudarma
Iwayan Sudarma|Wayan Sudarma
Kt. Sudana|Ketut Sudana
Santoso Budi|Budi Santoso
Nurhayati|Nur Hayati
Sri Wahyuni Lestari|Sriwahyuni Lestari
Ma'ruf Amin|Makruf Amin
S1ti Am1nah|Siti Aminah
Wijya Kusuma|Wijaya Kusuma
Sutirsno|Sutrisno
Muhammad Abdurrahman Kusumawar|Muhammad Abdurrahman Kusumawardani
"""
PARTIAL = """
Muhammad Abdurrahma Kusum|Muhammad Abdurrahma Kusumawardani
Siti Arninah|Siti Aminah
Budi S. W.|Budi Santoso Wijaya
Andi Muhammad Aswar|Andi Aswar
Andi Muhammad Aswar|Muhammad Aswar
Cut Nyak Meutia|Nyak Meutia
Sahat Simanjuntak|Sahat
S. Simanjuntak|Sahat Simanjuntak
Wayan Sudarma|Putu Sudarma
M. Yani|Mulyadi Yani
Budi 王|Budi
Budi 😀|Budi
Budi 2|Budi
"""
DIFFERENT = """
I Wayan Sudarma|Ni Wayan Sudarma
Tugiman Hadi|Tugimah Hadi
Putra Wijaya|Putri Wijaya
Sutrisno|Sutrisni
Susilo|Susilowati
Dewa Putra|Dewi Putra
Kurniawan|Kurniawati
Hamid|Hamidah
Yulian Pratama|Yuliana Pratama
Mulyono Hadi|Mulyani Hadi
Wayan Sudarma|Made Sudarma
I Putu Ayu|I Kadek Ayu
Eka Saputra|Dwi Saputra
Eko Prasetyo|Eka Prasetyo
Hasan Basri|Husin Basri
Rama Wijaya|Sinta Wijaya
Budi Siregar|Budi Harahap
Joko|Yoko
Sugeng|Sugong
Sumardi|Sunardi
Rina Sari|Rita Sari
Ari Wibowo|Adi Wibowo
Sri Rahayu|Sri Rahayuningsih
Abdullah bin Hasan|Abdullah bin Karim
Tan Wei Ming|Wibowo Tanuwijaya
Siti|Siti Aminah
Muhammad|Muhammad Sutrisno Wibowo
Budi Santoso|Andi Santoso
"""
EXPECTED = [
    pytest.param(*line.split("|"), verdict, id=line)
    for verdict, lines in (
        (Verdict.EXACT, SAME),
        (Verdict.VARIATION, VARIATION),
        (Verdict.PARTIAL, PARTIAL),
        (Verdict.DIFFERENT, DIFFERENT),
    )
    for line in lines.strip().splitlines()
]
# Letters and signs that names are written with, or that reach the matcher all the same.
TEXT = st.text(alphabet=st.sampled_from("AEIOUHKSTNRDJYabc.,' -()@01é王😀\x00"), max_size=80) | st.text(
    max_size=300
)


@pytest.mark.parametrize(("a", "b", "verdict"), EXPECTED)
def test_two_names_get_the_verdict_of_the_rules_whichever_comes_first(
    a: str, b: str, verdict: Verdict
) -> None:
    one, other = compare(a, b), compare(b, a)
    assert (one.verdict, other.verdict) == (verdict, verdict)
    assert one.score == pytest.approx(other.score)


@pytest.mark.parametrize("text", ["", "-", ".", "王伟", "Мария", "😀", "12345", "\x00", "A" * 600, "A " * 99])
def test_what_cannot_be_read_matches_nothing_not_even_itself(text: str) -> None:
    assert compare(text, text).verdict is Verdict.DIFFERENT
    assert compare(text, "Budi Santoso").score == 0.0


@given(TEXT, TEXT)
def test_any_two_texts_get_a_verdict_in_its_part_of_the_scale(a: str, b: str) -> None:
    comparison = compare(a, b)
    lowest = {Verdict.EXACT: 0.8, Verdict.VARIATION: 0.8, Verdict.PARTIAL: 0.5, Verdict.DIFFERENT: 0.0}
    highest = {Verdict.EXACT: 1.0, Verdict.VARIATION: 1.0, Verdict.PARTIAL: 0.79, Verdict.DIFFERENT: 0.45}
    assert lowest[comparison.verdict] <= comparison.score <= highest[comparison.verdict]
    for reason in comparison.reasons:
        assert reason.message("en")
        assert reason.message("id")


@given(TEXT)
def test_a_name_that_can_be_read_is_the_same_as_itself(text: str) -> None:
    comparison = compare(text, text)
    codes = {reason.code for reason in comparison.reasons}
    assert comparison.verdict is Verdict.EXACT or codes & {"empty", "too_long", "unread", "alias"}


@given(TEXT)
@example("A.AA")
@example("H. A.AA")
@example("M.RIZKI S.PD")
@example("I NI A")
@example("ANN SEE")
@example("ANNA ANA")
@example("BUDI ANNAK DARI SARI")
@example("IEE")
@example("ß" * 150)
@example("㎐㎐㎐㎐㎐㎐㎐㎐㎐ " * 20)
@example("IWAYAN " * 15)
def test_the_normal_form_is_of_capital_letters_and_stays_as_it_is(text: str) -> None:
    form = normalise(text)
    assert form == "" or all(word.isalnum() and word.isupper() for word in form.split(" "))
    assert normalise(form) == form


def test_normalisation_folds_spelling_and_leaves_titles_out() -> None:
    assert normalise("Drs. H. Soekarno, M.Si.") == "SUKARNO"
    assert normalise("  njoman   Tjandra-Annisa ") == "NYOMAN CANDRA ANISA"


def test_nothing_printed_for_a_log_holds_a_word_of_the_names() -> None:
    comparison = compare("Moch. Zebedeus", "Muhammad Xaverius")
    assert "MOCH" not in repr(comparison).upper()
    assert "XAVERIUS" not in repr(comparison.reasons).upper()


def test_reasons_are_told_in_english_and_indonesian() -> None:
    [reason] = compare("Moch. Agus", "Muhammad Agus").reasons
    assert reason.code == "short_form"
    assert reason.message() == "'Moch.' is a short form of 'Muhammad'."
    assert reason.message("id") == "'Moch.' adalah singkatan dari 'Muhammad'."
    [veto] = compare("Putri Wijaya", "Putra Wijaya").reasons
    assert veto.message().startswith("'Putri' and 'Putra' are different people")


def test_a_difference_weighs_more_where_the_rest_of_the_name_is_common() -> None:
    rare = compare("Sutirsno Hadiningrat", "Sutrisno Hadiningrat")
    assert compare("Nur Sutirsno", "Nur Sutrisno").score < rare.score


def test_a_model_is_frozen_and_found_by_its_name() -> None:
    assert models["2026.2"] is DEFAULT
    assert compare("Budi", "Budi", model=models["2026.1"]).verdict is Verdict.EXACT
    with pytest.raises(AttributeError):
        DEFAULT.most_cost = 1.0  # type: ignore[misc]


def test_every_feature_and_rule_of_a_model_has_a_sentence() -> None:
    for model in models.values():
        assert {feature.code for feature in model.words} | {rule.code for rule in model.names} <= set(
            MESSAGES
        )


def test_the_how_to_says_what_python_does() -> None:
    for block in blocks(DOCS / "how-to" / "compare-names.md", "python"):
        exec(compile(block, "compare-names.md", "exec"), {})  # noqa: S102
