"""A killed process loses nothing that it acknowledged. The long version: `python -m tests.faults.crash`."""

from __future__ import annotations

from tests.faults.crash import run


def test_kills_at_random_moments_lose_no_acknowledged_session() -> None:
    acknowledged, lost, integrity = run(8, seed=20261123)
    assert acknowledged > 0
    assert lost == []
    assert integrity == {"ok"}
