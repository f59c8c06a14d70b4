"""A person as bytes: three of facts, then the name in UTF-8.

The first three are one number, big-endian: the date's ordinal day (20 bits, up to the year 2871), the status
(2 bits), the sex where it was corrected (2 bits). The NIK is not in them: it is the key.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from padan.domain.register import Record, Status
from padan.nik import Sex

_STATUSES: Final = (Status.ALIVE, Status.DECEASED, Status.INACTIVE, Status.DUPLICATE)
_SEXES: Final = (None, Sex.MALE, Sex.FEMALE)
_STATUS_BITS: Final = {status: place << 2 for place, status in enumerate(_STATUSES)}
_SEX_BITS: Final = {sex: place for place, sex in enumerate(_SEXES)}
_HEAD: Final = 3

LONGEST_NAME: Final = 200
"""Letters and spaces. Permendagri 73/2022 allows 60, but titles and older names may go beyond."""


def is_sixteen_digits(nik: str) -> bool:
    """Whether a register can hold anybody under this."""
    return len(nik) == 16 and nik.isascii() and nik.isdigit()


def to_bytes(record: Record) -> bytes:
    """The person without the NIK."""
    return pack(record.date_of_birth.toordinal(), record.full_name, status=record.status, sex=record.sex)


def pack(ordinal: int, full_name: str, *, status: Status, sex: Sex | None) -> bytes:
    """The same from its parts, for loads: the date as its ordinal day."""
    head = ordinal << 4 | _STATUS_BITS[status] | _SEX_BITS[sex]
    return head.to_bytes(_HEAD, "big") + full_name.encode()


def from_bytes(nik: str, body: bytes) -> Record:
    """The person of `to_bytes`. Raises ValueError where the bytes are none."""
    head = int.from_bytes(body[:_HEAD], "big")
    try:
        return Record(
            nik,
            body[_HEAD:].decode(),
            date.fromordinal(head >> 4),
            _STATUSES[head >> 2 & 3],
            _SEXES[head & 3],
        )
    except IndexError:
        raise ValueError("no person has these bytes") from None
