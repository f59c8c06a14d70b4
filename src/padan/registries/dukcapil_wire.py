"""Dukcapil's "verify by element" on the wire: a claim to a request, an answer to a finding. No transport.

No official specification is public; what is known, and how surely, stands in `docs/reference/dukcapil.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NoReturn

from padan.domain.claim import Claim
from padan.domain.errors import RefusalReason, RegistryProtocolError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Comparison, Finding, Outcome
from padan.registries.dukcapil_settings import DATE_FORMATS, DukcapilSettings

CODES: Final[Mapping[str, Outcome | RefusalReason]] = MappingProxyType(
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

TEXTS: Final[tuple[tuple[re.Pattern[str], Outcome | RefusalReason], ...]] = tuple(
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
        (r"^data ditemukan\W*$", Outcome.FOUND),
    )
)
"""For answers without a code: patterns of the text, in lower case with single spaces; the first that fits."""

_TEXT_KEYS: Final = ("RESPON", "RESPONSE", "RESPONSE_DESC")
_TWO_DIGITS: Final = re.compile(r"[0-9]{2}")
_VERDICT: Final = re.compile(
    r"\s*(tidak\s*)?sesuai\s*(?:\(\s*([0-9]{1,3})\s*\)\s*)?", re.IGNORECASE | re.ASCII
)
_JSON_TYPE: Final = re.compile(
    r"\s*(application|text)/([a-z0-9.-]+\+)?json\s*(;.*)?", re.IGNORECASE | re.ASCII
)


def to_request(claim: Claim, settings: DukcapilSettings) -> dict[str, str]:
    """The JSON body that asks about a claim. It holds personal data and the password."""
    return {
        "TRESHOLD": str(settings.threshold),
        "NIK": claim.nik,
        "NAMA_LGKP": " ".join(claim.full_name.upper().split()),
        "TGL_LHR": claim.date_of_birth.strftime(DATE_FORMATS[settings.date_format]),
        "USER_ID": settings.user_id,
        "PASSWORD": settings.password,
        "IP_USER": settings.ip,
    }


def to_finding(
    status: int, content_type: str, body: bytes, *, threshold_sent: int, name_threshold: int
) -> Finding:
    """Read an answer. Whatever is not plainly one of the known answers is an error.

    Raises:
        RegistryUnavailable: HTTP 408, 429 or 5xx.
        RegistryRefused: HTTP 401 or 403, or a code or text that says so.
        RegistryProtocolError: everything that cannot be understood.
    """
    _require_ok(status)
    if not _JSON_TYPE.fullmatch(content_type):
        raise RegistryProtocolError("the registry's answer is not declared as JSON")
    page = _parse(body)
    record = _only_record(page)
    outcome = _outcome(record)
    quota = _quota_left(page)
    if outcome is not Outcome.FOUND:
        return Finding(outcome, quota_left=quota)
    return Finding(
        outcome,
        nik=_exact(record, "NIK"),
        full_name=_name(record, threshold_sent, name_threshold),
        date_of_birth=_exact(record, "TGL_LHR"),
        quota_left=quota,
    )


def _require_ok(status: int) -> None:
    # The registry says its own errors with 200; any other status is the line's or of what stands before it.
    if status == 200:
        return
    if status in {408, 429} or status >= 500:
        raise RegistryUnavailable(f"the registry answered HTTP {status}", may_be_charged=True)
    if status == 401:
        raise RegistryRefused("the registry answered HTTP 401", reason=RefusalReason.CREDENTIALS)
    if status == 403:
        raise RegistryRefused("the registry answered HTTP 403", reason=RefusalReason.ADDRESS)
    raise RegistryProtocolError(f"the registry answered HTTP {status}; check base_url, customer and method")


def _parse(body: bytes) -> dict[str, Any]:
    try:
        page = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_caseless_object, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):
        # The parser's own message can quote the answer, so it is not passed on.
        raise RegistryProtocolError("the registry's answer is not well-formed JSON") from None
    if not isinstance(page, dict):
        raise RegistryProtocolError("the registry's answer is not a JSON object")
    return page


def _caseless_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object by its keys in upper case; the same key with two values has no meaning.

    Only ASCII keys are raised: the upper case of a dotless i is the I of NIK.
    """
    result: dict[str, Any] = {}
    for key, value in pairs:
        name = key.upper() if key.isascii() else key
        if name in result and result[name] != value:
            raise ValueError("a key stands twice with different values")
        result[name] = value
    return result


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _only_record(page: dict[str, Any]) -> dict[str, Any]:
    content = page.get("CONTENT")
    if not isinstance(content, list) or len(content) != 1 or not isinstance(content[0], dict):
        raise RegistryProtocolError("the registry's answer does not hold exactly one object in content")
    return content[0]


def _outcome(record: dict[str, Any]) -> Outcome:
    """The outcome of an answer, its error keys looked at before its verdicts."""
    code, text = _code(record), _text(record)
    said = _meaning_of_text(text)
    if code is None and text and said is None:
        raise RegistryProtocolError("the registry's answer has a text that is not known, and no code")
    meaning = said or Outcome.FOUND if code is None else _meaning_of_code(code)
    if meaning is Outcome.FOUND and said not in {None, Outcome.FOUND}:
        raise RegistryProtocolError("the registry's code says found, its text says otherwise")
    if isinstance(meaning, RefusalReason):
        raise RegistryRefused(f"the registry refused: {meaning}, code {code or 'none'}", reason=meaning)
    return meaning


def _code(record: dict[str, Any]) -> str | None:
    code = record.get("RESPONSE_CODE")
    if isinstance(code, int) and not isinstance(code, bool):
        code = f"{code:02}" if 0 <= code <= 99 else ""
    if code is None:
        return None
    if not isinstance(code, str) or not _TWO_DIGITS.fullmatch(code.strip()):
        raise RegistryProtocolError("the registry's RESPONSE_CODE is not two digits")
    return code.strip()


def _meaning_of_code(code: str) -> Outcome | RefusalReason:
    if code not in CODES:
        raise RegistryProtocolError(f"the registry's code {code} has no known meaning")
    return CODES[code]


def _text(record: dict[str, Any]) -> str:
    texts = [record[key] for key in _TEXT_KEYS if record.get(key) is not None]
    if not all(isinstance(text, str) for text in texts):
        raise RegistryProtocolError("the registry's response text is not a text")
    return " ".join(" ".join(texts).lower().split())


def _meaning_of_text(text: str) -> Outcome | RefusalReason | None:
    return next((meaning for pattern, meaning in TEXTS if pattern.search(text)), None)


def _quota_left(page: dict[str, Any]) -> int | None:
    quota = page.get("QUOTALIMITER")
    return quota if isinstance(quota, int) and not isinstance(quota, bool) and quota >= 0 else None


def _verdict(record: dict[str, Any], field: str) -> tuple[bool, int | None]:
    """The word of a field (whether it agrees) and the score beside it, where there is one."""
    value = record.get(field)
    read = _VERDICT.fullmatch(value) if isinstance(value, str) else None
    if read is None:
        raise RegistryProtocolError(f"the registry's verdict on {field} is missing or cannot be read")
    return read[1] is None, None if read[2] is None else int(read[2])


def _exact(record: dict[str, Any], field: str) -> Comparison:
    agrees, score = _verdict(record, field)
    if score is not None:
        raise RegistryProtocolError(f"the registry's verdict on {field} has a score, and the field is exact")
    return Comparison(agrees)


def _name(record: dict[str, Any], threshold_sent: int, name_threshold: int) -> Comparison:
    """Judge the name by its score; by the word alone only where the word decides it."""
    agrees, score = _verdict(record, "NAMA_LGKP")
    if score is None:
        if agrees and threshold_sent < name_threshold:
            raise RegistryProtocolError(
                "the registry's verdict on NAMA_LGKP has no score; set threshold_sent to name_threshold"
            )
        return Comparison(agrees)
    matches = score >= name_threshold
    if score > 100 or (matches and not agrees) or (agrees and score < threshold_sent):
        raise RegistryProtocolError("the registry's verdict on NAMA_LGKP contradicts its score")
    return Comparison(matches, score / 100)
