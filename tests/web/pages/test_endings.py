"""How the end reaches the relying party: in the address, by message, and on the last page."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.app.create import RETURN_KEY
from padan.app.ports import Ports
from padan.domain.hosting import ResultPage
from padan.domain.session import ErrorCode, Session, SessionState
from padan.web.pages.endings import message, return_url, verdict
from padan.web.pages.languages import languages
from padan.web.pages.wording import CHECK_AND_TRY_AGAIN, say_ending
from tests.domain.sessions import a_session
from tests.support.wired import wire
from tests.web.pages.visitors import a_profile, a_visit

PORTS: Ports = asyncio.run(wire()).ports
KEY = "rak1_example"


def ended(error: ErrorCode | None = None, **fields: Any) -> Session:
    state = SessionState.FAILED if error else SessionState.SUCCEEDED
    return a_session(state=state, error_code=error, sealed_return_key=None, **fields)


def with_key(session: Session, *, of: Session | None = None) -> Session:
    """The session with a results access key that the browser holds; or with that of another session."""
    binding = (of or session).binding
    sealed = PORTS.vault.seal_page(binding, KEY.encode(), token="cookie", slot=RETURN_KEY)
    return replace(session, sealed_return_key=sealed)


def query(url: str | None) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url or "").query, keep_blank_values=True)


urls = st.sampled_from(
    [
        "https://bank.example/return",
        "https://bank.example/return?state=a%20b",
        "https://bank.example?x=",
        "https://bank.example/a;b/?q=1&q=2&empty",
        "myapp://done",
        "myapp:done?x=%26",
    ]
)
errors = st.sampled_from([None, *ErrorCode])


@given(urls, errors, st.booleans(), st.booleans())
def test_the_address_is_the_relying_partys_with_what_it_asked_for_added(
    url: str, error: ErrorCode | None, wants_key: bool, wants_canceled: bool
) -> None:
    session = with_key(ended(error, redirect_url=url))
    profile = a_profile(returns_results_access_key=wants_key, returns_canceled=wants_canceled)
    visit = a_visit(session=session, profile=profile)
    where = return_url(PORTS, visit)
    expected = query(url) | {"success": [str(error is None).lower()], "sessionId": [str(session.id)]}
    if wants_key:
        expected["resultsAccessKey"] = [KEY]
    if wants_canceled:
        expected["canceled"] = [str(error is ErrorCode.CANCELED).lower()]
    assert query(where) == expected
    assert (where or "").startswith(url)


@given(errors, st.booleans())
def test_the_message_is_what_the_sdk_waits_for(error: ErrorCode | None, wants_key: bool) -> None:
    session = with_key(ended(error))
    profile = a_profile(returns_results_access_key=wants_key)
    told = json.loads(message(PORTS, a_visit(session=session, profile=profile)))
    word = "complete" if error is None else "user-closed" if error is ErrorCode.CANCELED else "failed"
    expected = {"success": error is None, "msg": word, "sessionId": str(session.id)}
    assert told == (expected | {"resultsAccessKey": KEY} if wants_key else expected)


def test_a_session_without_an_address_leads_nowhere() -> None:
    assert return_url(PORTS, a_visit(session=ended(redirect_url=None))) is None


@pytest.mark.parametrize("token", ["another", ""])
def test_another_browser_is_not_given_the_key(token: str) -> None:
    session = with_key(ended())
    visit = a_visit(session=session, profile=a_profile(returns_results_access_key=True), page_token=token)
    assert "resultsAccessKey" not in query(return_url(PORTS, visit))
    assert "resultsAccessKey" not in message(PORTS, visit)


def test_the_key_of_another_session_is_not_given() -> None:
    session = with_key(ended(), of=ended(id=UUID(int=99)))
    visit = a_visit(session=session, profile=a_profile(returns_results_access_key=True))
    assert "resultsAccessKey" not in query(return_url(PORTS, visit))


@pytest.mark.parametrize("page", ResultPage)
def test_without_the_key_or_a_result_there_is_no_verdict(page: ResultPage) -> None:
    profile = a_profile(result_page=page)
    for session in (ended(), with_key(ended()), with_key(ended(ErrorCode.OTHER))):
        assert verdict(PORTS, a_visit(session=session, profile=profile)) is None


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_refusal_says_what_a_success_says_and_more_only_where_the_profile_lets_it(language: str) -> None:
    spoken, refused = languages()[language], ErrorCode.ASSURANCE_LEVEL_NOT_MET
    assert say_ending(refused, spoken) == say_ending(None, spoken)
    for page in ResultPage:
        profile = a_profile(result_page=page)
        visit = a_visit(session=ended(refused), profile=profile, language=language)
        advice = (False, [spoken(CHECK_AND_TRY_AGAIN)])
        assert verdict(PORTS, visit) == (None if page is ResultPage.NOTHING else advice)


@pytest.mark.parametrize("code", [None, *ErrorCode])
@pytest.mark.parametrize("language", sorted(languages()))
def test_every_ending_has_words(code: ErrorCode | None, language: str) -> None:
    heading, sentence = say_ending(code, languages()[language])
    assert heading
    assert sentence.endswith(".")
    if language != "en":
        assert (heading, sentence) != say_ending(code, languages()["en"])
