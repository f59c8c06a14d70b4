"""`padan register load` where the options, the disk or the table are not what they should be."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.test_register import loaded, padan
from tests.register.people import HEADER, line, nik_of, write
from tests.support.postgres import new_database

LOAD = ("register", "load")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write(tmp_path / "people.csv", HEADER, *map(line, range(100)))


def test_a_folder_for_the_work_keeps_what_was_in_it(tmp_path: Path, table: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    others = ("checkpoint", "000000.run", "thesis.txt")
    for name in others:
        (own / name).write_text("keep me")
    loaded(tmp_path, str(table), "--work", str(own))
    assert {path.name for path in own.iterdir()} == {*others, "padan-register-loading"}
    assert [(own / name).read_text() for name in others] == ["keep me"] * 3


@pytest.mark.parametrize("place", ["people.csv", "/proc/x"])
def test_a_folder_for_the_work_that_cannot_be_one_is_told(tmp_path: Path, table: Path, place: str) -> None:
    said = padan(tmp_path, *LOAD, str(table), "--work", str(tmp_path / place), status=1)
    assert "cannot be the folder of a load" in said
    assert "--work" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("extra", [(), ("x,y",)], ids=["no bad row", "a bad row"])
def test_the_table_is_not_taken_for_the_file_of_its_bad_rows(tmp_path: Path, extra: tuple[str, ...]) -> None:
    table = write(tmp_path / "people.csv", HEADER, line(1), line(2), *extra)
    before = table.read_bytes()
    said = padan(tmp_path, *LOAD, str(table), "--rejects", str(table), status=1)
    assert "is no file of bad rows, and is left alone" in said
    assert table.read_bytes() == before


@pytest.mark.parametrize("place", ["pipe", "pipe/x", "/proc/x", "people.csv/x"])
def test_bad_rows_that_cannot_be_told_are_one_sentence_and_an_event(
    tmp_path: Path, table: Path, place: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    said = padan(tmp_path, *LOAD, str(table), "--rejects", str(tmp_path / place), status=1)
    assert "--rejects" in said
    assert said.count("\n") == 1
    assert '"refused"' in padan(tmp_path, "audit", "export", "--json")
    assert "holds nothing yet" in padan(tmp_path, "register", "look", nik_of(1), status=3)


@pytest.mark.parametrize(
    "source",
    [
        "postgres://u:SECRET@h/db",
        "POSTGRESQL://u:SECRET@h/db",
        "https://u:SECRET@h/p.csv",
        "postgresql://u:SECRET@h:x/db",
    ],
)
def test_a_url_that_is_no_source_is_refused_without_its_password(tmp_path: Path, source: str) -> None:
    said = padan(tmp_path, *LOAD, source, status=1 if source.startswith("postgresql:") else 2)
    assert "SECRET" not in said
    assert "postgresql://USER:PASSWORD@HOST:PORT/DATABASE" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("command", [("info",), ("look", nik_of(1)), ("remove", nik_of(1))])
@pytest.mark.parametrize("place", ["folder", "database"])
def test_a_register_that_holds_nothing_says_where_it_is(
    tmp_path: Path, command: tuple[str, ...], place: str
) -> None:
    url = new_database()
    parts = urlsplit(url)
    with_password = (
        f"postgresql://{parts.username}:SECRET@{parts.hostname}:{parts.port}{parts.path}?application_name=x"
    )
    register = with_password if place == "database" else str(tmp_path / "there")
    said = padan(tmp_path, "register", *command, register=register, status=3 if "look" in command else 1)
    shown = f"{parts.hostname}:{parts.port}{parts.path}" if place == "database" else str(tmp_path / "there")
    assert shown in said
    assert "PADAN_REGISTER" in said
    assert "SECRET" not in said
