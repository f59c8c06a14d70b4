"""A killed process loses nothing that it acknowledged. The long version: `python -m tests.faults.crash`."""

from __future__ import annotations

import pytest

from tests.faults.crash import Campaign, run


@pytest.mark.parametrize(("postgres", "kills"), [(False, 12), (True, 6)], ids=["SQLite", "PostgreSQL"])
def test_kills_at_random_moments_lose_no_acknowledged_session_and_double_no_charge(
    postgres: bool, kills: int
) -> None:
    report = run(Campaign(kills, seed=20261123, postgres=postgres, lanes=1))
    assert report.acknowledged > 0
    assert report.lost == []
    assert report.wrong == [], report.told()
