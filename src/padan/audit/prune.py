"""Old segments may go, once a signed event says which, and where the chain stood at their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from padan.app.ports.audit import Event
from padan.audit.folder import COMMANDS, chains_of, is_open
from padan.audit.keys import sync_folder

if TYPE_CHECKING:
    from padan.audit.commands import CommandLog
    from padan.audit.walk import Walk

REMOVED: Final = "audit.prune.segment"


@dataclass(frozen=True, slots=True)
class Removed:
    """A segment that is gone: how many events its chain had at its end, and the link there."""

    chain: str
    segment: int
    events: int
    link: str


def read_removed(event: Event) -> Removed:
    """What an event of the action `REMOVED` says."""
    chain, _, segment = str(event.subject).rpartition(".")
    events, _, link = event.outcome.partition(" ")
    return Removed(chain, int(segment), int(events), link)


def prune(folder: Path, log: CommandLog, *, walks: Sequence[Walk], now: int) -> int:
    """Remove segments, which is written down and signed first.

    Args:
        folder: of the segments.
        log: where it is written down.
        walks: of the segments that may go, read to their end and sound, in the order of their chains.
        now: Unix time in milliseconds.

    Returns how many went.
    """
    going = [walk for walk in walks if walk.header is not None]
    for walk in going:
        header = walk.header
        assert header is not None  # noqa: S101 - filtered above
        subject = f"{header.chain}.{header.segment}"
        outcome = f"{walk.count} {walk.link.hex()}"
        log.write(Event(now, log.actor, REMOVED, outcome, subject))
    for walk in going:
        walk.path.unlink()
    if going:
        sync_folder(folder)
    return len(going)


def old_segments(folder: Path, *, before: int) -> Sequence[Path]:
    """The segments that may go: files last written before an instant (Unix milliseconds).

    Each goes with all that stand before it in its chain. What is being written stays, and what operators
    did.
    """
    old = []
    for chain, segments in chains_of(folder).items():
        if chain.startswith(COMMANDS):
            continue
        for _, path in segments:
            if path.stat().st_mtime_ns // 1_000_000 >= before or is_open(path):
                break
            old.append(path)
    return old
