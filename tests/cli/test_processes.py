"""`--workers`, `padan work` and `--no-work`: processes that are kept, told apart by their keys, and ended."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import Cluster
from tests.support.production import KeptAlive, Prepared, command, environment_of, prepare
from tests.support.server import PADAN

ROOT, WORKER = "root.keys", "worker.keys"


def until(true: Callable[[], Any], *, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def health(url: str, path: str = "/ready") -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url + path, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def failed(prepared: Prepared, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PADAN, *words],
        env=environment_of(prepared, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("processes"))


@pytest.fixture
def own(prepared: Prepared, tmp_path: Path) -> Prepared:
    """A copy whose files a test may spoil."""
    folder = tmp_path / "own"
    shutil.copytree(prepared.folder, folder, ignore=shutil.ignore_patterns("*.bells"))
    return Prepared(folder, {"PADAN_DATA": str(folder), "PADAN_PORT": "0"}, prepared.ready)


def without(prepared: Prepared, name: str, folder: Path) -> dict[str, str]:
    """The keys but one, in a folder of their own."""
    shutil.copytree(prepared.folder / "keys", folder)
    (folder / name).unlink()
    return {"PADAN_KEYS": str(folder)}


def test_a_process_that_was_killed_is_replaced_and_one_simulator_serves_all(prepared: Prepared) -> None:
    with command(prepared, "serve", "--workers", "2") as server:
        first, second = server.children('"serve"')
        [simulator] = server.children('"sandbox"')
        os.kill(first, signal.SIGKILL)
        until(lambda: len(server.children('"serve"')) == 2 and first not in server.children('"serve"'))
        assert second in server.children('"serve"')
        os.kill(simulator, signal.SIGKILL)
        until(lambda: server.children('"sandbox"') not in ([], [simulator]))
        client = KeptAlive(server.port, prepared.ready["accessToken"])
        assert client.verify(prepared.body())["session"]["success"]
        client.close()
        assert server.stop() == 0


def test_processes_end_with_a_supervisor_that_was_killed(prepared: Prepared) -> None:
    with command(prepared, "serve", "--workers", "2") as server:
        children = server.children()
        assert len(children) == 3
        os.kill(server.process.pid, signal.SIGKILL)
        until(lambda: not any(_lives(pid) for pid in children))


def _lives(pid: int) -> bool:
    try:
        return "padan" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("words", [("serve",), ("serve", "--no-work"), ("work",)])
def test_what_cannot_start_ends_at_once_and_says_why(own: Prepared, words: tuple[str, ...]) -> None:
    for name in (ROOT, WORKER):
        (own.folder / "keys" / name).chmod(0o644)
    ended = failed(own, *words, "--workers", "2")
    assert ended.returncode == 1
    assert "has mode 0644 instead of 0600" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_renewal_with_wrong_settings_leaves_the_old_processes_where_they_are(
    own: Prepared, tmp_path: Path
) -> None:
    config, log = tmp_path / "padan.toml", tmp_path / "log"
    config.write_text("concurrency = 8\n")
    with command(own, "serve", "--workers", "2", "--config", str(config), log=log) as server:
        before = server.children('"serve"')
        config.write_text("concurrency = 0\n")
        server.signal(signal.SIGHUP)
        until(lambda: "not_renewed" in log.read_text())
        assert server.children('"serve"') == before
        assert "concurrency in" in log.read_text()
        assert health(server.ready["baseUrl"])[0] == 200
        assert server.stop() == 0


def test_api_and_workers_run_with_half_of_the_keys_each(prepared: Prepared, tmp_path: Path) -> None:
    api_keys = without(prepared, WORKER, tmp_path / "api")
    work_keys = without(prepared, ROOT, tmp_path / "work")
    with (
        command(prepared, "serve", "--no-work", environment=api_keys) as api,
        command(prepared, "work", environment=work_keys),
    ):
        client = KeptAlive(api.port, prepared.ready["accessToken"])
        for _ in range(5):
            assert client.verify(prepared.body())["session"]["success"]
        client.close()
    assert failed(prepared, "serve", **api_keys).returncode == 1
    assert failed(prepared, "serve", "--no-work", **work_keys).returncode == 1
    assert failed(prepared, "work", **api_keys).returncode == 1


def test_what_is_accepted_waits_for_a_worker_elsewhere(prepared: Prepared) -> None:
    with command(prepared, "serve", environment={"PADAN_WORK": "elsewhere"}) as api:
        client = KeptAlive(api.port, prepared.ready["accessToken"])
        created = client.post("/api/v1/sessions/provider/direct", prepared.body())
        time.sleep(0.5)
        key = {"resultsAccessKey": created["resultCollection"]["resultsAccessKey"]}
        told = client.post(f"/api/v1/sessions/{created['sessionId']}/results", key)
        assert not told["session"]["done"]
        with command(prepared, "work"):
            assert client.result(created)["session"]["success"]
        client.close()


def test_readiness_says_what_is_missing_and_liveness_does_not_care(own: Prepared) -> None:
    with command(own, "serve") as server:
        url = server.ready["baseUrl"]
        good = {"ready": True, "store": "ok", "migrations": "ok", "draining": False}
        assert health(url) == (200, good)
        _set_version(own.folder / "padan.db", 9_999)
        until(lambda: health(url)[0] == 503)
        assert health(url)[1] == {**good, "ready": False, "migrations": "other"}
        assert health(url, "/live") == (200, {"live": True})


def _set_version(database: Path, number: int) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"PRAGMA user_version = {number}")


def test_who_was_told_to_stop_says_so_and_still_accepts_while_it_was_asked_to(prepared: Prepared) -> None:
    with command(prepared, "serve", environment={"PADAN_DRAIN_NOTICE": "2"}) as server:
        url = server.ready["baseUrl"]
        server.signal(signal.SIGTERM)
        until(lambda: health(url)[0] == 503)
        assert health(url)[1]["draining"] is True
        client = KeptAlive(server.port, prepared.ready["accessToken"])
        assert client.verify(prepared.body())["session"]["success"]
        client.close()
        assert server.process.wait(20) == 0


def test_a_worker_answers_for_its_health_and_for_nothing_else(prepared: Prepared) -> None:
    with command(prepared, "work", "--health-port", "0") as work:
        url = work.ready["healthUrl"]
        assert health(url)[0] == 200
        assert health(url, "/live") == (200, {"live": True})
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            urllib.request.urlopen(f"{url}/api/v1/providers", timeout=5)
        refused.value.close()


def test_a_question_that_does_not_end_in_time_is_given_back(own: Prepared, tmp_path: Path) -> None:
    with command(own, "sandbox", "serve", "--port", "0") as simulator:
        registry = simulator.ready["registryUrl"]
        slow = {"nik": own.person()["nikIdNumber"], "fault": "very_slow"}
        request = urllib.request.Request(f"{registry}/sandbox/scenario", json.dumps(slow).encode())
        urllib.request.urlopen(request, timeout=5).close()
        environment = {"PADAN_SANDBOX_URL": registry, "PADAN_DUKCAPIL_DEADLINE": "60"}
        with command(own, "serve", environment=environment) as server:
            client = KeptAlive(server.port, own.ready["accessToken"])
            client.post("/api/v1/sessions/provider/direct", own.body())
            client.close()
            until(lambda: _leases(own.folder / "padan.db") == [("asking", True)])
            assert server.stop() == 0
    assert _leases(own.folder / "padan.db") == [("asking", False)]


def _leases(database: Path) -> list[tuple[str, bool]]:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT state, lease_owner FROM sessions WHERE state <> 'succeeded'")
        return [(state, owner is not None) for state, owner in rows]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_systemd_is_told_of_the_start_the_reload_the_end_and_of_life(
    prepared: Prepared, tmp_path: Path, workers: str
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"}
        with command(prepared, "serve", "--workers", workers, environment=told) as server:
            wait_for(systemd, "READY=1")
            wait_for(systemd, "WATCHDOG=1")
            if workers == "2":
                server.signal(signal.SIGHUP)
                wait_for(systemd, "RELOADING=1")
                wait_for(systemd, "READY=1")
            server.signal(signal.SIGTERM)
            wait_for(systemd, "STOPPING=1")
            assert server.process.wait(40) == 0


def wait_for(systemd: socket.socket, word: str) -> None:
    while word not in systemd.recv(4096).decode().splitlines():
        pass


def test_readiness_comes_back_with_the_database(tmp_path: Path) -> None:
    cluster = Cluster()
    try:
        prepared = prepare(tmp_path, {"PADAN_DATABASE": cluster.url})
        with command(prepared, "serve") as server:
            url = server.ready["baseUrl"]
            assert health(url)[0] == 200
            cluster.stop("immediate")
            until(lambda: health(url)[0] == 503)
            assert health(url)[1]["store"] == "unavailable"
            assert health(url, "/live")[0] == 200
            cluster.start()
            until(lambda: health(url)[0] == 200)
    finally:
        cluster.remove()
