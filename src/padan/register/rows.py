"""A row of somebody's data as a person, or the reasons why it is none. Texts of a row are never repeated."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from padan.domain.register import Status
from padan.nik import NikInvalid, Sex, parse
from padan.register.records import LONGEST_NAME, pack

FIELDS: Final = ("nik", "full_name", "date_of_birth", "status", "sex")
REQUIRED: Final = ("nik", "full_name", "date_of_birth")

HEADINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        heading: field
        for field, headings in {
            "nik": ("nik", "nik_id_number", "nomor_induk_kependudukan", "no_nik"),
            "full_name": ("full_name", "name", "nama_lgkp", "nama_lengkap", "nama"),
            "date_of_birth": ("date_of_birth", "born", "birth_date", "tgl_lhr", "tanggal_lahir", "tgl_lahir"),
            "status": ("status",),
            "sex": ("sex", "gender", "jenis_klmin", "jenis_kelamin"),
        }.items()
        for heading in headings
    }
)
"""What a column may be called, in lower case with `_` for spaces, and the field it is."""

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "is empty",
        "not_sixteen_digits": "has not 16 digits",
        "not_ascii_digits": "has something else than the digits 0 to 9",
        "month_impossible": "has a month that is not 01 to 12",
        "day_impossible": "has a day that is not 01 to 31 or 41 to 71",
        "date_impossible": "has a date that does not exist",
        "serial_zero": "has the serial number 0000, which is not issued",
        "too_long": f"has more than {LONGEST_NAME} letters",
        "unreadable": "has control characters or invisible ones",
        "not_a_date": "is no date like 1990-12-31 or 31-12-1990",
        "in_the_future": "is later than today",
        "time_zone": "is an instant in a time zone, and its day is another one elsewhere: give a date",
        "time_of_day": "has a time of day: give a date",
        "unknown_status": "is none of alive, deceased, inactive, duplicate",
        "unknown_sex": "is none of male, female, or empty",
        "columns": "has another number of columns than the header",
        "quotes": "has a quotation mark that is not closed on its line",
        "encoding": "is not in the encoding of the file: is it --encoding latin-1?",
        "repeated": "is in a later row again, which counts",
    }
)
"""Why a field or a row is refused; those of a NIK are those of `padan.nik`."""

_STATUSES: Final = MappingProxyType(
    {
        **{status.value: status for status in Status},
        "hidup": Status.ALIVE,
        "meninggal": Status.DECEASED,
        "wafat": Status.DECEASED,
        "nonaktif": Status.INACTIVE,
        "tidak aktif": Status.INACTIVE,
        "ganda": Status.DUPLICATE,
    }
)
_SEXES: Final = MappingProxyType(
    {
        "": None,
        "male": Sex.MALE,
        "m": Sex.MALE,
        "laki-laki": Sex.MALE,
        "l": Sex.MALE,
        "female": Sex.FEMALE,
        "f": Sex.FEMALE,
        "perempuan": Sex.FEMALE,
        "p": Sex.FEMALE,
    }
)


class Fault(NamedTuple):
    """Why a row is refused: the field, and one of REASONS."""

    field: str
    code: str


class RowRefused(Exception):
    """A row that is no person."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the cells of one table.

    `places` says where each field stands; `today` is the last day on which somebody can be born; with
    `assume_alive`, a table without a column of status holds the living.
    """

    places: Mapping[str, int]
    today: date = field(repr=False)
    assume_alive: bool = False

    def read(self, cells: Sequence[str]) -> tuple[str, bytes]:
        """The NIK and the person as stored. Raises RowRefused with every fault."""
        places = self.places
        nik = cells[places["nik"]].strip()
        name = " ".join(cells[places["full_name"]].split())
        born = _ordinal(cells[places["date_of_birth"]].strip())
        status = _status(cells[places["status"]]) if "status" in places else Status.ALIVE
        sex = cells[places["sex"]].strip().lower() if "sex" in places else ""
        try:
            number = parse(nik)
        except NikInvalid:
            number = None
        if (
            number is None
            or status is None
            or sex not in _SEXES
            or not 0 < born <= self.today.toordinal()
            or not _is_name(name)
        ):
            raise RowRefused(*self._faults(cells))
        if not name.isascii():
            name = unicodedata.normalize("NFC", name)
        known = _SEXES[sex]
        corrected = None if known is number.sex else known
        return nik, pack(born, name, status=status, sex=corrected)

    def _faults(self, cells: Sequence[str]) -> list[Fault]:
        given = {field: cells[place].strip() for field, place in self.places.items()}
        faults = [Fault(field, "missing") for field in FIELDS if field != "sex" and given.get(field) == ""]
        try:
            parse(given["nik"] or "0000000000000000")
        except NikInvalid as error:
            if given["nik"]:
                faults += [Fault("nik", reason.code) for reason in error.reasons]
        name = " ".join(given["full_name"].split())
        if name and not _is_name(name):
            faults.append(Fault("full_name", "too_long" if len(name) > LONGEST_NAME else "unreadable"))
        born = _ordinal(given["date_of_birth"])
        if given["date_of_birth"] and not 0 < born <= self.today.toordinal():
            faults.append(Fault("date_of_birth", "in_the_future" if born else "not_a_date"))
        if given.get("status") and _status(given["status"]) is None:
            faults.append(Fault("status", "unknown_status"))
        if given.get("sex", "").lower() not in _SEXES:
            faults.append(Fault("sex", "unknown_sex"))
        return faults


def places_of(headings: Sequence[str]) -> dict[str, int]:
    """Where each field stands in a table with these headings; what is no field of ours is left out.

    Raises ValueError where two columns are the same field: which one counts would be a guess.
    """
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        field = HEADINGS.get("_".join(heading.strip().lower().split()))
        if field is None:
            continue
        if field in places:
            raise ValueError(f"two columns are {field}: leave one of them out")
        places[field] = place
    return places


def _status(text: str) -> Status | None:
    return _STATUSES.get(text.strip().lower())


def _is_name(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and name.isprintable()


@lru_cache(maxsize=100_000)
def _ordinal(text: str) -> int:
    """The ordinal day of `1990-12-31`, `31-12-1990` or `31/12/1990`; 0 where it is no date."""
    written = text.replace("/", "-")
    parts = written.split("-")
    if not (len(written) == 10 and written.isascii() and len(parts) == 3 and all(p.isdigit() for p in parts)):
        return 0
    if len(parts[0]) == 2:
        parts.reverse()
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2])).toordinal()
    except ValueError:
        return 0
