"""A store of the first release is migrated under load. The long version: `tests.faults.migration`."""

from __future__ import annotations

import pytest

from tests.faults.migration import run


@pytest.mark.parametrize("postgres", [False, True], ids=["sqlite", "postgres"])
def test_a_full_store_of_the_first_release_is_migrated_while_an_old_process_goes_on(postgres: bool) -> None:
    report = run(4_000, postgres=postgres)
    assert report.problems() == []
