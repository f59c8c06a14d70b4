"""What Dukcapil's codes and texts mean, as data; an error is looked for before any verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from padan.domain.errors import RefusalReason, RegistryProtocolError, RegistryRefused
from padan.domain.finding import Outcome

Meaning = Outcome | RefusalReason

CODES: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        "00": Outcome.FOUND,
        "01": Outcome.FOUND,
        "03": RefusalReason.CREDENTIALS,  # login failed
        "04": RefusalReason.ADDRESS,  # wrong IP address
        "05": RefusalReason.QUOTA,  # used up until the next day, Jakarta time
        "06": RefusalReason.HOURS,  # outside access hours
        "07": RefusalReason.PARAMETERS,  # missing or invalid: our defect, or a field outside the agreement
        "08": RefusalReason.UNPROCESSABLE_NIK,
        "09": RefusalReason.CREDENTIALS,  # user, password or IP empty
        "10": RefusalReason.ADDRESS,  # IP not registered
        "11": Outcome.DECEASED,
        "12": Outcome.DUPLICATE,
        "13": Outcome.NOT_FOUND,
        "14": Outcome.INACTIVE,
        "15": Outcome.NOT_FOUND,  # not in the registry's own format, so in no record of it either
        "16": RefusalReason.INSTITUTION,
        "17": RefusalReason.CREDENTIALS,  # user inactive
    }
)
"""What each `RESPONSE_CODE` means. 02 is left out on purpose: its meaning is not known."""

TEXTS: Final[tuple[tuple[re.Pattern[str], Meaning], ...]] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"login gagal", RefusalReason.CREDENTIALS),
        (r"tidak boleh kosong", RefusalReason.CREDENTIALS),
        (r"user ?id tidak aktif", RefusalReason.CREDENTIALS),
        (r"ip address tidak sesuai", RefusalReason.ADDRESS),
        (r"ip client tidak terdaftar", RefusalReason.ADDRESS),
        (r"kuota .*habis", RefusalReason.QUOTA),
        (r"parameter tidak (lengkap|valid)", RefusalReason.PARAMETERS),
        (r"instansi tidak aktif", RefusalReason.INSTITUTION),
        (r"tidak ditemukan", Outcome.NOT_FOUND),
        (r"tidak terdapat di database", Outcome.NOT_FOUND),
        (r"tidak sesuai format", Outcome.NOT_FOUND),
        (r"meninggal", Outcome.DECEASED),
        (r"\bganda\b", Outcome.DUPLICATE),
        (r"status non ?-?aktif", Outcome.INACTIVE),
        (r"^(data ditemukan|sukses)\W*$", Outcome.FOUND),
    )
)
"""What a text means: patterns of the text, in lower case with single spaces; the first that fits."""

_CODE_KEY: Final = "RESPONSE_CODE"
_TEXT_KEYS: Final = ("RESPON", "RESPONSE", "RESPONSE_DESC")
_SIGNS: Final = ("RESPON", "ERROR", "MESSAGE", "STATUS")
_FIELDS_LIKE_SIGNS: Final = frozenset({"STATUS_KAWIN"})
_TWO_DIGITS: Final = re.compile(r"[0-9]{2}")


def outcome_of(said: Mapping[str, Any]) -> Outcome:
    """The outcome that an object of the wire tells: what its error keys say, `found` where it has none.

    `said` is the page or the record in it, its keys in upper case. The code decides, then the text, then
    whatever else looks like one of them. Raises RegistryRefused, RegistryProtocolError.
    """
    code, text = _code(said), _text(said)
    meaning = Outcome.FOUND if code is None else _meaning_of_code(code)
    if meaning is Outcome.FOUND and text:
        meaning = _meaning_of_text(text)
        if code is not None and isinstance(meaning, Outcome) and meaning is not Outcome.FOUND:
            raise RegistryProtocolError("the registry's code says found, its text says otherwise")
    if meaning is Outcome.FOUND:
        others = [_meaning_of_sign(said[key]) for key in said if _is_other_sign(key)]
        meaning = next((other for other in others if other is not Outcome.FOUND), meaning)
    if isinstance(meaning, RefusalReason):
        message = f"the registry refused: {meaning}, code {code or 'none'}"
        # Of every reason but this one it was told before anybody was looked up.
        looked_up = meaning is RefusalReason.UNPROCESSABLE_NIK
        raise RegistryRefused(message, reason=meaning, may_be_charged=looked_up)
    return meaning


def _is_other_sign(key: str) -> bool:
    """Whether a key that is none of the wire's known ones speaks of how the question went."""
    known = key in _FIELDS_LIKE_SIGNS or key == _CODE_KEY or key in _TEXT_KEYS
    return not known and key.strip().startswith(_SIGNS)


def _meaning_of_sign(value: Any) -> Meaning:
    """What stands under such a key: a code, or a text."""
    if value is None or value == "":
        return Outcome.FOUND
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:02}"
    if not isinstance(value, str):
        raise RegistryProtocolError("the registry's answer has an error key that cannot be read")
    text = " ".join(value.lower().split())
    return _meaning_of_code(text) if _TWO_DIGITS.fullmatch(text) else _meaning_of_text(text)


def _code(record: Mapping[str, Any]) -> str | None:
    code = record.get(_CODE_KEY)
    if isinstance(code, int) and not isinstance(code, bool):
        code = f"{code:02}" if 0 <= code <= 99 else ""
    if code is None:
        return None
    if not isinstance(code, str) or not _TWO_DIGITS.fullmatch(code.strip()):
        raise RegistryProtocolError("the registry's RESPONSE_CODE is not two digits")
    return code.strip()


def _meaning_of_code(code: str) -> Meaning:
    if code not in CODES:
        raise RegistryProtocolError(f"the registry's code {code} has no known meaning")
    return CODES[code]


def _text(record: Mapping[str, Any]) -> str:
    texts = [record[key] for key in _TEXT_KEYS if record.get(key) is not None]
    if not all(isinstance(text, str) for text in texts):
        raise RegistryProtocolError("the registry's response text is not a text")
    return " ".join(" ".join(texts).lower().split())


def _meaning_of_text(text: str) -> Meaning:
    for pattern, meaning in TEXTS:
        if pattern.search(text):
            return meaning
    raise RegistryProtocolError("the registry's answer has a text that is not known")
