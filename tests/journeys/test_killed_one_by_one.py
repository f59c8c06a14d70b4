"""Two API processes and two workers on PostgreSQL, killed one after the other while sessions come in."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import new_database, sql
from tests.support.production import KeptAlive, Prepared, Running, command, prepare

CREATE = "/api/v1/sessions/provider/direct"
CUT_OFF = (OSError, http.client.HTTPException, ValueError)
ROUNDS = 3

# Of what may have been paid, all but one question of a session has to be one whose charge nobody knows.
PAID_TWICE = """
    SELECT session_id FROM attempts WHERE charge = 'charged' GROUP BY session_id HAVING count(*) > 1
"""
CHARGES = "SELECT charge, count(*) FROM attempts GROUP BY charge"


@dataclass
class Acknowledged:
    """What the servers said yes to."""

    created: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ending: threading.Event = field(default_factory=threading.Event)

    def create(self, prepared: Prepared, port: int) -> None:
        """Create sessions until told to end; what was cut off was not acknowledged."""
        client = KeptAlive(port, prepared.ready["accessToken"])
        while not self.ending.is_set():
            try:
                created = client.post(CREATE, prepared.body())
            except CUT_OFF:
                client.close()
                continue
            with self.lock:
                self.created.append(created)
            time.sleep(0.005)
        client.close()


@pytest.fixture
def registry() -> Iterator[str]:
    """A simulator by itself, which counts what it was asked."""
    prepared = Prepared(Path(), {}, {})
    with command(prepared, "sandbox", "serve", "--port", "0") as simulator:
        yield str(simulator.ready["registryUrl"])


def kill_one(command: Running, number: int) -> None:
    """Kill a process as a crash does, and wait until another one took its place."""
    before = command.children()
    os.kill(before[number % len(before)], signal.SIGKILL)
    deadline = time.monotonic() + 30
    while len(set(command.children()) - set(before)) < 1 or len(command.children()) < len(before):
        assert time.monotonic() < deadline, "nobody took its place"
        time.sleep(0.02)
    time.sleep(0.3)


def test_every_acknowledged_session_reaches_its_result_and_none_is_paid_twice(
    tmp_path: Path, registry: str
) -> None:
    database = new_database()
    prepared = prepare(tmp_path, {"PADAN_DATABASE": database, "PADAN_SANDBOX_URL": registry})
    load = Acknowledged()
    with (
        command(prepared, "serve", "--no-work", "--workers", "2") as api,
        command(prepared, "work", "--workers", "2") as work,
    ):
        threads = [threading.Thread(target=load.create, args=(prepared, api.port)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for number in range(ROUNDS):
            for one in (work, api):
                kill_one(one, number)
        load.ending.set()
        for thread in threads:
            thread.join(30)
        client = KeptAlive(api.port, prepared.ready["accessToken"])
        told = [client.result(created, seconds=60) for created in load.created]
        client.close()
    assert len(told) > 100
    assert all(one["session"]["success"] for one in told)
    assert all(one["identityData"]["match"]["fullName"]["booleanValue"] for one in told)
    assert sql(database, PAID_TWICE) == []
    charges = {str(charge): int(str(number)) for charge, number in sql(database, CHARGES)}
    with urllib.request.urlopen(f"{registry}/sandbox/count", timeout=10) as answer:
        paid = json.load(answer)["charged"]
    assert charges["charged"] <= paid <= charges["charged"] + charges.get("unknown", 0)
