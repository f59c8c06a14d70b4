"""When a load stops because of what the table holds, and what is told then."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from padan.register.loading import LoadStopped
from tests.register.people import HEADER, line, load, loading, looked, nik_of, write

BAD = "x,SITI,1990-01-01,alive,"


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A folder with a register of one person."""
    load(loading(write(tmp_path / "first.csv", HEADER, line(1)), tmp_path), tmp_path)
    return tmp_path


@pytest.mark.parametrize("rows", [[], ["", ""]])
def test_a_table_of_nobody_leaves_the_register_as_it_was(full: Path, rows: list[str]) -> None:
    with pytest.raises(LoadStopped, match=r"nobody.*padan register remove --everybody"):
        load(loading(write(full / "none.csv", HEADER, *rows), full), full)
    assert None not in looked(full, nik_of(1))


def test_a_table_of_mostly_bad_rows_leaves_the_register_as_it_was(full: Path) -> None:
    with pytest.raises(LoadStopped, match="1 of 1 row is bad"):
        load(loading(write(full / "one.csv", HEADER, BAD), full), full)
    rows = [line(2), line(3), BAD, BAD, BAD]
    with pytest.raises(LoadStopped, match=r"3 of 5 rows are bad.*has not 16 digits.*rejects\.csv.*--update"):
        load(loading(write(full / "bad.csv", HEADER, *rows), full, most_refused=1_000_000), full)
    assert None not in looked(full, nik_of(1))
    half = write(full / "half.csv", HEADER, *rows[:4])
    assert load(loading(half, full), full).people == 2


def test_what_stops_a_load_is_told_though_a_part_before_it_was_not_read_yet(tmp_path: Path) -> None:
    rows = [*map(line, range(300)), BAD]
    table = write(tmp_path / "people.csv", HEADER, *rows)
    first = loading(table, tmp_path)
    first.prepare()
    first.refused.close()
    (tmp_path / "rejects.csv").unlink()
    assert len(first.source.parts()) > 2
    for part in (0, 1):
        (tmp_path / "work" / f"{part:06}.run").unlink()
    with pytest.raises(LoadStopped, match=r"1 row is bad until here.*rejects\.csv"):
        load(loading(table, tmp_path, most_refused=0), tmp_path)
    with (tmp_path / "rejects.csv").open(newline="") as file:
        assert [told[0] for told in csv.reader(file)] == ["row", "302", "302"]
