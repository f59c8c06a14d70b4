"""One chain being written: its segment, its place in it, and what becomes of a write that fails."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from padan.app.ports.audit import Event
from padan.audit.folder import segment_path, tips
from padan.audit.keys import AuditKey, sync_folder
from padan.audit.records import (
    FORMAT,
    NOTHING,
    Checkpoint,
    Header,
    checkpoint_line,
    event_line,
    header_line,
    unsigned,
)

LARGEST_SEGMENT: Final = 64 << 20
"""Bytes after which a chain goes on in another file."""

_DAY: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Place:
    """How far a chain has come. `signed` of its `events` are under a checkpoint."""

    segment: int = 0
    offset: int = 0
    link: bytes = NOTHING
    events: int = 0
    signed: int = 0
    checkpoints: int = 0
    day: int = 0


class Chain:
    """Writes a chain. Not for several threads at once.

    Every method that writes raises OSError and has then written nothing that counts: the next one takes away
    what is left of it, or goes on in another segment where even that fails.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        key: AuditKey,
        place: Place | None = None,
        largest: int = LARGEST_SEGMENT,
    ) -> None:
        self.name = name
        self.place = place or Place()
        self._folder = folder
        self._key = key
        self._largest = largest
        self._file: int | None = None
        self._soiled = False

    def begin(self, now: int) -> None:
        """Begin the next segment, with a signed header."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = self.place
        header = Header(
            FORMAT,
            self.name,
            before.segment,
            now,
            before.link.hex(),
            before.events,
            self._key.public.id,
            tuple(tips(self._folder, but=self.name)),
        )
        path = segment_path(self._folder, self.name, segment=before.segment)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            line, link = header_line(header)
            start = replace(before, offset=0, link=link, checkpoints=0, day=now // _DAY)
            self._append(start, [line], now=now, sign=True)
            sync_folder(self._folder)
        except OSError:
            self._let_go()
            self.place = before
            raise

    def resume(self) -> None:
        """Go on in the segment of a chain that was written before, at its place."""
        path = segment_path(self._folder, self.name, segment=self.place.segment)
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, events: Sequence[Event], *, now: int, sign: bool) -> None:
        """Write events, and a checkpoint after them if that is wanted, and return once they are durable."""
        self._make_ready(now)
        lines, place = [], self.place
        link = place.link
        for event in events:
            line, link = event_line(event, link)
            lines.append(line)
        after = replace(place, link=link, events=place.events + len(events))
        self._append(after, lines, now=now, sign=sign)

    def end(self, now: int) -> None:
        """Sign the end of the chain and let go of its file."""
        if self._file is None:
            return
        try:
            self._make_ready(now)
            self._append(self.place, [], now=now, sign=True, ends="chain")
        finally:
            self._let_go()

    def leave(self) -> None:
        """Let go of the file; another may go on."""
        self._let_go()

    def _make_ready(self, now: int) -> None:
        if self._soiled and self._file is not None:
            try:
                os.ftruncate(self._file, self.place.offset)
                os.fsync(self._file)
            except OSError:
                self._abandon()
            self._soiled = False
        if self._file is None:
            self.begin(now)
        elif self.place.offset > self._largest or now // _DAY != self.place.day:
            self._append(self.place, [], now=now, sign=True, ends="segment")
            self._abandon()
            self.begin(now)

    def _append(
        self, after: Place, lines: list[bytes], *, now: int, sign: bool, ends: str | None = None
    ) -> None:
        """Make lines durable that lead to a place; only then is the chain there."""
        assert self._file is not None  # noqa: S101 - its callers opened it
        if sign:
            checkpoint = Checkpoint(after.checkpoints, now, after.events, after.link.hex(), ends)
            signature = self._key.sign(unsigned(checkpoint))
            line, link = checkpoint_line(checkpoint, signature, before=after.link)
            lines.append(line)
            after = replace(after, link=link, signed=after.events, checkpoints=after.checkpoints + 1)
        data = b"".join(lines)
        self._soiled = True
        self._write_whole(data, after.offset)
        os.fdatasync(self._file)
        self.place = replace(after, offset=after.offset + len(data))
        self._soiled = False

    def _write_whole(self, data: bytes, offset: int) -> None:
        assert self._file is not None  # noqa: S101 - its caller did
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file, view, offset)
            view, offset = view[written:], offset + written

    def _abandon(self) -> None:
        """Leave the segment as it is: the next one says where the chain goes on."""
        self._let_go()
        self.place = replace(self.place, segment=self.place.segment + 1)

    def _let_go(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
        self._file, self._soiled = None, False
