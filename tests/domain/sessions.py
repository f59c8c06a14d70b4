"""A maker of sessions for the tests of the domain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from padan.domain.claim import ClaimField
from padan.domain.environment import EnvironmentKind
from padan.domain.hosting import Consent
from padan.domain.session import PageSecrets, Session, SessionKind, SessionState

SECRETS = PageSecrets(b"page", b"shown under the cookie", b"key under the cookie")
CONSENT = Consent(3_000, "2026-11.0123456789abcdef", "id")


def a_session(**fields: Any) -> Session:
    """A hosted session that waits for the person."""
    base = Session(
        id=UUID(int=1),
        environment_id=UUID(int=2),
        environment_kind=EnvironmentKind.TEST,
        profile_id=UUID(int=3),
        kind=SessionKind.HOSTED,
        state=SessionState.AWAITING_INPUT,
        created_at=1_000,
        updated_at=1_000,
        expires_at=10_000,
        redact_at=20_000,
        due_at=1_000,
        provider="indonesia-nik-lookup",
        redirect_url="https://bank.example/return",
        languages=("id",),
        missing=(ClaimField.NIK,),
        salt=b"salt",
        public_key=b"public key",
        launch_token_sha256=b"token",
        sealed_claim=b"sealed claim",
        sealed_preview=b"shown under the launch URL",
        sealed_return_key=b"key under the launch URL",
        known_index=b"index",
    )
    return replace(base, **fields)
