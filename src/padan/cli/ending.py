"""How a process is told to end, and by whom: its own signals, or the supervisor that started it."""

from __future__ import annotations

import asyncio


class Ending:
    """The end of a process. `asked` is set when it shall begin; `at_once` when it shall be over."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.at_once = asyncio.Event()
        self.alone = True
        """Whether nobody goes on serving at this address after this process."""

    def stop(self) -> None:
        """The whole server ends."""
        self.asked.set()

    def leave(self) -> None:
        """This process ends; others go on at the same address."""
        self.alone = False
        self.asked.set()

    def signalled(self) -> None:
        """A signal: the first asks for the end, the second ends it at once."""
        if self.asked.is_set():
            self.at_once.set()
        self.stop()

    @property
    def draining(self) -> bool:
        """Whether no new request should be sent to this address: the whole server is about to end."""
        return self.asked.is_set() and self.alone
