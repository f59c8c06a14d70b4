"""Months as spans of identifiers: ids of sessions begin with their time, so a month's lie together.

Months are UTC's. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

_TIME_BITS = 80
"""A UUID version 7 has 48 bits of Unix milliseconds, then these (RFC 9562, section 5.7)."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year."""

    year: int
    number: int

    @classmethod
    def of(cls, now: int) -> Month:
        """The month that an instant lies in, in Unix milliseconds."""
        at = datetime.fromtimestamp(now / 1000, UTC)
        return cls(at.year, at.month)

    @property
    def name(self) -> str:
        """As it stands at the end of a table's name, `2026_11`."""
        return f"{self.year:04}_{self.number:02}"

    @property
    def start(self) -> int:
        """Its first instant, in Unix milliseconds."""
        return int(datetime(self.year, self.number, 1, tzinfo=UTC).timestamp()) * 1000

    @property
    def first_id(self) -> UUID:
        """No id made in this month or later is smaller, none made before is as great."""
        return first_id(self.start)

    def later(self, months: int) -> Month:
        """The month so many months after it."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)


def first_id(now: int) -> UUID:
    """The smallest id that can be made at an instant."""
    return UUID(int=now << _TIME_BITS)


def instant_of(session_id: UUID) -> int:
    """When an id was made, in Unix milliseconds."""
    return session_id.int >> _TIME_BITS


def between(first: Month, end: Month) -> Iterator[Month]:
    """The months from `first` to before `end`."""
    while first < end:
        yield first
        first = first.later(1)
