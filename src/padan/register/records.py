"""A person as bytes: three of facts, then the name in UTF-8.

The first three are one number, big-endian: the date's ordinal day (20 bits, up to the year 2871), the status
(2 bits), the sex where it was corrected (2 bits). The NIK is not in them: it is the key.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Final

from padan.domain.register import Record, Status
from padan.nik import Sex

_STATUSES: Final = (Status.ALIVE, Status.DECEASED, Status.INACTIVE, Status.DUPLICATE)
_SEXES: Final = (None, Sex.MALE, Sex.FEMALE)
_STATUS_BITS: Final = {status: place << 2 for place, status in enumerate(_STATUSES)}
_SEX_BITS: Final = {sex: place for place, sex in enumerate(_SEXES)}
_MARKS: Final = {
    status << 2 | sex: (_STATUSES[status], _SEXES[sex])
    for status in range(len(_STATUSES))
    for sex in range(len(_SEXES))
}
_HEAD: Final = 3
_record: Final = partial(tuple.__new__, Record)
"""A third of the time of `Record(...)`, which goes by keywords and defaults."""

LONGEST_NAME: Final = 200
"""Letters and spaces. Permendagri 73/2022 allows 60, but titles and older names may go beyond."""


def to_bytes(record: Record) -> bytes:
    """The person without the NIK."""
    return pack(record.date_of_birth.toordinal(), record.full_name, status=record.status, sex=record.sex)


def pack(ordinal: int, full_name: str, *, status: Status, sex: Sex | None) -> bytes:
    """The same from its parts, for loads: the date as its ordinal day."""
    head = ordinal << 4 | _STATUS_BITS[status] | _SEX_BITS[sex]
    return head.to_bytes(_HEAD, "big") + full_name.encode()


def from_bytes(nik: str, body: bytes) -> Record:
    """The person of `to_bytes`. Raises ValueError where the bytes are none."""
    try:
        head = body[0] << 16 | body[1] << 8 | body[2]
        status, sex = _MARKS[head & 15]
        return _record((nik, body[_HEAD:].decode(), date.fromordinal(head >> 4), status, sex))
    except (IndexError, KeyError):
        raise ValueError("no person has these bytes") from None
