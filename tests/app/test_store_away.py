"""The store is away for a moment: what was asked is not asked again, and what was answered is not dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from padan.app.ports import LEASE, StoreUnavailable
from padan.app.verify import verify
from padan.domain.attempt import Charge
from padan.domain.session import Lease
from padan.store.memory import MemoryStore
from tests.support.wired import Wired, wire

OWNER = "first"


class Faltering:
    """A store whose connection breaks before what is written, or after it, as often as it is told."""

    def __init__(self, store: MemoryStore, breaks: Iterator[str]) -> None:
        self._store = store
        self._breaks = breaks

    def __getattr__(self, name: str) -> Any:
        own = getattr(self._store, name)
        return self._breaking(own) if name in {"begin", "change", "record", "find"} else own

    def _breaking(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def broken(*given: Any, **named: Any) -> Any:
            when = next(self._breaks, "never")
            if when == "before":
                raise StoreUnavailable("broken before")
            value = await call(*given, **named)
            if when == "after":
                raise StoreUnavailable("broken after")
            return value

        return broken


@pytest.mark.parametrize(
    "breaks",
    [
        ["before"],
        ["after"],
        ["before", "after"],
        ["never", "before"],
        ["never", "after"],
        ["after", "after", "after", "after"],
        ["never", "before", "before", "after", "before"],
    ],
    ids="-".join,
)
def test_a_session_is_asked_once_whenever_the_connection_breaks(breaks: list[str]) -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.direct()
        (session,) = await w.take(OWNER)
        ports = replace(w.worker_ports, sessions=Faltering(w.store, iter(breaks)))
        assert (await verify(ports, session, OWNER)).done
        assert (await w.session(created.session.id)).success
        assert len(w.registry.claims) == 1
        (attempt,) = await w.store.attempts(session.id)
        assert attempt.charge is Charge.CHARGED
        assert await used(w) == 1

    asyncio.run(scene())


def test_at_the_end_of_its_lease_a_worker_writes_no_more() -> None:
    async def scene() -> None:
        w = await wire()
        await w.direct()
        (session,) = await w.take(OWNER)
        assert session.lease == Lease(OWNER, w.clock() + LEASE)

        def broken() -> Iterator[str]:
            yield "never"
            while True:
                w.clock.pass_(LEASE // 4)
                yield "before"

        ports = replace(w.worker_ports, sessions=Faltering(w.store, broken()))
        with pytest.raises(StoreUnavailable):
            await verify(ports, session, OWNER)

    asyncio.run(scene())


async def used(w: Wired) -> int:
    """Questions counted against the registry's account, today in Jakarta."""
    from padan.app.times import jakarta_date

    (line,) = w.ports.lines.of(next(iter(w.ports.lines.kinds)))
    return await w.store.used(line.account, jakarta_date(w.clock()).isoformat())
