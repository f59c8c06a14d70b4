"""Small makers of valid rows. Everything is synthetic; what does not matter to a test has a default."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any
from uuid import UUID

from padan.domain.attempt import Attempt
from padan.domain.environment import AccessToken, Environment, EnvironmentKind
from padan.domain.feedback import Feedback
from padan.domain.identifiers import uuid7
from padan.domain.profile import Profile, RedirectUri
from padan.domain.session import Session, SessionKind, SessionState

_numbers = itertools.count(1)

BANK = Environment(UUID(int=0xBA), "Bank Contoh", EnvironmentKind.TEST, created_at=1)
SHOP = Environment(UUID(int=0x5A), "Toko Contoh", EnvironmentKind.TEST, created_at=2)
PROFILE_ID = UUID(int=0xF1)
OTHER_PROFILE_ID = UUID(int=0xF2)


def fresh_id(now: int = 1_000) -> UUID:
    return uuid7(now, next(_numbers).to_bytes(10, "big"))


def a_session(**fields: Any) -> Session:
    """A queued session of the bank, due from 1,000, over at 10,000, to be redacted at 20,000."""
    base = Session(
        id=fresh_id(fields.get("created_at", 1_000)),
        environment_id=BANK.id,
        environment_kind=EnvironmentKind.TEST,
        profile_id=PROFILE_ID,
        kind=SessionKind.DIRECT,
        state=SessionState.QUEUED,
        created_at=1_000,
        updated_at=1_000,
        expires_at=10_000,
        redact_at=20_000,
        due_at=1_000,
        provider="indonesia-nik-lookup",
        salt=b"salt" * 4,
        public_key=b"public key" * 3,
        sealed_claim=b"sealed claim",
    )
    return replace(base, **fields)


def an_attempt(session: Session, number: int = 1, **fields: Any) -> Attempt:
    return replace(Attempt(session.id, number, "sandbox", price=1_000, started_at=1_500), **fields)


def a_feedback(session: Session, **fields: Any) -> Feedback:
    """What the session owes to the registry, due from 1,600."""
    base = Feedback(session.id, session.environment_id, 1_600, 1_600, due_at=1_600, sealed=b"sealed entry")
    return replace(base, **fields)


def a_token(environment: Environment = BANK, **fields: Any) -> AccessToken:
    number = next(_numbers)
    base = AccessToken(fresh_id(), environment.id, "till", number.to_bytes(32, "big"), created_at=number)
    return replace(base, **fields)


def a_profile(environment: Environment = BANK, **fields: Any) -> Profile:
    number = next(_numbers)
    return replace(Profile(fresh_id(), environment.id, f"profile {number}", "Contoh", number), **fields)


def a_redirect_uri(environment: Environment = BANK, **fields: Any) -> RedirectUri:
    number = next(_numbers)
    base = RedirectUri(fresh_id(), environment.id, f"https://bank.example/{number}", created_at=number)
    return replace(base, **fields)
