"""What a profile makes of a finding: its own threshold, and whether anything but a match is accepted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.rules import Acceptance, RegistryRules, accepted, judged

YES, NO = Comparison(True), Comparison(False)
FOUND = Finding(Outcome.FOUND, YES, Comparison(True, 0.9), YES)
REFUSE = RegistryRules(acceptance=Acceptance.REFUSE)


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_profiles_threshold_judges_the_registrys_score(score: int, threshold: int) -> None:
    finding = replace(FOUND, full_name=Comparison(False, score / 100))
    name = judged(finding, RegistryRules(name_threshold=threshold)).full_name
    assert name == Comparison(score >= threshold, score / 100)


def test_without_a_threshold_of_its_own_the_registrys_word_stands() -> None:
    assert judged(FOUND, RegistryRules()) == FOUND


@pytest.mark.parametrize(
    "finding", [replace(FOUND, full_name=None), replace(FOUND, full_name=NO), Finding(Outcome.NOT_FOUND)]
)
def test_a_threshold_makes_no_match_where_there_is_no_score(finding: Finding) -> None:
    assert judged(finding, RegistryRules(name_threshold=0)) == finding


def test_by_default_a_check_that_ran_is_accepted_whatever_it_found() -> None:
    assert all(accepted(Finding(outcome), RegistryRules()) for outcome in Outcome)


def test_a_profile_that_refuses_takes_a_whole_match_alone() -> None:
    assert accepted(FOUND, REFUSE)
    for field in ("nik", "full_name", "date_of_birth"):
        for unmatched in (NO, None):
            changes: dict[str, Any] = {field: unmatched}
            assert not accepted(replace(FOUND, **changes), REFUSE), "unknown is never a match"


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.FOUND])
def test_nobody_but_a_person_who_was_found_is_accepted_there(outcome: Outcome) -> None:
    assert not accepted(Finding(outcome), REFUSE)
