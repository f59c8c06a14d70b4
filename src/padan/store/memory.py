"""The store in memory: for tests and trials. It forgets everything when the process ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from padan.app.ports import Conflict, Page, SessionOrder
from padan.domain.attempt import Attempt
from padan.domain.environment import AccessToken, Environment
from padan.domain.profile import Profile, RedirectUri
from padan.domain.session import Lease, Session, SessionState
from padan.store.rules import check_change, missing_owner

T = TypeVar("T")

_WORK = frozenset({SessionState.QUEUED, SessionState.ASKING})

_SORT_KEYS: dict[SessionOrder, Callable[[Session], tuple[int | str, bytes]]] = {
    SessionOrder.CREATED: lambda session: (session.created_at, session.id.bytes),
    SessionOrder.UPDATED: lambda session: (session.updated_at, session.id.bytes),
    SessionOrder.STATE: lambda session: (session.state.value, session.id.bytes),
}


class MemorySessions:
    """Sessions in a dictionary. Every method runs without waiting, so that each is one transaction."""

    def __init__(self) -> None:
        self._sessions: dict[UUID, Session] = {}
        self._attempts: dict[tuple[UUID, int], Attempt] = {}

    async def add(self, session: Session) -> None:
        """Store a new session."""
        if session.id in self._sessions:
            raise Conflict("id")
        self._sessions[session.id] = session

    async def get(self, environment_id: UUID, session_id: UUID) -> Session | None:
        """The session, if it belongs to the environment."""
        session = self._sessions.get(session_id)
        return session if session is not None and session.environment_id == environment_id else None

    async def find(self, session_id: UUID) -> Session | None:
        """The session, whoever it belongs to."""
        return self._sessions.get(session_id)

    async def change(self, before: Session, after: Session, *, attempt: Attempt | None = None) -> bool:
        """Replace `before` by `after` and store the attempt, or neither."""
        check_change(before, after, attempt)
        current = self._sessions.get(before.id)
        if current is None or current.revision != before.revision:
            return False
        self._sessions[after.id] = after
        if attempt is not None:
            self._attempts[attempt.session_id, attempt.number] = attempt
        return True

    async def record(self, attempt: Attempt) -> None:
        """Store an attempt by itself."""
        if attempt.session_id not in self._sessions:
            raise missing_owner("session_id", "session")
        self._attempts[attempt.session_id, attempt.number] = attempt

    async def attempts(self, session_id: UUID) -> Sequence[Attempt]:
        """The questions asked for a session, in order."""
        found = (attempt for attempt in self._attempts.values() if attempt.session_id == session_id)
        return tuple(sorted(found, key=lambda attempt: attempt.number))

    async def page(
        self,
        environment_id: UUID,
        profile_id: UUID,
        *,
        order: SessionOrder,
        descending: bool,
        page: int,
        size: int,
    ) -> Page[Session]:
        """A page (from 1) of a profile's sessions."""
        found = [
            session
            for session in self._sessions.values()
            if session.environment_id == environment_id and session.profile_id == profile_id
        ]
        found.sort(key=_SORT_KEYS[order], reverse=descending)
        return _page(found, page, size)

    async def take_leases(self, owner: str, now: int, *, until: int, limit: int) -> Sequence[Session]:
        """Lease sessions that are due, not expired and held by nobody, the longest due first."""
        free = (
            session
            for session in self._sessions.values()
            if session.state in _WORK and session.due_at <= now < session.expires_at and _free(session, now)
        )
        due = sorted(free, key=lambda session: (session.due_at, session.id.bytes))[:limit]
        return tuple(self._leased(session, now, Lease(owner, until)) for session in due)

    async def free_leases(self, now: int) -> int:
        """End every lease."""
        held = [session for session in self._sessions.values() if session.lease is not None]
        for session in held:
            self._leased(session, now, None)
        return len(held)

    async def overdue(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions not done whose time is over and that no worker holds, the longest overdue first."""
        over = (s for s in self._sessions.values() if not s.done and s.expires_at <= now and _free(s, now))
        return tuple(sorted(over, key=lambda session: (session.expires_at, session.id.bytes))[:limit])

    async def to_redact(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions whose redaction is due and that no worker holds, the longest due first."""
        over = (
            session
            for session in self._sessions.values()
            if session.redacted_at is None and session.redact_at <= now and _free(session, now)
        )
        return tuple(sorted(over, key=lambda session: (session.redact_at, session.id.bytes))[:limit])

    def _leased(self, session: Session, now: int, lease: Lease | None) -> Session:
        changed = replace(session, lease=lease, updated_at=now, revision=session.revision + 1)
        self._sessions[session.id] = changed
        return changed


class MemoryDirectory:
    """Environments and what belongs to them, in dictionaries."""

    def __init__(self) -> None:
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
                return self._environments[token.environment_id]
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
        return _page(_oldest_first(found), page, size)

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


class MemoryStore(MemorySessions, MemoryDirectory, MemoryGuesses):
    """All ports in memory, with the same life cycle as the durable stores."""

    def __init__(self) -> None:
        MemorySessions.__init__(self)
        MemoryDirectory.__init__(self)
        MemoryGuesses.__init__(self)

    async def scrub(self) -> None:
        """Nothing to do: what was replaced is gone."""

    async def close(self) -> None:
        """Nothing to do."""


_Dated = TypeVar("_Dated", Environment, AccessToken, Profile, RedirectUri)


def _oldest_first(found: Iterable[_Dated]) -> tuple[_Dated, ...]:
    return tuple(sorted(found, key=lambda item: (item.created_at, item.id.bytes)))


def _page(found: Sequence[T], page: int, size: int) -> Page[T]:
    return Page(tuple(found[(page - 1) * size : page * size]), len(found))


def _free(session: Session, now: int) -> bool:
    return session.lease is None or session.lease.until <= now
