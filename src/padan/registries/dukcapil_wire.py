"""Dukcapil on the wire: a claim to a request, an answer to a finding. No transport.

Two services speak it: "verify by element", which answers with verdicts, and the full-data lookup, which
answers with the record. No official specification is public; what is known, and how surely, stands in
`docs/reference/dukcapil.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from padan.domain.claim import Claim
from padan.domain.errors import RegistryProtocolError
from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.rules import USUAL_NAMES, NameRules
from padan.registries.dukcapil_page import Answer, read_page
from padan.registries.dukcapil_record import read_record
from padan.registries.dukcapil_settings import DATE_FORMATS, DukcapilSettings
from padan.registries.record import compare_record

_VERDICT: Final = re.compile(
    r"\s*(tidak\s*)?sesuai\s*(?:\(\s*([0-9]{1,3})\s*\)\s*)?", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """A claim and how its name is judged: the threshold sent, and the one that Padan judges by (0 to 100).

    `names` judges where the answer is the record, and Padan compares.
    """

    claim: Claim
    threshold_sent: int
    name_threshold: int
    names: NameRules = USUAL_NAMES

    def __repr__(self) -> str:
        return "Question(<hidden>)"


def to_question(claim: Claim, settings: DukcapilSettings, *, names: NameRules = USUAL_NAMES) -> Question:
    """A question about a claim, its name judged by the settings' threshold or by one of its own."""
    judged_by = settings.name_threshold if names.threshold is None else names.threshold
    # A word that turned above the line would hide the names in between.
    return Question(claim, min(settings.threshold_sent, judged_by), judged_by, names)


def to_request(question: Question, settings: DukcapilSettings) -> dict[str, str]:
    """The JSON body that asks it. It holds personal data and the password."""
    claim = question.claim
    request = {"NIK": claim.nik}
    if not settings.asks_for_record:
        if "NAMA_LGKP" in settings.fields:
            request["TRESHOLD"] = str(question.threshold_sent)
            request["NAMA_LGKP"] = " ".join(claim.full_name.upper().split())
        if "TGL_LHR" in settings.fields:
            request["TGL_LHR"] = claim.date_of_birth.strftime(DATE_FORMATS[settings.date_format])
    request |= {"USER_ID": settings.user_id, "PASSWORD": settings.password, "IP_USER": settings.ip}
    return {key.lower(): value for key, value in request.items()} if settings.keys_are_lower else request


def to_finding(answer: Answer, question: Question, *, settings: DukcapilSettings) -> Finding:
    """Read an answer. Whatever is not plainly one of the known answers is an error.

    A field that the agreement does not permit is unknown (`None`).

    Raises:
        RegistryUnavailable: HTTP 408, 429 or 5xx.
        RegistryRefused: HTTP 401 or 403, or a code or text that says so.
        RegistryProtocolError: everything that cannot be understood.
    """
    page = read_page(answer)
    if page.outcome is not Outcome.FOUND:
        return Finding(page.outcome, quota_left=page.quota_left)
    if settings.asks_for_record:
        held = read_record(page.record, fields=settings.fields)
        finding = compare_record(held, question.claim, names=question.names)
        return replace(finding, quota_left=page.quota_left)
    permitted = settings.fields
    return Finding(
        Outcome.FOUND,
        nik=_exact(page.record, "NIK"),
        full_name=_name(page.record, question) if "NAMA_LGKP" in permitted else None,
        date_of_birth=_exact(page.record, "TGL_LHR") if "TGL_LHR" in permitted else None,
        quota_left=page.quota_left,
    )


def _verdict(record: Mapping[str, Any], field: str) -> tuple[bool, int | None]:
    """The word of a field (whether it agrees) and the score beside it, where there is one."""
    value = record.get(field)
    read = _VERDICT.fullmatch(value) if isinstance(value, str) else None
    if read is None:
        raise RegistryProtocolError(f"the registry's verdict on {field} is missing or cannot be read")
    return read[1] is None, None if read[2] is None else int(read[2])


def _exact(record: Mapping[str, Any], field: str) -> Comparison:
    agrees, score = _verdict(record, field)
    if score is not None:
        raise RegistryProtocolError(f"the registry's verdict on {field} has a score, and the field is exact")
    return Comparison(agrees)


def _name(record: Mapping[str, Any], question: Question) -> Comparison:
    """Judge the name by its score; by the word alone only where the word decides it."""
    agrees, score = _verdict(record, "NAMA_LGKP")
    if score is None:
        if agrees and question.threshold_sent < question.name_threshold:
            raise RegistryProtocolError(
                "the registry's verdict on NAMA_LGKP has no score; set threshold_sent to name_threshold"
            )
        return Comparison(agrees)
    matches = score >= question.name_threshold
    if score > 100 or (matches and not agrees) or (agrees and score < question.threshold_sent):
        raise RegistryProtocolError("the registry's verdict on NAMA_LGKP contradicts its score")
    return Comparison(matches, score / 100)
