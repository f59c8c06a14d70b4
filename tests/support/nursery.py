"""Starts servers in a tenth of a second: a process that has read all code and forks a `padan dev` when told.

What is forked is a `padan dev` from its command line on; only the reading of its code is shared. Commands
and answers are JSON, one a line: `python -m tests.support.nursery`.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

READY_WITHIN_S = 60.0


@dataclass(frozen=True)
class Child:
    """A server that was forked. `ready` is what it printed."""

    pid: int
    ready: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.ready["baseUrl"])


class Nursery:
    """The process that forks; `with` ends it, and whatever it left alive."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def start(
        self, *arguments: str, environment: Mapping[str, str], within: float = READY_WITHIN_S
    ) -> Child | None:
        """A server that is ready; None where it was not within so many seconds, and was killed."""
        command = ["dev", "--port", "0", "--json", *arguments]
        told = self._ask(do="start", arguments=command, environment=dict(environment), within=within)
        if not told["line"]:
            return None
        return Child(told["pid"], json.loads(told["line"]))

    def kill(self, child: Child) -> None:
        """End its whole process group at once."""
        self._ask(do="end", pid=child.pid, signal=int(signal.SIGKILL))

    def stop(self, child: Child) -> int:
        """Ask it to end, and wait; its status."""
        return int(self._ask(do="end", pid=child.pid, signal=int(signal.SIGTERM))["status"])

    def _ask(self, **command: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def _become(command: dict[str, Any], out: int) -> None:
    """The child: a `padan` of that command line, until its end."""
    os.setsid()
    os.dup2(out, 1)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.closerange(3, 256)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    os.environ.clear()
    os.environ.update({**kept, **command["environment"]})
    sys.argv = ["padan", *command["arguments"]]
    from padan.cli.main import run

    run()


def _fork(command: dict[str, Any]) -> dict[str, Any]:
    ours, its = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            _become(command, its)
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            os._exit(status)
    os.close(its)
    with open(ours, "rb", buffering=0) as said:
        in_time = select.select([said], [], [], command["within"])[0]
        line = said.readline() if in_time else b""
    if not line:
        _end(pid, signal.SIGKILL)
    return {"pid": pid, "line": line.decode()}


def _end(pid: int, number: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        # A child that was forked just now may not lead a group of its own yet.
        (os.killpg if os.getpgid(pid) == pid else os.kill)(pid, number)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _serve() -> None:
    # What `padan dev` reads on its way, so that children have it.
    import padan.cli.dev
    import padan.cli.main
    import padan.cli.serving
    import padan.main
    import padan.sandbox.dukcapil
    import padan.store.postgres
    import padan.store.sqlite
    import padan.web.app

    assert padan
    alive: set[int] = set()
    for text in sys.stdin:
        command = json.loads(text)
        if command["do"] == "start":
            answer = _fork(command)
            if answer["line"]:
                alive.add(answer["pid"])
        else:
            answer = {"status": _end(command["pid"], command["signal"])}
            alive.discard(command["pid"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in alive:
        _end(pid, signal.SIGKILL)


if __name__ == "__main__":
    _serve()
