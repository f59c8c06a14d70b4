"""What a person agrees to: named in plain words, and told apart by its version."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.web.pages.consent import VERSION, consent_text, consent_version, kept_for
from padan.web.pages.languages import languages
from tests.web.pages.visitors import a_profile, a_visit

HOUR, DAY = 3_600_000, 86_400_000
CODES = st.sampled_from(sorted(languages()))


@given(st.text(min_size=1, max_size=40), st.text(max_size=40), st.text(max_size=60), CODES)
def test_the_sentence_names_the_operator_the_brand_and_the_purpose_as_they_are(
    operator: str, brand: str, purpose: str, code: str
) -> None:
    visit = a_visit(profile=a_profile(brand, purpose=purpose or None), language=code)
    text = consent_text(visit, operator)
    assert operator in text
    assert brand in text
    assert purpose in text
    assert "%(" not in text.replace(operator, "").replace(brand, "").replace(purpose, "")


@pytest.mark.parametrize("operator", ["", "Bank Contoh"])
def test_who_asks_for_themselves_is_named_once(operator: str) -> None:
    text = consent_text(a_visit(), operator)
    assert text.count("Bank Contoh") == 1
    assert "to make sure that I am who I say I am" in text
    assert "Dukcapil" in text


def test_who_runs_the_server_for_another_says_who_gets_the_answer() -> None:
    text = consent_text(a_visit(), "Verifikasi Bersama")
    assert text.startswith("I agree that Verifikasi Bersama asks the population register")
    assert "gives the answer to Bank Contoh" in text


def test_every_language_has_words_and_a_version_of_its_own() -> None:
    texts = [consent_text(a_visit(language=code), "") for code in languages()]
    assert len({consent_version(text) for text in texts}) == len(texts) == len(set(texts))


@given(st.text(), st.text())
def test_a_version_names_the_sentence_and_its_exact_words(one: str, other: str) -> None:
    version = consent_version(one)
    digest = hashlib.sha256(one.encode()).hexdigest()
    assert version == f"{VERSION}.{digest[:16]}"
    assert re.fullmatch(r"\d{4}-\d{2}\.[0-9a-f]{16}", version)
    assert (version == consent_version(other)) == (one == other)


@pytest.mark.parametrize(
    ("period", "english", "indonesian"),
    [
        (1, "1 hour", "1 jam"),
        (HOUR, "1 hour", "1 jam"),
        (HOUR + 1, "2 hours", "2 jam"),
        (DAY, "24 hours", "24 jam"),
        (2 * DAY, "2 days", "2 hari"),
        (2 * DAY + 1, "3 days", "3 hari"),
        (31 * DAY, "31 days", "31 hari"),
    ],
)
def test_how_long_everything_is_kept_is_said_in_words(period: int, english: str, indonesian: str) -> None:
    profile = a_profile(redaction_period=period)
    assert kept_for(a_visit(profile=profile)) == english
    assert kept_for(a_visit(profile=profile, language="id")) == indonesian


@given(st.integers(1, 31 * DAY))
def test_nothing_is_kept_longer_than_the_page_says(period: int) -> None:
    number, unit = kept_for(a_visit(profile=a_profile(redaction_period=period))).split()
    said = int(number) * (DAY if unit.startswith("day") else HOUR)
    assert period <= said < period + DAY
