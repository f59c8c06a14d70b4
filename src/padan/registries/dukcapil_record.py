"""Dukcapil's full-data lookup: reads the record from the wire. `padan.registries.record` compares it.

Nothing of the record stands in an exception.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from padan.domain.errors import RegistryProtocolError
from padan.nik import Sex
from padan.registries.record import Held

_DAY_FIRST: Final = re.compile(r"([0-9]{2})([-/])([0-9]{2})\2([0-9]{4})")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SEXES: Final[Mapping[str, Sex]] = MappingProxyType(
    {
        "LAKI-LAKI": Sex.MALE,
        "LAKI - LAKI": Sex.MALE,
        "L": Sex.MALE,
        "PEREMPUAN": Sex.FEMALE,
        "P": Sex.FEMALE,
    }
)


def read_record(record: Mapping[str, Any], *, fields: tuple[str, ...]) -> Held:
    """Read a person's record.

    `record` has its keys in upper case; `fields` are those that the agreement permits to compare, and a
    field that is not among them is not read.

    Raises:
        RegistryProtocolError: a permitted field is missing or unreadable.
    """
    return Held(
        _text(record, "NIK"),
        _text(record, "NAMA_LGKP") if "NAMA_LGKP" in fields else None,
        _date(_text(record, "TGL_LHR")) if "TGL_LHR" in fields else None,
        _sex(record),
    )


def _folded(name: str) -> str:
    return " ".join(name.upper().split())


def _text(record: Mapping[str, Any], field: str) -> str:
    value = record.get(field)
    if field == "NIK" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise RegistryProtocolError(f"the registry's record has no {field}, or none that can be read")
    return value.strip()


def _date(text: str) -> date:
    """A date as the registry writes it: day first with `-` or `/`, or year first."""
    numbers: tuple[str, ...] = ()
    if read := _DAY_FIRST.fullmatch(text):
        numbers = (read[4], read[3], read[1])
    elif read := _YEAR_FIRST.fullmatch(text):
        numbers = (read[1], read[2], read[3])
    try:
        year, month, day = (int(number) for number in numbers)
        return date(year, month, day)
    except ValueError:
        # Its own message would quote the date.
        raise RegistryProtocolError("the registry's record has a TGL_LHR that is no date") from None


def _sex(record: Mapping[str, Any]) -> Sex | None:
    """The sex that the registry has; None where it tells none."""
    if record.get("JENIS_KLMIN") in (None, ""):
        return None
    held = _SEXES.get(_folded(_text(record, "JENIS_KLMIN")))
    if held is None:
        raise RegistryProtocolError("the registry's record has a JENIS_KLMIN that is not known")
    return held
