"""A disk that fails costs answers alone. The long version: `python -m tests.faults.broken_disk`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.broken_disk import TROUBLES, run
from tests.support.disk import NO_COMPILER, compiled, compiler

pytestmark = pytest.mark.skipif(compiler() is None, reason=NO_COMPILER)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("disk"))


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_machine_in_trouble_acknowledges_nothing_in_vain_and_heals_without_a_restart(
    trouble: str, library: Path
) -> None:
    report = run(trouble, library, seconds=0.5, patient=False)
    assert report.wrong == [], report.told()
