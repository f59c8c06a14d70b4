"""Why each field counts as matching or not, in the result of a check."""

from __future__ import annotations

import pytest

from padan.domain.finding import (
    ComparedBy,
    Comparison,
    Finding,
    NameJudgement,
    NameReason,
    NameVerdict,
    Outcome,
)
from padan.providers.explanations import Agreement, Explanations, explain

YES, NO = Comparison(True), Comparison(False)


def codes(explained: Explanations) -> list[list[str]]:
    fields = (explained.national_id_number, explained.full_name, explained.date_of_birth)
    return [[reason.code for reason in field.reasons] for field in fields]


def agreements(explained: Explanations) -> list[str]:
    fields = (explained.national_id_number, explained.full_name, explained.date_of_birth)
    return [field.agreement.value for field in fields]


def by_padan(matches: bool, verdict: NameVerdict, *reasons: NameReason) -> Finding:
    name = Comparison(matches, 0.93, NameJudgement(verdict, "2026.1", reasons))
    return Finding(Outcome.FOUND, YES, name, NO, compared_by=ComparedBy.PADAN)


def test_what_the_registry_compared_is_explained_by_its_word() -> None:
    explained = explain(Finding(Outcome.FOUND, YES, Comparison(False, 0.41), YES))
    assert codes(explained) == [["on_record"], ["registry_disagrees"], ["registry_agrees"]]
    assert agreements(explained) == ["agrees", "differs", "agrees"]
    assert explained.full_name.compared_by is ComparedBy.REGISTRY
    assert explained.full_name.score == 0.41
    assert explained.full_name.verdict is None


def test_a_name_that_padan_compared_has_a_verdict_a_model_and_reasons() -> None:
    explained = explain(by_padan(True, NameVerdict.VARIATION, NameReason("short_form", "MOCH.")))
    name = explained.full_name
    assert (name.verdict, name.model, name.score) == (NameVerdict.VARIATION, "2026.1", 0.93)
    assert name.reasons[0].text.en.startswith("'Moch.' and a word of the record")
    assert name.reasons[0].text.id.startswith("'Moch.' dan satu kata pada data")
    assert codes(explained)[2] == ["another_date"]


@pytest.mark.parametrize(
    ("matches", "verdict", "told"),
    [
        (False, NameVerdict.PARTIAL, ["missing_word", "below_the_threshold"]),
        (False, NameVerdict.DIFFERENT, ["missing_word"]),
        (True, NameVerdict.PARTIAL, ["missing_word"]),
    ],
)
def test_a_name_that_is_like_but_not_enough_says_so(
    matches: bool, verdict: NameVerdict, told: list[str]
) -> None:
    assert codes(explain(by_padan(matches, verdict, NameReason("missing_word"))))[1] == told


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.FOUND])
def test_where_nobody_was_found_every_field_says_why(outcome: Outcome) -> None:
    explained = explain(Finding(outcome))
    assert codes(explained) == [[outcome.value]] * 3
    nik = Agreement.DIFFERS if outcome is Outcome.NOT_FOUND else Agreement.UNKNOWN
    assert agreements(explained) == [nik, "unknown", "unknown"]


def test_a_field_that_the_agreement_does_not_permit_is_unknown() -> None:
    explained = explain(Finding(Outcome.FOUND, YES))
    assert codes(explained) == [["on_record"], ["not_permitted"], ["not_permitted"]]
    assert agreements(explained) == ["agrees", "unknown", "unknown"]


def test_no_word_of_the_claim_is_in_a_repr() -> None:
    explained = explain(by_padan(True, NameVerdict.VARIATION, NameReason("short_form", "CANARY")))
    assert "anary" not in repr(explained) + str(explained.full_name.reasons[0])
