"""`padan audit`: commands write themselves down, and what was changed is found."""

from __future__ import annotations

import getpass
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import typer

from padan.audit.log import MOST_KEPT
from padan.cli.main import app
from padan.web.api.endpoints import ENDPOINTS
from tests.docs.pages import reference, table_cells
from tests.support.server import PADAN, start

SOURCE = Path(__file__).parents[2] / "src" / "padan"


def padan(data: Path, *words: str, status: int = 0, **changes: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    environment = {**clean, "PADAN_DATA": str(data), **changes}
    done = subprocess.run([PADAN, *words], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == status, done.stderr
    return done.stdout


def events(data: Path, *options: str) -> list[dict[str, object]]:
    printed = [json.loads(line) for line in padan(data, "audit", "export", "--json", *options).splitlines()]
    assert list(printed[-1]) == ["anchor"]
    return printed[:-1]


def test_commands_that_change_something_or_read_sessions_write_themselves_down(tmp_path: Path) -> None:
    made = json.loads(padan(tmp_path, "environment", "create", "Bank Contoh", "--json"))
    token = json.loads(padan(tmp_path, "token", "create", "till", "--json"))
    padan(tmp_path, "environment", "create", "Bank Contoh", status=1)
    padan(tmp_path, "token", "list")
    padan(tmp_path, "token", "revoke", token["id"])
    padan(tmp_path, "cost", "report")
    stand = [(e["actor"], e["action"], e["subject"], e["outcome"]) for e in events(tmp_path)]
    me = f"operator:{getpass.getuser()}"
    assert stand == [
        (me, "environment.create", made["id"], "done"),
        (me, "token.create", token["id"], "done"),
        (me, "environment.create", None, "refused"),
        (me, "token.revoke", token["id"], "done"),
        (me, "cost.report", None, "done"),
        (me, "audit.export", None, "done"),
    ]
    assert token["accessToken"] not in "".join(p.read_text() for p in (tmp_path / "audit").glob("*.audit"))


def test_a_command_whose_event_cannot_be_written_gives_nothing_out(tmp_path: Path) -> None:
    padan(tmp_path, "environment", "create", "Bank Contoh")
    (tmp_path / "keys" / "audit.key").unlink()
    assert padan(tmp_path, "token", "create", "till", "--json", status=1) == ""


def test_a_changed_log_is_found_and_so_is_a_cut_by_an_anchor(tmp_path: Path) -> None:
    padan(tmp_path, "environment", "create", "Bank Contoh")
    padan(tmp_path, "token", "create", "till")
    anchor = tmp_path / "anchor"
    anchor.write_text(padan(tmp_path, "audit", "verify", "--json"))
    [path] = (tmp_path / "audit").glob("*.audit")
    whole = path.read_bytes()
    padan(tmp_path, "audit", "verify", "--anchor", str(anchor))
    path.write_bytes(whole.replace(b"token.create", b"token.revoke"))
    assert "CHANGED" in padan(tmp_path, "audit", "verify", status=1)
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:4]))
    padan(tmp_path, "audit", "verify")
    assert "anchor" in padan(tmp_path, "audit", "verify", "--anchor", str(anchor), status=1)


def test_a_copy_of_the_log_is_verified_elsewhere_with_the_public_key_alone(tmp_path: Path) -> None:
    padan(tmp_path / "here", "environment", "create", "Bank Contoh")
    log, key = tmp_path / "here" / "audit", tmp_path / "here" / "keys" / "audit.pub"
    words = ("audit", "verify", "--log", str(log), "--key", str(key))
    assert "Nothing shows a change" in padan(tmp_path / "there", *words)


def test_events_are_told_from_and_up_to_an_instant(tmp_path: Path) -> None:
    padan(tmp_path, "environment", "create", "Bank Contoh")
    assert len(events(tmp_path, "--since", "2020-01-01")) == 2
    assert events(tmp_path, "--until", "2020-01-01") == []
    padan(tmp_path, "audit", "export", "--since", "yesterday", status=2)


def test_a_killed_server_leaves_a_log_that_verifies_and_old_segments_go(tmp_path: Path) -> None:
    server = start("--data", str(tmp_path))
    server.kill()
    assert "its process was killed" in padan(tmp_path, "audit", "verify")
    server = start("--data", str(tmp_path))
    running = json.loads(padan(tmp_path, "audit", "verify", "--json"))
    assert (running["intact"], len(running["notes"]), running["chains"]) == (True, 1, 2)
    removed = json.loads(padan(tmp_path, "audit", "prune", "--before", "2999-01-01", "--json"))
    assert removed == {"removed": 1}
    assert server.stop() == 0
    after = json.loads(padan(tmp_path, "audit", "verify", "--json"))
    assert (after["intact"], after["notes"]) == (True, [])
    assert [e["action"] for e in events(tmp_path)][-2:] == ["stop", "audit.export"]


def actions() -> set[str]:
    """Every action that the sources name, but the operations of the API."""
    texts = "\n".join(file.read_text("utf-8") for file in SOURCE.rglob("*.py"))
    named = set(re.findall(r'action="([a-z.-]+)"', texts))
    named |= set(re.findall(r'write_down(?:_or_stop)?\(\s*settings, "([a-z.-]+)"', texts))
    named |= {"provider.resume", "provider.suspend"}
    named |= set(re.findall(r'"(?:worker|server|nobody)",\s*"([a-z.]+)"', texts))
    return named | {"audit.prune.segment"}


def test_the_reference_names_every_action_and_no_other() -> None:
    page = reference("audit.md")
    operations = {endpoint.operation for endpoint in ENDPOINTS}
    assert operations >= {"GetSessionResult", "RedactSession"}
    pages = {"launch.show", "launch.send", "page.show", "page.send"}
    rows = re.findall(r"^\| ((?:`[a-z.-]+`(?:, )?)+) \|", page.split("| Action |")[1], re.MULTILINE)
    assert {word for row in rows for word in re.findall(r"`([a-z.-]+)`", row)} == actions() | pages
    assert f"{MOST_KEPT:,}" in page


def test_every_command_that_changes_something_names_its_action() -> None:
    reading = {
        "list",
        "show",
        "info",
        "verify",
        "export",
        "people",
        "serve",
        "nik",
        "compare",
        "doctor",
        "dev",
    }
    named = actions()
    groups = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for group, commands in groups.items():
        for name in getattr(commands, "commands", {}):
            if name not in reading and group not in {"sandbox", "audit", "names"}:
                assert f"{group}.{name}" in named, f"{group} {name}"


@pytest.mark.parametrize(
    "field", ["at", "actor", "environmentId", "tokenId", "action", "subject", "outcome", "count"]
)
def test_every_field_of_an_event_is_explained(field: str) -> None:
    assert field in table_cells(reference("audit.md"))
