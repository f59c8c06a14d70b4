"""Dukcapil's wire as the simulator speaks it: questions, the page envelope, verdicts, error objects."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from padan.domain.finding import Outcome

MAX_QUESTION: Final = 64 * 1024
DATE_FORMATS: Final = ("%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d")

TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "03": "Login Gagal",
        "04": "IP Address Tidak Sesuai",
        "05": "Kuota Akses Hari Ini Telah Habis",
        "06": "Diluar Jam Akses",
        "07": "Parameter Tidak Lengkap / Tidak Valid",
        "09": "User, password dan IP tidak boleh kosong",
        "11": "Data Ditemukan, Meninggal Dunia",
        "12": "Data Ditemukan, Data Ganda",
        "13": "Data Tidak Ditemukan, NIK tidak terdapat di database Kependudukan",
        "14": "Data Ditemukan, Status Non Aktif silahkan hubungi Dinas Dukcapil",
        "15": "Data Tidak Ditemukan, NIK tidak sesuai format Dukcapil",
    }
)
"""The text beside each code. That of 06 is this simulator's guess; no source has it."""

CODES: Final[Mapping[Outcome, str]] = MappingProxyType(
    {Outcome.DECEASED: "11", Outcome.DUPLICATE: "12", Outcome.NOT_FOUND: "13", Outcome.INACTIVE: "14"}
)


@dataclass(frozen=True, slots=True)
class SandboxCredentials:
    """What the simulator takes for an agreement. It guards nothing: everything behind it is synthetic."""

    customer: str = "padan-sandbox"
    user_id: str = "sandbox"
    password: str = field(default="sandbox", repr=False)
    ip: str = "127.0.0.1"


class BadQuestion(Exception):
    """A question that gets an error object; the text is its code."""


def read_question(body: bytes) -> dict[str, str]:
    """The question's fields, keys in upper case; ``BadQuestion`` 07 for what is no flat JSON object."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raise BadQuestion("07") from None
    if not isinstance(raw, dict) or any(isinstance(value, (dict, list)) for value in raw.values()):
        raise BadQuestion("07")
    return {str(key).upper(): "" if value is None else str(value).strip() for key, value in raw.items()}


def check_credentials(question: Mapping[str, str], customer: str, credentials: SandboxCredentials) -> None:
    """Raise ``BadQuestion`` with the code of what is wrong with customer, user, password or address."""
    given = [question.get(name, "") for name in ("USER_ID", "PASSWORD", "IP_USER")]
    if not all(given):
        raise BadQuestion("09")
    if customer != credentials.customer or given[:2] != [credentials.user_id, credentials.password]:
        raise BadQuestion("03")
    if given[2] != credentials.ip:
        raise BadQuestion("04")


def threshold_of(question: Mapping[str, str]) -> int:
    """``TRESHOLD``, misspelt as on the real wire: 0 to 100, a string or a number; raises ``BadQuestion``."""
    text = question.get("TRESHOLD", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 100):
        raise BadQuestion("07")
    return int(text)


def date_of(text: str) -> datetime.date:
    """A date of birth in any of the ways customers write it; raises ``BadQuestion``."""
    for form in DATE_FORMATS:
        try:
            return datetime.datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise BadQuestion("07")


def error_object(code: str) -> dict[str, str]:
    """The object that stands in ``content`` where there is no finding."""
    return {"RESPONSE_CODE": code, "RESPON": TEXTS.get(code, "")}


def envelope(content: Mapping[str, Any] | None, quota_left: int) -> bytes:
    """The page around one object, or around none."""
    count = 0 if content is None else 1
    page = {
        "content": [] if content is None else [content],
        "lastPage": True,
        "numberOfElements": count,
        "sort": None,
        "totalElements": count,
        "firstPage": True,
        "number": 0,
        "size": 1,
        "quotaLimiter": quota_left,
    }
    return json.dumps(page, separators=(",", ":")).encode()
