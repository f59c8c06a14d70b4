"""One paid question to a registry, written down before it is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID


class Charge(StrEnum):
    """Whether the registry counts the question."""

    CHARGED = "charged"
    NOT_CHARGED = "not_charged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A question and what became of it.

    `outcome` is the finding's outcome or the name of the error, `None` while the answer is awaited;
    an attempt that a crash left without an outcome stays of unknown charge. `price` is in rupiah.
    """

    session_id: UUID
    number: int
    registry: str
    price: int
    started_at: int
    ended_at: int | None = None
    outcome: str | None = None
    charge: Charge = Charge.UNKNOWN

    def ended(self, *, now: int, outcome: str, charge: Charge) -> Attempt:
        """The attempt with its answer."""
        return replace(self, ended_at=now, outcome=outcome, charge=charge)
