"""Claims hide and complete, findings cannot lie, identifiers sort by time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.domain.attempt import Attempt, Charge
from padan.domain.claim import Claim, ClaimField, PartialClaim
from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.identifiers import uuid7

INSTANTS = st.integers(0, 2**48 - 1)
TEN_BYTES = st.binary(min_size=10, max_size=10)
PARTIAL = st.builds(
    PartialClaim,
    st.none() | st.just("3273015705900001"),
    st.none() | st.text(max_size=5),
    st.none() | st.dates(),
)


@given(INSTANTS, INSTANTS, TEN_BYTES, TEN_BYTES)
def test_identifiers_sort_by_the_instant_they_were_made(a: int, b: int, x: bytes, y: bytes) -> None:
    if a < b:
        assert uuid7(a, x).bytes < uuid7(b, y).bytes
        assert str(uuid7(a, x)) < str(uuid7(b, y))


@given(INSTANTS, TEN_BYTES)
def test_identifiers_have_the_version_and_variant_of_rfc_9562(now: int, random: bytes) -> None:
    made = uuid7(now, random)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == now


@given(INSTANTS, TEN_BYTES, st.integers(0, 73))
def test_each_of_the_74_random_bits_tells_two_identifiers_apart(now: int, random: bytes, bit: int) -> None:
    flipped = (int.from_bytes(random, "big") ^ 1 << bit).to_bytes(10, "big")
    assert uuid7(now, random) != uuid7(now, flipped)


@given(PARTIAL, PARTIAL)
def test_completing_fills_gaps_and_never_overwrites(first: PartialClaim, later: PartialClaim) -> None:
    merged = first.completed_by(later)
    for name in ("nik", "full_name", "date_of_birth"):
        known = getattr(first, name)
        assert getattr(merged, name) == (getattr(later, name) if known is None else known)
    assert set(merged.missing) == set(first.missing) & set(later.missing)


@given(PARTIAL)
def test_only_a_claim_with_nothing_missing_is_complete(claim: PartialClaim) -> None:
    if claim.missing:
        with pytest.raises(ValueError, match="incomplete") as caught:
            claim.complete()
        assert "3273" not in str(caught.value)
    else:
        assert claim.complete().nik == claim.nik


def test_a_form_asks_for_the_nik_first_and_the_date_last() -> None:
    assert PartialClaim().missing == (ClaimField.NIK, ClaimField.FULL_NAME, ClaimField.DATE_OF_BIRTH)


def test_a_claim_written_out_shows_nobody() -> None:
    claim = PartialClaim("3273015705900001", "SITI CONTOH", date(1990, 5, 17))
    for text in (repr(claim), str(claim), f"{claim.complete()}", repr([claim.complete()])):
        assert not any(part in text for part in ("3273", "SITI", "1990"))
    assert isinstance(claim.complete(), Claim)


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.FOUND])
@pytest.mark.parametrize("field", ["nik", "full_name", "date_of_birth"])
def test_nobody_who_was_not_found_matches(outcome: Outcome, field: str) -> None:
    with pytest.raises(ValueError, match="cannot carry a match"):
        replace(Finding(outcome), **{field: Comparison(matches=True)})  # type: ignore[arg-type]
    assert not replace(Finding(outcome), **{field: Comparison(matches=False)}).quota_left  # type: ignore[arg-type]


def test_an_attempt_is_of_unknown_charge_until_its_answer_is_known() -> None:
    attempt = Attempt(uuid7(1, bytes(10)), 1, "table", 1_000, started_at=1)
    assert attempt.charge is Charge.UNKNOWN
    ended = attempt.ended(now=2, outcome="found", charge=Charge.CHARGED)
    assert (ended.ended_at, ended.outcome, ended.charge) == (2, "found", Charge.CHARGED)
