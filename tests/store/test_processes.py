"""Leases are freed at a start only where no other server process lives."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

from padan.store.processes import ProcessLock

ROOT = Path(__file__).parents[2]

HOLDER = """
import sys, time
from pathlib import Path
from padan.store.processes import ProcessLock
lock = ProcessLock(Path(sys.argv[1]))
print(lock.alone(), flush=True)
lock.share()
print("shared", flush=True)
time.sleep(60)
"""


def test_the_first_process_is_alone_and_the_second_is_not(tmp_path: Path) -> None:
    path = tmp_path / "padan.db.lock"
    with ProcessLock(path) as first:
        assert first.alone() is True
        first.share()
        with ProcessLock(path) as second:
            assert second.alone() is False
        with ProcessLock(path) as third:
            assert third.alone() is False
    with ProcessLock(path) as later:
        assert later.alone() is True


def test_a_process_that_was_killed_counts_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "padan.db.lock"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        assert holder.stdout.readline() == b"shared\n"
        with ProcessLock(path) as lock:
            assert lock.alone() is False
        holder.send_signal(signal.SIGKILL)
    with ProcessLock(path) as lock:
        assert lock.alone() is True


def test_nobody_starts_while_leases_are_being_freed(tmp_path: Path) -> None:
    path = tmp_path / "padan.db.lock"
    answers: list[bool] = []
    with ProcessLock(path) as first, ProcessLock(path) as second:
        assert first.alone()
        waiting = threading.Thread(target=lambda: answers.append(second.alone()))
        waiting.start()
        waiting.join(0.05)
        assert answers == []
        first.share()
        waiting.join(5)
        assert answers == [False]
