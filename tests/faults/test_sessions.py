"""Sessions end as documented, whatever happens. The long version: `python -m tests.faults.sessions`."""

from __future__ import annotations

import asyncio

from padan.sandbox.fault_people import FAULT_NAMES
from tests.faults.session_cases import MODES
from tests.faults.sessions import run


def test_every_fault_ends_its_sessions_as_documented_and_the_ledger_is_the_registrys_count() -> None:
    report = asyncio.run(run(1, seed=20261124, life_s=4.0, of_the_line=("expired_certificate",)))
    assert report.wrong == [], report.told()
    struck = {became.split(")")[0] for became in report.became}
    assert {f"{fault} ({mode}" for fault in FAULT_NAMES for mode in MODES} <= struck
