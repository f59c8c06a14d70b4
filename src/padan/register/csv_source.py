"""A CSV file. A row is a line: no field of a person has a line break in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Final

from padan.register.rows import REQUIRED, Fault, RowReader, RowRefused, places_of
from padan.register.sources import Person, Refuse, SourceRefused

PART_BYTES: Final = 16 << 20
_LONGEST_LINE: Final = 1 << 20
_SEPARATORS: Final = (",", ";", "\t")
_MARKS: Final = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK\x03\x04": "a ZIP archive or a workbook",
    b"\x1f\x8b": "compressed",
    b"PAR1": "Parquet (call it .parquet)",
}
_BOM: Final = b"\xef\xbb\xbf"

ENCODINGS: Final = ("utf-8", "latin-1")


@dataclass
class CsvPart:
    """The lines between two offsets."""

    path: Path
    start: int
    end: int
    encoding: str
    separator: str
    columns: int
    reader: RowReader
    _rows: int = field(default=0, init=False)

    @property
    def weight(self) -> int:
        """Bytes."""
        return self.end - self.start

    def rows(self) -> int:
        """Lines, empty ones included."""
        return self._rows

    def people(self, refuse: Refuse) -> Iterator[Person]:
        """Everybody in these lines."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                data = file.read(self.end - self.start)
        except OSError as error:
            raise SourceRefused(f"{self.path} cannot be read: {error.strerror}") from None
        lines = data.decode(self.encoding, "surrogateescape").removesuffix("\n").split("\n")
        self._rows = len(lines)
        strange = self.encoding == "utf-8"
        read, separator, columns = self.reader.read, self.separator, self.columns
        for row, line in enumerate(lines):
            try:
                if strange and not line.isascii():
                    _refuse_surrogates(line)
                cells = _cells(line, separator) if '"' in line else line.rstrip("\r").split(separator)
                if len(cells) == columns:
                    yield row, *read(cells)
                elif line.strip("\r \t"):
                    raise RowRefused(Fault("row", "columns"))
            except RowRefused as refused:
                refuse(row, refused.faults)


class CsvSource:
    """A file with a header, separated by commas, semicolons or tabs; UTF-8 or Latin-1."""

    kind = "csv"
    first_row = 2
    sees_every_change = True

    def __init__(
        self,
        path: Path,
        *,
        today: date,
        encoding: str = "utf-8",
        assume_alive: bool = False,
        part_bytes: int = PART_BYTES,
    ) -> None:
        """Raises SourceRefused where the file cannot be opened or its header is not one of a register."""
        self._part_bytes = part_bytes
        self._path = path
        self._encoding = encoding
        try:
            with path.open("rb") as file:
                header = file.readline(_LONGEST_LINE)
                self._start = file.tell()
                self._size = file.seek(0, 2)
                file.seek(max(0, self._size - 1))
                ends_whole = file.read(1) == b"\n"
        except OSError as error:
            raise SourceRefused(f"{path} cannot be read: {error.strerror}") from None
        self._separator, headings = _header(path, header, encoding=encoding)
        self._columns = len(headings)
        self._reader = _reader(path, headings, today=today, assume_alive=assume_alive)
        if not ends_whole:
            raise SourceRefused(
                f"{path} does not end with a line break, as a file does that was cut in the middle: compare "
                f"its size with the original's; if it is whole, end its last line"
            )

    def fingerprint(self) -> str:
        """Of the path, the size, the instant of the last change, and how it is read."""
        try:
            status = self._path.stat()
        except OSError as error:
            raise SourceRefused(f"{self._path} cannot be read: {error.strerror}") from None
        told = (
            str(self._path.resolve()),
            status.st_size,
            status.st_mtime_ns,
            self._encoding,
            self._reader,
            self._part_bytes,
        )
        return blake2b(repr(told).encode(), digest_size=16).hexdigest()

    def parts(self) -> Sequence[CsvPart]:
        """Some 16 MB each, unless it was said otherwise, cut after a line."""
        cuts = [self._start]
        with self._path.open("rb") as file:
            while cuts[-1] < self._size:
                file.seek(cuts[-1] + self._part_bytes)
                if file.tell() < self._size and not file.readline(_LONGEST_LINE).endswith(b"\n"):
                    raise SourceRefused(
                        f"{self._path} has a line of more than {_LONGEST_LINE:,} bytes after byte "
                        f"{cuts[-1] + self._part_bytes:,}: it is no table of people"
                    )
                cuts.append(min(file.tell(), self._size))
        return [
            CsvPart(self._path, start, end, self._encoding, self._separator, self._columns, self._reader)
            for start, end in pairwise(cuts)
        ]


def _header(path: Path, line: bytes, *, encoding: str) -> tuple[str, list[str]]:
    for mark, kind in _MARKS.items():
        if line.startswith(mark):
            raise SourceRefused(f"{path} is {kind}: expected CSV in UTF-8 or Latin-1")
    if not line.endswith(b"\n"):
        raise SourceRefused(f"{path} has no first line with the names of the columns")
    text = line.removeprefix(_BOM).decode(encoding, "replace").rstrip("\r\n")
    separator = max(_SEPARATORS, key=text.count)
    return separator, [cell.strip().strip('"') for cell in text.split(separator)]


def _reader(path: Path, headings: list[str], *, today: date, assume_alive: bool) -> RowReader:
    try:
        places = places_of(headings)
    except ValueError as error:
        raise SourceRefused(f"{path}: {error}") from None
    refuse_header(str(path), places, assume_alive=assume_alive, headless=any(map(_is_number, headings)))
    return RowReader(places, today, assume_alive)


def refuse_header(name: str, places: dict[str, int], *, assume_alive: bool, headless: bool = False) -> None:
    """Raise SourceRefused where columns are missing; headings are not told, for they may be somebody's."""
    missing = [column for column in REQUIRED if column not in places]
    if missing:
        why = "its first line looks like a person, not like a header" if headless else "its header has not"
        raise SourceRefused(
            f"{name}: {why}{'' if headless else ' ' + ', '.join(missing)}; expected the columns nik, "
            f"full_name, date_of_birth, status and, if known, sex, separated by comma, semicolon or tab"
        )
    if "status" not in places and not assume_alive:
        raise SourceRefused(
            f"{name} has no column status; if everybody in it is alive, say so with --assume-alive"
        )


def _is_number(cell: str) -> bool:
    return len(cell) == 16 and cell.isascii() and cell.isdigit()


def _refuse_surrogates(line: str) -> None:
    try:
        line.encode()
    except UnicodeEncodeError:
        raise RowRefused(Fault("row", "encoding")) from None


def _cells(line: str, separator: str) -> list[str]:
    """The cells of a line with quotation marks in it."""
    try:
        return next(csv.reader([line.rstrip("\r")], delimiter=separator, strict=True))
    except csv.Error:
        raise RowRefused(Fault("row", "quotes")) from None
