"""Whether another server process lives on the same database."""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import TracebackType


class ProcessLock:
    """A lock that every server process holds for as long as it lives; the kernel lets go of it at any death.

    At a start: `alone()`, then free the leases where it says so, then `share()`, and only then take leases.
    A second process that starts meanwhile waits in `alone()` until the first has shared.

    Args:
        path: the lock's file beside the database, by custom its name with `.lock` at the end.

    Raises:
        OSError: the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def alone(self) -> bool:
        """Whether no other process lives here. Until `share()`, none can start either."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._file, fcntl.LOCK_SH)
            return False
        return True

    def share(self) -> None:
        """Let other processes start.

        The kernel may let one of them in for an instant before this one shares. That one believes itself
        alone and frees the leases, of which this one has none yet.
        """
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def close(self) -> None:
        """Let go."""
        self._file.close()

    def __enter__(self) -> ProcessLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
