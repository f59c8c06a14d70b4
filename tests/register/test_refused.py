"""The file of refused rows: what it may overwrite and remove, and what happens where it cannot be written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from padan.register.refused import RefusedRows, RejectsUnwritable
from tests.register.people import HEADER, line, load, loading, looked, nik_of, write

OURS = "row,field,code,reason\n7,nik,missing,is empty\n"


def closed(path: Path, *, bad: int = 0) -> None:
    rows = RefusedRows(path)
    try:
        rows.begin()
        for row in range(bad):
            rows.add(row, "nik", code="missing")
    finally:
        rows.close()


def test_a_file_of_the_load_before_goes(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(OURS)
    closed(tmp_path / "r.csv", bad=1)
    assert (tmp_path / "r.csv").read_text().splitlines()[1].startswith("0,nik,missing")
    closed(tmp_path / "r.csv")
    assert not (tmp_path / "r.csv").exists()


@pytest.mark.parametrize("bad", [0, 1])
@pytest.mark.parametrize("text", [f"{HEADER}\n{line(1)}\n", "a diary"])
def test_a_file_of_something_else_is_neither_overwritten_nor_removed(
    tmp_path: Path, text: str, bad: int
) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(RejectsUnwritable, match=r"is no file of bad rows.*--rejects"):
        closed(tmp_path / "r.csv", bad=bad)
    assert (tmp_path / "r.csv").read_text() == text


def test_an_empty_file_is_used_and_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "r.csv").touch()
    closed(tmp_path / "r.csv")
    assert (tmp_path / "r.csv").exists()


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(RejectsUnwritable, match="is no file"):
            closed(path, bad=1)
        assert path.exists()


@pytest.mark.parametrize("name", ["people.csv/r.csv", "/proc/x/r.csv", "/proc/r.csv"])
def test_a_place_that_cannot_be_written_is_told_before_anything_is_read(tmp_path: Path, name: str) -> None:
    table = write(tmp_path / "people.csv", HEADER, line(1))
    done = loading(table, tmp_path, report=lambda _: pytest.fail("it began"))
    done.refused = RefusedRows(tmp_path / name)
    with pytest.raises(RejectsUnwritable, match="cannot be written"):
        load(done, tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("bad", ["x,y", line(2, name="AGAIN")], ids=["bad row", "repeated"])
def test_a_full_disk_of_rejects_stops_the_load_and_the_register_is_what_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    load(loading(write(tmp_path / "first.csv", HEADER, line(1, name="BEFORE")), tmp_path), tmp_path)
    done = loading(write(tmp_path / "p.csv", HEADER, bad, line(1), line(2), line(3)), tmp_path)
    monkeypatch.setattr(done.refused, "begin", lambda: None)
    done.refused.path = Path("/dev/full")
    with pytest.raises(RejectsUnwritable, match="No space left"):
        load(done, tmp_path)
    found, other = looked(tmp_path, nik_of(1), nik_of(2))
    assert found is not None
    assert (found.full_name, other) == ("BEFORE", None)
