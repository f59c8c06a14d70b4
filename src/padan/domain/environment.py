"""Relying parties' environments and the tokens that open them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class EnvironmentKind(StrEnum):
    """Test environments ask the sandbox; Live ones ask the registry and cost money."""

    TEST = "Test"
    LIVE = "Live"


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment of one organisation: the wall between tenants. Everything else belongs to one.

    `opened_by` is the access token it was opened with, where it was: who asks, for the audit log.
    """

    id: UUID
    organisation: str
    kind: EnvironmentKind
    created_at: int
    opened_by: UUID | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class AccessToken:
    """A relying party's bearer token, of which only the SHA-256 is kept."""

    id: UUID
    environment_id: UUID
    label: str
    sha256: bytes
    created_at: int
    revoked_at: int | None = None

    def __repr__(self) -> str:
        return f"AccessToken(id={self.id})"
