"""`padan dev` as users start it: another process, found by what it prints."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PADAN = str(Path(sys.executable).with_name("padan"))


@dataclass(frozen=True)
class Server:
    """A running `padan dev`."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.ready["baseUrl"])

    def person(self, scenario: str) -> dict[str, str]:
        return next(person for person in self.ready["people"] if person["scenario"] == scenario)

    def kill(self) -> None:
        """End the whole process group at once, as a crash does, where it has not ended itself."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        _close(self.process)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        _close(self.process)
        return status


def start(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    program: Sequence[str] = (PADAN,),
) -> Server:
    """Start `padan dev --port 0 --json` and wait until it is ready."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    with (log or Path(os.devnull)).open("ab") as errors:
        process = subprocess.Popen(
            [*program, "dev", "--port", "0", "--json", *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**clean, **(environment or {})},
            start_new_session=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait(10)
        _close(process)
        raise AssertionError(f"padan dev ended with status {process.returncode} and said nothing")
    return Server(process, json.loads(line))


@contextmanager
def running(
    *arguments: str, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[Server]:
    """A server for a block of code."""
    server = start(*arguments, environment=environment, log=log)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()
        else:
            _close(server.process)


def _close(process: subprocess.Popen[str]) -> None:
    if process.stdout is not None:
        process.stdout.close()
