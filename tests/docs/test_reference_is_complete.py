from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer

import padan.app
from padan import names
from padan.cli.credentials import _CREDENTIALS
from padan.cli.main import app
from padan.domain.breaker import FAILURES_UNTIL_OPEN, STALLED_QUESTIONS
from padan.domain.session import ErrorCode
from padan.nik.reasons import MESSAGES
from padan.settings import PREFIX, Settings
from padan.web import problem
from padan.web.api.endpoints import ENDPOINTS, Endpoint
from tests.docs.pages import ROOT, reference, table_cells


def commands(group: Any, *words: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with all its words."""
    if not hasattr(group, "commands"):
        yield " ".join(words), group
        return
    for name, command in group.commands.items():
        yield from commands(command, *words, name)


COMMANDS = dict(commands(typer.main.get_command(app), "padan"))


def section(text: str, command: str) -> str:
    """What a page says of a command: its own section, or its row in a table."""
    own = re.search(rf"^### `{command}`\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL)
    row = re.search(rf"^\| `{command}` .*$", text, re.MULTILINE)
    assert own or row, f"{command} has no section in docs/reference/commands.md"
    return own[1] if own else row[0] if row else ""


@pytest.mark.parametrize("name", [item.name for item in fields(Settings)])
def test_every_setting_stands_in_the_table_by_both_names(name: str) -> None:
    assert {PREFIX + name.upper(), name} <= table_cells(reference("settings.md"))


def test_the_table_names_no_setting_that_is_not_there() -> None:
    known = {PREFIX + item.name.upper() for item in fields(Settings)}
    assert {cell for cell in table_cells(reference("settings.md")) if cell.startswith(PREFIX)} == known


@pytest.mark.parametrize(
    "item", [i for i in fields(Settings) if isinstance(i.default, int | str | float)], ids=lambda i: i.name
)
def test_the_default_of_every_setting_is_told(item: object) -> None:
    name, default = getattr(item, "name", ""), getattr(item, "default", "")
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    assert f"| `{PREFIX}{name.upper()}` | `{name}` | `{shown}` |" in reference("settings.md")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_reference_with_its_options(command: str) -> None:
    said = section(reference("commands.md"), command)
    for parameter in COMMANDS[command].params:
        common = {"--config", "--json"} if said.startswith("| `") else set()
        for option in parameter.opts:
            if option.startswith("--") and option not in common:
                assert f"`{option}" in said, f"{command} {option}"


def test_the_reference_has_no_command_that_is_not_there() -> None:
    headed = re.findall(r"^(?:### |\| )`(padan [\w -]+)`", reference("commands.md"), re.MULTILINE)
    assert set(headed) == set(COMMANDS)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.operation)
def test_every_endpoint_stands_in_the_reference_with_its_queries_and_fields(endpoint: Endpoint) -> None:
    page = reference("api.md")
    assert f"| `{endpoint.method} {endpoint.path}` |" in page
    for name, _ in (*endpoint.query, *endpoint.form):
        assert f"`{name}`" in page


@pytest.mark.parametrize("code", ErrorCode)
def test_every_session_error_code_is_explained(code: ErrorCode) -> None:
    assert f"`{code}`" in reference("errors.md")


def test_the_codes_with_a_row_are_those_that_padan_sets() -> None:
    rows = table_cells(reference("errors.md")) & set(ErrorCode)
    assert rows == _codes_set_in(Path(padan.app.__file__).parents[1])


@pytest.mark.parametrize("status", sorted(problem._SECTIONS))
def test_every_problem_status_is_explained(status: int) -> None:
    assert f"\n| {status} | " in reference("errors.md")


@pytest.mark.parametrize("code", MESSAGES)
@pytest.mark.parametrize("page", ["errors.md", "nik.md"])
def test_every_reason_against_a_nik_is_explained(page: str, code: str) -> None:
    assert code in table_cells(reference(page))


@pytest.mark.parametrize("code", names.MESSAGES)
def test_every_reason_of_names_is_explained(code: str) -> None:
    assert code in table_cells(reference("names.md"))


@pytest.mark.parametrize("item", [*names.DEFAULT.words, *names.DEFAULT.names])
def test_every_feature_and_rule_of_the_model_stands_with_its_handling_and_cost(
    item: names.Feature | names.Rule,
) -> None:
    told = [line for line in reference("names.md").splitlines() if line.startswith(f"| `{item.code}` |")]
    assert any(f"| {item.handling} | {item.cost or ''} |" in line for line in told)


def _codes_set_in(package: Path) -> set[ErrorCode]:
    """The codes that any module names as `ErrorCode.…`."""
    texts = [file.read_text("utf-8") for file in package.rglob("*.py")]
    return {ErrorCode[name] for text in texts for name in re.findall(r"\bErrorCode\.([A-Z_]+)", text)}


@pytest.mark.parametrize("state", ["not activated", "not yet valid", "expired", "suspended"])
def test_every_state_of_an_agreement_that_refuses_is_told_with_the_403(state: str) -> None:
    [row] = re.findall(r"^\| 403 \| .*$", reference("errors.md"), re.MULTILINE)
    assert state in row


def test_the_configuration_of_live_is_one_that_live_starts_with() -> None:
    page = (ROOT / "docs" / "how-to" / "connect-your-dukcapil-agreement.md").read_text("utf-8")
    step = page.split("\n## 3. Configure\n")[1].split("\n## ")[0]
    [block] = re.findall(r"```sh\n(.*?)```", step, re.DOTALL)
    given = {line.partition("=")[0] for line in block.splitlines()}
    assert given >= {PREFIX + name.upper() for name in (*_CREDENTIALS, "dukcapil_certificate")}
    assert "PADAN_DUKCAPIL_UNPINNED=accept" in step


def test_the_page_says_how_many_questions_the_breaker_needs() -> None:
    assert (FAILURES_UNTIL_OPEN, STALLED_QUESTIONS) == (3, 3)
    assert "within five seconds where at least three questions" in reference("registry-rules.md")
