from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.domain.register import Record, Status
from padan.nik import Sex
from padan.register.csv_source import CsvSource
from padan.register.records import from_bytes, to_bytes
from padan.register.rows import REASONS, Fault
from padan.register.sources import SourceRefused
from tests.register.people import HEADER, TODAY, line, write

NIK, WOMAN = "3171010101900001", "3171014101900001"


def read(source: CsvSource) -> tuple[list[Record], list[tuple[int, str]]]:
    """Everybody in it, and row and reason of what was refused."""
    refused: list[tuple[int, str]] = []

    def refuse(row: int, faults: Sequence[Fault]) -> None:
        refused.extend((row, fault.code) for fault in faults)

    people = [from_bytes(nik, body) for part in source.parts() for _, nik, body in part.people(refuse)]
    return people, refused


def one(tmp_path: Path, row: str, *, header: str = HEADER, encoding: str = "utf-8") -> Record:
    table = write(tmp_path / "p.csv", header, row, encoding=encoding)
    found, refused = read(CsvSource(table, today=TODAY, encoding=encoding))
    assert refused == []
    return found[0]


def why(tmp_path: Path, row: str) -> list[str]:
    found, refused = read(CsvSource(write(tmp_path / "p.csv", HEADER, row), today=TODAY))
    assert found == []
    return [code for _, code in refused]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_line_ends_and_a_byte_order_mark(
    tmp_path: Path, separator: str, end: str, mark: str
) -> None:
    rows = [mark + HEADER, line(1), line(2)]
    table = write(tmp_path / "p.csv", *(row.replace(",", separator) for row in rows), end=end)
    people, refused = read(CsvSource(table, today=TODAY))
    assert len(people) == 2
    assert people[0] == Record(line(1)[:16], "SITI NURHALIZA", date(1990, 1, 1), Status.ALIVE)
    assert refused == []


def test_columns_in_any_order_by_their_indonesian_names(tmp_path: Path) -> None:
    row = f"x,hidup,31/12/1989,SITI,{NIK},y"
    found = one(tmp_path, row, header="alamat,STATUS,TGL_LHR,Nama Lengkap,NIK,agama")
    assert found == Record(NIK, "SITI", date(1989, 12, 31), Status.ALIVE)


def test_a_name_with_a_comma_stands_in_quotes(tmp_path: Path) -> None:
    assert one(tmp_path, f'{NIK},"BUDI, S.H.",1990-01-01,alive,').full_name == "BUDI, S.H."


def test_spaces_around_and_within_are_put_in_order_and_letters_composed(tmp_path: Path) -> None:
    assert one(tmp_path, f" {NIK} ,  SITI   Jose\u0301 , 1990-01-01 , Alive , ").full_name == "SITI José"


def test_latin_1_is_read_where_it_is_said(tmp_path: Path) -> None:
    assert one(tmp_path, f"{NIK},JOSÉ,1990-01-01,alive,", encoding="latin-1").full_name == "JOSÉ"


def test_latin_1_that_was_not_said_is_told_by_row(tmp_path: Path) -> None:
    table = write(tmp_path / "p.csv", HEADER, line(1), line(2, name="JOSÉ"), encoding="latin-1")
    people, refused = read(CsvSource(table, today=TODAY))
    assert len(people) == 1
    assert refused == [(1, "encoding")]
    assert "--encoding latin-1" in REASONS["encoding"]


def test_the_sex_is_kept_where_it_is_not_the_one_of_the_nik(tmp_path: Path) -> None:
    assert one(tmp_path, f"{WOMAN},SITI,1990-01-01,alive,P").sex is None
    assert one(tmp_path, f"{WOMAN},SITI,1990-01-01,alive,Laki-laki").sex is Sex.MALE


@pytest.mark.parametrize("name", ["A", "A" * 60, "A" * 200, "王小明", "SITI 2", "SITI 🙂", "Ng", "D'Souza"])
def test_names_that_are_strange_and_lawful_are_kept_as_they_are(tmp_path: Path, name: str) -> None:
    assert one(tmp_path, f"{NIK},{name},1990-01-01,alive,").full_name == name


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        (f"{NIK},,1990-01-01,alive,", ["missing"]),
        (f"{NIK},{'A' * 600},1990-01-01,alive,", ["too_long"]),
        (f"{NIK},SITI\u202eAB,1990-01-01,alive,", ["unreadable"]),
        (f"{NIK},SI\x00TI,1990-01-01,alive,", ["unreadable"]),
        (f"{NIK},SITI,1990-02-30,alive,", ["not_a_date"]),
        (f"{NIK},SITI,90-01-01,alive,", ["not_a_date"]),
        (f"{NIK},SITI,٠١-٠١-١٩٩٠,alive,", ["not_a_date"]),
        (f"{NIK},SITI,2026-01-02,alive,", ["in_the_future"]),
        (f"{NIK},SITI,1990-01-01,,", ["missing"]),
        (f"{NIK},SITI,1990-01-01,ali,", ["unknown_status"]),
        (f"{NIK},SITI,1990-01-01,alive,X", ["unknown_sex"]),
        (f"{NIK},SITI,1990-01-01,alive", ["columns"]),
        (f"{NIK},BUDI, S.H.,1990-01-01,alive,", ["columns"]),
        (f'{NIK},"SITI,1990-01-01,alive,', ["quotes"]),
        ("3171013201900001,SITI,1990-01-01,alive,", ["day_impossible"]),
        ("3171010101900000,SITI,1990-01-01,alive,", ["serial_zero"]),
        ("３１７１０１０１０１９０００01,SITI,1990-01-01,alive,", ["not_ascii_digits"]),
    ],
)
def test_a_row_that_is_nobody_says_why(tmp_path: Path, row: str, codes: list[str]) -> None:
    assert why(tmp_path, row) == codes


def test_a_stray_quotation_mark_costs_its_own_line_alone(tmp_path: Path) -> None:
    table = write(tmp_path / "p.csv", HEADER, f'{NIK},"SITI,1990-01-01,alive,', line(2), line(3))
    people, refused = read(CsvSource(table, today=TODAY))
    assert len(people) == 2
    assert refused == [(0, "quotes")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no first line"),
        (b"nik;nama\n", "date_of_birth"),
        (f"{HEADER},nama\n".encode(), "two columns are full_name"),
        (b"3171010101900001,CANARY,1990-01-01,alive,\n", "looks like a person"),
        (b"nik,nama,tgl_lhr\n", "--assume-alive"),
        (HEADER.encode("utf-16") + b"\n", "UTF-16"),
        (b"PK\x03\x04", "workbook"),
        (f"{HEADER}\n{line(1)}".encode(), "cut in the middle"),
        (f"{HEADER}\n{line(1)[:-8]}".encode(), "cut in the middle"),
    ],
)
def test_a_file_that_is_no_register_is_refused_with_a_remedy(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "p.csv").write_bytes(content)
    with pytest.raises(SourceRefused, match=said) as refused:
        CsvSource(tmp_path / "p.csv", today=TODAY)
    assert "CANARY" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="No such file"):
        CsvSource(tmp_path / "p.csv", today=TODAY)


def test_a_line_without_end_is_no_table(tmp_path: Path) -> None:
    table = write(tmp_path / "p.csv", HEADER, "x" * 3_000_000)
    with pytest.raises(SourceRefused, match="no table of people"):
        CsvSource(table, today=TODAY, part_bytes=4096).parts()


@given(part_bytes=st.integers(1, 400), rows=st.integers(0, 40))
def test_parts_of_any_size_hold_every_row_once(
    tmp_path_factory: pytest.TempPathFactory, part_bytes: int, rows: int
) -> None:
    table = tmp_path_factory.getbasetemp() / "parts.csv"
    write(table, HEADER, *map(line, range(rows)))
    source = CsvSource(table, today=TODAY, part_bytes=part_bytes)
    people, refused = read(source)
    assert [person.nik for person in people] == [line(number)[:16] for number in range(rows)]
    assert refused == []


@given(
    name=st.text(min_size=1, max_size=200),
    born=st.dates(),
    status=st.sampled_from(Status),
    sex=st.sampled_from([None, *Sex]),
)
def test_a_record_survives_being_packed(name: str, born: date, status: Status, sex: Sex | None) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    if born.year > 2870:
        return
    record = Record(NIK, name, born, status, sex)
    assert from_bytes(NIK, to_bytes(record)) == record
