"""The audit log of a server: a chain of its own, and one thread that writes what is waiting together."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

import msgspec

from padan.app.ports.audit import WITHHELD, AuditUnavailable, Event
from padan.audit.chain import Chain
from padan.audit.tally import Tally

WITHIN: Final = 0.05
"""Seconds after which a noted event is handed to the disk."""

GATHERED: Final = 0.003
"""Seconds between two syncs that somebody waits for: a sync costs ten events' processor time."""

COUNTED_EVERY: Final = 10.0
"""Seconds after which counted reads are written."""

SIGNED_WITHIN: Final = 1.0
SIGNED_AFTER: Final = 1_000
"""Seconds, and events, after which a checkpoint follows."""

TRIED_EVERY: Final = 0.5
"""Seconds between two tries while the log cannot be written."""

MOST_KEPT: Final = 100_000
"""Events that are kept while the log cannot be written; of more, the number is kept."""


@dataclass(slots=True)
class _Batch:
    """Events, and the places in it of those that somebody waits for."""

    events: list[Event]
    waited: list[tuple[int, asyncio.Future[None]]]


class FileAuditLog:
    """The port `AuditLog` over a chain of files.

    Args:
        chain: where to write.
        clock: Unix time in milliseconds, for checkpoints.
        report: hears `audit` with `unavailable` and `healed`.

    Raises:
        AuditUnavailable: the first segment cannot be begun.
    """

    def __init__(self, chain: Chain, *, clock: Callable[[], int], report: Callable[[str, str], None]) -> None:
        self._chain = chain
        self._clock = clock
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._tally = Tally()
        self._next = _Batch([], [])
        self._busy = False
        self._timer: asyncio.TimerHandle | None = None
        self._failing = False
        self._synced_at = 0.0
        self._closed = False
        self._signed_at = time.monotonic()
        try:
            chain.begin(clock())
        except OSError as error:
            raise unavailable(error) from None
        self._queue: SimpleQueue[_Batch | None] = SimpleQueue()
        self._thread = Thread(target=self._serve, name="padan-audit-writer", daemon=True)
        self._thread.start()
        self._counted = self._loop.call_later(COUNTED_EVERY, self._write_counts)

    def note(self, event: Event) -> None:
        """See `AuditLog`."""
        self._next.events += self._tally.take((event.token, event.subject))
        self._next.events.append(event)
        self._soon()

    def count(self, event: Event) -> None:
        """See `AuditLog`."""
        before = len(self._next.events)
        self._next.events += self._tally.count(event)
        if len(self._next.events) > before:
            self._soon()

    async def record(self, event: Event) -> None:
        """See `AuditLog`."""
        self.require()
        future: asyncio.Future[None] = self._loop.create_future()
        batch = self._next
        batch.events += self._tally.take((event.token, event.subject))
        batch.waited.append((len(batch.events), future))
        batch.events.append(event)
        if not self._busy and len(batch.waited) == 1:
            # Alone, it goes at once; soon after others it waits for company, which shares its sync.
            pause = self._synced_at + GATHERED - self._loop.time()
            self._loop.call_later(max(0.0, pause), self._hand_over)
        await future

    def require(self) -> None:
        """See `AuditLog`."""
        if self._failing or self._closed:
            raise AuditUnavailable("the audit log cannot be written: check the space and health of its disk")

    async def close(self) -> None:
        """See `AuditLog`. What cannot be written now is lost, and the chain is left without its end."""
        if self._closed:
            return
        self._counted.cancel()
        self._next.events += self._tally.take_all()
        self._closed = True
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _soon(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(WITHIN, self._hand_over)

    def _hand_over(self) -> None:
        """Give the thread what is waiting, unless it writes: then it is given that when it is done."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (self._busy and not self._closed) or not self._next.events:
            return
        batch, self._next = self._next, _Batch([], [])
        self._busy = True
        self._queue.put(batch)

    def _write_counts(self) -> None:
        self._next.events += self._tally.take_all()
        self._hand_over()
        self._counted = self._loop.call_later(COUNTED_EVERY, self._write_counts)

    def _done(self, batch: _Batch, error: OSError | None) -> None:
        """In the event loop again: answer those who wait, and go on."""
        if batch.events:
            self._busy = False
        for _, future in batch.waited:
            if future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(unavailable(error))
        if self._failing != (error is not None):
            self._failing = error is not None
            self._report("audit", "unavailable" if self._failing else "healed")
        self._synced_at = self._loop.time()
        if self._next.waited:
            self._loop.call_later(GATHERED, self._hand_over)
        elif self._next.events:
            self._soon()

    def _serve(self) -> None:
        """The thread: write, sign, and try again what failed."""
        kept: list[Event] = []
        lost = 0
        while True:
            batch = self._await(failing=bool(kept))
            if batch is None:
                break
            events = [*kept, *batch.events]
            if lost:
                events.append(Event(self._clock(), "server", "audit.lost", "not written", count=lost))
            error = self._write(events)
            kept = [] if error is None else [*kept, *_refused(batch)]
            lost = 0 if error is None else lost + max(0, len(kept) - MOST_KEPT)
            del kept[MOST_KEPT:]
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._done, batch, error)
        with contextlib.suppress(OSError):
            if kept:
                self._chain.write(kept, now=self._clock(), sign=True)
            self._chain.end(self._clock())

    def _await(self, *, failing: bool) -> _Batch | None:
        """The next batch; an empty one where a try or a signature is due."""
        place, due = self._chain.place, TRIED_EVERY if failing else None
        if not failing and place.signed < place.events:
            due = max(0.0, self._signed_at + SIGNED_WITHIN - time.monotonic())
        try:
            return self._queue.get(timeout=due)
        except Empty:
            return _Batch([], [])

    def _write(self, events: list[Event]) -> OSError | None:
        place, now = self._chain.place, time.monotonic()
        many = place.events + len(events) - place.signed >= SIGNED_AFTER
        sign = not events or many or now - self._signed_at >= SIGNED_WITHIN
        try:
            self._chain.write(events, now=self._clock(), sign=sign)
        except OSError as error:
            return error
        if sign:
            self._signed_at = now
        return None


def unavailable(error: OSError) -> AuditUnavailable:
    """The refusal for an error of the disk."""
    return AuditUnavailable(f"the audit log cannot be written ({error.strerror}): check the disk it is on")


def _refused(batch: _Batch) -> list[Event]:
    """The events of a batch that failed: what somebody waited for was not given out."""
    events = list(batch.events)
    for place, _ in batch.waited:
        events[place] = msgspec.structs.replace(events[place], outcome=WITHHELD)
    return events
