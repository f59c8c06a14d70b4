"""What the tests in the browser bring along is pinned by hash and names no host."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.support.chromium import EXECUTABLE

HERE = Path(__file__).parent


def read(name: str) -> Any:
    return json.loads((HERE / name).read_text("utf-8"))


def test_every_package_is_pinned_exactly() -> None:
    wanted = read("package.json")["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    locked = read("package-lock.json")["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_every_package_has_a_hash_and_none_an_address() -> None:
    packages = {name: package for name, package in read("package-lock.json")["packages"].items() if name}
    assert len(packages) > 3
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_what_is_installed_is_what_is_locked() -> None:
    installed = read("node_modules/.package-lock.json")["packages"]
    assert installed == {
        name: package for name, package in read("package-lock.json")["packages"].items() if name in installed
    }
    for name in read("package.json")["devDependencies"]:
        assert f"node_modules/{name}" in installed


def test_the_browser_is_debians() -> None:
    assert Path(EXECUTABLE).is_file()
