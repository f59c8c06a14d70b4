"""What systemd is told: sd_notify, in a few lines of our own.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"
OURS = ("NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_USEC", "WATCHDOG_PID")
"""Variables that are meant for the process that systemd started, and for none that it starts itself."""


def notify(*words: str) -> None:
    """Tell systemd, where it started this process and listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
        # Whoever should listen and does not must not hold this process up.
        mouth.settimeout(1.0)
        mouth.sendto("\n".join(words).encode(), address.replace("@", "\0", 1))


def reloading() -> None:
    """Fresh processes are being started; `READY` says when that is over."""
    notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


async def keep_watchdog() -> None:
    """Say again and again that the event loop answers, at half the time after which systemd gives up."""
    within = os.environ.get("WATCHDOG_USEC", "")
    if not within.isdigit() or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return
    while True:
        notify(ALIVE)
        await asyncio.sleep(int(within) / 2_000_000)
