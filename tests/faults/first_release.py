"""A store as the first release left it, and a process of that release: its SQL, written down for good."""

# ruff: noqa: S608 -- the statements of the first release, put together from the names of its columns.

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, cast
from uuid import UUID

import asyncpg

from padan.domain.identifiers import uuid7
from padan.store.connections import create_file, open_writer
from padan.store.postgres.migrations import SCHEMA
from tests.store.test_upgrade import first_database

OWNER, PROFILE = UUID(int=0xBA), UUID(int=0xF1)
BEGAN = 1_760_000_000_000
"""When the first session was created, in Unix milliseconds; one every five seconds from then on."""

CONTENTS = bytes(1_280)
ROWS_AT_ONCE = 50_000

_COMMON = (
    *("id", "environment_id", "environment_kind", "profile_id", "kind", "state", "created_at", "updated_at"),
    *("expires_at", "redact_at", "due_at", "provider", "languages", "missing", "allowed_providers"),
    *("attempts", "revision", "contents"),
)
_ATTEMPT = ("session_id", "number", "registry", "price", "started_at", "outcome", "charge")


class OldProcess(Protocol):
    """What a process of the first release does, again and again."""

    def calls(self) -> dict[str, Callable[[], UUID | None]]:
        """One call of each kind; `add` returns the session that is stored now."""

    def close(self) -> None:
        """Let go of the database."""


def first_session(number: int) -> UUID:
    return uuid7(BEGAN + number * 5_000, number.to_bytes(10, "big"))


def _session(session_id: UUID, now: int, *, contents: object) -> tuple[object, ...]:
    over = now + 3_600_000
    return (
        *(session_id.bytes, OWNER.bytes, "Test", PROFILE.bytes, "direct", "succeeded", now, now),
        *(over, 4_000_000_000_000, now, "indonesia-nik-lookup", "", "", "", 1, 3, contents),
    )


def _attempt(session_id: UUID, now: int) -> tuple[object, ...]:
    return session_id.bytes, 1, "sandbox", 1_000, now, "found", "charged"


def _insert(table: str, columns: tuple[str, ...], place: Callable[[int], str]) -> str:
    places = ", ".join(place(number) for number in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"


def _portions(sessions: int) -> Iterator[range]:
    for start in range(0, sessions, ROWS_AT_ONCE):
        yield range(start, min(start + ROWS_AT_ONCE, sessions))


_SQLITE_ADD = _insert("sessions", _COMMON, lambda _: "?")
_SQLITE_ASK = _insert("attempts", _ATTEMPT, lambda _: "?")


def fill_sqlite(path: str, sessions: int) -> None:
    """A database of the first schema with so many sessions, each with its question."""
    create_file(Path(path))
    first_database(Path(path))
    with closing(open_writer(Path(path))) as connection:
        for portion in _portions(sessions):
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT INTO contents (seq, packed) VALUES (?, ?)", ((n + 1, CONTENTS) for n in portion)
            )
            connection.executemany(
                _SQLITE_ADD,
                (_session(first_session(n), BEGAN + n * 5_000, contents=n + 1) for n in portion),
            )
            connection.executemany(
                _SQLITE_ASK, (_attempt(first_session(n), BEGAN + n * 5_000) for n in portion)
            )
            connection.execute("COMMIT")


class OldSqlite:
    """One connection that writes and one that reads, as the first release had them."""

    def __init__(self, path: str) -> None:
        self._writer = open_writer(Path(path))
        self._writer.execute("PRAGMA busy_timeout = 5000")
        self._reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self._number = 0
        self._last = first_session(0)

    def calls(self) -> dict[str, Callable[[], UUID | None]]:
        return {"add": self._add, "change": self._change, "find": self._find}

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

    def _add(self) -> UUID:
        now = time.time_ns() // 1_000_000
        self._number += 1
        session_id = uuid7(now, self._number.to_bytes(10, "big"))
        self._writer.execute("BEGIN IMMEDIATE")
        place = self._writer.execute("INSERT INTO contents (packed) VALUES (?)", (CONTENTS,)).lastrowid
        self._writer.execute(_SQLITE_ADD, _session(session_id, now, contents=place))
        self._writer.execute(_SQLITE_ASK, _attempt(session_id, now))
        self._writer.execute("COMMIT")
        self._last = session_id
        return session_id

    def _change(self) -> None:
        changed = self._writer.execute(
            "UPDATE sessions SET updated_at = ?, revision = 4 WHERE id = ? AND revision = 3",
            (1, self._last.bytes),
        ).rowcount
        assert changed == 1

    def _find(self) -> None:
        row = self._reader.execute(
            "SELECT s.id, s.state, c.packed FROM sessions AS s JOIN contents AS c ON c.seq = s.contents"
            " WHERE s.id = ?",
            (self._last.bytes,),
        ).fetchall()
        assert len(row) == 1


_POSTGRES_COLUMNS = (*_COMMON, "refusals")
_POSTGRES_ATTEMPT = (*_ATTEMPT, "tariff")
_POSTGRES_ADD = _insert("sessions", _POSTGRES_COLUMNS, lambda n: f"${n}") + " ON CONFLICT (id) DO NOTHING"
_POSTGRES_ASK = _insert("attempts", _POSTGRES_ATTEMPT, lambda n: f"${n}")


async def _connection(url: str) -> Any:
    connection = await asyncpg.connect(url, server_settings={"padan.environment": "*", "lock_timeout": "4s"})
    await connection.set_type_codec(
        "uuid", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )
    return connection


def fill_postgres(url: str, sessions: int) -> None:
    """A database of the first schema with so many sessions, each with its question."""

    async def work() -> None:
        connection = await _connection(url)
        await connection.execute((SCHEMA / "0001.padan.sql").read_text("utf-8"))
        await connection.execute("CREATE TABLE padan_schema (version integer NOT NULL)")
        await connection.execute("INSERT INTO padan_schema (version) VALUES (1)")
        for portion in _portions(sessions):
            await connection.copy_records_to_table(
                "sessions",
                columns=_POSTGRES_COLUMNS,
                records=(
                    (*_session(first_session(n), BEGAN + n * 5_000, contents=CONTENTS), 0) for n in portion
                ),
            )
            await connection.copy_records_to_table(
                "attempts",
                columns=_POSTGRES_ATTEMPT,
                records=((*_attempt(first_session(n), BEGAN + n * 5_000), 0) for n in portion),
            )
        await connection.close()

    asyncio.run(work())


class OldPostgres:
    """One connection with prepared statements, as the first release made them."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._connection = self._runner.run(_connection(url))
        self._number = 0
        self._last = first_session(0)

    def calls(self) -> dict[str, Callable[[], UUID | None]]:
        return {"add": self._add, "change": self._change, "find": self._find}

    def close(self) -> None:
        self._runner.run(self._connection.close())
        self._runner.close()

    def _add(self) -> UUID:
        now = time.time_ns() // 1_000_000
        self._number += 1
        session_id = uuid7(now, self._number.to_bytes(10, "big"))

        async def work() -> None:
            async with self._connection.transaction():
                row = (*_session(session_id, now, contents=CONTENTS), 0)
                await self._connection.execute(_POSTGRES_ADD, *row)
                await self._connection.execute(_POSTGRES_ASK, *_attempt(session_id, now), 0)

        self._runner.run(work())
        self._last = session_id
        return session_id

    def _change(self) -> None:
        changed = self._fetch(
            "UPDATE sessions AS s SET updated_at = r.at, revision = 4"
            " FROM unnest($1::uuid[], $2::bigint[]) AS r (id, at)"
            " WHERE s.id = r.id AND s.revision = 3 RETURNING s.id",
            [self._last.bytes],
            [1],
        )
        assert len(changed) == 1

    def _find(self) -> None:
        found = self._fetch(
            "SELECT id, state, contents FROM sessions WHERE id = ANY($1::uuid[])", [self._last.bytes]
        )
        assert len(found) == 1

    def _fetch(self, query: str, *values: object) -> list[object]:
        return cast("list[object]", self._runner.run(self._connection.fetch(query, *values)))
