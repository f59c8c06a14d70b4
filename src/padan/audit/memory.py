"""The audit log in memory: for tests and trials."""

from __future__ import annotations

import msgspec

from padan.app.ports.audit import WITHHELD, AuditUnavailable, Event
from padan.audit.tally import Tally


class MemoryAuditLog:
    """The port `AuditLog`. `full` makes it refuse, as a full disk does."""

    def __init__(self) -> None:
        self.full = False
        self._events: list[Event] = []
        self._waiting: list[Event] = []
        self._tally = Tally()

    @property
    def events(self) -> tuple[Event, ...]:
        """What was written, in order."""
        self._write()
        return tuple(self._events)

    def note(self, event: Event) -> None:
        """See `AuditLog`."""
        self._waiting += self._tally.take((event.token, event.subject))
        self._waiting.append(event)
        self._write()

    def count(self, event: Event) -> None:
        """See `AuditLog`."""
        self._waiting += self._tally.count(event)
        self._write()

    async def record(self, event: Event) -> None:
        """See `AuditLog`."""
        if self.full:
            self.note(msgspec.structs.replace(event, outcome=WITHHELD))
            self.require()
        self.note(event)

    def require(self) -> None:
        """See `AuditLog`."""
        if self.full:
            raise AuditUnavailable("the audit log is full")

    async def close(self) -> None:
        """See `AuditLog`."""
        self._waiting += self._tally.take_all()
        self._write()

    def _write(self) -> None:
        if not self.full:
            self._events += self._waiting
            self._waiting.clear()
