"""Environments, tokens, profiles and redirect URIs in PostgreSQL."""

# ruff: noqa: S608 -- queries are put together from the names of columns; every value is bound.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from padan.app.ports import Conflict, Page
from padan.domain.activation import Activation
from padan.domain.environment import AccessToken, Environment
from padan.domain.profile import Profile, RedirectUri
from padan.store import directory_queries as queries
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
from padan.store.postgres.columns import selected
from padan.store.postgres.link import Connection, EnvironmentLinks, Links, Work
from padan.store.postgres.lookups import EnvironmentLookup, Lookup
from padan.store.rows import Row
from padan.store.rules import missing_owner

_OF_TOKEN = (
    f"SELECT {selected(ENVIRONMENT_COLUMNS, 't')}, k.id, k.sha256 FROM environments AS t"
    " JOIN tokens AS k ON k.environment_id = t.id WHERE k.sha256 = ANY($1::bytea[]) AND k.revoked_at IS NULL"
)
_PROFILE = (
    f"SELECT {selected(PROFILE_COLUMNS, 't')}, t.id FROM profiles AS t"
    " WHERE t.environment_id = $1 AND t.id = ANY($2::uuid[])"
)

# The constraint that the database names in its refusal, and what the port calls it.
_CONFLICTS = {
    "environments_organisation": "organisation",
    "tokens_sha256": "sha256",
    "profiles_external_id": "externalId",
    "redirect_uris_uri": "uri",
}


class PostgresDirectory:
    """The port `Directory`. What names an environment is asked behind that environment's wall."""

    def __init__(self, links: Links, walled: EnvironmentLinks) -> None:
        self._links = links
        self._walled = walled
        self._of_token = Lookup(links, _OF_TOKEN, read=opened_environment_from_row)
        self._profile = EnvironmentLookup(walled, _PROFILE, read=profile_from_row)

    async def add_environment(self, environment: Environment) -> None:
        """Raises Conflict where the organisation already has one of that kind."""
        await self._insert("environments", ENVIRONMENT_COLUMNS, environment_to_row(environment))

    async def environments(self) -> Sequence[Environment]:
        """All of them, oldest first."""
        return tuple(map(environment_from_row, await self._links.run(_rows(queries.ENVIRONMENTS))))

    async def add_token(self, token: AccessToken) -> None:
        """Store a token's hash. Raises LookupError where its environment is not stored."""
        await self._insert("tokens", TOKEN_COLUMNS, token_to_row(token))

    async def environment_of_token(self, sha256: bytes) -> Environment | None:
        """The environment that a token opens, unless it is unknown or revoked."""
        return await self._of_token.one(sha256)

    async def tokens(self, environment_id: UUID) -> Sequence[AccessToken]:
        """All of an environment's tokens, revoked ones included, oldest first."""
        rows = await self._walled.run(environment_id, _rows(queries.TOKENS, environment_id.bytes))
        return tuple(map(token_from_row, rows))

    async def revoke_token(self, token_id: UUID, now: int) -> bool:
        """Whether there was such a token that was not revoked yet."""
        return await self._links.run(_touch(queries.REVOKE, token_id.bytes, now))

    async def add_profile(self, profile: Profile) -> None:
        """Raises Conflict("externalId") where the environment already uses the external id."""
        await self._insert("profiles", PROFILE_COLUMNS, profile_to_row(profile))

    async def revoke_profile(self, environment_id: UUID, profile_id: UUID) -> bool:
        """Enable no provider in it any more: no session begins with it. Whether it was not so yet."""
        work = _touch(queries.REVOKE_PROFILE, profile_id.bytes, environment_id.bytes)
        return await self._walled.run(environment_id, work)

    async def change_profile(self, profile: Profile) -> bool:
        """Replace a profile by its new self; whether it exists in its environment."""
        work = _touch(queries.CHANGE_PROFILE, *profile_to_row(profile))
        return await self._walled.run(profile.environment_id, work)

    async def profile(self, environment_id: UUID, profile_id: UUID) -> Profile | None:
        """The profile, if it belongs to the environment."""
        return await self._profile.one(environment_id, profile_id.bytes)

    async def brand(self, profile_id: UUID) -> Profile | None:
        """The profile, whoever it belongs to: for its public logo alone."""
        return _first(await self._links.run(_rows(queries.BRAND, profile_id.bytes)))

    async def profile_by_external_id(self, environment_id: UUID, external_id: str) -> Profile | None:
        """The profile with that external id in the environment."""
        if not _storable(external_id):
            return None
        work = _rows(queries.BY_EXTERNAL_ID, environment_id.bytes, external_id)
        return _first(await self._walled.run(environment_id, work))

    async def profiles(self, environment_id: UUID, *, page: int, size: int) -> Page[Profile]:
        """A page (from 1), oldest first."""

        async def work(connection: Connection) -> Page[Profile]:
            rows = await _rows(queries.PROFILES, environment_id.bytes, size, (page - 1) * size)(connection)
            ((total,),) = await _rows(queries.COUNT_PROFILES, environment_id.bytes)(connection)
            return Page(tuple(map(profile_from_row, rows)), total)

        return await self._walled.run(environment_id, work)

    async def activation(self, provider: str) -> Activation | None:
        """The agreement registered for a provider."""
        rows = await self._links.run(_rows(queries.ACTIVATION, provider))
        return activation_from_text(rows[0][0]) if rows else None

    async def set_activation(self, activation: Activation) -> None:
        """Register an agreement, in place of one before."""
        content = activation_to_text(activation)
        await self._links.run(_touch(queries.SET_ACTIVATION, activation.provider, content))

    async def add_redirect_uri(self, uri: RedirectUri) -> None:
        """Raises Conflict("uri") where the environment already lists it."""
        await self._insert("redirect_uris", REDIRECT_URI_COLUMNS, redirect_uri_to_row(uri))

    async def redirect_uris(self, environment_id: UUID) -> Sequence[RedirectUri]:
        """All of an environment's, oldest first."""
        rows = await self._walled.run(environment_id, _rows(queries.URIS, environment_id.bytes))
        return tuple(map(redirect_uri_from_row, rows))

    async def remove_redirect_uri(self, environment_id: UUID, uri_id: UUID) -> bool:
        """Whether there was such an entry in the environment."""
        work = _touch(queries.REMOVE_URI, uri_id.bytes, environment_id.bytes)
        return await self._walled.run(environment_id, work)

    async def _insert(self, table: str, columns: Sequence[str], row: Row) -> None:
        try:
            await self._links.run(_touch(queries.insert(table, columns), *row))
        except asyncpg.ForeignKeyViolationError:
            raise missing_owner("environment_id", "environment") from None
        except asyncpg.UniqueViolationError as error:
            raise Conflict(_CONFLICTS.get(error.constraint_name or "", "id")) from None

    async def _drain(self) -> None:
        """Answer who waits, and nobody after them."""
        await self._of_token.close()
        await self._profile.close()


def _rows(query: str, *values: Any) -> Work[Any]:
    async def work(connection: Connection) -> Any:
        return await connection.fetch(queries.dollars(query), *values)

    return work


def _touch(statement: str, *values: Any) -> Work[bool]:
    """Runs a statement, and says whether it touched a row."""

    async def work(connection: Connection) -> bool:
        try:
            status: str = await connection.execute(queries.dollars(statement), *values)
        except asyncpg.DataError:
            raise ValueError("a value cannot be stored in PostgreSQL: texts there hold no NUL") from None
        return not status.endswith(" 0")

    return work


def _first(rows: Sequence[Any]) -> Profile | None:
    return profile_from_row(rows[0]) if rows else None


def _storable(text: str) -> bool:
    return "\0" not in text
