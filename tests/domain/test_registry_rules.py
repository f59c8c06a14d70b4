"""What a profile makes of a finding: whether anything but a whole match is accepted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.rules import Acceptance, RegistryRules, accepted

YES, NO = Comparison(True), Comparison(False)
FOUND = Finding(Outcome.FOUND, YES, Comparison(True, 0.9), YES)
REFUSE = RegistryRules(acceptance=Acceptance.REFUSE)


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
