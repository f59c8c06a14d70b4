"""Sessions keep their rules whatever happens. The long version: `python -m tests.faults.simulation`."""

from __future__ import annotations

import pytest

from tests.faults.simulation import run


def test_twenty_thousand_steps_of_crashes_jumps_and_faults_break_no_rule() -> None:
    report = run(20_000, seed=20261125)
    assert report.wrong == [], report.told()
    assert report.crashes > 100
    assert report.jumps > 20
    assert report.ends["succeeded"] > 500
    assert set(report.charges) == {"charged", "not_charged", "unknown"}


@pytest.mark.parametrize("sqlite", [False, True], ids=["in memory", "SQLite"])
def test_the_same_seed_gives_the_same_steps(sqlite: bool) -> None:
    first, again = (run(2_000, seed=7, sqlite=sqlite) for _ in range(2))
    assert first.wrong == [], first.told()
    assert first.digest.hexdigest() == again.digest.hexdigest()
