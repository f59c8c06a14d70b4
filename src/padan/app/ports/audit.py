"""Who did what, when, and how it ended: written down where changing it later shows."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from padan.app.ports.stores import StoreUnavailable


class AuditUnavailable(StoreUnavailable):
    """The audit log cannot be written now, so nothing that has to stand in it is given out."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One access. Nothing personal and no key stands in it: identifiers and words of ours alone.

    Args:
        at: Unix time in milliseconds.
        actor: `token` (with `environment` and `token`), `person`, `worker`, `server`, `nobody` or
            `operator:` and the name of a Unix user.
        action: an operation of the API, a page, a step of the worker, or a command.
        outcome: a word or a status.
        subject: the session, profile, or whatever else it was done to.
        environment: whose token it was.
        token: the access token's id.
        count: how many times; more than one for reads that are gathered.
    """

    at: int
    actor: str
    action: str
    outcome: str
    subject: UUID | str | None = None
    environment: UUID | None = None
    token: UUID | None = None
    count: int = 1


class AuditLog(Protocol):
    """Events, each in its place, durable within a moment or before `record` returns."""

    def note(self, event: Event) -> None:
        """Write it down within a moment. Never waits and never fails: it is kept until it can be written."""

    def count(self, event: Event) -> None:
        """Write the first of many alike, and of the others how many they were.

        Alike are events of one token (or none) and subject. The number is written before the next other
        event of the two, and every few seconds.
        """

    async def record(self, event: Event) -> None:
        """Return once it is durable: for what is given out afterwards.

        Raises AuditUnavailable; then it stands in the log, if at all, with the outcome `withheld`.
        """

    def require(self) -> None:
        """Raises AuditUnavailable while events cannot be written."""

    async def close(self) -> None:
        """Write what is waiting, and sign the end."""


class NoAudit:
    """Writes nothing down: for parts that are used outside of a server."""

    def note(self, event: Event) -> None:
        """See `AuditLog`."""

    def count(self, event: Event) -> None:
        """See `AuditLog`."""

    async def record(self, event: Event) -> None:
        """See `AuditLog`."""

    def require(self) -> None:
        """See `AuditLog`."""

    async def close(self) -> None:
        """See `AuditLog`."""


WITHHELD = "withheld"
"""The outcome of what was not given out, because it could not be written down before."""
