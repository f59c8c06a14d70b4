"""Where people come from: a table in parts, each of which any process can read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

from padan.register.rows import Fault

Person: TypeAlias = tuple[int, str, bytes]
"""The row within its part, counted from 0; the NIK; the person as stored."""
Refuse: TypeAlias = Callable[[int, Sequence[Fault]], None]
"""Takes a row that is no person, and why."""


class SourceRefused(Exception):
    """The table cannot be loaded as it is; the text says what is wrong and the remedy, and quotes no row."""


class Part(Protocol):
    """Some rows of a table that follow one another; it travels to the process that reads it."""

    @property
    def weight(self) -> int:
        """How much work it is, in the source's own unit."""

    def people(self, refuse: Refuse) -> Iterator[Person]:
        """Everybody in it. Raises SourceRefused where it cannot be read at all."""

    def rows(self) -> int:
        """How many rows it has, known once `people` has come to its end."""


class Source(Protocol):
    """A table."""

    kind: str
    """`csv`, `parquet`, `postgresql`."""
    first_row: int
    """What the table's first row is called: line 2 of a file with a header."""
    sees_every_change: bool
    """Whether the fingerprint is another one at once after any change; else some come late."""

    def fingerprint(self) -> str:
        """Tells this table in this state from any other. Raises SourceRefused where it is gone."""

    def parts(self) -> Sequence[Part]:
        """All of it, cut the same way every time."""
