"""The one comparison of every registry that gives data: the same answer whoever holds the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.domain.claim import Claim
from padan.domain.finding import ComparedBy, Comparison, Finding, NameVerdict, Outcome
from padan.domain.register import Record, Status
from padan.domain.rules import NameRules
from padan.registries.record import Held, compare_names, compare_record
from padan.registries.register import to_finding
from tests.registries.dukcapil_answers import CLAIM as ASKED
from tests.registries.dukcapil_answers import body, read

NIK, BORN = "3273015705900001", date(1990, 5, 17)
WORDS = [
    "Moch.",
    "Muhammad",
    "Siti",
    "Putra",
    "Putri",
    "Harahap",
    "Dr.",
    "S.H.",
    "Soekarno",
    "Sukarno",
    "Bin",
]
WORDS += ["Made", "I", "Nyoman", "Abdul", "Rahman", "Abdurrahman", "Djoko", "Joko", "Rizky", "Zainal", "XQWJ"]
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)


def judged(claimed: str, held: str, **rules: Any) -> Comparison:
    comparison = compare_names(claimed, held, rules=NameRules(**rules))
    assert comparison.judgement is not None
    return comparison


@given(NAMES, NAMES, st.sampled_from([date(1990, 5, 17), date(1990, 5, 18)]))
def test_the_register_and_the_full_data_lookup_find_the_same(claimed: str, held: str, born: date) -> None:
    claim = replace(ASKED, full_name=claimed)
    record = {"NIK": claim.nik, "NAMA_LGKP": held, "TGL_LHR": f"{born:%d-%m-%Y}"}
    by_wire = read(body(record), claim=claim, method="CALL_NIK")
    by_register = to_finding(Record(claim.nik, held, born, Status.ALIVE), claim, names=NameRules())
    assert replace(by_wire, quota_left=None) == by_register
    assert by_register.compared_by is ComparedBy.PADAN


def test_what_is_not_known_stays_unknown() -> None:
    finding = compare_record(Held(NIK, None, None), Claim(NIK, "Siti", BORN), names=NameRules())
    assert finding == Finding(Outcome.FOUND, Comparison(True), compared_by=ComparedBy.PADAN)


@pytest.mark.parametrize(
    ("claimed", "held", "verdict"),
    [
        ("Dr. H. Soekarno", "SUKARNO", NameVerdict.EXACT),
        ("Moch. Rizky", "MUHAMMAD RIZKI", NameVerdict.VARIATION),
        ("Siti Rahayu", "SITI RAHAYU HARAHAP", NameVerdict.PARTIAL),
        ("Putra Ananda", "PUTRI ANANDA", NameVerdict.DIFFERENT),
    ],
)
@pytest.mark.parametrize("least", [NameVerdict.EXACT, NameVerdict.VARIATION, NameVerdict.PARTIAL])
def test_a_name_matches_from_the_verdict_that_the_profile_asks_for(
    claimed: str, held: str, verdict: NameVerdict, least: NameVerdict
) -> None:
    comparison = judged(claimed, held, verdict=least)
    assert comparison.judgement is not None
    assert comparison.judgement.verdict is verdict
    assert comparison.matches is (list(NameVerdict).index(verdict) <= list(NameVerdict).index(least))


def test_a_threshold_asks_for_a_score_besides() -> None:
    score = judged("Moch. Rizky", "MUHAMMAD RIZKI").score
    assert score is not None
    assert judged("Moch. Rizky", "MUHAMMAD RIZKI", threshold=int(score * 100)).matches
    assert not judged("Moch. Rizky", "MUHAMMAD RIZKI", threshold=int(score * 100) + 1).matches
    assert not judged("Putra", "PUTRI", threshold=0, verdict=NameVerdict.PARTIAL).matches


def test_no_rule_makes_different_names_the_same() -> None:
    with pytest.raises(ValueError, match="never the same"):
        NameRules(verdict=NameVerdict.DIFFERENT)


@given(NAMES, NAMES)
def test_no_reason_tells_a_word_of_the_record_that_the_claim_has_not(claimed: str, held: str) -> None:
    comparison = judged(claimed, held)
    assert comparison.judgement is not None
    # A dot inside a word, as in S.H., is no letter of it.
    given = {word for text in (claimed, claimed.replace(".", "")) for word in text.upper().split()}
    for reason in comparison.judgement.reasons:
        assert {word.rstrip(".") for word in reason.word.split()} <= {word.rstrip(".") for word in given}


def test_no_word_of_either_name_is_in_a_repr() -> None:
    shown = repr(judged("Moch. Canary", "MUHAMMAD FALCON"))
    assert not {word for word in ("MOCH", "CANARY", "MUHAMMAD", "FALCON") if word in shown.upper()}
