"""The key of a sealed register: a load does not make another one unless that is asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.test_register import loaded, padan
from tests.register.people import HEADER, line, nik_of, write
from tests.support.postgres import new_database

LOAD = ("register", "load")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write(tmp_path / "people.csv", HEADER, *map(line, range(10)))


def test_a_load_without_the_key_of_the_register_makes_no_other_one(tmp_path: Path, table: Path) -> None:
    loaded(tmp_path, str(table))
    key = tmp_path / "keys" / "register.key"
    before = key.read_text()
    key.unlink()
    said = padan(tmp_path, *LOAD, str(table), status=1)
    assert "is missing" in said
    assert "--new-key" in said
    assert not key.exists()
    loaded(tmp_path, str(table), "--new-key")
    assert key.read_text() != before
    assert "SITI" in padan(tmp_path, "register", "look", nik_of(1))


def test_a_machine_with_another_key_does_not_end_the_answers_of_the_first(
    tmp_path: Path, table: Path
) -> None:
    url = new_database()
    first, second = tmp_path / "first", tmp_path / "second"
    loaded(first, str(table), register=url)
    assert "is missing" in padan(second, *LOAD, str(table), register=url, status=1)
    loaded(second, str(table))  # a register of its own makes a key of its own
    said = padan(second, *LOAD, str(table), register=url, status=1)
    assert "another key" in said
    assert "--new-key" in said
    assert "SITI" in padan(first, "register", "look", nik_of(1), register=url)
    shutil.copy2(first / "keys" / "register.key", second / "keys" / "register.key")
    loaded(second, str(table), register=url)
    assert "SITI" in padan(first, "register", "look", nik_of(1), register=url)


@pytest.mark.parametrize("options", [("--update",), ("--unsealed",)])
def test_a_new_key_goes_with_a_whole_sealed_load_alone(
    tmp_path: Path, table: Path, options: tuple[str, ...]
) -> None:
    assert "--new-key" in padan(tmp_path, *LOAD, str(table), "--new-key", *options, status=2)


@pytest.mark.parametrize("place", ["folder", "database"])
def test_everybody_is_removed_without_the_key(tmp_path: Path, table: Path, place: str) -> None:
    register = new_database() if place == "database" else str(tmp_path / "register")
    loaded(tmp_path, str(table), register=register)
    (tmp_path / "keys" / "register.key").unlink()
    said = padan(tmp_path, "register", "remove", "--everybody", register=register)
    assert said == "10 people are removed.\n"
    assert "holds nothing yet" in padan(tmp_path, "register", "info", register=register, status=1)
    loaded(tmp_path, str(table), register=register)


def test_a_register_that_is_damaged_can_be_removed(tmp_path: Path, table: Path) -> None:
    loaded(tmp_path, str(table))
    (file,) = (tmp_path / "register").glob("*.lmdb")
    with file.open("r+b") as opened:
        opened.truncate(100)
    said = padan(tmp_path, "register", "remove", "--everybody")
    assert said == "The register is removed; how many people it held could not be read.\n"
    assert list((tmp_path / "register").glob("*.lmdb")) == []
