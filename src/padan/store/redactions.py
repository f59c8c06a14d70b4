"""What was asked to be redacted, written down apart from the database, so that no backup brings it back.

A line a redaction: the session's id and the instant. Each process appends to files of its own, one a day, so
that no two processes ever write the same; a file that is older than the longest life of a backup is removed.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from uuid import UUID

from padan.app.ports import StoreUnavailable

_LINE = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) ([0-9]{1,15})")
_FILE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.[0-9a-z-]+")


class MemoryRedactions:
    """The port `Redactions` in memory."""

    def __init__(self) -> None:
        self.noted: dict[UUID, int] = {}

    async def note(self, session_id: UUID, now: int) -> None:
        """Remember a redaction."""
        self.noted[session_id] = now


class FileRedactions:
    """The port `Redactions` in a folder, readable by its owner alone.

    Args:
        folder: made where it is not there.
        writer: a name that no other process has, of small letters, digits and `-`.
        keep_days: for how long an entry is kept: no backup may live longer.

    Raises:
        OSError: the folder cannot be made.
    """

    def __init__(self, folder: Path, *, writer: str, keep_days: int) -> None:
        self._folder = folder
        self._writer = writer
        self._keep = timedelta(days=keep_days)
        self._lock = Lock()
        self._begun: set[str] = set()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def note(self, session_id: UUID, now: int) -> None:
        """Write a redaction down and wait for the disk. Raises StoreUnavailable."""
        await asyncio.to_thread(self._append, session_id, now)

    def _append(self, session_id: UUID, now: int) -> None:
        day = datetime.fromtimestamp(now / 1000, UTC).date()
        path = self._folder / f"{day.isoformat()}.{self._writer}"
        try:
            with self._lock:
                new = path.name not in self._begun
                _append_durably(path, f"{session_id} {now}\n".encode())
                if new:
                    _sync(self._folder)
                    self._begun.add(path.name)
                    self._prune((day - self._keep).isoformat())
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StoreUnavailable(
                f"the redaction cannot be written down ({reason}): check its disk"
            ) from None

    def _prune(self, before: str) -> None:
        for path in self._folder.iterdir():
            named = _FILE.fullmatch(path.name)
            if named and named[1] < before:
                with suppress(FileNotFoundError):
                    path.unlink()


def read_redactions(folders: Iterable[Path]) -> Mapping[UUID, int]:
    """All that is written down in some folders, each with its first instant.

    Raises:
        OSError: a folder or a file in it cannot be read.
    """
    noted: dict[UUID, int] = {}
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if _FILE.fullmatch(path.name):
                # The last line of a process that died may be cut off: it was never acknowledged.
                for line in path.read_text("ascii", "replace").split("\n"):
                    if found := _LINE.fullmatch(line):
                        noted.setdefault(UUID(found[1]), int(found[2]))
    return noted


def _append_durably(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError(0, "the disk is full")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
