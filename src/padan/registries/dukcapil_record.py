"""Dukcapil's full-data lookup: the record in plain text, compared with the claim here, and let go of.

Nothing of the record leaves this module: not in a finding, not in an exception.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from padan.domain.claim import Claim
from padan.domain.errors import RegistryProtocolError
from padan.domain.finding import Comparison, Finding, Outcome
from padan.nik import NikInvalid, Sex, parse

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

CompareNames = Callable[[str, str], Comparison]
"""How the name claimed and the name held compare."""


def same_name(claimed: str, held: str) -> Comparison:
    """Whether two names are equal but for case and white space.

    It knows no spelling, no title and no initial: a stricter judge than a registry's own score. It gives
    no score, since it measures none.
    """
    return Comparison(_folded(claimed) == _folded(held))


def record_finding(
    record: Mapping[str, Any],
    claim: Claim,
    *,
    fields: tuple[str, ...],
    quota_left: int | None,
    compare_names: CompareNames = same_name,
) -> Finding:
    """Compare a person's record with the claim about them.

    `record` has its keys in upper case; `fields` are those that the agreement permits to compare, and a
    field that is not among them stays unknown. The sex compared is the one that the NIK carries.

    Raises:
        RegistryProtocolError: it is the record of another NIK, or a permitted field is missing or unreadable.
    """
    if _text(record, "NIK") != claim.nik:
        raise RegistryProtocolError("the registry's record is not that of the NIK it was asked for")
    name = born = None
    if "NAMA_LGKP" in fields:
        name = compare_names(claim.full_name, _text(record, "NAMA_LGKP"))
    if "TGL_LHR" in fields:
        born = Comparison(_date(_text(record, "TGL_LHR")) == claim.date_of_birth)
    return Finding(
        Outcome.FOUND,
        nik=Comparison(True),
        full_name=name,
        date_of_birth=born,
        quota_left=quota_left,
        sex=_sex(record, claim.nik),
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


def _sex(record: Mapping[str, Any], nik: str) -> Comparison | None:
    """How the NIK's sex compares with the registry's; None where the registry tells none."""
    if record.get("JENIS_KLMIN") in (None, ""):
        return None
    held = _SEXES.get(_folded(_text(record, "JENIS_KLMIN")))
    if held is None:
        raise RegistryProtocolError("the registry's record has a JENIS_KLMIN that is not known")
    try:
        return Comparison(parse(nik).sex is held)
    except NikInvalid:
        return None
