from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, blocks, links, pages, shown
from tests.support.server import running

PADAN = str(Path(sys.executable).with_name("padan"))
QUICK_START = ROOT / "examples" / "quickstart.py"
SHOWN = [(page, command, output) for page in pages() for command, output in shown(page)]


def named(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else ""


@pytest.mark.parametrize("page", pages(), ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link} has no such heading"


def test_every_page_can_be_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in seen and page.suffix == ".md":
            seen.add(page)
            targets = [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
            waiting += [target for target in targets if target.is_file()]
    assert {page for page in pages() if page.is_relative_to(ROOT / "docs")} <= seen


@pytest.mark.parametrize(("page", "command", "output"), SHOWN, ids=named)
def test_every_command_that_is_shown_answers_as_shown(page: Path, command: str, output: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    program, *arguments = shlex.split(command)
    assert program == "padan"
    ran = subprocess.run(
        [PADAN, *arguments], capture_output=True, text=True, env=clean, timeout=30, check=False
    )
    assert ran.stdout + ran.stderr == output


def test_the_quick_start_is_the_text_of_the_example() -> None:
    text = QUICK_START.read_text("utf-8")
    core = text.split("# quick start: begin\n")[1].split("# quick start: end\n")[0]
    assert [core.strip()] == [block.strip() for block in blocks(ROOT / "README.md", "python")]


def test_the_quick_start_runs() -> None:
    with running() as server:
        known = [server.ready[name] for name in ("baseUrl", "accessToken", "verificationProfileId")]
        for scenario, status in (("match", 0), ("name_mismatch", 1), ("html", 3)):
            person = server.person(scenario)
            claim = [person[name] for name in ("nikIdNumber", "fullName", "dateOfBirth")]
            ran = subprocess.run([sys.executable, str(QUICK_START), *known, *claim], timeout=30, check=False)
            assert ran.returncode == status
