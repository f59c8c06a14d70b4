"""A running simulator, and a client that speaks plain HTTP to it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import http.client
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from padan.sandbox import Nation
from padan.sandbox.dukcapil import SandboxCredentials, build_app
from padan.sandbox.line import Line, LineSwitch

NATION = Nation()
CREDENTIALS = {"USER_ID": "sandbox", "PASSWORD": "sandbox", "IP_USER": "127.0.0.1"}
CUSTOMER = SandboxCredentials().customer


@dataclass
class Clock:
    now: datetime.datetime = datetime.datetime(2026, 3, 1, 9, 0, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.now


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def content(self) -> dict[str, str]:
        (only,) = self.json["content"]
        assert isinstance(only, dict)
        return only

    @property
    def code(self) -> str | None:
        return self.content.get("RESPONSE_CODE")


@dataclass
class Client:
    port: int
    open_requests: Callable[[], int] = field(default=lambda: 0)
    """How many requests the server has not finished with."""

    @staticmethod
    def encoded(body: dict[str, Any]) -> bytes:
        return json.dumps(body).encode()

    def send(
        self, method: str, path: str, body: bytes | dict[str, Any] | None = None, *, wait: float = 10
    ) -> Reply:
        data = self.encoded(body) if isinstance(body, dict) else body
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=wait)
        try:
            line.request(method, path, data, {"Content-Type": "application/json"})
            answer = line.getresponse()
            headers = {key.lower(): value for key, value in answer.getheaders()}
            return Reply(answer.status, headers, answer.read())
        finally:
            line.close()

    def verify(self, *, wait: float = 10, **fields: object) -> Reply:
        path = f"/dukcapil/get_json/{CUSTOMER}/CALL_VERIFY_BY_ELEMEN"
        return self.send("POST", path, {"TRESHOLD": "80", **CREDENTIALS, **fields}, wait=wait)

    def record(self, nik: str) -> Reply:
        body = {"nik": nik, "user_id": "sandbox", "password": "sandbox", "ip_user": "127.0.0.1"}
        return self.send("POST", f"/dukcapil/get_json/{CUSTOMER}/CALL_NIK", body)


@contextlib.asynccontextmanager
async def line_before_a_simulator() -> AsyncIterator[tuple[Line, Client]]:
    """A line in this event loop, the simulator behind it, and the simulator's own client."""
    switch = LineSwitch()
    config = uvicorn.Config(
        build_app(NATION, line=switch), port=0, log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with Line(switch, target=("127.0.0.1", port)) as line:
            yield line, Client(port)
    finally:
        server.should_exit = True
        await task


@contextlib.contextmanager
def serving(app: ASGIApp) -> Iterator[Client]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield Client(server.servers[0].sockets[0].getsockname()[1], lambda: len(server.server_state.tasks))
    finally:
        server.should_exit = True
        thread.join(10)
