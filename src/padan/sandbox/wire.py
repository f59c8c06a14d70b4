"""Dukcapil's wire format: what a question may hold, the page around an answer, the error objects.

Gathered from public clients, since no specification is public; ``docs/reference/sandbox.md`` says
what is known and what is assumed. Nothing here knows HTTP or the nation.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import msgspec

LARGEST_BODY: Final = 64 * 1024
_LONGEST_VALUE: Final = 1000

CREDENTIAL_KEYS: Final = ("USER_ID", "PASSWORD", "IP_USER")
THRESHOLD_KEY: Final = "TRESHOLD"
"""Misspelt on the wire."""

FUZZY_FIELDS: Final = frozenset(("NAMA_LGKP", "NAMA_LGKP_IBU", "TMPT_LHR", "ALAMAT"))
"""Fields compared by likeness; the others are compared exactly."""

_DATE_FORMATS: Final = ("%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d")
_LENGTH_OF_DATE: Final = 10


class Method(StrEnum):
    """The two services."""

    VERIFY = "CALL_VERIFY_BY_ELEMEN"
    RECORD = "CALL_NIK"


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "CALL_VERIFY_BY_ELEMEN": Method.VERIFY,
        "NIK_VERIFBY_ELEMEN": Method.VERIFY,
        "CALL_VERIFY": Method.VERIFY,
        "CALL_NIK": Method.RECORD,
        "NIK": Method.RECORD,
        "GET_NIK": Method.RECORD,
        "BYNIK": Method.RECORD,
    }
)
"""The last segment of the URL, in any case, and the service it asks for."""

ERROR_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "03": "Login Gagal",
        "04": "IP Address Tidak Sesuai",
        "05": "Kuota Akses Hari Ini Telah Habis",
        "06": "Di Luar Jam Akses",
        "07": "Parameter Tidak Lengkap / Tidak Valid",
        "08": "NIK Tidak Dapat Diproses",
        "09": "User, password dan IP tidak boleh kosong",
        "10": "IP Client Tidak Terdaftar",
        "11": "Data Ditemukan, Meninggal Dunia",
        "12": "Data Ditemukan, Data Ganda",
        "13": "Data Tidak Ditemukan, NIK tidak terdapat di database Kependudukan",
        "14": "Data Ditemukan, Status Non Aktif silahkan hubungi Dinas Dukcapil",
        "15": "Data Tidak Ditemukan, NIK tidak sesuai format Dukcapil",
        "16": "Instansi Tidak Aktif",
        "17": "User ID Tidak Aktif",
    }
)
"""The texts by code; those of 06 and 08 are ours, for no client shows one."""


class ErrorTextKey(StrEnum):
    """The key an error's text stands under; services differ."""

    RESPON = "RESPON"
    RESPONSE = "RESPONSE"
    RESPONSE_DESC = "RESPONSE_DESC"


@dataclass(frozen=True, slots=True)
class Question:
    """A request's fields by upper-case key; personal data and a password, so ``repr`` hides them."""

    method: Method
    customer: str
    fields: Mapping[str, str] = field(repr=False)

    @property
    def nik(self) -> str:
        """The NIK asked about, empty where none was sent."""
        return self.fields.get("NIK", "")

    @property
    def elements(self) -> Mapping[str, str]:
        """The fields to compare: all but the threshold and the credentials."""
        apart = (THRESHOLD_KEY, *CREDENTIAL_KEYS)
        return {key: value for key, value in self.fields.items() if key not in apart}

    @property
    def threshold(self) -> int | None:
        """The score from which a fuzzy field agrees, 0 to 100; None where it is missing or no such number."""
        text = self.fields.get(THRESHOLD_KEY, "")
        valid = text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 100
        return int(text) if valid else None


def read_fields(body: bytes) -> Mapping[str, str] | None:
    """Read a request's fields by upper-case key; integers are taken as their digits.

    Returns None where it is JSON but no object of strings and integers, or names a field twice.
    Raises ``ValueError`` where it is not JSON.
    """
    try:
        parsed = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The parser's own message may quote the request.
        message = "The body is not JSON; send one JSON object."
        raise ValueError(message) from None
    if not isinstance(parsed, dict):
        return None
    fields = {key.upper(): _as_text(value) for key, value in parsed.items()}
    if len(fields) != len(parsed) or None in fields.values():
        return None
    return {key: value for key, value in fields.items() if value is not None}


def _as_text(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and len(value) <= _LONGEST_VALUE:
        return value
    return None


def read_date(text: str) -> datetime.date | None:
    """Read ``dd-MM-yyyy``, ``dd/MM/yyyy`` or ``yyyy-MM-dd``; None for anything else."""
    if len(text) != _LENGTH_OF_DATE or not text.isascii():
        return None
    for date_format in _DATE_FORMATS:
        try:
            return datetime.datetime.strptime(text, date_format).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def write_date(day: datetime.date) -> str:
    """Write ``dd-MM-yyyy``, which most agreements use."""
    return f"{day.day:02}-{day.month:02}-{day.year:04}"


def error_object(code: str, text_key: ErrorTextKey) -> dict[str, str]:
    """Return the object that stands in ``content`` instead of verdicts."""
    return {"RESPONSE_CODE": code, text_key.value: ERROR_TEXTS.get(code, "Kesalahan Tidak Dikenal")}


def page(content: list[dict[str, str]], quota_left: int) -> dict[str, Any]:
    """Return the page that every answer, an error too, comes in."""
    return {
        "content": content,
        "lastPage": True,
        "numberOfElements": len(content),
        "sort": None,
        "totalElements": len(content),
        "firstPage": True,
        "number": 0,
        "size": 1,
        "quotaLimiter": quota_left,
    }
