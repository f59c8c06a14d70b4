"""A death around a paid question is known as one. The long version: `python -m tests.faults.crash_points`."""

from __future__ import annotations

import pytest

from tests.faults.crash_points import run
from tests.support.dying_server import POINTS


@pytest.mark.parametrize("postgres", [False, True], ids=["SQLite", "PostgreSQL"])
def test_killed_at_each_point_the_ledger_says_unknown_exactly_where_it_is(postgres: bool) -> None:
    report = run(len(POINTS), seed=20261124, policies=(1,), postgres=postgres)
    assert report.wrong == [], report.told()
    assert set(report.deaths) == set(POINTS)
