"""The processes that are measured: how they are started, pinned and read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PADAN = str(Path(sys.executable).with_name("padan"))


@dataclass(frozen=True)
class Measured:
    """A running process and what it said when it was ready."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]
    started_within: float

    @property
    def port(self) -> int:
        return int(str(self.ready["baseUrl"]).rpartition(":")[2])

    def cpu(self) -> float:
        """Seconds of processor time so far, of all its threads (Linux: the process's own clock)."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory(self) -> int:
        """Resident bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def running(
    *arguments: str, environment: Mapping[str, str] | None = None, core: int | None = None
) -> Iterator[Measured]:
    """A Python program for a block of code; it prints one line of JSON when it is ready.

    Args:
        arguments: what comes after `python`.
        environment: beside the process's own, whose `PADAN_` variables it does not get.
        core: the processor core it is pinned to, where there is more than one.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**clean, **(environment or {})},
    )
    pin(process.pid, core)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(arguments)} ended with status {process.wait()}")
        yield Measured(process, json.loads(line), time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def pin(pid: int, core: int | None) -> None:
    """Keep a process on one core, so that what else is measured has the others."""
    cores = sorted(os.sched_getaffinity(0))
    if core is not None and len(cores) > 1:
        os.sched_setaffinity(pid, {cores[core % len(cores)]})


def steal() -> float:
    """Seconds that the machine's host has taken from all cores since it started."""
    fields: Sequence[str] = Path("/proc/stat").read_text("ascii").splitlines()[0].split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")
