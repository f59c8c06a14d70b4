"""A bell that every process over one SQLite file hears: a folder of sockets beside the file, one a listener.

It is a hint and no more. Who missed it finds the session by its row at the next look; where no socket can
be made, the bell rings in its own process alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from padan.store.bell import Bell

_STROKE = b"\0"
_ENOUGH = 64
"""Strokes that are read at once: any number of them says the same."""


class FileBell(Bell):
    """Rings in every process that waits at the same database.

    Args:
        path: of the database; the sockets lie in a folder of the same name with `.bells` at its end.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._folder = path.with_name(path.name + ".bells")
        self._listening: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._name = ""
        self._ringing: asyncio.Handle | None = None
        self._deaf = False

    def ring(self) -> None:
        """Tell everybody; who rings meanwhile shares the stroke."""
        super().ring()
        if self._ringing is None:
            self._ringing = asyncio.get_running_loop().call_soon(self._strike)

    async def wait(self, seconds: float) -> None:
        """Return when it rang, in whatever process, at the latest after so many seconds."""
        if self._listening is None and not self._deaf:
            self._listen()
        await super().wait(seconds)

    def close(self) -> None:
        """Stop listening, and take the socket away."""
        if self._ringing is not None:
            self._ringing.cancel()
            self._strike()
        if self._listening is None or self._loop is None:
            return
        self._loop.remove_reader(self._listening)
        self._listening.close()
        self._listening = None
        with contextlib.suppress(OSError):
            (self._folder / self._name).unlink()

    def _listen(self) -> None:
        own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        name = f"{os.getpid()}-{os.urandom(6).hex()}"
        try:
            # Who may ring decides when workers look: the folder belongs to who owns the database.
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with _short(self._folder) as folder:
                own.bind(f"{folder}/{name}")
        except OSError:
            own.close()
            self._deaf = True
            return
        self._name, self._listening, self._loop = name, own, asyncio.get_running_loop()
        self._loop.add_reader(own, self._heard)

    def _heard(self) -> None:
        if self._listening is None:
            return
        with contextlib.suppress(OSError):
            for _ in range(_ENOUGH):
                self._listening.recv(1)
        super().ring()

    def _strike(self) -> None:
        self._ringing = None
        with (
            contextlib.suppress(OSError),
            _short(self._folder) as folder,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as mouth,
        ):
            for name in os.listdir(folder):
                if name != self._name:
                    _strike_one(mouth, f"{folder}/{name}")


def _strike_one(mouth: socket.socket, path: str) -> None:
    try:
        mouth.sendto(_STROKE, path)
    except ConnectionRefusedError:
        # Who listened there was killed.
        with contextlib.suppress(OSError):
            os.unlink(path)
    except OSError:
        # Full of strokes that were not heard yet, or just gone: either is told, or has nothing to be told.
        return


@contextlib.contextmanager
def _short(folder: Path) -> Iterator[str]:
    """A name of the folder that a socket's address has room for: those take about a hundred bytes."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
