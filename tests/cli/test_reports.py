"""The semester's report: its numbers, a CSV that no spreadsheet calculates, a page that prints well."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.app.times import start_of
from padan.cli.usage_pages import COLUMNS, outcome_name, to_csv, to_html
from padan.domain.activation import Activation
from padan.domain.attempt import Charge
from padan.domain.cost import Tally
from padan.domain.environment import Environment, EnvironmentKind
from padan.domain.errors import RefusalReason
from padan.domain.finding import Outcome
from padan.domain.hosting import PageRules
from padan.domain.session import Lease, asking, redacted, succeeded
from padan.domain.usage import Semester, Usage, UsageReport, read_semester
from padan.store.sqlite import SqliteStore, open_sqlite
from tests.cli.test_commands import lines, padan
from tests.contracts.builders import a_feedback, a_profile, a_session, an_attempt

LIVE = Environment(UUID(int=0x11), "Bank Contoh", EnvironmentKind.LIVE, 1)
AGREED = Activation(
    provider="indonesia-nik-lookup",
    agreement="119/2026/PKS",
    holder="PT Bank Contoh <Tbk> & rekan",
    valid_from=date(2026, 1, 1),
    valid_until=date(2028, 12, 31),
    customer="1",
    method="CALL_VERIFY_BY_ELEMEN",
    fields=("NIK",),
    address="192.0.2.1",
    registered_at=1,
)
HALF = Semester(2025, 2)
REPORT = UsageReport(
    HALF,
    AGREED,
    date(2026, 1, 2),
    (
        Usage("pinjaman", "2025-07", "found", Tally(1200, charged=1200)),
        Usage("rekening", "2025-07", None, Tally(1, unknown=1)),
        Usage("rekening", "2025-12", "refused:quota", Tally(2, not_charged=2)),
    ),
)


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)))
def test_every_day_is_in_exactly_one_semester_and_its_month_too(day: date) -> None:
    holds = [
        half
        for half in (read_semester(f"{day.year}-{number}") for number in (1, 2))
        if half.first_day <= day <= half.last_day
    ]
    assert len(holds) == 1
    assert day.isoformat()[:7] in holds[0].months


def test_semesters_follow_one_another_without_a_gap() -> None:
    first, second, third = Semester(2026, 1), Semester(2026, 2), Semester(2027, 1)
    assert first.last_day + timedelta(days=1) == second.first_day
    assert second.last_day + timedelta(days=1) == third.first_day


@pytest.mark.parametrize("text", ["", "2026", "2026-3", "2026-0", "26-1", "2026-1 ", "1999-1", "２０２６-1"])
def test_what_names_no_semester_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match="YEAR-1 for January to June"):
        read_semester(text)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_csv_has_a_header_a_row_a_count_and_the_total() -> None:
    text = to_csv(REPORT)
    assert text.count("\r\n") == text.count("\n") == 5
    rows = table(text)
    assert tuple(rows[0]) == COLUMNS
    assert [row["tujuan"] for row in rows] == ["pinjaman", "rekening", "rekening", "JUMLAH"]
    assert [row["kode_hasil"] for row in rows] == ["found", "", "refused:quota", ""]
    counts = ("akses", "ditagih", "tidak_ditagih", "penagihan_tidak_diketahui")
    assert [rows[-1][name] for name in counts] == ["1203", "1200", "2", "1"]
    frame = ("nomor_perjanjian", "pemegang", "semester", "periode_mulai", "periode_selesai")
    expected = ["119/2026/PKS", AGREED.holder, "2025-2", "2025-07-01", "2025-12-31"]
    assert all([row[name] for name in frame] == expected for row in rows)


@given(
    st.text(max_size=30),
    st.sampled_from(["", "=", "+", "-", "@", "\t=", " =", "\r", "\n", "＝", "＋", "－", "＠"]),
)
def test_no_text_of_the_csv_is_calculated_and_each_is_read_back(text: str, lead: str) -> None:
    purpose = lead + text.replace("\0", "")
    report = replace(REPORT, rows=(Usage(purpose, "2025-07", "found", Tally(1, charged=1)),))
    written = table(to_csv(report))[0]["tujuan"]
    assert written.removeprefix("'") == purpose.removeprefix("'")
    assert not written.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not written.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize("outcome", [*Outcome, "unavailable", "protocol_error", "defect:KeyError", None])
def test_every_outcome_of_the_ledger_has_an_indonesian_name(outcome: str | None) -> None:
    assert outcome_name(outcome) not in {outcome, ""}


@pytest.mark.parametrize("reason", RefusalReason)
def test_every_refusal_has_an_indonesian_name(reason: RefusalReason) -> None:
    told = outcome_name(f"refused:{reason}")
    assert told.startswith("Ditolak (")
    assert reason.value not in told.split("(")[1].replace("parameter)", "")


class Page(HTMLParser):
    """The tags and addresses of a page, and the cells of its tables by row."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.rows: list[list[str]] = []
        self.cell: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag == "tr":
            self.rows.append([])
        self.cell = [] if tag in {"td", "th"} else self.cell

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self.cell is not None:
            self.rows[-1].append("".join(self.cell).strip())
            self.cell = None


def test_the_page_has_the_same_numbers_with_sums_by_purpose_and_month() -> None:
    rows = Page(to_html(REPORT)).rows
    assert rows.index(["Tujuan: pinjaman"]) < rows.index(["Tujuan: rekening"])
    assert ["Juli 2025", "Ditemukan", "1.200", "1.200", "0", "0"] in rows
    assert ["Desember 2025", "Ditolak (kuota)", "2", "0", "2", "0"] in rows
    assert ["Jumlah untuk tujuan ini", "3", "0", "2", "1"] in rows
    assert ["Juli 2025", "1.201", "1.200", "0", "1"] in rows
    assert ["Agustus 2025", "0", "0", "0", "0"] in rows
    assert rows[-1] == ["Jumlah seluruhnya", "1.203", "1.200", "2", "1"]
    assert ["Lembaga pengguna", AGREED.holder] in rows
    assert ["Periode laporan", "1 Juli 2025 s.d. 31 Desember 2025 (WIB)"] in rows


def test_the_page_has_no_script_and_nothing_from_elsewhere() -> None:
    text = to_html(replace(REPORT, rows=(Usage("<script>alert(1)</script>", "2025-07", "found", Tally(1)),)))
    page = Page(text)
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(page.tags)
    assert not {"src", "href", "action", "onload", "onclick"} & set(page.attributes)
    assert not re.search(r"url\(|@import|https?:", text)
    assert "default-src 'none'" in text
    assert '<html lang="id">' in text
    assert re.search(r"@page \{ size: A4", text)


def test_a_semester_that_is_not_over_is_marked_as_a_draft() -> None:
    assert "SEMENTARA" not in to_html(REPORT)
    assert "SEMENTARA" in to_html(replace(REPORT, made_on=HALF.last_day))


def test_without_an_agreement_and_without_questions_there_is_still_a_report() -> None:
    empty = replace(REPORT, activation=None, rows=())
    assert "belum terdaftar" in to_html(empty)
    assert "Tidak ada akses" in to_html(empty)
    [only] = table(to_csv(empty))
    assert (only["tujuan"], only["akses"], only["nomor_perjanjian"]) == ("JUMLAH", "0", "")


@asynccontextmanager
async def opened(folder: Path) -> Any:
    store = open_sqlite(folder / "padan.db")
    try:
        yield store
    finally:
        await store.close()


async def ask(store: SqliteStore, profile_id: UUID, at: int, **fields: Any) -> None:
    session = a_session(profile_id=profile_id, environment_id=LIVE.id, environment_kind=EnvironmentKind.LIVE)
    session = replace(session, **fields)
    await store.add(session)
    known: dict[str, Any] = {"outcome": "found", "charge": Charge.CHARGED, "tariff": 1000}
    await store.record(an_attempt(session, started_at=at, **known))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder whose database has questions around a semester's borders, of two profiles of one purpose."""

    async def fill() -> None:
        async with opened(tmp_path) as store:
            await store.add_environment(LIVE)
            told = PageRules(purpose="membuka rekening")
            profiles = [
                a_profile(LIVE, pages=told),
                a_profile(LIVE, pages=told),
                a_profile(LIVE, alias="=1+1"),
            ]
            for profile in profiles:
                await store.add_profile(profile)
            await store.set_activation(AGREED)
            start, end = start_of(date(2025, 7, 1)), start_of(date(2026, 1, 1))
            for at in (start - 1, start, end - 1, end):
                await ask(store, profiles[0].id, at)
            await ask(store, profiles[1].id, start)
            await ask(store, profiles[2].id, start)
            await ask(store, profiles[2].id, start, environment_kind=EnvironmentKind.TEST)

    asyncio.run(fill())
    return tmp_path


def test_the_command_counts_live_questions_of_jakartas_semester_by_purpose(data: Path) -> None:
    done = padan("report", "usage", "--semester", "2025-2", PADAN_DATA=str(data))
    assert (done.returncode, done.stderr) == (0, "")
    counted = [(row["tujuan"], row["bulan"], row["akses"]) for row in table(done.stdout)]
    assert counted == [
        ("'=1+1", "2025-07", "1"),
        ("membuka rekening", "2025-07", "2"),
        ("membuka rekening", "2025-12", "1"),
        ("JUMLAH", "", "4"),
    ]


@pytest.mark.parametrize("form", ["csv", "html"])
def test_the_command_writes_a_file_byte_for_byte(data: Path, form: str) -> None:
    path = data / f"report.{form}"
    asked = ("report", "usage", "--semester", "2025-2", "--format", form)
    assert padan(*asked, "--output", str(path), PADAN_DATA=str(data)).stdout == ""
    written = path.read_bytes().decode()
    assert written.count("\r\n") == (5 if form == "csv" else 0)
    assert "membuka rekening" in written


def test_the_command_says_what_is_wrong(data: Path) -> None:
    wrong = padan("report", "usage", "--semester", "2025", PADAN_DATA=str(data))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "--semester is not a semester" in wrong.stderr
    nowhere = ("--output", str(data / "none" / "x.csv"))
    lost = padan("report", "usage", "--semester", "2025-2", *nowhere, PADAN_DATA=str(data))
    assert lost.returncode == 1
    assert "cannot be written" in lost.stderr
    early = padan("report", "usage", "--semester", "2199-2", PADAN_DATA=str(data))
    assert early.returncode == 0
    assert "not over yet" in early.stderr


def test_operators_see_what_is_owed_and_why_it_waits(data: Path) -> None:
    async def owe() -> None:
        async with opened(data) as store:
            for reason in ("status:401", "status:401", None):
                session = a_session()
                asked = asking(session, now=1_500, lease=Lease("w", 2_000))
                done = succeeded(asked, now=1_600, sealed_result=b"r")
                await store.add(session)
                await store.change(session, asked)
                await store.change(asked, done, feedback=a_feedback(session, reason=reason))
                if reason is None:
                    await store.change(done, redacted(done, now=1_700))

    asyncio.run(owe())
    told = lines(padan("report", "feedback", "--json", PADAN_DATA=str(data)))
    since = "1970-01-01T07:00:01.600+07:00"
    assert told == [
        {"state": "erased", "reason": None, "entries": 1, "oldestAt": since},
        {"state": "waiting", "reason": "status:401", "entries": 2, "oldestAt": since},
    ]
    assert "status:401" in padan("report", "feedback", PADAN_DATA=str(data)).stdout
