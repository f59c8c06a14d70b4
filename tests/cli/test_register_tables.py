"""`padan register load` from tables of types: a database's, and Parquet."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from padan.register.table_sources import PostgresSource
from tests.cli.test_register import loaded, padan
from tests.register.people import TODAY
from tests.support.postgres import new_database, sql

LOAD = ("register", "load")


@pytest.fixture
def url() -> str:
    """A database with a table of 500 people."""
    url = new_database()
    sql(
        url,
        "CREATE TABLE people AS SELECT (3171010101900000 + n)::text AS nik, 'CITIZEN ' || n AS nama, "
        "timestamp '1990-01-01' AS tgl_lhr, 'alive' AS status FROM generate_series(1, 500) n; SELECT 1",
    )
    return url


def test_a_table_that_was_mended_is_read_again(tmp_path: Path, url: str) -> None:
    sql(url, "UPDATE people SET nama = '' WHERE right(nik, 1) = '7'; SELECT 1")
    said = padan(tmp_path, *LOAD, url, "--most-rejects", "9", status=1)
    assert "50 rows are bad" in said
    sql(url, "DELETE FROM people WHERE nama = ''; SELECT 1")
    assert loaded(tmp_path, url, "--most-rejects", "9")["people"] == 450


def test_a_table_is_told_from_itself_before_a_change_of_the_same_size(url: str) -> None:
    source = PostgresSource(url, "people", today=TODAY)
    before = source.fingerprint()
    sql(url, "DELETE FROM people WHERE right(nik, 1) = '7'; SELECT 1")
    until = time.monotonic() + 15
    while source.fingerprint() == before and time.monotonic() < until:
        time.sleep(0.1)
    assert source.fingerprint() != before


def test_a_date_with_a_zone_or_a_time_is_no_date(tmp_path: Path, url: str) -> None:
    sql(url, "ALTER TABLE people ALTER tgl_lhr TYPE timestamptz USING '1950-01-01 00:00+07'; SELECT 1")
    assert "time zone" in padan(tmp_path, *LOAD, url, status=1)
    sql(url, "ALTER TABLE people ALTER tgl_lhr TYPE timestamp USING '1950-01-01 17:00'; SELECT 1")
    assert "time of day" in padan(tmp_path, *LOAD, url, status=1)


def test_a_date_that_no_calendar_here_has_is_told(tmp_path: Path, url: str) -> None:
    sql(url, "ALTER TABLE people ALTER tgl_lhr TYPE date USING '0044-03-15 BC'; SELECT 1")
    said = padan(tmp_path, *LOAD, url, status=1)
    assert "date before Christ" in said
    assert said.count("\n") == 1


def test_the_same_in_parquet(tmp_path: Path) -> None:
    born = pyarrow.array([datetime(1950, 1, 1, tzinfo=UTC)], pyarrow.timestamp("us", tz="Asia/Jakarta"))
    columns = {"nik": ["3171010101500001"], "nama": ["SITI"], "tgl_lhr": born, "status": ["alive"]}
    parquet.write_table(pyarrow.table(columns), tmp_path / "p.parquet")
    assert "time zone" in padan(tmp_path, *LOAD, str(tmp_path / "p.parquet"), status=1)


def test_a_partitioned_table_and_a_view_are_told_from_no_table(tmp_path: Path, url: str) -> None:
    sql(
        url,
        "CREATE VIEW seen AS SELECT * FROM people; "
        "CREATE TABLE cut (LIKE people) PARTITION BY LIST (status); SELECT 1",
    )
    said = padan(tmp_path, *LOAD, url, "--table", "seen", status=1)
    assert "is a view" in said
    assert "MATERIALIZED VIEW" in said
    said = padan(tmp_path, *LOAD, url, "--table", "cut", status=1)
    assert "is a partitioned table" in said
    assert "--update" in said
    assert "no such table" in padan(tmp_path, *LOAD, url, "--table", "nothing", status=1)
