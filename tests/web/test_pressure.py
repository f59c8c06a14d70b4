"""More requests than a server can answer: it says so at once, creations first, and never to a few."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.web.api.pressure import FEW, LATE, RISE, Pressure


def pressed(times: int) -> Pressure:
    """A server whose loop was late so many times, with many requests under way."""
    pressure = Pressure()
    pressure.under_way = FEW + 1
    for _ in range(times):
        pressure.late_by(LATE * 2)
    return pressure


def refused(pressure: Pressure, requests: int, *, creation: bool) -> int:
    async def scene() -> int:
        return sum(pressure.refuses(creation=creation) for _ in range(requests))

    return asyncio.run(scene())


@pytest.mark.parametrize("creation", [True, False])
def test_while_the_loop_is_in_time_nobody_is_refused(creation: bool) -> None:
    assert refused(pressed(0), 1_000, creation=creation) == 0


def test_the_later_it_is_the_more_creations_are_refused() -> None:
    shares = [refused(pressed(times), 1_000, creation=True) for times in (1, 3, 6, 20)]
    assert shares == pytest.approx([80, 240, 480, 1_000], abs=1)


def test_other_requests_are_refused_only_where_that_is_not_enough() -> None:
    assert refused(pressed(round(0.7 / RISE)), 1_000, creation=False) == 0
    assert refused(pressed(20), 1_000, creation=False) == 1_000


def test_a_few_requests_are_never_refused_however_late_the_machine_is() -> None:
    pressure = pressed(20)
    pressure.under_way = FEW
    assert refused(pressure, 1_000, creation=True) == 0


def test_in_time_again_it_takes_everything_again() -> None:
    pressure = pressed(20)
    for _ in range(50):
        pressure.late_by(0.0)
    assert refused(pressure, 1_000, creation=True) == 0


@given(st.lists(st.floats(0, 2), max_size=200))
def test_whatever_the_loop_does_the_share_is_one(delays: list[float]) -> None:
    pressure = pressed(0)
    for delay in delays:
        pressure.late_by(delay)
    assert 0 <= refused(pressure, 100, creation=True) <= 100
