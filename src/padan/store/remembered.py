"""What was read of the directory, kept for as long as nobody changed it, in whatever process.

Every request asks for a token, every session for a profile, and they hardly ever change. The number of the
directory's version grows in the transaction of each change, so to compare it is as good as to read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from padan.store.connections import Reader

T = TypeVar("T")

MOST = 10_000
"""Things that are remembered; with more, all are forgotten, so that strangers' tokens fill no memory."""

_VERSION = "SELECT number FROM directory_version"


class Remembered:
    """Things of the directory by a key of the caller's."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._version: int | None = None
        self._compared = False
        self._known: dict[Hashable, Any] = {}

    def get(self, key: Hashable, load: Callable[[], T]) -> T:
        """The thing of that key: remembered, or else loaded. Raises StoreUnavailable."""
        if not self._compared:
            self._compare()
        if key in self._known:
            known: T = self._known[key]
            return known
        loaded = self._known[key] = load()
        return loaded

    def _compare(self) -> None:
        """Forget everything where the version is another; once in a turn of the event loop is enough."""
        version = self._reader.rows(_VERSION)[0][0]
        if version != self._version or len(self._known) >= MOST:
            # What is loaded from here on is at least as new as the version.
            self._version, self._known = version, {}
        self._until_the_turn_ends()

    def _until_the_turn_ends(self) -> None:
        self._compared = True
        asyncio.get_running_loop().call_soon(self._turn_ended)

    def _turn_ended(self) -> None:
        self._compared = False
