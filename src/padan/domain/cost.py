"""What the questions of a while cost: the ledger, counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from uuid import UUID

from padan.domain.environment import EnvironmentKind


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant up to another, which is not part of it; both in Unix milliseconds."""

    since: int = 0
    until: int = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class Tally:
    """Questions, counted, and sums in rupiah.

    Each question is charged, not charged, or of unknown charge. `possibly_twice` counts sessions with more
    than one question that was or may have been charged; each stands where its last such question does. The
    sums `…_charged` are of what was charged, `…_at_most` of what may have been as well.
    """

    questions: int = 0
    charged: int = 0
    not_charged: int = 0
    unknown: int = 0
    possibly_twice: int = 0
    tariff_charged: int = 0
    tariff_at_most: int = 0
    price_charged: int = 0
    price_at_most: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """The questions of one month (Jakarta, YYYY-MM, by when they began), profile and outcome.

    `outcome` is the finding's or the name of the error; `None` where no answer was ever heard.
    """

    month: str
    environment: EnvironmentKind
    profile_id: UUID
    outcome: str | None
    tally: Tally

    @property
    def key(self) -> tuple[str, str, bytes, str]:
        """What rows are sorted by: what has no outcome comes first."""
        return (self.month, self.environment.value, self.profile_id.bytes, self.outcome or "")


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    columns = zip(*(astuple(tally) for tally in tallies), strict=True)
    return Tally(*(sum(column) for column in columns))
