"""Listening sockets of our own, so that a free port is known before anyone is told.

A socket that a supervisor or systemd holds outlives the processes that serve on it: whoever connects while
one is replaced waits in its queue, and is refused by nobody.
"""

from __future__ import annotations

import os
import socket
from types import TracebackType
from typing import Self

BACKLOG = 2048
_FIRST_OF_SYSTEMD = 3


class Listener:
    """A listening socket; `with` closes it here, and with it in nobody else."""

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
        except OSError:
            bound.close()
            raise
        bound.listen(BACKLOG)
        self._hold(bound)

    @classmethod
    def inherited(cls, descriptor: int) -> Self:
        """The socket that another process bound and handed on."""
        listener = cls.__new__(cls)
        os.set_inheritable(descriptor, False)
        listener._hold(socket.socket(fileno=descriptor))
        return listener

    @classmethod
    def of(cls, host: str, port: int) -> Self:
        """The socket that systemd holds for this process, where there is one; else a new one.

        Raises OSError where it cannot be bound.
        """
        # https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
        handed = os.environ.get("LISTEN_FDS", "0") != "0"
        if handed and os.environ.get("LISTEN_PID") == str(os.getpid()):
            return cls.inherited(_FIRST_OF_SYSTEMD)
        return cls(host, port)

    def _hold(self, bound: socket.socket) -> None:
        self.socket = bound
        name = bound.getsockname()
        if bound.family == socket.AF_UNIX:
            raise OSError(0, "a socket of the file system is not served; listen on a port")
        host: str = name[0]
        self.port: int = name[1]
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host)  # noqa: S104
        self.url = f"http://{shown or (f'[{host}]' if ':' in host else host)}:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()
