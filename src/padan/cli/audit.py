"""`padan audit`: whether the audit log is what was written, and what stands in it."""

from __future__ import annotations

import json as jsonlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from padan.cli.directory import write_down_or_stop
from padan.cli.output import Config, Json, print_json, settings_or_stop, stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from padan.app.ports import Event
    from padan.audit import PublicKey, Report
    from padan.audit.folder import Tip
    from padan.settings import Settings

Key = Annotated[
    Path | None,
    typer.Option("--key", help="The public key, audit.pub. Default: that of the keys."),
]
Folder = Annotated[Path | None, typer.Option("--log", help="A copy of the log. Default: the audit folder.")]

app = typer.Typer(help="The audit log: check it, read it, remove what is old.", no_args_is_help=True)


@app.command()
def verify(
    anchor: Annotated[
        Path | None, typer.Option("--anchor", help="A file with an anchor that was kept elsewhere.")
    ] = None,
    log: Folder = None,
    key: Key = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Check every link and signature. Status 0: nothing shows a change; 1: something does."""
    from padan.audit import Verifier

    settings = settings_or_stop(config)
    folder = _folder(settings, log)
    known = () if anchor is None else _read_anchor(anchor)
    report = Verifier(folder, _key(settings, key), anchor=known).verify()
    if json:
        print_json(_row(report))
    else:
        _print(report)
    raise typer.Exit(0 if report.intact else 1)


@app.command()
def export(
    since: Annotated[str | None, typer.Option(help="Not before this date or instant, as ISO 8601.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this date or instant, as ISO 8601.")] = None,
    log: Folder = None,
    key: Key = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Print the events, the oldest first, then the newest anchor. Status 1 if the log was changed."""
    from padan.audit import Verifier

    settings = settings_or_stop(config)
    first, end = _instant(since, "--since"), _instant(until, "--until")
    folder, public = _folder(settings, log), _key(settings, key)
    if log is None:
        # Who reads all of it is in it too.
        write_down_or_stop(settings, "audit.export", outcome="done")
    verifier = Verifier(folder, public)
    for event in verifier.events():
        if (first is None or event.at >= first) and (end is None or event.at < end):
            _print_event(event, json=json)
    if json:
        print_json({"anchor": verifier.report.anchor})
    else:
        typer.echo(f"anchor  {jsonlib.dumps({'anchor': verifier.report.anchor})}")
    for problem in verifier.report.problems:
        typer.echo(f"padan: CHANGED {problem}", err=True)
    raise typer.Exit(0 if verifier.report.intact else 1)


@app.command()
def prune(
    before: Annotated[str, typer.Option(help="Segments last written before this date or instant go.")],
    config: Config = None,
    json: Json = False,
) -> None:
    """Remove old segments, after a signed event for each that says where its chain stood."""
    from padan.audit import CommandLog, Verifier, open_key
    from padan.audit.prune import old_segments
    from padan.audit.prune import prune as remove
    from padan.audit.walk import Walk
    from padan.main import clock, operator

    settings = settings_or_stop(config)
    folder, public, limit = _folder(settings, None), _key(settings, None), _instant(before, "--before")
    if not Verifier(folder, public).verify().intact:
        stop("the log was changed: nothing is removed; 'padan audit verify' says where")
    walks = [Walk(path, public) for path in old_segments(folder, before=limit or 0)]
    for walk in walks:
        for _ in walk.events():
            pass
    try:
        key = open_key(settings.keys_folder, log=folder)
        with CommandLog(folder, key, actor=operator(), now=clock()) as commands:
            count = remove(folder, commands, walks=walks, now=clock())
    except OSError as error:
        stop(f"the audit log in {folder} cannot be written: {error.strerror}")
    print_json({"removed": count}) if json else typer.echo(f"{count} segments are removed.")


def _folder(settings: Settings, given: Path | None) -> Path:
    folder = given or settings.audit_folder
    if not folder.is_dir():
        stop(f"{folder} is no folder; name the audit log's with --log or PADAN_AUDIT")
    return folder


def _key(settings: Settings, given: Path | None) -> PublicKey:
    from padan.audit import AuditKeyError, load_public

    try:
        return load_public(given or settings.keys_folder)
    except AuditKeyError as error:
        stop(str(error))


def _read_anchor(file: Path) -> Sequence[Tip]:
    """The anchor in the last line of a file, as `export --json` and `verify --json` print it."""
    try:
        last = file.read_text("utf-8").strip().splitlines()[-1]
        anchor = jsonlib.loads(last[last.index("{") :])["anchor"]
        return [(str(chain), int(events), str(link)) for chain, events, link in anchor]
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}", status=2)
    except (ValueError, KeyError, IndexError, TypeError):
        stop(f"{file} holds no anchor in its last line; 'padan audit verify --json' prints one", status=2)


def _instant(text: str | None, option: str) -> int | None:
    """An ISO 8601 date or instant in Unix milliseconds; without an offset, in Jakarta's time."""
    from padan.app.times import JAKARTA

    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        stop(f"{option} must be like 2026-01-31 or 2026-01-31T10:00:00+07:00", status=2)
    return int((read if read.tzinfo else read.replace(tzinfo=JAKARTA)).timestamp() * 1000)


def _row(report: Report) -> dict[str, Any]:
    return {
        "intact": report.intact,
        "chains": report.chains,
        "segments": report.segments,
        "events": report.events,
        "unsigned": report.unsigned,
        "problems": report.problems,
        "notes": report.notes,
        "anchor": report.anchor,
    }


def _print(report: Report) -> None:
    for problem in report.problems:
        typer.secho(f"  CHANGED  {problem}", fg="red")
    for note in report.notes:
        typer.echo(f"  note     {note}")
    verdict = "Nothing shows a change" if report.intact else "THE LOG WAS CHANGED"
    typer.echo(
        f"{verdict}: {report.events:,} events in {report.segments} segments of {report.chains} chains, "
        f"{report.unsigned} of them not signed yet."
    )


def _print_event(event: Event, *, json: bool) -> None:
    from padan.app.times import jakarta_time

    if json:
        print_json(
            {
                "at": jakarta_time(event.at),
                "actor": event.actor,
                "environmentId": event.environment,
                "tokenId": event.token,
                "action": event.action,
                "subject": event.subject,
                "outcome": event.outcome,
                "count": event.count,
            }
        )
        return
    who = event.actor if event.token is None else f"token:{event.token}"
    times = f" ×{event.count}" if event.count > 1 else ""
    subject = event.subject or "-"
    typer.echo(f"{jakarta_time(event.at)}  {who}  {event.action}  {subject}  {event.outcome}{times}")
