"""Restarts under load: no request fails, and no session is lost."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trinsic_api

from tests.support.production import KeptAlive, Prepared, Running, command, prepare
from tests.support.sdk import nik_input
from tests.support.server import PADAN

PROVIDER = "indonesia-nik-lookup"


@dataclass
class Load:
    """Relying parties at work: what they got, and what went wrong."""

    verified: int = 0
    failures: list[str] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, one: Callable[[], bool], pause: float) -> None:
        """Verify again and again; whatever is raised is a failed request or a lost session."""
        while not self.ending.is_set():
            try:
                succeeded = one()
            except Exception as error:
                with self.lock:
                    self.failures.append(f"{type(error).__name__}: {error}"[:300])
                return
            with self.lock:
                self.verified += 1
                if not succeeded:
                    self.failures.append("no success")
            time.sleep(pause)


def raw_client(prepared: Prepared, port: int, stack: ExitStack) -> Callable[[], bool]:
    client = KeptAlive(port, prepared.ready["accessToken"])
    stack.callback(client.close)
    return lambda: bool(client.verify(prepared.body())["session"]["success"])


def sdk_client(prepared: Prepared, port: int, stack: ExitStack) -> Callable[[], bool]:
    configuration = trinsic_api.Configuration(
        host=f"http://127.0.0.1:{port}", access_token=prepared.ready["accessToken"]
    )
    configuration.retries = False
    api = trinsic_api.ApiClient(configuration)
    stack.callback(api.rest_client.pool_manager.clear)
    sessions = trinsic_api.SessionsApi(api)
    request = trinsic_api.CreateDirectProviderSessionRequest(
        provider=PROVIDER,
        verification_profile_id=prepared.ready["verificationProfileId"],
        capabilities=[trinsic_api.IntegrationCapability.POLLRESULT],
        provider_input=nik_input(prepared.person()),
    )

    def one() -> bool:
        created = sessions.create_direct_provider_session(request)
        key = created.result_collection.results_access_key
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            answer = sessions.get_session_result(
                created.session_id, trinsic_api.GetSessionResultRequest(results_access_key=key)
            )
            if answer.session.done:
                return bool(answer.session.success)
            time.sleep(0.01)
        raise AssertionError("no result")

    return one


@contextmanager
def loaded(prepared: Prepared, port: int) -> Iterator[Load]:
    """Kept connections of three kinds: busy ones, some that pause for a while, and the official SDK's."""
    load = Load()
    with ExitStack() as stack:
        clients = [(raw_client(prepared, port, stack), 0.01) for _ in range(3)]
        clients += [(raw_client(prepared, port, stack), 1.5) for _ in range(3)]
        clients += [(sdk_client(prepared, port, stack), 0.01) for _ in range(2)]
        threads = [threading.Thread(target=load.work, args=client) for client in clients]
        for thread in threads:
            thread.start()
        try:
            yield load
        finally:
            load.ending.set()
            for thread in threads:
                thread.join(60)


def until(true: Callable[[], Any], *, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def renew(server: Running, before: set[int]) -> None:
    """A rolling restart, until all of the old processes are gone."""
    server.signal(signal.SIGHUP)
    until(lambda: not before & set(server.children('"serve"')), seconds=50)
    until(lambda: len(server.children('"serve"')) == len(before))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("restarts"))


def test_three_rolling_restarts_fail_no_request_and_lose_no_session(prepared: Prepared) -> None:
    with command(prepared, "serve", "--workers", "2") as server:
        seen = set(server.children('"serve"'))
        with loaded(prepared, server.port) as load:
            for _ in range(3):
                time.sleep(0.5)
                renew(server, set(server.children('"serve"')))
                seen |= set(server.children('"serve"'))
        assert load.failures == []
        assert load.verified > 50
        assert len(seen) == 8
        assert server.stop() == 0


START_WITH_SOCKET = """
import os, sys
held = int(sys.argv[1])
os.dup2(held, 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_and_a_start_over_a_socket_that_is_held_fail_no_request(
    prepared: Prepared, workers: str, tmp_path: Path
) -> None:
    """As under a socket unit of systemd: the listener stays while nobody serves."""
    script = tmp_path / "started_with_socket"
    script.write_text(
        f"#!{sys.executable}\nimport os, sys\nsys.argv[1:1] = [os.environ['HELD'], {PADAN!r}]\n"
        + START_WITH_SOCKET
    )
    script.chmod(0o700)
    with socket.create_server(("127.0.0.1", 0), backlog=200) as held:
        os.set_inheritable(held.fileno(), True)
        options: dict[str, Any] = {
            "pass_fds": [held.fileno()],
            "environment": {"HELD": str(held.fileno())},
            "executable": str(script),
        }
        port = held.getsockname()[1]
        with loaded(prepared, port) as load:
            for _ in range(2):
                with command(prepared, "serve", "--workers", workers, **options) as server:
                    assert server.port == port
                    time.sleep(1.0)
                    before = load.verified
                    assert server.stop() == 0
                    assert before
                time.sleep(0.3)
            with command(prepared, "serve", **options):
                before = load.verified
                until(lambda: load.verified > before + 20)
                load.ending.set()
                until(lambda: threading.active_count() == 1)
    assert load.failures == []
