"""How a direct session is launched, and when the hosted page takes over."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.domain.claim import ClaimField
from padan.domain.launch import FALLBACK_CAPABILITIES, Launch, LaunchImpossible, plan_launch
from padan.domain.provider import Capability, CollectionMethod, LaunchMethod
from padan.providers import PROVIDERS

CONTRACT = PROVIDERS["indonesia-nik-lookup"].contract
URL = "https://bank.example/return"
HOSTED = Launch(LaunchMethod.LAUNCH_BROWSER, CollectionMethod.CAPTURE_REDIRECT, hosted=True)
OWN = Launch(LaunchMethod.NONE, CollectionMethod.POLL_RESULT, hosted=False)
POLL = {Capability.POLL_RESULT}


def plan(
    declared: Collection[Capability],
    *,
    missing: Collection[ClaimField] = (),
    fallback: bool = False,
    url: str | None = None,
) -> Launch:
    return plan_launch(CONTRACT, declared, missing=missing, fallback=fallback, redirect_url=url)


def test_a_complete_request_runs_without_a_hosted_page() -> None:
    assert plan(POLL) == OWN


def test_the_fallback_stays_away_where_there_is_no_gap() -> None:
    assert plan(POLL | FALLBACK_CAPABILITIES, fallback=True, url=URL) == OWN


@pytest.mark.parametrize("missing", [[ClaimField.NIK], list(ClaimField)])
def test_missing_input_falls_back_to_the_browser(missing: list[ClaimField]) -> None:
    assert plan(POLL | FALLBACK_CAPABILITIES, missing=missing, fallback=True, url=URL) == HOSTED


def test_the_starter_set_lacks_polling_so_it_falls_back_with_complete_input() -> None:
    assert plan(FALLBACK_CAPABILITIES, fallback=True, url=URL) == HOSTED


@pytest.mark.parametrize("lacking", sorted(FALLBACK_CAPABILITIES))
def test_the_fallback_needs_its_capabilities_even_when_it_does_not_fire(lacking: Capability) -> None:
    with pytest.raises(LaunchImpossible) as caught:
        plan((POLL | FALLBACK_CAPABILITIES) - {lacking}, fallback=True, url=URL)
    assert caught.value.errors == {
        "capabilities": [f"must include {lacking} when fallbackToHostedUI is true"]
    }


def test_the_fallback_needs_a_redirect_url_even_when_it_does_not_fire() -> None:
    with pytest.raises(LaunchImpossible) as caught:
        plan(POLL | FALLBACK_CAPABILITIES, fallback=True)
    assert list(caught.value.errors) == ["redirectUrl"]


def test_without_the_fallback_every_gap_is_named_with_its_remedy() -> None:
    with pytest.raises(LaunchImpossible) as caught:
        plan({Capability.SHOW_CONTENT}, missing=[ClaimField.NIK, ClaimField.FULL_NAME])
    assert set(caught.value.errors) == {
        "capabilities",
        "providerInput.indonesia-nik-lookup.nikIdNumber",
        "providerInput.indonesia-nik-lookup.fullName",
    }
    assert all("fallbackToHostedUI" in text for texts in caught.value.errors.values() for text in texts)


@given(
    st.sets(st.sampled_from(Capability)),
    st.sets(st.sampled_from(ClaimField)),
    st.booleans(),
    st.sampled_from([None, URL]),
)
def test_a_launch_without_a_hosted_page_has_no_gap_and_a_hosted_one_had_the_fallback(
    declared: set[Capability], missing: set[ClaimField], fallback: bool, url: str | None
) -> None:
    try:
        launch = plan(declared, missing=missing, fallback=fallback, url=url)
    except LaunchImpossible:
        return
    gap = bool(missing) or Capability.POLL_RESULT not in declared
    assert launch == (HOSTED if gap else OWN)
    assert not gap or (fallback and url is not None and declared >= FALLBACK_CAPABILITIES)
