"""The usage report that a partner owes to the registry every semester (Permendagri 102/2019)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from padan.domain.activation import Activation
from padan.domain.cost import Cost, Tally, total


@dataclass(frozen=True, slots=True)
class Semester:
    """Half a year: the first is January to June, the second July to December."""

    year: int
    half: int

    @property
    def first_month(self) -> int:
        """1 or 7."""
        return 1 if self.half == 1 else 7

    @property
    def months(self) -> tuple[str, ...]:
        """Its six months, YYYY-MM."""
        return tuple(f"{self.year}-{month:02}" for month in range(self.first_month, self.first_month + 6))

    @property
    def first_day(self) -> date:
        """Included."""
        return date(self.year, self.first_month, 1)

    @property
    def last_day(self) -> date:
        """Included."""
        return date(self.year, 6, 30) if self.half == 1 else date(self.year, 12, 31)

    def __str__(self) -> str:
        return f"{self.year}-{self.half}"


def read_semester(text: str) -> Semester:
    """A semester from its name, such as 2026-2.

    Raises:
        ValueError: the text names none; the message says what is expected.
    """
    if not re.fullmatch(r"2[01][0-9]{2}-[12]", text):
        raise ValueError("not a semester: write YEAR-1 for January to June, YEAR-2 for July to December")
    return Semester(int(text[:4]), int(text[5]))


@dataclass(frozen=True, slots=True)
class Usage:
    """The questions for one purpose in one month (YYYY-MM) that ended alike; `outcome` as in `Cost`."""

    purpose: str
    month: str
    outcome: str | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class UsageReport:
    """One semester, by purpose, month and outcome, under the agreement as it is registered now, if it is.

    `made_on` is the day (Jakarta) it was made: before the semester's end, it is not complete yet.
    """

    semester: Semester
    activation: Activation | None
    made_on: date
    rows: tuple[Usage, ...]

    @property
    def complete(self) -> bool:
        """Whether the semester is over."""
        return self.made_on > self.semester.last_day

    def total(self, *, purpose: str | None = None, month: str | None = None) -> Tally:
        """All questions, or those for a purpose, or those of a month."""
        rows = (row for row in self.rows if purpose in {None, row.purpose} and month in {None, row.month})
        return total(row.tally for row in rows)


def by_purpose(costs: Iterable[Cost], purposes: Mapping[UUID, str]) -> tuple[Usage, ...]:
    """The rows of a report, in order: profiles with the same purpose are counted together."""
    alike: dict[tuple[str, str, str | None], list[Tally]] = {}
    for cost in costs:
        key = (purposes[cost.profile_id], cost.month, cost.outcome)
        alike.setdefault(key, []).append(cost.tally)
    rows = (Usage(*key, total(tallies)) for key, tallies in alike.items())
    return tuple(sorted(rows, key=lambda row: (row.purpose, row.month, row.outcome or "")))
