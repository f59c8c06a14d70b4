"""What every store promises of what processes tell one another of a line, and what lines make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.contracts.conftest import Run, Store
from tests.support.postgres import empty_database
from tests.support.registries import TableRegistry

from padan.app.lines import Line, Lines
from padan.app.ports import LineStates
from padan.domain.breaker import FAILURES_UNTIL_OPEN, PROBE_EVERY, Learnt
from padan.domain.environment import EnvironmentKind
from padan.domain.provider import Health
from padan.store.memory import MemoryStore
from padan.store.postgres import open_postgres
from padan.store.sqlite import open_sqlite

TEST = EnvironmentKind.TEST
NOW = 1_800_000_000_000
NAME = "Test https://registry.example"


def test_a_store_has_the_shape_of_the_port(store: Store) -> None:
    as_port: LineStates = store
    assert as_port is store


def test_what_is_told_is_known_and_the_later_of_each_instant_stays(run: Run, store: Store) -> None:
    assert run(store.known_lines()) == {}
    run(store.tell_line(NAME, Learnt(opened_at=5, probed_at=7)))
    run(store.tell_line("other", Learnt(opened_at=1)))
    run(store.tell_line(NAME, Learnt(opened_at=4, closed_at=6, probed_at=6)))
    assert run(store.known_lines()) == {
        NAME: Learnt(opened_at=5, closed_at=6, probed_at=7),
        "other": Learnt(opened_at=1),
    }


def test_a_probe_claimed_before_the_clock_was_set_back_holds_nobody_up(run: Run, store: Store) -> None:
    assert run(store.claim_probe(NAME, NOW + 3_600_000, every=PROBE_EVERY))
    assert run(store.claim_probe(NAME, NOW, every=PROBE_EVERY))
    assert not run(store.claim_probe(NAME, NOW + PROBE_EVERY - 1, every=PROBE_EVERY))


def test_of_all_who_want_to_look_at_once_one_does(run: Run, store: Store) -> None:
    async def at_once(now: int) -> list[bool]:
        return list(await asyncio.gather(*(store.claim_probe(NAME, now, every=2_000) for _ in range(8))))

    assert sorted(run(at_once(NOW))) == [False] * 7 + [True]
    assert not run(store.claim_probe(NAME, NOW + 1_999, every=2_000))
    assert run(store.claim_probe(NAME, NOW + 2_000, every=2_000))
    assert run(store.known_lines())[NAME] == Learnt(probed_at=NOW + 2_000)


def test_a_claim_made_before_the_clock_was_set_back_holds_nobody_up(run: Run, store: Store) -> None:
    assert run(store.claim_probe(NAME, NOW, every=2_000))
    an_hour_before = NOW - 3_600_000
    assert run(store.claim_probe(NAME, an_hour_before, every=2_000))
    assert not run(store.claim_probe(NAME, an_hour_before + 1_000, every=2_000))
    assert run(store.claim_probe(NAME, an_hour_before + 2_000, every=2_000))


class Processes:
    """Two processes over one store, each with the same line."""

    def __init__(self, states: Sequence[LineStates]) -> None:
        self.lines = [Lines({TEST: [Line(TableRegistry(), name=NAME)]}) for _ in states]
        for lines, own in zip(self.lines, states, strict=True):
            lines.share_over(own)

    def fail(self, place: int, now: int) -> None:
        breaker = self.lines[place].of(TEST)[0].breaker
        for _ in range(FAILURES_UNTIL_OPEN):
            breaker.failed(breaker.begin(now), now=now)

    def answer(self, place: int, now: int) -> None:
        breaker = self.lines[place].of(TEST)[0].breaker
        breaker.answered(breaker.begin(now), now=now)

    async def share(self, now: int) -> None:
        for lines in self.lines:
            await lines.share(now)

    def health(self, now: int) -> list[Health]:
        return [lines.health(TEST, now) for lines in self.lines]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def processes(request: pytest.FixtureRequest, tmp_path: Path, run: Run) -> Iterator[Processes]:
    stores: list[Store]
    if request.param == "memory":
        stores = [MemoryStore()] * 2
    elif request.param == "sqlite":
        stores = [open_sqlite(tmp_path / "padan.db") for _ in range(2)]
    else:
        url = empty_database()
        stores = [run(open_postgres(url)) for _ in range(2)]
    yield Processes(stores)
    for store in stores:
        run(store.close())


def test_what_one_process_opened_the_other_waits_for_and_an_answer_to_either_ends_it(
    run: Run, processes: Processes
) -> None:
    processes.fail(0, NOW)
    run(processes.share(NOW + 100))
    assert processes.health(NOW + 100) == [Health.OFFLINE, Health.OFFLINE]
    assert run(processes.lines[1].choose(TEST, NOW + 100)) is None
    processes.answer(1, NOW + 3_000)
    run(processes.share(NOW + 3_100))
    run(processes.share(NOW + 3_200))
    assert processes.health(NOW + 3_200) == [Health.ONLINE, Health.ONLINE]
    processes.fail(1, NOW + 9_000)
    run(processes.share(NOW + 9_100))
    run(processes.share(NOW + 9_200))
    assert processes.health(NOW + 9_200) == [Health.OFFLINE, Health.OFFLINE]


def test_who_was_answered_since_does_not_believe_an_opening_and_says_so(
    run: Run, processes: Processes
) -> None:
    processes.fail(0, NOW)
    processes.answer(1, NOW + 50)
    run(processes.share(NOW + 100))
    run(processes.share(NOW + 200))
    assert processes.health(NOW + 200) == [Health.ONLINE, Health.ONLINE]


def test_together_they_look_for_it_as_often_as_one_would(run: Run, processes: Processes) -> None:
    processes.fail(0, NOW)
    run(processes.share(NOW))
    probes = 0
    for tick in range(0, 20_000, 250):
        now = NOW + tick
        for lines in processes.lines:
            probes += run(lines.choose(TEST, now)) is not None
        if tick % 500 == 0:
            run(processes.share(now))
    assert probes == (20_000 - 1) // PROBE_EVERY


def test_nothing_is_written_while_nothing_changes_and_nothing_read_without_a_name() -> None:
    class Watched(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.calls: list[str] = []

        async def known_lines(self):  # type: ignore[no-untyped-def]
            self.calls.append("read")
            return await super().known_lines()

        async def tell_line(self, name: str, learnt: Learnt) -> None:
            self.calls.append("write")
            await super().tell_line(name, learnt)

    async def scene() -> None:
        store = Watched()
        named, own = (Lines({TEST: [Line(TableRegistry(), name=name)]}) for name in (NAME, ""))
        for lines in (named, own):
            lines.share_over(store)
        await own.share(NOW)
        assert store.calls == []
        for second in range(3):
            breaker = named.of(TEST)[0].breaker
            breaker.answered(breaker.begin(NOW + second), now=NOW + second)
            await named.share(NOW + second)
        assert store.calls == ["read"] * 3

    asyncio.run(scene())
