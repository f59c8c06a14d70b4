"""What every store promises a worker that waits for something to do."""

from __future__ import annotations

import asyncio
import time

from tests.contracts.builders import a_session
from tests.contracts.conftest import Run, Store

from padan.domain.session import Lease, SessionState, asking, postponed

LONG = 20.0


async def rings(store: Store, *, within: float = 5.0) -> bool:
    """Whether a worker that waits is called before `within` seconds are over."""
    start = time.monotonic()
    await store.await_work(within)
    return time.monotonic() - start < within


def test_a_worker_is_called_for_a_session_that_nobody_holds(run: Run, store: Store) -> None:
    async def wait() -> bool:
        await store.await_work(0.01)
        waiting = asyncio.create_task(rings(store, within=LONG))
        await asyncio.sleep(0.05)
        await store.add(a_session())
        return await waiting

    assert run(wait())


def test_a_call_that_came_before_the_wait_is_heard_and_heard_once(run: Run, store: Store) -> None:
    async def wait() -> tuple[bool, bool]:
        await store.await_work(0.01)
        await store.add(a_session())
        await asyncio.sleep(0.3)
        return await rings(store), await rings(store, within=0.05)

    assert run(wait()) == (True, False)


def test_nobody_is_called_for_what_is_held_or_not_due_or_waits_for_a_person(run: Run, store: Store) -> None:
    async def wait() -> bool:
        held = a_session(lease=Lease("its own", 5_000))
        await store.add(held)
        await store.add(a_session(state=SessionState.AWAITING_INPUT))
        asked = asking(held, now=1_500, lease=Lease("its own", 5_000))
        await store.change(held, asked)
        await store.change(asked, postponed(asked, now=1_600, due_at=9_000))
        return await rings(store, within=0.3)

    assert not run(wait())


def test_who_is_not_called_waits_no_longer_than_was_said(run: Run, store: Store) -> None:
    start = time.monotonic()
    run(store.await_work(0.05))
    assert 0.04 < time.monotonic() - start < LONG


def test_workers_are_called_for_leases_that_were_given_back(run: Run, store: Store) -> None:
    async def wait() -> bool:
        await store.add(a_session(lease=Lease("leaves", 99_999)))
        await store.await_work(0.01)
        waiting = asyncio.create_task(rings(store, within=LONG))
        await asyncio.sleep(0.05)
        await store.free_leases(2_000, owner="leaves")
        return await waiting

    assert run(wait())
