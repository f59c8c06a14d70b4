"""One process of a server, as its supervisor sees it; and the line between the two.

The line is a pair of sockets. The process writes `ready` with an object, and `alive` every few seconds; it
reads `stop` or `leave`. Its end without a word means that the other one died.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Self

from padan.cli.ending import Ending
from padan.cli.listening import Listener
from padan.cli.systemd import OURS

STOP, LEAVE = b"stop\n", b"leave\n"
ALIVE_EVERY = 5.0
SILENT_AFTER = 60.0
"""Seconds without a sign of life after which a process counts as stuck and is killed."""


class Child:
    """A process that serves, works, or is the simulator. `ended` is set when it has."""

    def __init__(self, process: asyncio.subprocess.Process, line: socket.socket, *, owner: str) -> None:
        self.owner = owner
        self.told: dict[str, Any] = {}
        self.ready = asyncio.Event()
        self.ended = asyncio.Event()
        self.started_at = self._heard_at = asyncio.get_running_loop().time()
        self._process = process
        self._line = line
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._wait())]

    @classmethod
    async def start(cls, orders: Mapping[str, Any], *, listener: Listener | None, owner: str) -> Self:
        """Start a fresh interpreter, so that it runs the code and the settings that are there now."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        passed = [theirs.fileno(), *([listener.socket.fileno()] if listener is not None else [])]
        told = {**orders, "owner": owner, "line": passed[0], "listener": passed[1] if passed[1:] else None}
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "padan.cli.process", json.dumps(told)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=passed,
                env=environment,
            )
        return cls(process, ours, owner=owner)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def status(self) -> int:
        """With what it ended: an exit status, or a signal as a negative number."""
        return self._process.returncode or 0

    @property
    def silent(self) -> bool:
        """Whether it was ready once and gives no sign of life any more."""
        quiet = asyncio.get_running_loop().time() - self._heard_at
        return self.ready.is_set() and not self.ended.is_set() and quiet > SILENT_AFTER

    async def ready_or_ended(self) -> bool:
        """Whether it is ready; False where it ended before."""
        waits = [asyncio.create_task(event.wait()) for event in (self.ready, self.ended)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()
        return self.ready.is_set() and not self.ended.is_set()

    def tell(self, word: bytes) -> None:
        """Send `STOP` or `LEAVE`; who has ended hears nothing."""
        with contextlib.suppress(OSError):
            self._line.send(word)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if not self.ended.is_set():
            self._process.kill()

    async def _listen(self) -> None:
        loop, text = asyncio.get_running_loop(), b""
        with contextlib.suppress(OSError):
            while heard := await loop.sock_recv(self._line, 4096):
                self._heard_at = loop.time()
                *lines, text = (text + heard).split(b"\n")
                for line in lines:
                    if line.startswith(b"ready "):
                        self.told = json.loads(line.removeprefix(b"ready "))
                        self.ready.set()

    async def _wait(self) -> None:
        await self._process.wait()
        self._tasks[0].cancel()
        self._line.close()
        self.ended.set()


class ToSupervisor:
    """The other end of the line, in the process itself."""

    def __init__(self, descriptor: int, ending: Ending) -> None:
        os.set_inheritable(descriptor, False)
        self._line = socket.socket(fileno=descriptor)
        self._line.setblocking(False)
        self._ending = ending

    def ready(self, told: Mapping[str, Any]) -> None:
        """It serves."""
        self._say(b"ready " + json.dumps(told).encode() + b"\n")

    async def listen(self) -> None:
        """Do as it says, until this process ends. Whose supervisor died has nobody to replace it: it ends."""
        with contextlib.suppress(OSError):
            while heard := await asyncio.get_running_loop().sock_recv(self._line, 64):
                if LEAVE in heard:
                    self._ending.leave()
                if STOP in heard:
                    self._ending.stop()
        self._ending.stop()

    async def live(self) -> None:
        """Give signs of life for as long as the event loop answers."""
        while True:
            await asyncio.sleep(ALIVE_EVERY)
            self._say(b"alive\n")

    def _say(self, words: bytes) -> None:
        with contextlib.suppress(OSError):
            self._line.send(words)
