"""Kill a server under load at random moments and look for what it had acknowledged.

A command of its own (`python -m tests.faults.crash --kills 1000 [--postgres]`), and a short version in the
suite.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sqlite3
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.postgres import new_database, sql
from tests.support.server import Server, start

PROVIDER = "indonesia-nik-lookup"
LOAD_THREADS = 4
# A question that was written down is counted in the same transaction, and counted back when it was free.
COUNTED = """
    SELECT (SELECT count(*) FROM attempts WHERE charge <> 'not_charged'),
        (SELECT coalesce(sum(number), 0)::bigint FROM counters WHERE name LIKE 'quota %')
"""


@dataclass
class Ledger:
    """What the server acknowledged: session id to results access key, and which it said were done."""

    keys: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def call(server: Server, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One request as a relying party sends it."""
    request = urllib.request.Request(
        server.url + path,
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {server.ready['accessToken']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        told: dict[str, Any] = json.loads(answer.read())
        return told


def create_until_dead(server: Server, ledger: Ledger) -> None:
    """Create sessions until the connection breaks; what was answered is acknowledged."""
    person = server.person("match")
    body = {
        "provider": PROVIDER,
        "verificationProfileId": server.ready["verificationProfileId"],
        "capabilities": ["PollResult"],
        "providerInput": {PROVIDER: {n: person[n] for n in ("nikIdNumber", "fullName", "dateOfBirth")}},
    }
    while True:
        try:
            created = call(server, "/api/v1/sessions/provider/direct", body)
        except (OSError, ValueError, http.client.HTTPException):
            # Refused, cut off, or cut off in the middle of the answer: not acknowledged.
            return
        with ledger.lock:
            ledger.keys[created["sessionId"]] = created["resultCollection"]["resultsAccessKey"]


@dataclass(frozen=True)
class Place:
    """Where a server keeps what it knows: a folder, and beside it a PostgreSQL database where it has one."""

    folder: Path
    database: str | None = None

    def started(self) -> Server:
        environment = {} if self.database is None else {"PADAN_DATABASE": self.database}
        return start("--data", str(self.folder), environment=environment)

    def integrity(self) -> str:
        """What the database says of itself."""
        if self.database is None:
            return integrity(self.folder)
        ((asked, counted),) = sql(self.database, COUNTED)
        return "ok" if asked == counted else f"{asked} questions in the ledger, {counted} counted"


def one_life(place: Place, ledger: Ledger, moment: float) -> None:
    """Start at the place, load it, kill it after `moment` seconds of load."""
    server = place.started()
    threads = [threading.Thread(target=create_until_dead, args=(server, ledger)) for _ in range(LOAD_THREADS)]
    for thread in threads:
        thread.start()
    time.sleep(moment)
    server.kill()
    for thread in threads:
        thread.join()


def integrity(folder: Path) -> str:
    """What SQLite says of the file."""
    with sqlite3.connect(folder / "padan.db") as connection:
        told = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    connection.close()
    return told


def unfinished(place: Place, ledger: Ledger, *, seconds: float) -> list[str]:
    """Acknowledged sessions that a last server does not bring to their result in time."""
    server = place.started()
    missing = dict(ledger.keys)
    deadline = time.monotonic() + seconds
    try:
        while missing and time.monotonic() < deadline:
            for session_id, key in list(missing.items()):
                told = call(server, f"/api/v1/sessions/{session_id}/results", {"resultsAccessKey": key})
                if told["session"]["success"] and told["identityData"]["match"]["fullName"]["booleanValue"]:
                    del missing[session_id]
    finally:
        server.stop()
    return sorted(missing)


def run(
    kills: int, *, seed: int, seconds: float = 60.0, database: str | None = None
) -> tuple[int, list[str], set[str]]:
    """Kill that many times; returns acknowledged sessions, lost ones, and what integrity checks said.

    On PostgreSQL, what a dead server held is free when its lease runs out: give it more `seconds` than that.
    """
    moments = random.Random(seed)
    ledger, told = Ledger(), set()
    with tempfile.TemporaryDirectory(prefix="padan-crash-") as text:
        place = Place(Path(text), database)
        for _ in range(kills):
            one_life(place, ledger, moments.uniform(0.0, 0.5))
            told.add(place.integrity())
        lost = unfinished(place, ledger, seconds=seconds)
    return len(ledger.keys), lost, told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="over PostgreSQL instead of SQLite")
    options = parser.parse_args()
    database = new_database() if options.postgres else None
    seconds = 60 + options.kills * 2
    acknowledged, lost, told = run(options.kills, seed=options.seed, seconds=seconds, database=database)
    print(
        f"{options.kills} kills, {acknowledged} acknowledged sessions, {len(lost)} lost, "
        f"integrity: {', '.join(sorted(told))}"
    )
    raise SystemExit(1 if lost or told != {"ok"} or not acknowledged else 0)


if __name__ == "__main__":
    main()
