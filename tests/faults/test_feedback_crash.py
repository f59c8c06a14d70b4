"""A process killed while it tells the registry back: the next one does it, and nothing lies open."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from padan.domain.feedback import FeedbackState
from padan.logs import configure_logs
from padan.settings import Settings
from tests.journeys.test_feedback import (
    counts,
    everything_in,
    prepare,
    registry,
    serve,
    settings_for,
    until_gone,
    verify,
)
from tests.sandbox.simulator import NATION, Client

ROOT = Path(__file__).parents[2]


def towards(port: int, registry_port: int, folder: Path) -> Settings:
    """Settings whose data balikan goes to another port, where nobody answers for a minute."""
    settings = settings_for(Client(registry_port), folder)
    url = f"http://127.0.0.1:{port}/"
    return replace(settings, dukcapil_feedback_url=url, dukcapil_deadline=60.0)


async def live_until_killed(port: int, registry_port: int, folder: Path) -> None:
    configure_logs()  # to standard error, so that the id alone is read
    service = await serve(towards(port, registry_port, folder))
    await service.start()
    await prepare(service)
    await service.live.look()
    print(await verify(service), flush=True)
    await asyncio.sleep(60)


async def live_again(client: Client, folder: Path, session_id: UUID) -> FeedbackState:
    service = await serve(settings_for(client, folder))
    await service.start()
    try:
        return await until_gone(service, session_id)
    finally:
        await service.stop()


def test_a_sending_cut_off_by_a_kill_is_made_by_the_next_process_at_once(tmp_path: Path) -> None:
    with registry() as client, socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        code = (
            "import asyncio, sys\nfrom pathlib import Path\n"
            "from tests.faults import test_feedback_crash as t\n"
            "_, port, registry, folder = sys.argv\n"
            "asyncio.run(t.live_until_killed(int(port), int(registry), Path(folder)))"
        )
        ports = (str(silent.getsockname()[1]), str(client.port))
        command = [sys.executable, "-c", code, *ports, str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            session_id = UUID(process.stdout.readline().strip())
            line, _ = silent.accept()
            with line:
                assert line.recv(4).startswith(b"POST")
                process.send_signal(signal.SIGKILL)
                process.wait(10)
        assert NATION.scenario("match").nik.encode() not in everything_in(tmp_path)
        assert asyncio.run(live_again(client, tmp_path, session_id)) is FeedbackState.SENT
        assert counts(client) == {"taken": 1, "repeated": 0, "invalid": 0, "unauthorized": 0}
