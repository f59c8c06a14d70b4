"""What a load that goes on takes over from the one before it, and what it does not."""

from __future__ import annotations

from pathlib import Path

from padan.register import Plain
from tests.register.people import HEADER, line, load, loading, looked, nik_of, update, write

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


def test_an_update_leaves_the_parts_of_an_interrupted_load_alone(tmp_path: Path) -> None:
    load(loading(write(tmp_path / "first.csv", HEADER, line(1)), tmp_path), tmp_path)
    table = people(tmp_path)
    loading(table, tmp_path).prepare()
    update(loading(write(tmp_path / "changes.csv", HEADER, line(2, name="CHANGED")), tmp_path), tmp_path)
    again = loading(table, tmp_path)
    load(again, tmp_path)
    assert again.resumed == len(again.source.parts())
    assert everybody_is_there(tmp_path)


def test_a_part_that_is_not_what_it_was_is_read_again(tmp_path: Path) -> None:
    table = people(tmp_path)
    loading(table, tmp_path).prepare()
    (tmp_path / "work" / "000000.run").write_bytes(b"")
    (tmp_path / "work" / "000001.refused").unlink()
    again = loading(table, tmp_path)
    load(again, tmp_path)
    assert again.resumed == len(again.source.parts()) - 2
    assert everybody_is_there(tmp_path)


def test_a_load_removes_no_file_but_its_own(tmp_path: Path) -> None:
    (tmp_path / "work" / "thesis").mkdir(parents=True)
    others = ("thesis/chapter.txt", "notes.txt", "training.run", "checkpoint.old", "0.refused")
    for name in others:
        (tmp_path / "work" / name).write_text("keep me")
    load(loading(people(tmp_path), tmp_path), tmp_path)
    left = {str(path.relative_to(tmp_path / "work")) for path in (tmp_path / "work").rglob("*.*")}
    assert left == set(others)


def test_a_checkpoint_that_is_not_readable_is_one_of_another_table(tmp_path: Path) -> None:
    table = people(tmp_path)
    for garbage in (b"\xff\xfe\n\xff\n", b"\n\n\n", b"\x00" * 40):
        loading(table, tmp_path).prepare()
        checkpoint = tmp_path / "work" / "checkpoint"
        checkpoint.write_bytes(garbage)
        loading(table, tmp_path).prepare()
        first, *lines = checkpoint.read_bytes().splitlines()
        checkpoint.write_bytes(b"\n".join([first, b"{garbage", *lines, b""]))
        again = loading(table, tmp_path)
        load(again, tmp_path)
        assert everybody_is_there(tmp_path)
