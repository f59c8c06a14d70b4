"""A process that is killed while it writes: what it acknowledged stands, and nothing looks like tampering."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from padan.app.ports import AuditUnavailable
from padan.audit import Verifier
from tests.audit.logs import KEY, chain, event, opened, verify

PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.audit.logs import event, opened

async def work():
    log = opened(Path(sys.argv[1]))
    async def one(first):
        for number in range(first, 10**9, 16):
            log.note(event(number, "done"))
            await log.record(event(number))
            print(number, flush=True)
    await asyncio.gather(*(one(first) for first in range(16)))

asyncio.run(work())
"""


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.7])
def test_what_was_acknowledged_before_a_kill_stands(tmp_path: Path, seconds: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = [process.stdout.readline()]
    time.sleep(seconds)
    process.kill()
    told += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    verifier = Verifier(tmp_path, KEY.public)
    stands = {int(str(e.subject).replace("-", ""), 16) for e in verifier.events() if e.outcome == "opened"}
    assert verifier.report.problems == []
    assert "killed" in verifier.report.notes[0]
    # The last line may have been cut by the kill as well.
    assert {int(line) for line in told if line.endswith("\n")} <= stands


def test_a_server_on_a_full_disk_withholds_and_heals(tmp_path: Path) -> None:
    """On a real file that may not grow: RLIMIT_FSIZE refuses as a full disk does."""
    program = """
import asyncio, resource, signal, sys
from pathlib import Path
from tests.audit.logs import event, opened
from padan.app.ports import AuditUnavailable

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
async def work():
    reports = []
    log = opened(Path(sys.argv[1]), reports)
    await log.record(event(1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, resource.RLIM_INFINITY))
    refused = 0
    for number in range(2, 40):
        try:
            await log.record(event(number))
        except AuditUnavailable:
            refused += 1
    log.note(event(40, "done"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    while True:
        try:
            log.require()
            break
        except AuditUnavailable:
            await asyncio.sleep(0.05)
    await log.record(event(41))
    await log.close()
    assert refused > 20, refused
    assert reports == [("audit", "unavailable"), ("audit", "healed")], reports
asyncio.run(work())
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, timeout=30)
    verifier = Verifier(tmp_path, KEY.public)
    outcomes = [e.outcome for e in verifier.events()]
    assert (verifier.report.problems, verifier.report.notes) == ([], [])
    assert outcomes[-3:] == ["withheld", "done", "opened"]
    assert outcomes.count("withheld") == 1


def test_a_log_that_cannot_be_begun_says_so(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("a file, not a folder")

    async def work() -> None:
        opened(tmp_path / "audit")

    with pytest.raises(AuditUnavailable, match="check the disk"):
        asyncio.run(work())


def test_a_chain_that_is_being_written_is_told_apart_from_one_that_was_killed(tmp_path: Path) -> None:
    log = chain(tmp_path)
    log.begin(0)
    log.write([event(1)], now=0, sign=True)
    assert verify(tmp_path).notes == []
    log.leave()
    assert len(verify(tmp_path).notes) == 1
    assert os.listdir(tmp_path) == ["one.00000.audit"]
