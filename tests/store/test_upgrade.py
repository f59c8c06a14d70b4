"""A database of the first schema, with everything in it, is brought to this one and read back whole."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.builders import BANK, a_profile, a_redirect_uri, a_session, a_token, an_attempt
from tests.contracts.conftest import Run

from padan.app.ports import SessionOrder
from padan.domain.claim import ClaimField
from padan.domain.hosting import Consent, PageRules, ResultPage
from padan.domain.session import (
    ErrorCode,
    Lease,
    PageSecrets,
    Session,
    SessionKind,
    SessionState,
    launched,
    left,
    refused,
    submitted,
)
from padan.store import migrations
from padan.store.directory_rows import (
    ENVIRONMENT_COLUMNS,
    PROFILE_COLUMNS,
    REDIRECT_URI_COLUMNS,
    TOKEN_COLUMNS,
    environment_to_row,
    profile_to_row,
    redirect_uri_to_row,
    token_to_row,
)
from padan.store.rows import ATTEMPT_COLUMNS, SESSION_COLUMNS, attempt_to_row, session_to_row
from padan.store.sqlite import open_sqlite

FIRST_SESSION = SESSION_COLUMNS[: SESSION_COLUMNS.index("left_at")]
FIRST_PROFILE = PROFILE_COLUMNS[: PROFILE_COLUMNS.index("pages")]
FIRST_ATTEMPT = ATTEMPT_COLUMNS[: ATTEMPT_COLUMNS.index("tariff")]

WAITING = a_session(
    kind=SessionKind.HOSTED,
    state=SessionState.AWAITING_INPUT,
    languages=("id", "en"),
    missing=(ClaimField.NIK,),
    redirect_url="https://bank.example/return",
    launch_token_sha256=b"l" * 32,
)
SESSIONS = (
    WAITING,
    a_session(sealed_supplement=b"supplement", lease=Lease("worker", 5_000), attempts=2),
    a_session(state=SessionState.SUCCEEDED, sealed_claim=None, sealed_result=b"r" * 900),
    a_session(state=SessionState.FAILED, sealed_claim=None, error_code=ErrorCode.CANCELED, provider=None),
    a_session(
        state=SessionState.FAILED, error_code=ErrorCode.EXPIRED, redacted_at=9_000,
        salt=None, public_key=None, sealed_claim=None,
    ),
    a_session(salt=b"", public_key=b"", sealed_claim=b"", allowed_providers=("indonesia-nik-lookup", "")),
)  # fmt: skip


def first_contents(session: Session, *, padded: bool = True) -> bytes:
    """Contents as the first version packed them: six lengths, the parts, zeros."""
    url = session.redirect_url
    parts = (
        *(session.salt, session.public_key, session.sealed_claim, session.sealed_supplement),
        *(session.sealed_result, None if url is None else url.encode()),
    )
    lengths = (0 if part is None else len(part) + 1 for part in parts)
    packed = struct.pack("<6I", *lengths) + b"".join(part for part in parts if part is not None)
    room = 1024 + -(len(packed) + 1024) % 256
    return packed.ljust(len(packed) + room * padded, b"\0")


def insert(connection: sqlite3.Connection, table: str, *, columns: Sequence[str], row: Sequence[Any]) -> None:
    places = ", ".join("?" * len(columns))
    connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", row)  # noqa: S608


def first_database(path: Path) -> None:
    """An empty database of the first schema, as its own version left it."""
    from yoyo import get_backend, read_migrations

    backend = get_backend(f"sqlite:///{path}")
    with closing(backend.connection), backend:
        first = read_migrations(str(migrations.SCHEMA)).filter(lambda m: m.id.startswith("0001"))
        backend.apply_migrations(backend.to_apply(first))
    assert migrations.version(path) == 1


def add_session(connection: sqlite3.Connection, session: Session) -> None:
    insert(connection, "contents", columns=("packed",), row=(first_contents(session),))
    (seq,) = connection.execute("SELECT max(seq) FROM contents").fetchone()
    row = session_to_row(session)[: len(FIRST_SESSION)]
    insert(connection, "sessions", columns=(*FIRST_SESSION, "contents"), row=(*row, seq))


PROFILE = a_profile(enabled_providers=("indonesia-nik-lookup",), external_id="loans", logo=b"\x89PNG")
TOKEN, URI = a_token(), a_redirect_uri()
ATTEMPT = an_attempt(SESSIONS[1], outcome="found", ended_at=1_700)


def fill(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        insert(connection, "environments", columns=ENVIRONMENT_COLUMNS, row=environment_to_row(BANK))
        insert(connection, "tokens", columns=TOKEN_COLUMNS, row=token_to_row(TOKEN))
        row = profile_to_row(PROFILE)[: len(FIRST_PROFILE)]
        insert(connection, "profiles", columns=FIRST_PROFILE, row=row)
        insert(connection, "redirect_uris", columns=REDIRECT_URI_COLUMNS, row=redirect_uri_to_row(URI))
        for session in SESSIONS:
            add_session(connection, session)
        row = attempt_to_row(ATTEMPT)[: len(FIRST_ATTEMPT)]
        insert(connection, "attempts", columns=FIRST_ATTEMPT, row=row)


@pytest.fixture
def old(path: Path) -> Path:
    first_database(path)
    fill(path)
    return path


def test_everything_of_the_first_schema_is_read_back(run: Run, old: Path) -> None:
    store = open_sqlite(old)
    assert migrations.version(old) == migrations.latest_version()
    assert [run(store.find(session.id)) for session in SESSIONS] == list(SESSIONS)
    assert run(store.environments()) == (BANK,)
    assert run(store.environment_of_token(TOKEN.sha256)) == BANK
    assert run(store.profile(BANK.id, PROFILE.id)) == PROFILE
    assert run(store.redirect_uris(BANK.id)) == (URI,)
    assert run(store.attempts(SESSIONS[1].id)) == (ATTEMPT,)
    listed = store.page(
        BANK.id, WAITING.profile_id, order=SessionOrder.CREATED, descending=False, page=1, size=10
    )
    assert run(listed).items == SESSIONS
    run(store.close())


def test_what_was_old_goes_on_under_the_new_schema(run: Run, old: Path) -> None:
    store = open_sqlite(old)
    secrets = PageSecrets(b"p" * 32, b"preview" * 40, b"key" * 60)
    opened = launched(WAITING, now=2_000, secrets=secrets)
    tried = refused(opened, now=2_100)
    away = left(tried, now=2_200)
    consent = Consent(2_300, "2026-11.0123456789abcdef", "id")
    sent = submitted(away, now=2_300, sealed_supplement=b"s" * 300, consent=consent, lease=None)
    for before, after in pairwise([WAITING, opened, tried, away, sent]):
        assert run(store.change(before, after))
        assert run(store.find(WAITING.id)) == after
    changed = replace(PROFILE, pages=PageRules(result_page=ResultPage.VERDICT))
    assert run(store.change_profile(changed))
    assert run(store.note_guess(b"n", b"g", most=1, now=0, until=1))
    run(store.close())
    again = open_sqlite(old)
    assert run(again.profile(BANK.id, PROFILE.id)) == changed
    run(again.close())


def test_a_rollback_brings_the_first_schema_back_and_loses_only_what_it_did_not_know(
    run: Run, old: Path
) -> None:
    from yoyo import get_backend, read_migrations

    run(open_sqlite(old).close())
    backend = get_backend(f"sqlite:///{old}")
    with closing(backend.connection), backend:
        newer = read_migrations(str(migrations.SCHEMA)).filter(lambda m: not m.id.startswith("0001"))
        backend.rollback_migrations(backend.to_rollback(newer))
    assert migrations.version(old) == 1
    store = open_sqlite(old)
    assert [run(store.find(session.id)) for session in SESSIONS] == list(SESSIONS)
    run(store.close())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.none() | st.binary(max_size=400), min_size=5, max_size=5),
    url=st.none() | st.text("abc:/?é", max_size=200),
    room=st.integers(0, 14),
)
def test_contents_of_any_sizes_are_read_as_they_were_packed(
    parts: list[bytes | None], url: str | None, room: int
) -> None:
    from padan.store.rows import session_from_row

    salt, public_key, claim, supplement, result = parts
    session = a_session(
        salt=salt,
        public_key=public_key,
        sealed_claim=claim,
        sealed_supplement=supplement,
        sealed_result=result,
        redirect_url=url,
    )
    for contents in (first_contents(session), first_contents(session, padded=False) + bytes(room)):
        assert session_from_row((*session_to_row(session), contents)) == session
