"""What every audit log does, in memory as in files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.audit.logs import KEY, chain, event
from tests.contracts.conftest import Run

from padan.app.ports import AuditLog, AuditUnavailable, Event
from padan.audit import FileAuditLog, MemoryAuditLog, Verifier
from padan.audit.log import MOST_KEPT


@dataclass
class Audited:
    """A log, and what stands in it once it is closed."""

    log: AuditLog
    read: Callable[[], Sequence[Event]]
    fill: Callable[[bool], None]


@pytest.fixture(params=["memory", "files"])
def audited(request: pytest.FixtureRequest, tmp_path: Path, run: Run, monkeypatch: Any) -> Iterator[Audited]:
    if request.param == "memory":
        memory = MemoryAuditLog()
        yield Audited(memory, lambda: memory.events, lambda full: setattr(memory, "full", full))
        return
    written, full = chain(tmp_path), [False]
    whole = written._write_whole

    def write(data: bytes, offset: int) -> None:
        if full[0]:
            whole(data[: len(data) // 2], offset)
            raise OSError(28, "No space left on device")
        whole(data, offset)

    monkeypatch.setattr(written, "_write_whole", write)

    async def begin() -> FileAuditLog:
        return FileAuditLog(written, clock=lambda: 0, report=lambda *_: None)

    def read() -> Sequence[Event]:
        verifier = Verifier(tmp_path, KEY.public)
        events = list(verifier.events())
        assert verifier.report.problems == []
        return events

    log = run(begin())
    yield Audited(log, read, lambda value: full.__setitem__(0, value))
    run(log.close())


def told(events: Sequence[Event]) -> list[tuple[str, str, int]]:
    return [(str(e.subject)[-1], e.outcome, e.count) for e in events]


def test_what_was_noted_and_recorded_stands_in_order_once_it_is_closed(audited: Audited, run: Run) -> None:
    async def work() -> None:
        audited.log.note(event(1, "created"))
        await audited.log.record(event(2))
        audited.log.note(event(3, "canceled"))
        await audited.log.close()

    run(work())
    assert told(audited.read()) == [("1", "created", 1), ("2", "opened", 1), ("3", "canceled", 1)]


def test_every_part_of_an_event_comes_back(audited: Audited, run: Run) -> None:
    one = msgspec.structs.replace(event(7, "pending"), count=3)
    run(audited.log.record(one))
    run(audited.log.close())
    assert [msgspec.structs.replace(e, subject=str(one.subject)) for e in audited.read()] == [
        msgspec.structs.replace(one, subject=str(one.subject))
    ]


def test_of_many_alike_the_first_is_written_and_then_their_number(audited: Audited, run: Run) -> None:
    async def work() -> None:
        for at in range(5):
            audited.log.count(msgspec.structs.replace(event(1, "pending"), at=at))
        audited.log.count(event(2, "pending"))
        await audited.log.record(event(1))
        audited.log.count(event(1, "done"))
        await audited.log.close()

    run(work())
    stands = told(sorted(audited.read(), key=lambda e: str(e.subject)))
    assert stands == [
        ("1", "pending", 1), ("1", "pending", 4), ("1", "opened", 1), ("1", "done", 1), ("2", "pending", 1),
    ]  # fmt: skip


def test_no_read_is_lost_between_a_token_and_another_outcome(audited: Audited, run: Run) -> None:
    async def work() -> None:
        for outcome in ("pending", "pending", "pending", "done", "done"):
            audited.log.count(event(1, outcome))
        await audited.log.close()

    run(work())
    assert told(audited.read()) == [
        ("1", "pending", 1), ("1", "pending", 2), ("1", "done", 1), ("1", "done", 1),
    ]  # fmt: skip


def test_while_it_cannot_be_written_nothing_is_given_out_and_afterwards_all_is_well(
    audited: Audited, run: Run
) -> None:
    async def work() -> None:
        await audited.log.record(event(1))
        audited.fill(True)
        with pytest.raises(AuditUnavailable):
            await audited.log.record(event(2))
        with pytest.raises(AuditUnavailable):
            audited.log.require()
        audited.log.note(event(3, "swept"))
        audited.fill(False)
        await _healed(audited.log)
        await audited.log.record(event(4))
        await audited.log.close()

    run(work())
    stands = told(audited.read())
    assert stands == [("1", "opened", 1), ("2", "withheld", 1), ("3", "swept", 1), ("4", "opened", 1)]


async def _healed(log: AuditLog) -> None:
    import asyncio

    for _ in range(100):
        try:
            log.require()
        except AuditUnavailable:
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("it did not heal")


def test_so_many_events_are_kept_that_a_short_failure_loses_none() -> None:
    assert MOST_KEPT >= 100_000
