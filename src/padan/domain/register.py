"""What a register holds under one NIK."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from padan.nik import Sex


class Status(StrEnum):
    """What the register says of a person. There is no default: a row without one is refused."""

    ALIVE = "alive"
    DECEASED = "deceased"
    INACTIVE = "inactive"
    DUPLICATE = "duplicate"


class Record(NamedTuple):
    """One person of a register. It is personal data: `repr` and `str` show the status alone.

    `sex` is None where the register has none, or the one that the NIK carries: it is kept where it was
    corrected.
    """

    nik: str
    full_name: str
    date_of_birth: date
    status: Status
    sex: Sex | None = None

    def __repr__(self) -> str:
        return f"Record({self.status}, the rest hidden)"
