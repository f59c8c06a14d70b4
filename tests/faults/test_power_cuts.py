"""A power cut takes nothing that was acknowledged. The long version: `python -m tests.faults.power_cuts`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.power_cuts import Plan, run
from tests.support.disk import NO_COMPILER, compiled, compiler

pytestmark = pytest.mark.skipif(compiler() is None, reason=NO_COMPILER)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("disk"))


def test_after_a_power_cut_every_acknowledged_step_is_there(library: Path) -> None:
    report = run(60, Plan(20261125, steps=120), library)
    assert report.syncs > 60
    assert report.acknowledged > 1_000
    assert report.wrong == [], report.told()


def test_after_syncs_that_failed_and_a_restart_a_power_cut_takes_nothing_either(library: Path) -> None:
    report = run(60, Plan(106, steps=120, failing_syncs=True), library)
    assert report.failed_syncs > 0
    assert report.wrong == [], report.told()


def test_a_store_that_does_not_wait_for_the_disk_is_seen_to_lose_what_it_acknowledged(library: Path) -> None:
    assert run(60, Plan(20261125, steps=120, synchronous="NORMAL"), library).lost > 0
