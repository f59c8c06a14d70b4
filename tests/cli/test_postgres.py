"""The commands over PostgreSQL: prepare, check, keep environments there, and never show the password."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.postgres import new_database
from tests.support.server import PADAN


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    parts = urlsplit(new_database())
    user, _, host = parts.netloc.rpartition("@")
    # A server that trusts its own machine takes any password.
    secret = parts._replace(netloc=f"{user}@{host}" if parts.password else f"{user}:canary@{host}").geturl()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    return {**clean, "PADAN_DATABASE": secret, "PADAN_DATA": str(tmp_path), "PADAN_PORT": "0"}


def padan(environment: dict[str, str], *words: str) -> tuple[int, list[dict[str, object]], str]:
    """Status, the objects printed, and everything said."""
    done = subprocess.run(
        [PADAN, *words, "--json"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done.returncode, lines, done.stdout + done.stderr


def test_a_database_is_prepared_checked_and_used(environment: dict[str, str], tmp_path: Path) -> None:
    status, before, said = padan(environment, "doctor")
    assert status == 1
    assert "padan migrate" in said
    status, [done], more = padan(environment, "migrate")
    assert status == 0
    assert str(done["database"]).startswith("postgresql://")
    status, checks, rest = padan(environment, "doctor")
    assert {str(check["check"]): check["ok"] for check in checks}["database"] is True
    assert padan(environment, "environment", "create", "Bank Contoh")[0] == 0
    status, [listed], last = padan(environment, "environment", "list")
    assert listed["organisation"] == "Bank Contoh"
    assert "canary" not in said + more + rest + last
    assert before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["audit", "keys"]


def test_a_server_that_is_not_there_is_named_with_the_setting_and_without_the_password(
    environment: dict[str, str],
) -> None:
    away = {**environment, "PADAN_DATABASE": "postgresql://padan:canary@127.0.0.1:1/padan"}
    for words in (("migrate",), ("environment", "list"), ("doctor",), ("dev", "--port", "0")):
        status, _, said = padan(away, *words)
        assert status == 1
        assert "unavailable" in said
        assert "canary" not in said
