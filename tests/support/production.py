"""`padan serve` and `padan work` as operators start them, over a folder and a database that are prepared."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.server import PADAN, running

PROVIDER = "indonesia-nik-lookup"


@dataclass(frozen=True)
class Prepared:
    """A folder with keys and a database in which an environment, a token and a profile are."""

    folder: Path
    environment: dict[str, str]
    ready: dict[str, Any]

    def person(self, scenario: str = "match") -> dict[str, str]:
        return next(person for person in self.ready["people"] if person["scenario"] == scenario)

    def body(self, scenario: str = "match") -> dict[str, Any]:
        """Of a direct session."""
        person = self.person(scenario)
        return {
            "provider": PROVIDER,
            "verificationProfileId": self.ready["verificationProfileId"],
            "capabilities": ["PollResult"],
            "providerInput": {PROVIDER: {n: person[n] for n in ("nikIdNumber", "fullName", "dateOfBirth")}},
        }


def prepare(folder: Path, environment: Mapping[str, str] | None = None) -> Prepared:
    """What `padan dev` makes for itself serves in production as well."""
    with running("--data", str(folder), environment=environment) as server:
        ready = server.ready
        assert server.stop() == 0
    return Prepared(folder, {"PADAN_DATA": str(folder), "PADAN_PORT": "0", **(environment or {})}, ready)


@dataclass
class Running:
    """A command that runs until it is stopped."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]

    @property
    def port(self) -> int:
        return int(urlsplit(self.ready["baseUrl"]).port or 0)

    def children(self, word: str = "") -> list[int]:
        """The processes that it keeps and whose orders have this word in them, oldest first."""
        try:
            listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        except FileNotFoundError:
            return []
        pids = [int(pid) for pid in listed.split()]
        return [pid for pid in pids if word in _orders(pid)]

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.process.wait(40)


def _orders(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
    except OSError:
        return ""


def environment_of(prepared: Prepared, **more: str) -> dict[str, str]:
    """The variables of a command over it, and none of this process's own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    return {**clean, **prepared.environment, **more}


@contextmanager
def command(prepared: Prepared, *words: str, log: Path | None = None, **options: Any) -> Iterator[Running]:
    """`padan WORDS --json`, ready; what is still there at the end is killed."""
    environment = environment_of(prepared, **options.pop("environment", {}))
    with (log or Path(os.devnull)).open("ab") as errors:
        process = subprocess.Popen(
            [PADAN, *words, "--json"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
            start_new_session=True,
            **options,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, f"padan {' '.join(words)} ended with status {process.wait(10)} and said nothing"
        yield Running(process, json.loads(line))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        process.stdout.close()


class KeptAlive:
    """A relying party with one connection that it keeps, and no second try for anything."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One request; whoever was told `Connection: close` opens another for the next."""
        self._connection.request("POST", path, json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        told = answer.read()
        assert answer.status == 200, (answer.status, told)
        read: dict[str, Any] = json.loads(told)
        return read

    def verify(self, body: Mapping[str, Any], *, seconds: float = 30.0) -> dict[str, Any]:
        """Create a session and poll it to its end."""
        created = self.post("/api/v1/sessions/provider/direct", body)
        return self.result(created, seconds=seconds)

    def result(self, created: Mapping[str, Any], *, seconds: float = 30.0) -> dict[str, Any]:
        """Poll a session to its end."""
        key = {"resultsAccessKey": created["resultCollection"]["resultsAccessKey"]}
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            told = self.post(f"/api/v1/sessions/{created['sessionId']}/results", key)
            if told["session"]["done"]:
                return told
            time.sleep(0.01)
        raise AssertionError(f"session {created['sessionId']} has no result after {seconds} s")

    def close(self) -> None:
        self._connection.close()
