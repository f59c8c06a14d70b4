"""The store in memory: for tests and trials. It forgets everything when the process ends."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from padan.app.ports import Conflict, Page
from padan.domain.activation import Activation
from padan.domain.environment import AccessToken, Environment
from padan.domain.profile import Profile, RedirectUri
from padan.store.memory_feedback import MemoryFeedback
from padan.store.memory_ledger import MemoryLedger
from padan.store.memory_lines import MemoryLines
from padan.store.memory_sessions import MemorySessions, page_of
from padan.store.rules import missing_owner

T = TypeVar("T")


class MemoryDirectory:
    """Environments and what belongs to them, in dictionaries."""

    def __init__(self) -> None:
        self._activations: dict[str, Activation] = {}
        self._environments: dict[UUID, Environment] = {}
        self._tokens: dict[UUID, AccessToken] = {}
        self._profiles: dict[UUID, Profile] = {}
        self._redirect_uris: dict[UUID, RedirectUri] = {}

    async def add_environment(self, environment: Environment) -> None:
        """Store a new environment."""
        if environment.id in self._environments:
            raise Conflict("id")
        named = {(known.organisation, known.kind) for known in self._environments.values()}
        if (environment.organisation, environment.kind) in named:
            raise Conflict("organisation")
        self._environments[environment.id] = environment

    async def environments(self) -> Sequence[Environment]:
        """All of them, oldest first."""
        return _oldest_first(self._environments.values())

    async def add_token(self, token: AccessToken) -> None:
        """Store a token's hash."""
        self._check_owner(token.environment_id)
        if token.id in self._tokens:
            raise Conflict("id")
        if any(known.sha256 == token.sha256 for known in self._tokens.values()):
            raise Conflict("sha256")
        self._tokens[token.id] = token

    async def environment_of_token(self, sha256: bytes) -> Environment | None:
        """The environment that a token opens, unless it is unknown or revoked."""
        for token in self._tokens.values():
            if token.sha256 == sha256 and token.revoked_at is None:
                return replace(self._environments[token.environment_id], opened_by=token.id)
        return None

    async def tokens(self, environment_id: UUID) -> Sequence[AccessToken]:
        """All of an environment's tokens, oldest first."""
        return _oldest_first(t for t in self._tokens.values() if t.environment_id == environment_id)

    async def revoke_token(self, token_id: UUID, now: int) -> bool:
        """Whether there was such a token that was not revoked yet."""
        token = self._tokens.get(token_id)
        if token is None or token.revoked_at is not None:
            return False
        self._tokens[token_id] = replace(token, revoked_at=now)
        return True

    async def add_profile(self, profile: Profile) -> None:
        """Store a new profile."""
        self._check_owner(profile.environment_id)
        if profile.id in self._profiles:
            raise Conflict("id")
        if profile.external_id is not None and await self.profile_by_external_id(
            profile.environment_id, profile.external_id
        ):
            raise Conflict("externalId")
        self._profiles[profile.id] = profile

    async def revoke_profile(self, environment_id: UUID, profile_id: UUID) -> bool:
        """Enable no provider in it any more: no session begins with it. Whether it was not so yet."""
        profile = await self.profile(environment_id, profile_id)
        if profile is None or not profile.enabled_providers:
            return False
        self._profiles[profile_id] = replace(profile, enabled_providers=())
        return True

    async def change_profile(self, profile: Profile) -> bool:
        """Replace a profile by its new self; whether it exists in its environment."""
        if await self.profile(profile.environment_id, profile.id) is None:
            return False
        self._profiles[profile.id] = profile
        return True

    async def profile(self, environment_id: UUID, profile_id: UUID) -> Profile | None:
        """The profile, if it belongs to the environment."""
        profile = self._profiles.get(profile_id)
        return profile if profile is not None and profile.environment_id == environment_id else None

    async def brand(self, profile_id: UUID) -> Profile | None:
        """See `Directory`."""
        return self._profiles.get(profile_id)

    async def profile_by_external_id(self, environment_id: UUID, external_id: str) -> Profile | None:
        """The profile with that external id in the environment."""
        for profile in self._profiles.values():
            if profile.environment_id == environment_id and profile.external_id == external_id:
                return profile
        return None

    async def profiles(self, environment_id: UUID, *, page: int, size: int) -> Page[Profile]:
        """A page (from 1), oldest first."""
        found = (p for p in self._profiles.values() if p.environment_id == environment_id)
        return page_of(_oldest_first(found), page=page, size=size)

    async def activation(self, provider: str) -> Activation | None:
        """The agreement registered for a provider."""
        return self._activations.get(provider)

    async def set_activation(self, activation: Activation) -> None:
        """Register an agreement, in place of one before."""
        self._activations[activation.provider] = activation

    async def add_redirect_uri(self, uri: RedirectUri) -> None:
        """Store a new entry of the allow-list."""
        self._check_owner(uri.environment_id)
        if uri.id in self._redirect_uris:
            raise Conflict("id")
        if any(known.uri == uri.uri for known in await self.redirect_uris(uri.environment_id)):
            raise Conflict("uri")
        self._redirect_uris[uri.id] = uri

    async def redirect_uris(self, environment_id: UUID) -> Sequence[RedirectUri]:
        """All of an environment's, oldest first."""
        return _oldest_first(u for u in self._redirect_uris.values() if u.environment_id == environment_id)

    async def remove_redirect_uri(self, environment_id: UUID, uri_id: UUID) -> bool:
        """Whether there was such an entry in the environment."""
        known = self._redirect_uris.get(uri_id)
        if known is None or known.environment_id != environment_id:
            return False
        del self._redirect_uris[uri_id]
        return True

    def _check_owner(self, environment_id: UUID) -> None:
        if environment_id not in self._environments:
            raise missing_owner("environment_id", "environment")


class MemoryGuesses:
    """Guesses in a dictionary, by subject and guess."""

    def __init__(self) -> None:
        self._guesses: dict[tuple[bytes, bytes], int] = {}

    async def note_guess(self, subject: bytes, guess: bytes, *, most: int, now: int, until: int) -> bool:
        """Whether a guess may be made; one that may is remembered until an instant."""
        await self.forget_guesses(now)
        if (subject, guess) in self._guesses:
            return True
        if sum(known == subject for known, _ in self._guesses) >= most:
            return False
        self._guesses[subject, guess] = until
        return True

    async def forget_guesses(self, now: int) -> None:
        """Erase those whose time is over."""
        self._guesses = {key: until for key, until in self._guesses.items() if until > now}


class MemoryAnswers:
    """Kept answers in a dictionary."""

    def __init__(self) -> None:
        self._answers: dict[bytes, tuple[bytes, int]] = {}

    async def keep_answer(self, name: bytes, sealed: bytes, *, until: int) -> None:
        """Keep an answer, in place of one before."""
        self._answers[name] = (sealed, until)

    async def kept_answer(self, name: bytes, *, now: int) -> bytes | None:
        """The answer, while it lasts."""
        kept = self._answers.get(name)
        return kept[0] if kept is not None and kept[1] > now else None

    async def forget_answers(self, now: int) -> None:
        """Erase answers whose time is over."""
        self._answers = {name: kept for name, kept in self._answers.items() if kept[1] > now}


class MemoryStore(
    MemorySessions,
    MemoryDirectory,
    MemoryGuesses,
    MemoryAnswers,
    MemoryLedger,
    MemoryFeedback,
    MemoryLines,
):
    """All ports in memory, with the same life cycle as the durable stores."""

    def __init__(self) -> None:
        MemorySessions.__init__(self)
        MemoryDirectory.__init__(self)
        MemoryGuesses.__init__(self)
        MemoryAnswers.__init__(self)
        MemoryLedger.__init__(self, ChainMap(self._sessions, self._forgotten), self._attempts)
        MemoryFeedback.__init__(self, self._owed)
        MemoryLines.__init__(self)

    async def scrub(self) -> None:
        """Nothing to do: what was replaced is gone."""

    async def is_current(self) -> bool:
        """True: nothing is older than this process."""
        return True

    async def close(self) -> None:
        """Nothing to do."""


_Dated = TypeVar("_Dated", Environment, AccessToken, Profile, RedirectUri)


def _oldest_first(found: Iterable[_Dated]) -> tuple[_Dated, ...]:
    return tuple(sorted(found, key=lambda item: (item.created_at, item.id.bytes)))
