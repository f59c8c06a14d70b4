"""Environments, tokens, profiles and redirect URIs in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from uuid import UUID

from padan.app.ports import Conflict, Page
from padan.domain.activation import Activation
from padan.domain.environment import AccessToken, Environment
from padan.domain.profile import Profile, RedirectUri
from padan.store import directory_queries as queries
from padan.store.connections import Reader
from padan.store.directory_rows import (
    ENVIRONMENT_COLUMNS,
    PROFILE_COLUMNS,
    REDIRECT_URI_COLUMNS,
    TOKEN_COLUMNS,
    activation_from_text,
    activation_to_text,
    environment_from_row,
    environment_to_row,
    opened_environment_from_row,
    profile_from_row,
    profile_to_row,
    redirect_uri_from_row,
    redirect_uri_to_row,
    token_from_row,
    token_to_row,
)
from padan.store.remembered import Remembered
from padan.store.rows import Row
from padan.store.rules import missing_owner
from padan.store.writer import Writer

_OF_TOKEN = (
    f"SELECT {', '.join(f't.{name}' for name in ENVIRONMENT_COLUMNS)}, k.id FROM environments AS t"  # noqa: S608
    " JOIN tokens AS k ON k.environment_id = t.id WHERE k.sha256 = ? AND k.revoked_at IS NULL"
)
_PROFILE = queries.select("profiles", PROFILE_COLUMNS, rest="WHERE id = ? AND environment_id = ?")


# The column that SQLite names in its refusal, and what the port calls it.
_CONFLICTS = {
    "environments.organisation": "organisation",
    "tokens.sha256": "sha256",
    "profiles.external_id": "externalId",
    "redirect_uris.uri": "uri",
}


class SqliteDirectory:
    """The port `Directory`. Tokens and profiles are looked up in the event loop, by key."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader
        self._remembered = Remembered(reader)

    async def add_environment(self, environment: Environment) -> None:
        """Raises Conflict where the organisation already has one of that kind."""
        await self._insert("environments", ENVIRONMENT_COLUMNS, environment_to_row(environment))

    async def environments(self) -> Sequence[Environment]:
        """All of them, oldest first."""
        return tuple(map(environment_from_row, self._reader.rows(queries.ENVIRONMENTS)))

    async def add_token(self, token: AccessToken) -> None:
        """Store a token's hash. Raises LookupError where its environment is not stored."""
        await self._insert("tokens", TOKEN_COLUMNS, token_to_row(token))

    async def environment_of_token(self, sha256: bytes) -> Environment | None:
        """The environment that a token opens, unless it is unknown or revoked."""

        def load() -> Environment | None:
            row = self._reader.row(_OF_TOKEN, (sha256,))
            return None if row is None else opened_environment_from_row(row)

        return self._remembered.get(sha256, load)

    async def tokens(self, environment_id: UUID) -> Sequence[AccessToken]:
        """All of an environment's tokens, revoked ones included, oldest first."""
        return tuple(map(token_from_row, self._reader.rows(queries.TOKENS, (environment_id.bytes,))))

    async def revoke_token(self, token_id: UUID, now: int) -> bool:
        """Whether there was such a token that was not revoked yet."""
        return await self._touch(queries.REVOKE, (token_id.bytes, now))

    async def add_profile(self, profile: Profile) -> None:
        """Raises Conflict("externalId") where the environment already uses the external id."""
        await self._insert("profiles", PROFILE_COLUMNS, profile_to_row(profile))

    async def revoke_profile(self, environment_id: UUID, profile_id: UUID) -> bool:
        """Enable no provider in it any more: no session begins with it. Whether it was not so yet."""
        return await self._touch(queries.REVOKE_PROFILE, (profile_id.bytes, environment_id.bytes))

    async def change_profile(self, profile: Profile) -> bool:
        """Replace a profile by its new self; whether it exists in its environment."""
        return await self._touch(queries.CHANGE_PROFILE, profile_to_row(profile))

    async def profile(self, environment_id: UUID, profile_id: UUID) -> Profile | None:
        """The profile, if it belongs to the environment."""

        def load() -> Profile | None:
            row = self._reader.row(_PROFILE, (profile_id.bytes, environment_id.bytes))
            return None if row is None else profile_from_row(row)

        return self._remembered.get((profile_id, environment_id), load)

    async def brand(self, profile_id: UUID) -> Profile | None:
        """The profile, whoever it belongs to: for its public logo alone."""
        row = self._reader.row(queries.BRAND, (profile_id.bytes,))
        return None if row is None else profile_from_row(row)

    async def profile_by_external_id(self, environment_id: UUID, external_id: str) -> Profile | None:
        """The profile with that external id in the environment."""
        row = self._reader.row(queries.BY_EXTERNAL_ID, (environment_id.bytes, external_id))
        return None if row is None else profile_from_row(row)

    async def profiles(self, environment_id: UUID, *, page: int, size: int) -> Page[Profile]:
        """A page (from 1), oldest first."""
        owner = environment_id.bytes
        rows = self._reader.rows(queries.PROFILES, (owner, size, (page - 1) * size))
        ((total,),) = self._reader.rows(queries.COUNT_PROFILES, (owner,))
        return Page(tuple(map(profile_from_row, rows)), total)

    async def activation(self, provider: str) -> Activation | None:
        """The agreement registered for a provider."""

        def load() -> Activation | None:
            row = self._reader.row(queries.ACTIVATION, (provider,))
            return None if row is None else activation_from_text(row[0])

        return self._remembered.get(provider, load)

    async def set_activation(self, activation: Activation) -> None:
        """Register an agreement, in place of one before."""
        row = (activation.provider, activation_to_text(activation))
        await self._writer.run(lambda connection: connection.execute(queries.SET_ACTIVATION, row))

    async def add_redirect_uri(self, uri: RedirectUri) -> None:
        """Raises Conflict("uri") where the environment already lists it."""
        await self._insert("redirect_uris", REDIRECT_URI_COLUMNS, redirect_uri_to_row(uri))

    async def redirect_uris(self, environment_id: UUID) -> Sequence[RedirectUri]:
        """All of an environment's, oldest first."""

        def load() -> tuple[RedirectUri, ...]:
            return tuple(map(redirect_uri_from_row, self._reader.rows(queries.URIS, (environment_id.bytes,))))

        return self._remembered.get(environment_id, load)

    async def remove_redirect_uri(self, environment_id: UUID, uri_id: UUID) -> bool:
        """Whether there was such an entry in the environment."""
        return await self._touch(queries.REMOVE_URI, (uri_id.bytes, environment_id.bytes))

    async def _insert(self, table: str, columns: Sequence[str], row: Row) -> None:
        sql = queries.insert(table, columns)

        def work(connection: sqlite3.Connection) -> None:
            try:
                connection.execute(sql, row)
            except sqlite3.IntegrityError as error:
                raise _refusal(error, _CONFLICTS) from None

        await self._writer.run(work)

    async def _touch(self, sql: str, parameters: Row) -> bool:
        return await self._writer.run(lambda connection: connection.execute(sql, parameters).rowcount > 0)


def _refusal(error: sqlite3.IntegrityError, conflicts: Mapping[str, str]) -> Exception:
    if error.sqlite_errorname == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return missing_owner("environment_id", "environment")
    if error.sqlite_errorname == "SQLITE_CONSTRAINT_PRIMARYKEY":
        return Conflict("id")
    named = [what for column, what in conflicts.items() if column in str(error)]
    return Conflict(named[0]) if named else error
