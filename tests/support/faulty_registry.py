"""The sandbox with its line in a process of its own, its faults as quick as tests want them.

Its memory is then not the client's. `python -m tests.support.faulty_registry` prints one JSON object and
serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from padan.sandbox import Nation
from padan.sandbox.dukcapil import SandboxOptions, build_app
from padan.sandbox.faults import LINK_LOCAL, FaultOptions
from padan.sandbox.line import Line, LineSwitch

SLOW_S = 0.1


@dataclass(frozen=True)
class FaultyRegistry:
    """Where it listens, and its side door. The simulator keeps no NIKs; this one counts by them besides."""

    process: subprocess.Popen[str]
    url: str
    line_port: int
    certificate: bytes
    authority: str

    def door(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call of the side door."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            told: dict[str, Any] = json.loads(answer.read())
            return told

    def asked(self) -> dict[str, int]:
        """How many questions arrived whole about each NIK."""
        return dict(self.door("GET", "asked"))

    def took(self) -> dict[str, float]:
        """Seconds that the last answer about each NIK took the simulator itself."""
        return dict(self.door("GET", "took"))


def memory(pid: int | str = "self") -> int:
    """Bytes of memory that a process has now (Linux)."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@contextmanager
def faulty_registry(*, redirect_to: str = LINK_LOCAL) -> Iterator[FaultyRegistry]:
    """A sandbox for a block of code; what redirects it sends lead to `redirect_to`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.faulty_registry", redirect_to],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        yield FaultyRegistry(
            process, ready["url"], ready["line_port"], bytes.fromhex(ready["certificate"]), ready["authority"]
        )
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


class ByNik:
    """The simulator with a count for each NIK, told under `/sandbox/asked`, and what its last answer took.

    That is told under `/sandbox/took`, in seconds from the question's last byte to the answer's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._asked: Counter[str] = Counter()
        self._took: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = {"/sandbox/asked": self._asked, "/sandbox/took": self._took}.get(scope["path"])
        if told is not None:
            await Response(json.dumps(told))(scope, receive, send)
        elif scope["path"].startswith("/dukcapil"):
            arrived: list[tuple[str, float]] = []
            await self._app(scope, self._counting(receive, arrived), send)
            for nik, at in arrived:
                self._took[nik] = time.perf_counter() - at
        else:
            await self._app(scope, receive, send)

    def _counting(self, receive: Receive, arrived: list[tuple[str, float]]) -> Receive:
        body = bytearray()

        async def counting() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            if message["type"] == "http.request" and not message.get("more_body"):
                question = json.loads(bytes(body))
                nik = question.get("NIK") or question["nik"]
                self._asked[nik] += 1
                arrived.append((nik, time.perf_counter()))
            return message

        # A reset needs the server's own transport, and finds it through what this is bound to.
        setattr(counting, "__self__", getattr(receive, "__self__", None))  # noqa: B010
        return counting


async def _serve(redirect_to: str) -> None:
    switch = LineSwitch()
    faults = FaultOptions(slow=SLOW_S, redirect_to=redirect_to)
    app = ByNik(build_app(Nation(), options=SandboxOptions(faults=faults), line=switch))
    config = uvicorn.Config(app, port=0, backlog=4096, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with Line(switch, target=("127.0.0.1", port)) as line:
        ready = {
            "url": f"http://127.0.0.1:{port}",
            "line_port": line.port,
            "certificate": line.certificates.fingerprint.hex(),
            "authority": line.certificates.authority.decode(),
        }
        print(json.dumps(ready), flush=True)
        await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await task


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
