from __future__ import annotations

import csv
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from padan.app.ports.registers import RegisterUnavailable
from padan.register.checkpoint import Checkpoint
from padan.register.loading import LoadStopped
from tests.register.people import HEADER, line, load, loading, looked, nik_of, write
from tests.support.disk import FULL, NO_COMPILER, Orders, between, compiled, compiler

PEOPLE = 3000


def shuffled(count: int = PEOPLE, *, name: str = "SITI NURHALIZA") -> list[str]:
    lines = [line(number, name=name) for number in range(count)]
    random.Random(7).shuffle(lines)
    return lines


def told(folder: Path) -> list[list[str]]:
    with (folder / "rejects.csv").open(newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("processes", [1, 2])
def test_everybody_of_a_table_in_any_order_is_in_the_register(tmp_path: Path, processes: int) -> None:
    table = write(tmp_path / "people.csv", HEADER, *shuffled())
    done = loading(table, tmp_path, processes=processes)
    assert load(done, tmp_path).people == PEOPLE
    assert (done.people, done.rows, done.refusals, done.repeated) == (PEOPLE, PEOPLE, 0, 0)
    assert None not in looked(tmp_path, *map(nik_of, range(PEOPLE)))
    assert list((tmp_path / "work").iterdir()) == []
    assert not (tmp_path / "rejects.csv").exists()


def test_of_two_rows_of_one_nik_the_later_one_counts_and_the_earlier_one_is_told(tmp_path: Path) -> None:
    lines = [*shuffled(), line(5, name="THE LATER ONE")]
    table = write(tmp_path / "people.csv", HEADER, *lines)
    done = loading(table, tmp_path)
    assert load(done, tmp_path).people == PEOPLE
    (found,) = looked(tmp_path, nik_of(5))
    assert found is not None
    assert found.full_name == "THE LATER ONE"
    first = 2 + next(place for place, row in enumerate(lines) if row.startswith(nik_of(5)))
    assert told(tmp_path)[1:] == [[str(first), "nik", "repeated", "is in a later row again, which counts"]]


def test_bad_rows_are_told_by_their_line_and_reason_and_the_rest_is_loaded(tmp_path: Path) -> None:
    good = shuffled(500)
    bad = {3: "x,SITI,1990-01-01,alive,", 250: f"{nik_of(1)},,1990-02-30,gone,Q", 400: "a,b"}
    lines = list(good)
    for place, row in bad.items():
        lines.insert(place, row)
    done = loading(write(tmp_path / "people.csv", HEADER, *lines), tmp_path)
    assert load(done, tmp_path).people == 500
    assert done.refusals == 3
    assert [row[:3] for row in told(tmp_path)[1:]] == [
        ["5", "nik", "not_sixteen_digits"],
        ["5", "nik", "not_ascii_digits"],
        ["252", "full_name", "missing"],
        ["252", "date_of_birth", "not_a_date"],
        ["252", "status", "unknown_status"],
        ["252", "sex", "unknown_sex"],
        ["402", "row", "columns"],
    ]


def test_the_file_of_rejects_repeats_nothing_of_a_row(tmp_path: Path) -> None:
    rows = [
        "3171010101900001,CANARY NAME,31-31-1987,alive,",
        "3171010101900001,CANARY\x07NAME,1987-01-01,x,y",
    ]
    with pytest.raises(LoadStopped) as stopped:
        load(loading(write(tmp_path / "p.csv", HEADER, *rows), tmp_path, most_refused=0), tmp_path)
    for text in ((tmp_path / "rejects.csv").read_text(), str(stopped.value)):
        assert not any(part in text for part in ("CANARY", "1987", "3171"))


def test_ten_thousand_bad_rows_stop_the_load_and_leave_the_register_as_it_was(tmp_path: Path) -> None:
    load(loading(write(tmp_path / "first.csv", HEADER, line(1)), tmp_path), tmp_path)
    lines = [*shuffled(11_000), *(f"{number},NOBODY,1990-01-01,alive," for number in range(10_000))]
    table = write(tmp_path / "people.csv", HEADER, *lines)
    with pytest.raises(LoadStopped, match=r"rows are bad .* 1,000 are allowed.*--most-rejects"):
        load(loading(table, tmp_path), tmp_path)
    assert looked(tmp_path, nik_of(2)) == [None]
    more = loading(table, tmp_path, most_refused=10_000)
    assert load(more, tmp_path).people == 11_000
    assert more.resumed > 0
    assert len(told(tmp_path)) == 10_001


def test_a_load_killed_at_any_moment_goes_on_and_nothing_half_loaded_is_served(tmp_path: Path) -> None:
    load(loading(write(tmp_path / "first.csv", HEADER, line(1, name="BEFORE")), tmp_path), tmp_path)
    table = write(tmp_path / "people.csv", HEADER, *shuffled())
    resumed = kills = 0
    for kill_at in range(1, 40, 4):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.register.people", str(table), str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        for number, _ in enumerate(child.stdout):
            if number == kill_at:
                child.kill()
                break
        killed = child.wait() != 0
        kills += killed
        found, other = looked(tmp_path, nik_of(1), nik_of(2))
        assert found is not None
        if killed:
            assert (found.full_name, other) == ("BEFORE", None)
        child.stdout.close()
    again = loading(table, tmp_path)
    assert load(again, tmp_path).people == PEOPLE
    resumed += again.resumed
    assert kills >= 5
    assert resumed > 0
    assert None not in looked(tmp_path, *map(nik_of, range(PEOPLE)))


def test_a_torn_checkpoint_costs_one_part(tmp_path: Path) -> None:
    table = write(tmp_path / "people.csv", HEADER, *shuffled())
    loading(table, tmp_path).prepare()
    with (tmp_path / "work" / "checkpoint").open("r+b") as file:
        file.truncate(file.seek(0, 2) - 5)
    again = loading(table, tmp_path)
    assert load(again, tmp_path).people == PEOPLE
    assert again.resumed == len(again.source.parts()) - 1


def test_another_table_does_not_go_on_with_the_parts_of_the_first(tmp_path: Path) -> None:
    loading(write(tmp_path / "one.csv", HEADER, *shuffled(name="ONE")), tmp_path).prepare()
    other = loading(write(tmp_path / "two.csv", HEADER, *shuffled(name="TWO")), tmp_path)
    load(other, tmp_path)
    assert other.resumed == 0
    assert {found.full_name for found in looked(tmp_path, nik_of(1), nik_of(2)) if found} == {"TWO"}


def test_a_table_that_changes_while_it_is_read_is_not_loaded(tmp_path: Path) -> None:
    table = write(tmp_path / "people.csv", HEADER, *shuffled())
    changing = loading(table, tmp_path, report=lambda _: os.utime(table, (1, 1)))
    with pytest.raises(LoadStopped, match="changed while it was read"):
        load(changing, tmp_path)


def test_a_second_load_beside_a_first_is_refused(tmp_path: Path) -> None:
    done = loading(write(tmp_path / "people.csv", HEADER, line(1)), tmp_path)
    with (
        Checkpoint(done.folder).held(),
        pytest.raises(RegisterUnavailable, match="another load is at work"),
    ):
        load(done, tmp_path)


@pytest.mark.skipif(compiler() is None, reason=NO_COMPILER)
def test_a_disk_that_is_full_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    load(loading(write(tmp_path / "first.csv", HEADER, line(1, name="BEFORE")), tmp_path), tmp_path)
    table = write(tmp_path / "people.csv", HEADER, *shuffled())
    orders = Orders(tmp_path / "orders")
    watched = between(compiled(tmp_path), tmp_path / "register", orders=tmp_path / "orders")
    command = [sys.executable, "-m", "tests.register.people", str(table), str(tmp_path)]
    for root, skips in {"work": (0, 1, 4, 9), "register": (0, 1, 2)}.items():
        for skip in skips:
            orders.fail(FULL, skip=skip)
            environment = {**os.environ, **watched, "DISK_ROOT": str(tmp_path / root)}
            full = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            assert full.returncode == 1, f"{root} {skip}"
            assert "RegisterUnavailable" in full.stderr
            assert re.search("No space left|is full", full.stderr)
            found, other = looked(tmp_path, nik_of(1), nik_of(2))
            assert found is not None
            assert (found.full_name, other) == ("BEFORE", None)
    orders.mend()
    assert load(loading(table, tmp_path), tmp_path).people == PEOPLE


def test_a_nation_of_one(tmp_path: Path) -> None:
    assert load(loading(write(tmp_path / "one.csv", HEADER, line(1)), tmp_path), tmp_path).people == 1
