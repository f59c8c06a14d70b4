"""What is asked of environments and what belongs to them: the same SQL for each database.

Written with SQLite's numbered places, `?1`; `dollars` gives PostgreSQL its own.
"""

# ruff: noqa: S608 -- queries are put together from the names of columns; every value is bound.

from __future__ import annotations

from collections.abc import Sequence

from padan.store.directory_rows import (
    ENVIRONMENT_COLUMNS,
    PROFILE_COLUMNS,
    REDIRECT_URI_COLUMNS,
    TOKEN_COLUMNS,
)


def select(table: str, columns: Sequence[str], *, rest: str) -> str:
    """A query of columns of one table, which it calls `t`."""
    return f"SELECT {', '.join(f't.{column}' for column in columns)} FROM {table} AS t {rest}"


def insert(table: str, columns: Sequence[str]) -> str:
    """A statement that stores one row."""
    places = ", ".join(f"?{number}" for number in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"


def dollars(statement: str) -> str:
    """The statement with the places of PostgreSQL. None of them holds a question mark of another meaning."""
    return statement.replace("?", "$")


ENVIRONMENTS = select("environments", ENVIRONMENT_COLUMNS, rest="ORDER BY created_at, id")
TOKENS = select("tokens", TOKEN_COLUMNS, rest="WHERE environment_id = ?1 ORDER BY created_at, id")
REVOKE = "UPDATE tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL"

BRAND = select("profiles", PROFILE_COLUMNS, rest="WHERE id = ?1")
BY_EXTERNAL_ID = select("profiles", PROFILE_COLUMNS, rest="WHERE environment_id = ?1 AND external_id = ?2")
PROFILES = select(
    "profiles", PROFILE_COLUMNS, rest="WHERE environment_id = ?1 ORDER BY created_at, id LIMIT ?2 OFFSET ?3"
)
COUNT_PROFILES = "SELECT count(*) FROM profiles WHERE environment_id = ?1"
REVOKE_PROFILE = (
    "UPDATE profiles SET enabled_providers = '' WHERE id = ?1 AND environment_id = ?2"
    " AND enabled_providers <> ''"
)
CHANGE_PROFILE = (
    "UPDATE profiles SET "
    + ", ".join(f"{column} = ?{number}" for number, column in enumerate(PROFILE_COLUMNS, 1))
    + " WHERE id = ?1 AND environment_id = ?2"
)

URIS = select("redirect_uris", REDIRECT_URI_COLUMNS, rest="WHERE environment_id = ?1 ORDER BY created_at, id")
REMOVE_URI = "DELETE FROM redirect_uris WHERE id = ?1 AND environment_id = ?2"

ACTIVATION = "SELECT content FROM activations WHERE provider = ?1"
SET_ACTIVATION = (
    "INSERT INTO activations (provider, content) VALUES (?1, ?2)"
    " ON CONFLICT (provider) DO UPDATE SET content = excluded.content"
)
