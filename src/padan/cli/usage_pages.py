"""The semester's usage report as CSV and as a page to print, in Indonesian: its reader is Dukcapil."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from padan.domain.cost import Tally
    from padan.domain.usage import UsageReport

COLUMNS = (
    "nomor_perjanjian", "pemegang", "semester", "periode_mulai", "periode_selesai", "tujuan", "bulan",
    "hasil", "kode_hasil", "akses", "ditagih", "tidak_ditagih", "penagihan_tidak_diketahui",
)  # fmt: skip
TOTAL = "JUMLAH"

_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
    "November", "Desember",
)  # fmt: skip
_OUTCOMES = {
    "found": "Ditemukan",
    "not_found": "Tidak ditemukan",
    "deceased": "Meninggal dunia",
    "duplicate": "Data ganda",
    "inactive": "Nonaktif",
    "unavailable": "Tidak ada jawaban",
    "protocol_error": "Jawaban tidak dapat dibaca",
    "refused": "Ditolak",
    "defect": "Kesalahan sistem",
    None: "Jawaban tidak diterima",
}
_REASONS = {
    "credentials": "kredensial",
    "address": "alamat IP",
    "quota": "kuota",
    "hours": "di luar jam akses",
    "parameters": "parameter",
    "institution": "lembaga",
    "unprocessable_nik": "NIK tidak dapat diproses",
}
# What a spreadsheet takes for a formula, full-width forms included (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def to_csv(report: UsageReport) -> str:
    """The report after RFC 4180: a header, a row a purpose, month and outcome, and a last row of totals.

    Texts that a spreadsheet would calculate are led by an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    activation, semester = report.activation, report.semester
    frame = (
        "" if activation is None else activation.agreement,
        "" if activation is None else activation.holder,
        str(semester),
        semester.first_day.isoformat(),
        semester.last_day.isoformat(),
    )
    for row in report.rows:
        place = (row.purpose, row.month, outcome_name(row.outcome), row.outcome or "")
        writer.writerow(_safe(cell) for cell in (*frame, *place, *_counts(row.tally)))
    writer.writerow(_safe(cell) for cell in (*frame, TOTAL, "", "", "", *_counts(report.total())))
    return text.getvalue()


def to_html(report: UsageReport) -> str:
    """The report as one page without scripts and without anything from elsewhere; prints on A4."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"day": day_name, "month": month_name, "outcome": outcome_name, "number": _number}
    template = (files("padan.cli") / "templates" / "usage.html").read_text("utf-8")
    purposes = list(dict.fromkeys(row.purpose for row in report.rows))
    return environment.from_string(template).render(report=report, purposes=purposes)


def outcome_name(outcome: str | None) -> str:
    """An outcome in Indonesian; one that has no name of its own stays as it is."""
    if outcome is None:
        return _OUTCOMES[None]
    kind, _, reason = outcome.partition(":")
    name = _OUTCOMES.get(kind, kind)
    return f"{name} ({_REASONS.get(reason, reason)})" if reason else name


def month_name(month: str) -> str:
    """A month (YYYY-MM) in Indonesian."""
    return f"{_MONTHS[int(month[5:]) - 1]} {month[:4]}"


def day_name(day: date) -> str:
    """A day in Indonesian."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _number(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _counts(tally: Tally) -> tuple[int, int, int, int]:
    return (tally.questions, tally.charged, tally.not_charged, tally.unknown)


def _safe(cell: Any) -> str:
    text = str(cell)
    calculated = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if calculated else text
