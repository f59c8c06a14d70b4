from __future__ import annotations

import subprocess
import sys


def test_a_faulty_registry_is_answered_as_documented_in_time_in_bounded_memory_and_counted_once() -> None:
    # In a process of its own, so that its memory is not that of the other tests.
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.registry", "--answers", "400"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
