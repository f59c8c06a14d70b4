"""Every session, attempt, token and profile there can be survives the way into a row and back."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.builders import a_session

from padan.domain.attempt import Attempt
from padan.domain.environment import AccessToken, Environment
from padan.domain.profile import Profile, RedirectUri
from padan.domain.session import Session
from padan.store import directory_rows, rows

instants = st.integers(0, 2**53)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=12)
fields: dict[str, Any] = {
    "languages": st.lists(words, max_size=3).map(tuple),
    "allowed_providers": st.lists(words, max_size=3).map(tuple),
    "redirect_url": st.none() | words,
    "provider": st.none() | words,
}
sessions = st.builds(Session, **fields)


@settings(max_examples=60)
@given(sessions, st.binary(max_size=40))
def test_a_session_survives_its_row_whatever_room_is_left(session: Session, padding: bytes) -> None:
    packed = rows.session_contents(session)
    for contents in (packed, packed + bytes(len(padding)), rows.with_room(packed)):
        assert rows.session_from_row((*rows.session_to_row(session), contents)) == session


@settings(max_examples=30)
@given(
    st.builds(Attempt),
    st.builds(Environment),
    st.builds(AccessToken),
    st.builds(Profile, enabled_providers=st.lists(words, max_size=3).map(tuple)),
    st.builds(RedirectUri),
)
def test_everything_else_survives_its_row(
    attempt: Attempt, environment: Environment, token: AccessToken, profile: Profile, uri: RedirectUri
) -> None:
    assert rows.attempt_from_row(rows.attempt_to_row(attempt)) == attempt
    assert directory_rows.environment_from_row(directory_rows.environment_to_row(environment)) == environment
    assert directory_rows.token_from_row(directory_rows.token_to_row(token)) == token
    assert directory_rows.profile_from_row(directory_rows.profile_to_row(profile)) == profile
    assert directory_rows.redirect_uri_from_row(directory_rows.redirect_uri_to_row(uri)) == uri


def test_each_row_has_a_value_for_each_of_its_columns() -> None:
    assert len(rows.session_to_row(a_session())) == len(rows.SESSION_COLUMNS)


def test_what_redaction_erases_stands_in_the_contents_and_in_no_column() -> None:
    canary = b"canary"
    session = a_session(
        salt=canary,
        public_key=canary,
        sealed_claim=canary,
        sealed_supplement=canary,
        sealed_result=canary,
        redirect_url=canary.decode(),
        sealed_preview=canary,
        sealed_return_key=canary,
        known_index=canary,
    )
    assert rows.session_contents(session).count(canary) == 9
    assert not any(value in (canary, canary.decode()) for value in rows.session_to_row(session))


def test_a_word_with_a_line_break_is_refused_by_name_of_the_rule() -> None:
    with pytest.raises(ValueError, match="one entry a line"):
        rows.session_to_row(replace(a_session(), languages=("id\nen",)))


@settings(max_examples=100)
@given(sessions, sessions, st.sets(st.sampled_from([item.name for item in dataclass_fields(Session)])))
def test_the_columns_that_a_change_names_are_those_whose_rows_differ(
    before: Session, other: Session, changed: set[str]
) -> None:
    after = replace(before, **{name: getattr(other, name) for name in changed})
    columns = (rows.SESSION_COLUMNS, rows.session_to_row(before), rows.session_to_row(after))
    differ = {name: new for name, old, new in zip(*columns, strict=True) if old != new}
    assert rows.changed_columns(before, after) == differ
    assert all(type(value) in {str, int, bytes, type(None)} for value in differ.values())
    differs = rows.session_contents(before) != rows.session_contents(after)
    assert rows.contents_differ(before, after) == differs
