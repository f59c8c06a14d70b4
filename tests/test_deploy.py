"""What stands in `deploy/` fits what is there: units that systemd takes, commands and settings that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import typer
import yaml  # type: ignore[import-untyped]

from padan.cli.main import app
from padan.settings import PREFIX, Settings

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


def is_command(words: list[str]) -> bool:
    """Whether these words, options apart, are a command of Padan's with such options."""
    found = typer.main.get_command(app)
    options = [word for word in words if word.startswith("--")]
    for word in words:
        if hasattr(found, "commands") and word in found.commands:
            found = found.commands[word]
    known = {option for parameter in found.params for option in parameter.opts}
    return not hasattr(found, "commands") and set(options) <= known


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_finds_nothing_wrong_in_the_units(tmp_path: Path) -> None:
    program = shutil.which("true")
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/padan/.venv/bin/padan", str(program))
        (tmp_path / unit.name).write_text(text)
    checked = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda u: u.name)
def test_a_service_runs_a_command_and_reloads_by_the_signal_for_it(unit: Path) -> None:
    text = unit.read_text("utf-8")
    [words] = re.findall(r"^ExecStart=\S+/padan (.*)$", text, re.MULTILINE)
    assert is_command(words.split())
    assert "ExecReload=/bin/kill -HUP $MAINPID" in text
    for line in ("Type=notify", "NoNewPrivileges=yes", "ProtectSystem=strict", "LimitCORE=0", "UMask=0077"):
        assert f"\n{line}\n" in text


def test_the_compose_example_runs_commands_with_settings_that_exist() -> None:
    compose = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text("utf-8"))
    services = compose["services"]
    known = {PREFIX + item.name.upper() for item in fields(Settings)}
    for name in ("api-1", "api-2", "work-1", "work-2", "sandbox"):
        assert is_command(services[name]["command"]), name
    for service in services.values():
        given = {key for key in service.get("environment", {}) if key.startswith(PREFIX)}
        assert given <= known
    assert services["api-1"]["volumes"][:1] == ["keys-api:/keys:ro"]
    assert services["work-1"]["volumes"][:1] == ["keys-work:/keys:ro"]


def test_the_image_runs_without_root_over_dependencies_that_are_pinned() -> None:
    text = (DEPLOY / "container" / "Containerfile").read_text("utf-8")
    last = text.split("\nFROM ")[-1]
    assert "\nUSER 10001" in last
    assert "\nSTOPSIGNAL SIGTERM\n" in last
    assert "/live" in last
    assert "--require-hashes -r requirements/run.txt" in text
