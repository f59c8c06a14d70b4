"""The input of `indonesia-nik-lookup`: what is open, what is lawful, and what to tell about the rest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeVar

import msgspec

from padan import nik
from padan.app.ports import InputInvalid
from padan.domain.claim import ClaimField, PartialClaim
from padan.providers.identity import Hidden

T = TypeVar("T")

LONGEST_NAME: Final = 120
"""In characters. The registry takes 60 letters for new names; twice that leaves room for titles."""

EARLIEST_BIRTH: Final = date(1850, 1, 1)
"""Nobody alive was born before it, and the dead whom the registry knows were registered while alive."""

# The English sentence, then the Indonesian one.
MESSAGES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "not_text": ("must be a string", "harus berupa teks"),
        "name_blank": (
            "is blank; send the name as printed on the identity card",
            "kosong; isi nama seperti tercetak di KTP",
        ),
        "name_too_long": (
            f"is longer than {LONGEST_NAME} characters; send the name as printed on the identity card",
            f"lebih dari {LONGEST_NAME} karakter; isi nama seperti tercetak di KTP",
        ),
        "name_unprintable": (
            "holds control or invisible characters; remove them",
            "berisi karakter kendali atau karakter tak terlihat; hapus karakter itu",
        ),
        "name_without_letter": (
            "holds no letter; send the name as printed on the identity card",
            "tidak berisi huruf; isi nama seperti tercetak di KTP",
        ),
        "name_unusual": (
            "holds a sign that no name on an identity card has, such as < or an emoji; remove it",
            "berisi tanda yang tidak ada pada nama di KTP, misalnya < atau emoji; hapus tanda itu",
        ),
        "date_malformed": (
            "must be a date that exists, written YYYY-MM-DD",
            "harus berupa tanggal yang ada, ditulis TTTT-BB-HH (tahun-bulan-hari)",
        ),
        "date_in_future": (
            "is in the future; send the date of birth",
            "adalah tanggal yang belum tiba; isi tanggal lahir",
        ),
        "date_too_early": (
            f"is before {EARLIEST_BIRTH.year}; check the year",
            f"sebelum tahun {EARLIEST_BIRTH.year}; periksa tahunnya",
        ),
    }
)

_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The marks seen in names on cards and in what stands for an apostrophe on keyboards.
_MARKS_IN_NAMES: Final = frozenset(".,'’‘`´-‐‑–/()")
_END_OF_BASIC_PLANE: Final = "\uffff"
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class IndonesiaNikInput(Hidden, frozen=True):
    """`providerInput["indonesia-nik-lookup"]` as relying parties send it."""

    full_name: Annotated[
        str | None,
        msgspec.Meta(description="The full name as printed on the identity card.", examples=["SITI RAHAYU"]),
    ] = None
    date_of_birth: Annotated[
        str | None,
        msgspec.Meta(description="The date of birth, YYYY-MM-DD.", examples=["1990-05-17"]),
    ] = None
    nik_id_number: Annotated[
        str | None,
        msgspec.Meta(description="The NIK: 16 digits.", examples=["3273015705900001"]),
    ] = None


def read_input(raw: Mapping[str, Any], *, today: date, language: str) -> PartialClaim:
    """The claim in the input. Missing, null and empty fields are left open, other keys are ignored.

    Raises:
        InputInvalid: with every malformed field and what to do about it, in `en` or `id`.
    """
    fields = _Fields(raw, language)
    claim = PartialClaim(
        nik=fields.read(ClaimField.NIK, lambda text: nik.parse(text).digits),
        full_name=fields.read(ClaimField.FULL_NAME, _name),
        date_of_birth=fields.read(ClaimField.DATE_OF_BIRTH, lambda text: _birth(text, today)),
    )
    if fields.errors:
        raise InputInvalid(fields.errors, codes=fields.codes)
    return claim


class _Malformed(Exception):
    """A field is given and not lawful; the text is the key of its message."""


class _Fields:
    """Reads field by field and gathers what is wrong."""

    def __init__(self, raw: Mapping[str, Any], language: str) -> None:
        self.errors: dict[str, list[str]] = {}
        self.codes: dict[str, list[str]] = {}
        self._raw = raw
        self._language = language

    def read(self, field: ClaimField, lawful: Callable[[str], T]) -> T | None:
        """The lawful form of a field, or `None` where it is open or malformed."""
        value = self._raw.get(field)
        if value is None or value == "":
            return None
        try:
            return lawful(_text(value))
        except nik.NikInvalid as invalid:
            self.errors[field] = [reason.message(self._language) for reason in invalid.reasons]
            self.codes[field] = [reason.code for reason in invalid.reasons]
        except _Malformed as malformed:
            english, indonesian = MESSAGES[str(malformed)]
            self.errors[field] = [indonesian if self._language == "id" else english]
            self.codes[field] = [str(malformed)]
        return None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Malformed("not_text")
    return value


def _name(typed: str) -> str:
    """The name as typed, in Unicode's composed form and without the blanks around it.

    Nothing that stands on a card is refused: one word, one letter, titles, dots, apostrophes, digits. Signs
    that stand on none are: brackets, symbols, what lies beyond the basic plane of Unicode.
    """
    name = unicodedata.normalize("NFC", typed.strip())
    if not name:
        raise _Malformed("name_blank")
    if len(name) > LONGEST_NAME:
        raise _Malformed("name_too_long")
    if any(unicodedata.category(character) in _UNPRINTABLE for character in name):
        raise _Malformed("name_unprintable")
    if not all(_may_stand_in_a_name(character) for character in name):
        raise _Malformed("name_unusual")
    if not any(character.isalpha() for character in name):
        raise _Malformed("name_without_letter")
    return name


def _may_stand_in_a_name(character: str) -> bool:
    """Letters and digits of any script, accents, blanks, and the marks seen in names."""
    if character > _END_OF_BASIC_PLANE:
        return False
    return character in _MARKS_IN_NAMES or unicodedata.category(character)[0] in "LMNZ"


def _birth(text: str, today: date) -> date:
    # The pattern comes first: `fromisoformat` also takes 19900517 and week dates.
    if not _ISO_DATE.fullmatch(text):
        raise _Malformed("date_malformed")
    try:
        born = date.fromisoformat(text)
    except ValueError:
        raise _Malformed("date_malformed") from None
    if born > today:
        raise _Malformed("date_in_future")
    if born < EARLIEST_BIRTH:
        raise _Malformed("date_too_early")
    return born
