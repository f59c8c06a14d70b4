"""A backup made while a server serves, put back: what was redacted since stays unreadable."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import urllib.error
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_several_servers import create, result
from tests.support.postgres import new_database, sql
from tests.support.relying_party import call
from tests.support.server import PADAN, Server, running


def padan(data: Path, *words: str, **more: str) -> tuple[int, dict[str, Any], str]:
    """Status, the object printed, and what was said besides."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    done = subprocess.run(
        [PADAN, *words, "--json"],
        env={**clean, "PADAN_DATA": str(data), **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def redact(server: Server, created: dict[str, Any]) -> None:
    with suppress(json.JSONDecodeError):
        # It answers without a body.
        call(server, f"/api/v1/sessions/{created['sessionId']}/redact", {})


def sealed(data: Path, created: dict[str, Any]) -> bytes:
    """What lies sealed of a session in the database's file."""
    with closing(sqlite3.connect(data / "padan.db")) as connection:
        (packed,) = connection.execute(
            "SELECT c.packed FROM sessions AS s JOIN contents AS c ON c.seq = s.contents WHERE hex(s.id) = ?",
            (created["sessionId"].replace("-", "").upper(),),
        ).fetchone()
    return bytes(packed).rstrip(b"\0")


def test_a_restore_brings_back_everything_but_what_was_redacted_since(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "copy.db"
    with running("--data", str(data)) as server:
        kept, gone = create(server), create(server, "not_found")
        told = result(server, kept)
        result(server, gone)
        secret = sealed(data, gone)
        assert padan(data, "backup", str(file))[0] == 0
        redact(server, gone)
        later = create(server)
        result(server, later)
        status, _, said = padan(data, "restore", str(file))
        assert (status, "stop it first" in said) == (1, True)
        server.stop()
    assert secret in file.read_bytes()
    status, done, said = padan(data, "restore", str(file))
    assert (status, done["redactedAgain"]) == (0, 1), said
    restored = [one for one in data.glob("padan.db*") if "before" not in one.name and one.is_file()]
    assert secret not in b"".join(one.read_bytes() for one in restored)
    assert Path(done["keptAside"]).exists()
    assert (data / "padan.db").stat().st_mode & 0o777 == 0o600
    assert not list(data.glob("*restoring*"))
    with running("--data", str(data)) as server:
        assert result(server, kept) == told
        for lost in (gone, later):
            with pytest.raises(urllib.error.HTTPError) as refused:
                result(server, lost)
            assert refused.value.code in {400, 403, 404}
            refused.value.close()


def test_a_restore_elsewhere_asks_for_what_was_redacted_since(tmp_path: Path) -> None:
    data, elsewhere, file = tmp_path / "data", tmp_path / "elsewhere", tmp_path / "copy.db"
    with running("--data", str(data)) as server:
        gone = create(server)
        result(server, gone)
        secret = sealed(data, gone)
        assert padan(data, "backup", str(file))[0] == 0
        redact(server, gone)
        server.stop()
    status, _, said = padan(elsewhere, "restore", str(file))
    assert (status, "--redactions" in said) == (1, True)
    assert not (elsewhere / "padan.db").exists()
    status, done, said = padan(elsewhere, "restore", str(file), "--redactions", str(data / "redactions"))
    assert (status, done["redactedAgain"], done["keptAside"]) == (0, 1, None), said
    assert secret not in (elsewhere / "padan.db").read_bytes()
    status, done, said = padan(tmp_path / "third", "restore", str(file), "--without-redactions")
    assert (status, done["redactedAgain"]) == (0, 0), said


def test_what_is_no_backup_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "redactions").mkdir()
    (tmp_path / "text").write_text("no database" * 1_000)
    assert padan(tmp_path, "restore", str(tmp_path / "text"))[0] == 1
    assert padan(tmp_path, "restore", str(tmp_path / "none"))[0] == 1
    assert padan(tmp_path, "restore")[0] == 2
    assert padan(tmp_path, "backup", str(tmp_path / "copy"))[0] == 1
    assert not (tmp_path / "padan.db").exists()


def test_over_postgres_a_replay_redacts_again_what_a_restored_database_holds(tmp_path: Path) -> None:
    database = {"PADAN_DATABASE": new_database()}
    with running("--data", str(tmp_path), environment=database) as server:
        gone = create(server)
        result(server, gone)
        url = database["PADAN_DATABASE"]
        sql(url, "CREATE TABLE dumped AS SELECT * FROM sessions; SELECT 1")
        redact(server, gone)
        server.stop()
    columns = "contents, redacted_at, revision"
    restored = ", ".join(f"{column} = d.{column}" for column in columns.split(", "))
    sql(url, f"UPDATE sessions AS s SET {restored} FROM dumped AS d WHERE d.id = s.id RETURNING 1")  # noqa: S608
    assert sql(url, "SELECT count(*) FROM sessions WHERE redacted_at IS NULL") == [(1,)]
    status, done, said = padan(tmp_path, "restore", "--replay", **database)
    assert (status, done["redactedAgain"]) == (0, 1), said
    assert sql(url, "SELECT count(*) FROM sessions WHERE redacted_at IS NULL") == [(0,)]
    status, _, said = padan(tmp_path, "backup", str(tmp_path / "copy"), **database)
    assert (status, "PostgreSQL" in said) == (1, True)
