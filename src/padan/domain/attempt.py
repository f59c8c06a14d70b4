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
    an attempt that a crash left without an outcome stays of unknown charge. `price` is what the operator
    charges for it, `tariff` what the registry does, both in rupiah.
    """

    session_id: UUID
    number: int
    registry: str
    price: int
    started_at: int
    ended_at: int | None = None
    outcome: str | None = None
    charge: Charge = Charge.UNKNOWN
    tariff: int = 0

    def ended(self, *, now: int, outcome: str, charge: Charge) -> Attempt:
        """The attempt with its answer."""
        return replace(self, ended_at=now, outcome=outcome, charge=charge)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one question counts against, all of it shared by every process.

    `account` is the agreement's, `day` and `month` are Jakarta's (YYYY-MM-DD, YYYY-MM). `quota` is questions
    a day, `per_second` questions a second, `budget` rupiah of prices a month for the profile; `None` is
    without limit.
    """

    account: str
    profile_id: UUID
    day: str
    month: str
    price: int = 0
    quota: int | None = None
    per_second: float | None = None
    budget: int | None = None


class Refusal(StrEnum):
    """Why a question was not begun."""

    STALE = "stale"
    """The session is no longer as it was: somebody else has it."""
    QUOTA = "quota"
    BUDGET = "budget"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Begun:
    """Whether a question was written down; where not, why, and from when (Unix milliseconds) it may be."""

    refusal: Refusal | None = None
    ready_at: int = 0
