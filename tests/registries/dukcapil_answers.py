"""A synthetic claim, settings that ask nobody, and answers as Dukcapil writes them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from padan.domain.claim import Claim
from padan.domain.finding import Finding
from padan.registries import DukcapilSettings
from padan.registries.dukcapil_page import Answer
from padan.registries.dukcapil_wire import Question, to_finding

CLAIM = Claim("3273015705900001", "Canary Siti  Rahayu", date(1990, 5, 17))
CANARIES = ("3273015705900001", "anary", "ANARY", "1990", "canary-password")
SETTINGS = DukcapilSettings(
    base_url="http://127.0.0.1:1/ws/",
    customer="bank-contoh",
    user_id="contoh",
    password="canary-password",
    ip="10.0.0.7",
)
VERDICTS = {"NIK": "Sesuai", "NAMA_LGKP": "Sesuai (100)", "TGL_LHR": "Sesuai"}


def page(*records: Any, **changes: Any) -> dict[str, Any]:
    envelope = {
        "content": list(records),
        "lastPage": True,
        "numberOfElements": len(records),
        "sort": None,
        "totalElements": len(records),
        "firstPage": True,
        "number": 0,
        "size": 1,
        "quotaLimiter": 998,
    }
    return {**envelope, **changes}


def body(*records: Any, **changes: Any) -> bytes:
    return json.dumps(page(*records, **changes)).encode()


def read(
    answer: bytes,
    *,
    claim: Claim = CLAIM,
    status: int = 200,
    content_type: str = "application/json",
    threshold_sent: int = 80,
    name_threshold: int = 90,
    **settings: Any,
) -> Finding:
    question = Question(claim, threshold_sent, name_threshold)
    return to_finding(Answer(status, content_type, answer), question, settings=replace(SETTINGS, **settings))


def matches(finding: Finding) -> list[str]:
    compared = {"NIK": finding.nik, "NAMA_LGKP": finding.full_name, "TGL_LHR": finding.date_of_birth}
    return [field for field, comparison in compared.items() if comparison and comparison.matches]
