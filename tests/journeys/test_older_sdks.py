"""SDKs that relying parties still run: 3.0.1 to 3.2.0, each with its own shapes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import Server, running

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as ready:
        yield ready


@pytest.mark.parametrize("version", ["3.0.1", "3.1.0", "3.2.0"])
def test_an_older_sdk_verifies_a_person(server: Server, version: str) -> None:
    sdk = ROOT / ".venv" / "sdk" / version
    assert (sdk / "trinsic_api").is_dir(), f"{sdk} is missing: 'make test' installs it"
    done = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("older_sdk.py")),
            server.url,
            server.ready["accessToken"],
            server.ready["verificationProfileId"],
            json.dumps(server.person("match")),
        ],
        env={**os.environ, "PYTHONPATH": str(sdk)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["success"]
    assert told["name"]
    assert "sessionId=" in told["launchUrl"]
    assert (told["widget"] is not None) == (version == "3.0.1")
    assert told["providers"] == ["indonesia-nik-lookup"]
