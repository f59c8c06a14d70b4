"""A registry that goes away loses no session. The long version: `python -m tests.faults.outage`."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.outage import WAYS, Plan, run


@pytest.mark.parametrize("way", WAYS)
def test_an_outage_loses_no_session_asks_no_more_than_it_must_and_ends_by_itself(way: str) -> None:
    report = asyncio.run(run(way, Plan(6.0, before=1.0, after=1.0, rate=8.0, deadline=5.0)))
    assert report.wrong == [], report.told()
    assert any(told != "online" for _, told in report.health), report.told()
