"""What a load that goes on takes over from the one before it, and what it does not."""

from __future__ import annotations

from pathlib import Path

from padan.register import Plain
from tests.register.people import HEADER, line, load, loading, looked, nik_of, write

PEOPLE = 300


def people(folder: Path, *, name: str = "SITI NURHALIZA") -> Path:
    return write(folder / "people.csv", HEADER, *(line(number, name=name) for number in range(PEOPLE)))


def everybody_is_there(folder: Path) -> bool:
    return None not in looked(folder, *map(nik_of, range(PEOPLE)))


def test_a_load_in_one_form_does_not_go_on_with_parts_in_the_other(tmp_path: Path) -> None:
    table = people(tmp_path)
    loading(table, tmp_path, open_form=Plain).prepare()
    sealed = loading(table, tmp_path)
    load(sealed, tmp_path)
    assert sealed.resumed == 0
    assert everybody_is_there(tmp_path)
    assert not any(b"NURHALIZA" in file.read_bytes() for file in (tmp_path / "register").iterdir())


def test_a_load_under_another_key_does_not_go_on_with_parts_of_the_first(tmp_path: Path) -> None:
    table = people(tmp_path)
    loading(table, tmp_path).prepare()
    (tmp_path / "keys" / "register.key").unlink()
    again = loading(table, tmp_path)
    load(again, tmp_path)
    assert again.resumed == 0
    assert everybody_is_there(tmp_path)
