"""What operators do: one chain for the commands of a folder, written under a lock."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from padan.app.ports.audit import Event
from padan.audit.chain import Chain, Place
from padan.audit.folder import COMMANDS, chains_of
from padan.audit.keys import AuditKey
from padan.audit.walk import Walk

_LOCK = "commands.lock"
_DAY = 86_400_000


class CommandLog:
    """The chain of the commands, while one of them runs.

    Args:
        folder: of the segments.
        key: that signs.
        actor: who runs the command, as events name them.
        now: Unix time in milliseconds.

    Raises:
        OSError: it cannot be written; then the command must not run.
    """

    def __init__(self, folder: Path, key: AuditKey, *, actor: str, now: int) -> None:
        self.actor = actor
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            self._chain = _open(folder, key, now=now)
        except OSError:
            os.close(self._lock)
            raise

    def write(self, event: Event) -> None:
        """Write one event, signed; durable when this returns. Raises OSError."""
        self._chain.write([event], now=event.at, sign=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._chain.leave()
        os.close(self._lock)


def _open(folder: Path, key: AuditKey, *, now: int) -> Chain:
    """The chain of this folder's commands at its last checkpoint; a new one where there is none."""
    mine = [(chain, found) for chain, found in chains_of(folder).items() if chain.startswith(COMMANDS)]
    if not mine:
        chain = Chain(folder, COMMANDS + os.urandom(4).hex(), key=key)
        chain.begin(now)
        return chain
    name, segments = mine[0]
    number, path = segments[-1]
    walk = Walk(path, key.public)
    for _ in walk.events():
        pass
    if not walk.checkpoints and number > segments[0][0]:
        # It was torn as it began: begin it again, where the one before it stopped.
        path = segments[-2][1]
        walk, number = Walk(path, key.public), number - 1
        for _ in walk.events():
            pass
    chain = Chain(folder, name, key=key, place=_place(walk, number, size=path.stat().st_size))
    chain.resume() if chain.place.offset else chain.begin(now)
    return chain


def _place(walk: Walk, number: int, *, size: int) -> Place:
    """Where to go on: at the end of a segment that is whole and signed, else in a new one."""
    if walk.header is None or not walk.checkpoints:
        return Place(segment=number)
    whole = not (walk.torn or walk.problem or walk.ends) and walk.signed == walk.count
    return Place(
        segment=number if whole else number + 1,
        offset=size if whole else 0,
        link=walk.checkpointed,
        events=walk.signed,
        signed=walk.signed,
        checkpoints=walk.checkpoints if whole else 0,
        day=walk.header.begun // _DAY,
    )
