"""A database as it is after a while: environment, token and profile, and many sessions that ended."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

from padan.domain.environment import AccessToken, Environment, EnvironmentKind
from padan.domain.identifiers import uuid7
from padan.domain.profile import Profile, RedirectUri
from padan.domain.session import Session, SessionKind, SessionState
from padan.providers import PROVIDERS
from padan.store.databases import database_of
from padan.store.postgres.batch import row_of
from padan.store.postgres.columns import SESSION
from padan.store.postgres.link import open_connection
from padan.store.rows import SESSION_COLUMNS, session_contents, session_to_row, with_room

ENVIRONMENT, PROFILE = UUID(int=1), UUID(int=3)
TOKEN = "bench-of-padan-and-nothing-else"
REDIRECT_URI = "https://bench.example/back"
(PROVIDER,) = PROVIDERS
_AT_ONCE = 20_000
_RESULT, _KEY, _SALT = os.urandom(900), os.urandom(32), os.urandom(16)
_DAY = 86_400_000
_ROOM = len(with_room(bytes(300)))
"""Bytes that a direct session gets when it is created, with a claim of usual size."""


async def prepare(url: str, *, sessions: int) -> None:
    """Make the schema, who asks, and so many sessions that ended with a result."""
    store = await database_of(url).open()
    now = time.time_ns() // 1_000_000
    await store.add_environment(Environment(ENVIRONMENT, "Bench", EnvironmentKind.TEST, now))
    digest = hashlib.sha256(TOKEN.encode()).digest()
    await store.add_token(AccessToken(UUID(int=2), ENVIRONMENT, "bench", digest, now))
    await store.add_profile(
        Profile(PROFILE, ENVIRONMENT, "bench", "Bench", now, enabled_providers=(PROVIDER,))
    )
    await store.add_redirect_uri(RedirectUri(UUID(int=4), ENVIRONMENT, REDIRECT_URI, now))
    await store.close()
    if url.startswith("postgresql://"):
        await _fill_postgres(url, sessions=sessions)
    else:
        _fill_sqlite(Path(url.removeprefix("sqlite:///")), sessions=sessions)


def ended(count: int) -> Iterator[Session]:
    """Sessions of the last thirty days, one after the other, each with a result."""
    now = time.time_ns() // 1_000_000
    for number in range(count):
        created = now - 30 * _DAY + 29 * _DAY * number // count
        yield Session(
            id=uuid7(created, os.urandom(10)),
            environment_id=ENVIRONMENT,
            environment_kind=EnvironmentKind.TEST,
            profile_id=PROFILE,
            kind=SessionKind.DIRECT,
            state=SessionState.SUCCEEDED,
            created_at=created,
            updated_at=created + 200,
            expires_at=created + 3_600_000,
            redact_at=created + 31 * _DAY,
            due_at=created,
            attempts=1,
            provider=PROVIDER,
            salt=_SALT,
            public_key=_KEY,
            sealed_result=_RESULT,
        )


def _fill_sqlite(path: Path, *, sessions: int) -> None:
    columns = (*SESSION_COLUMNS, "contents")
    insert = f"INSERT INTO sessions ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    connection = sqlite3.connect(path, isolation_level=None)
    # Nobody was told of these sessions yet, so nothing is lost with them.
    connection.execute("PRAGMA synchronous = OFF").fetchall()
    (place,) = connection.execute("SELECT coalesce(max(seq), 0) FROM contents").fetchone()
    many = ended(sessions)
    while batch := list(islice(many, _AT_ONCE)):
        connection.execute("BEGIN")
        packed = [(place + n, session_contents(one).ljust(_ROOM, b"\0")) for n, one in enumerate(batch, 1)]
        connection.executemany("INSERT INTO contents (seq, packed) VALUES (?, ?)", packed)
        rows = [(*session_to_row(one), place + n) for n, one in enumerate(batch, 1)]
        connection.executemany(insert, rows)
        connection.execute("COMMIT")
        place += len(batch)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()


async def _fill_postgres(url: str, *, sessions: int) -> None:
    connection = await open_connection(url)
    many = ended(sessions)
    while batch := list(islice(many, _AT_ONCE)):
        await connection.copy_records_to_table("sessions", columns=SESSION, records=map(row_of, batch))
    await connection.execute("ANALYZE sessions", timeout=120)
    await connection.close()
