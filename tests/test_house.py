"""The house rules that a program can check: sizes, calls, imports, words."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "padan"
MODULES = sorted(SOURCE.rglob("*.py"))

LONGEST_FILE, LONGEST_FUNCTION, MOST_PARAMETERS, MOST_POSITIONAL = 400, 40, 6, 2
# What a function works with rather than on, as `self` is: it does not count among a call's first two.
CONTEXT = frozenset({"self", "cls", "ports"})

# Calls whose three parts belong together in this order; a new one needs a reason as good.
THREE_IN_A_ROW = frozenset(
    {
        "app.ports.vaults.seal_result",  # to whom, under what, what: as HPKE writes it
        "vault.worker_side.seal_result",
        "main.tracing.seal_result",
        "store.rules.check_change",  # before, after, attempt: as the port writes it
        "sandbox.answers.answer",
        "sandbox.fault_people.fault_of",  # the parts of a NIK, in its order
        "sandbox.fault_people.nik_of",
        "sandbox.names.full_name",
        "sandbox.scenarios.find_scenario",
    }
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[tuple[str, Function]]:
    """Every function of a module, with its place as a reader finds it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, Function):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def every_function() -> list[tuple[str, Function]]:
    return [found for path in MODULES for found in functions(path)]


def parameters(function: Function) -> list[str]:
    spec = function.args
    names = [item.arg for item in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    return [name for name in names if name not in {"self", "cls"}]


def public_calls() -> Iterator[tuple[str, Function]]:
    """Functions and methods that others call: what is nested follows the signature of who calls it."""
    for path in MODULES:
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        tree = ast.parse(path.read_text("utf-8"))
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        for node in (*tree.body, *(item for found in classes for item in found.body)):
            if isinstance(node, Function) and not node.name.startswith("_"):
                yield f"{module}.{node.name}", node


def is_command(function: Function) -> bool:
    """Whether it is a command: its parameters are the options of a command line, not a call."""
    return any(
        "command" in ast.unparse(item) or "callback" in ast.unparse(item) for item in function.decorator_list
    )


def tracked() -> list[Path]:
    """The files of the repository, without this one, which has to name what it forbids."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file() and path != Path(__file__)]


def test_a_file_has_at_most_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): size
        for path in MODULES
        if (size := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_a_function_has_at_most_40_lines() -> None:
    long = {
        where: size
        for where, node in every_function()
        if (size := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_a_call_has_at_most_six_parameters() -> None:
    many = {
        where: parameters(node)
        for where, node in every_function()
        if len(parameters(node)) > MOST_PARAMETERS and not is_command(node)
    }
    assert many == {}


def test_public_functions_take_what_follows_the_second_parameter_by_keyword() -> None:
    positional = {}
    for where, node in public_calls():
        names = [item.arg for item in (*node.args.posonlyargs, *node.args.args)]
        own = [name for name in names if name not in CONTEXT]
        if len(own) > MOST_POSITIONAL and not where.startswith("cli.") and where not in THREE_IN_A_ROW:
            positional[where] = own
    assert positional == {}


def test_the_library_prints_nothing_and_only_commands_speak() -> None:
    printing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if "cli" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


def test_every_public_thing_says_what_it_is_for() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef | Function)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert silent == []


def test_the_rooms_import_one_another_as_the_design_says() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


FORBIDDEN = ("/work/", "studio", "assistant", "pypi.org", "pythonhosted", "npmjs")


@pytest.mark.parametrize("word", FORBIDDEN)
def test_the_project_speaks_of_the_project_alone(word: str) -> None:
    speaking = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if word in line.lower()
    ]
    assert speaking == []
