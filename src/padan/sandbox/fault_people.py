"""People at whom the simulator misbehaves on purpose, told by their NIK.

In the district of Gambir (31.71.01), on every birthday of 1990, the serial numbers from 9901 on are
not the nation's: each stands for one fault, so that any client has a fault by asking about a person.
"""

import datetime
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from padan.nik import Sex

LINE_FAULTS: Final = ("refused", "dns_failure", "tls_error", "expired_certificate")
"""What befalls a line before anybody can be asked about; see ``line`` for the literal ones."""

FAULT_NAMES: Final = (
    "timeout", "server_error", "html", "truncated", "empty_content", "unknown_code",
    "quota_exhausted", "outside_hours", "wrong_credentials", "reset", "slow",
    "timeout_in_body", "reset_in_body", "bad_request", "too_many_requests", "service_unavailable",
    "wrong_content_type", "malformed_json", "deep_nesting", "huge_body", "gzip_bomb", "drip",
    "duplicate_keys", "not_a_number", "another_nik", "redirect", "error_and_verdict",
    "text_only_error", "text_only_not_found", "very_slow", *LINE_FAULTS,
)  # fmt: skip
"""In the order of their serial numbers, from 9901. New ones go to the end: a number keeps its fault."""

FAULT_DISTRICT: Final = "317101"
FAULT_BIRTH_YEAR: Final = 1990
FIRST_FAULT_SERIAL: Final = 9901

_FAULTS_BY_SERIAL: Final[Mapping[int, str]] = MappingProxyType(
    dict(enumerate(FAULT_NAMES, FIRST_FAULT_SERIAL))
)


def fault_of(district_code: str, birth_year: int, serial: int) -> str | None:
    """Return the fault that a NIK stands for, None where it is an ordinary one."""
    if serial < FIRST_FAULT_SERIAL or district_code != FAULT_DISTRICT or birth_year != FAULT_BIRTH_YEAR:
        return None
    return _FAULTS_BY_SERIAL.get(serial)


def fault_nik(fault: str, index: int) -> str:
    """Return the NIK of the index-th person of a fault; there are 730 for each."""
    born = datetime.date(FAULT_BIRTH_YEAR, 1, 1) + datetime.timedelta(days=index // 2 % 365)
    sex = Sex.FEMALE if index % 2 else Sex.MALE
    return nik_of(FAULT_DISTRICT, born, sex, FIRST_FAULT_SERIAL + FAULT_NAMES.index(fault))


def nik_of(district_code: str, born: datetime.date, sex: Sex, serial: int) -> str:
    """Return the NIK of a district, a date, a sex and a serial number."""
    day = born.day + (40 if sex is Sex.FEMALE else 0)
    return f"{district_code}{day:02}{born.month:02}{born.year % 100:02}{serial:04}"
