"""Tables of types: a Parquet file (needs `padan[parquet]`), and a table of a PostgreSQL database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import asyncpg

from padan.register.csv_source import refuse_header
from padan.register.rows import Fault, RowReader, RowRefused, places_of
from padan.register.sources import Person, Refuse, SourceRefused

DATABASE_URL: Final = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
_PAGES_A_PART: Final = 4096
"""Pages of 8 KiB: some 300,000 people."""


@dataclass
class ParquetPart:
    """One group of rows of the file."""

    path: Path
    group: int
    weight: int
    columns: tuple[str, ...]
    reader: RowReader

    def rows(self) -> int:
        """Rows, as the file says."""
        return self.weight

    def people(self, refuse: Refuse) -> Iterator[Person]:
        """Everybody in the group."""
        from pyarrow import ArrowException, parquet

        try:
            with parquet.ParquetFile(self.path) as file:
                table = file.read_row_group(self.group, columns=list(self.columns))
                columns = [table.column(name).to_pylist() for name in self.columns]
        except (ArrowException, OSError) as error:
            raise SourceRefused(f"{self.path} is damaged or was cut ({type(error).__name__})") from None
        yield from _read(zip(*columns, strict=True), self.reader, refuse=refuse)


class ParquetSource:
    """A Parquet file; numbers and dates may have types of their own."""

    kind = "parquet"
    first_row = 1
    sees_every_change = True

    def __init__(self, path: Path, *, today: date, assume_alive: bool = False) -> None:
        """Raises SourceRefused where pyarrow is missing, or the file is no register."""
        try:
            from pyarrow import ArrowException, parquet
        except ImportError:
            raise SourceRefused("Parquet needs pyarrow: install padan[parquet]") from None
        self._path = path
        try:
            with parquet.ParquetFile(path) as file:
                self._groups = [
                    file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)
                ]
                names = list(file.schema_arrow.names)
        except (ArrowException, OSError) as error:
            raise SourceRefused(f"{path} is no whole Parquet file ({type(error).__name__})") from None
        self._columns, self._reader = _columns(str(path), names, today=today, assume_alive=assume_alive)

    def fingerprint(self) -> str:
        """Of the path, the size, the instant of the last change, and how it is read."""
        try:
            status = self._path.stat()
        except OSError as error:
            raise SourceRefused(f"{self._path} cannot be read: {error.strerror}") from None
        return _hash(str(self._path.resolve()), status.st_size, status.st_mtime_ns, self._reader)

    def parts(self) -> Sequence[ParquetPart]:
        """A part a group of rows."""
        return [
            ParquetPart(self._path, group, rows, self._columns, self._reader)
            for group, rows in enumerate(self._groups)
        ]


@dataclass
class PostgresPart:
    """The rows that lie on some pages of a table."""

    url: str = field(repr=False)
    query: str
    weight: int
    reader: RowReader
    _rows: int = field(default=0, init=False)

    def rows(self) -> int:
        """Rows that were read."""
        return self._rows

    def people(self, refuse: Refuse) -> Iterator[Person]:
        """Everybody on these pages."""
        rows = asyncio.run(_fetch(self.url, self.query))
        self._rows = len(rows)
        yield from _read(rows, self.reader, refuse=refuse)


class PostgresSource:
    """A table, as it lies on its pages. Nobody should write it during the load."""

    kind = "postgresql"
    first_row = 1
    sees_every_change = False

    def __init__(self, url: str, table: str, *, today: date, assume_alive: bool = False) -> None:
        """`table` may carry its schema. Raises SourceRefused where it is not there, or is no register."""
        self._url, self._table = url, table
        row = self._describe()
        self._pages = row["pages"]
        columns, self._reader = _columns("the table", row["columns"], today=today, assume_alive=assume_alive)
        self._select = f"SELECT {', '.join(_quoted(name) for name in columns)} FROM {row['name']}"  # noqa: S608

    def fingerprint(self) -> str:
        """Of the place, the file and the size, the rows changed since it was made, and how it is read."""
        row = self._describe()
        self._pages = row["pages"]
        return _hash(self._url, row["name"], row["state"], self._select, self._reader)

    def parts(self) -> Sequence[PostgresPart]:
        """Some 32 MB each."""
        starts = range(0, max(1, self._pages), _PAGES_A_PART)
        return [
            PostgresPart(
                self._url,
                f"{self._select} WHERE ctid >= '({start},0)' AND ctid < '({start + _PAGES_A_PART},0)'",
                _PAGES_A_PART,
                self._reader,
            )
            for start in starts
        ]

    def _describe(self) -> Any:
        rows = asyncio.run(_fetch(self._url, _DESCRIBE, self._table))
        if not rows:
            raise SourceRefused("there is no such table in that database, or it may not be read")
        if rows[0]["kind"] in _WITHOUT_PAGES:
            raise SourceRefused(f"that is {_WITHOUT_PAGES[rows[0]['kind']]}")
        return rows[0]


# What is counted as inserted, updated and deleted comes up to ten seconds late, at the latest when the one
# who did it hangs up.
_DESCRIBE: Final = """
SELECT c.oid::regclass::text AS name, c.relkind::text AS kind,
       array_agg(a.attname::text ORDER BY a.attnum) AS columns,
       CASE WHEN c.relkind IN ('r', 'm')
            THEN (pg_relation_size(c.oid) / current_setting('block_size')::int)::int ELSE 0 END AS pages,
       concat_ws(' ', c.oid, pg_relation_filenode(c.oid), pg_relation_size(c.oid),
                 s.n_tup_ins, s.n_tup_upd, s.n_tup_del) AS state
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
WHERE c.oid = to_regclass($1) AND has_table_privilege(c.oid, 'SELECT')
GROUP BY c.oid, c.relkind, s.n_tup_ins, s.n_tup_upd, s.n_tup_del
"""
_WITHOUT_PAGES: Final = MappingProxyType(
    {
        "v": "a view: make it a table for the load (CREATE MATERIALIZED VIEW)",
        "f": "a foreign table: make it one of this database for the load (CREATE MATERIALIZED VIEW)",
        "p": "a partitioned table: load the first of its partitions, then the others with --update, or make "
        "it one table for the load (CREATE MATERIALIZED VIEW)",
    }
)
"""Kinds of `pg_class` that are not cut into parts by their pages, for they have none of their own."""


async def _fetch(url: str, query: str, *arguments: str) -> list[Any]:
    try:
        connection = await _connect(url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise SourceRefused(f"the table cannot be read ({type(error).__name__})") from None
    except (ValueError, OverflowError):
        raise SourceRefused("the table has a value that cannot be read, a date before Christ, say") from None


async def _connect(url: str) -> Any:
    try:
        return await asyncpg.connect(url, timeout=10)
    except ValueError:
        raise SourceRefused(f"the URL of the database is not well-formed: expected {DATABASE_URL}") from None


def _columns(
    name: str, names: Sequence[str], *, today: date, assume_alive: bool
) -> tuple[tuple[str, ...], RowReader]:
    """The columns to read, and how: only those that are a field of ours."""
    try:
        places = places_of(names)
    except ValueError as error:
        raise SourceRefused(f"{name}: {error}") from None
    refuse_header(name, places, assume_alive=assume_alive)
    columns = tuple(names[place] for place in places.values())
    own = {heading: place for place, heading in enumerate(places)}
    return columns, RowReader(own, today, assume_alive)


def _read(rows: Iterator[Any] | list[Any], reader: RowReader, *, refuse: Refuse) -> Iterator[Person]:
    for row, cells in enumerate(rows):
        try:
            yield row, *reader.read([_text(cell) for cell in cells])
        except RowRefused as refused:
            refuse(row, refused.faults)


def _text(cell: object) -> str:
    """A cell as it would stand in a CSV file. Raises RowRefused where a date is more than a date."""
    if isinstance(cell, datetime):
        if cell.tzinfo is not None:
            raise RowRefused(Fault("date_of_birth", "time_zone"))
        if cell.time() != time():
            raise RowRefused(Fault("date_of_birth", "time_of_day"))
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    return "" if cell is None else str(cell)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _hash(*told: object) -> str:
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()
