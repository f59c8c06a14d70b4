"""`padan report`: what a partner owes to Dukcapil as reports, and whether data balikan gets there."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from padan.cli.directory import with_store
from padan.cli.output import Config, Json, print_json, stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from padan.app.ports import Store
    from padan.domain.feedback import FeedbackCount
    from padan.domain.usage import Semester, UsageReport

app = typer.Typer(help="Reports that a partner of Dukcapil owes.", no_args_is_help=True)


class Format(StrEnum):
    """How a report is written."""

    CSV = "csv"
    HTML = "html"


@app.command()
def usage(
    semester: Annotated[str, typer.Option(help="YEAR-1 (January to June) or YEAR-2 (July to December).")],
    format_: Annotated[Format, typer.Option("--format", help="A table, or a page to print.")] = Format.CSV,
    output: Annotated[Path | None, typer.Option(help="A file to write; else standard output.")] = None,
    config: Config = None,
) -> None:
    """Write the usage report of a semester: Live questions by purpose, month and outcome."""
    from padan.cli.usage_pages import to_csv, to_html

    report = _report(_semester(semester), config)
    text = to_csv(report) if format_ is Format.CSV else to_html(report)
    if output is None:
        # Bytes, for a text stream would write the line ends of a CSV anew.
        typer.echo(text.encode(), nl=False)
    else:
        try:
            output.write_bytes(text.encode())
        except OSError as error:
            stop(f"{output} cannot be written: {error.strerror}")
    if not report.complete:
        typer.echo(
            f"padan: semester {report.semester} is not over yet: this report is not the last word", err=True
        )


@app.command()
def feedback(config: Config = None, json: Json = False) -> None:
    """Count data balikan by where it stands: waiting and why, sent, already sent, erased unsent."""

    async def work(store: Store) -> Sequence[FeedbackCount]:
        return await store.count_feedback()

    counts = with_store(config, work, action="report.feedback")
    for count in counts:
        _print_count(count, json=json)
    if not counts and not json:
        typer.echo("No success has owed data balikan yet.")


def _semester(text: str) -> Semester:
    from padan.domain.usage import read_semester

    try:
        return read_semester(text)
    except ValueError as error:
        stop(f"--semester is {error}", status=2)


def _report(semester: Semester, config: Path | None) -> UsageReport:
    from padan.app.usage import usage_report
    from padan.main import LIVE_PROVIDER, clock

    async def work(store: Store) -> UsageReport:
        return await usage_report(store, store, semester=semester, provider=LIVE_PROVIDER, clock=clock)

    return with_store(config, work, action="report.usage", subject=lambda _: semester)


def _print_count(count: FeedbackCount, *, json: bool) -> None:
    from padan.app.times import jakarta_time

    oldest = jakarta_time(count.oldest_at)
    if json:
        stand = {"state": count.state.value, "reason": count.reason}
        print_json({**stand, "entries": count.entries, "oldestAt": oldest})
    else:
        typer.echo(f"{count.state:<13} {count.entries:>9,}  since {oldest}  {count.reason or ''}")
