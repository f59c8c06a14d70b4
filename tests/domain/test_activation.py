"""An agreement permits questions from its first day to its last, unless it is suspended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.domain.activation import WARNING_DAYS, Activation, ActivationState, activation_state

AGREED = Activation(
    provider="indonesia-nik-lookup",
    agreement="PKS 1/2026",
    holder="Bank Contoh",
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
    customer="123456789012345",
    method="CALL_VERIFY_BY_ELEMEN",
    fields=("NIK", "NAMA_LGKP", "TGL_LHR"),
    address="192.0.2.10",
    registered_at=1,
)


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2025, 12, 31), ActivationState.NOT_YET),
        (date(2026, 1, 1), ActivationState.ACTIVE),
        (date(2026, 12, 31) - timedelta(WARNING_DAYS + 1), ActivationState.ACTIVE),
        (date(2026, 12, 31) - timedelta(WARNING_DAYS), ActivationState.ENDING),
        (date(2026, 12, 31), ActivationState.ENDING),
        (date(2027, 1, 1), ActivationState.EXPIRED),
    ],
)
def test_both_days_of_an_agreement_belong_to_it_and_its_end_is_announced(
    today: date, state: ActivationState
) -> None:
    assert activation_state(AGREED, today) is state


@given(st.dates(date(2025, 1, 1), date(2028, 1, 1)))
def test_a_suspended_or_missing_agreement_permits_nothing_on_any_day(today: date) -> None:
    assert not activation_state(replace(AGREED, suspended_at=5), today).permits
    assert not activation_state(None, today).permits


@given(st.dates(date(2025, 1, 1), date(2028, 1, 1)))
def test_questions_are_permitted_on_the_days_of_the_agreement_and_no_others(today: date) -> None:
    assert activation_state(AGREED, today).permits is (AGREED.valid_from <= today <= AGREED.valid_until)
