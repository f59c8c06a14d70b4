"""`padan`: the table of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from padan.cli import (
    audit,
    backup,
    cost,
    dev,
    doctor,
    environment,
    names,
    nik,
    profile,
    provider,
    redirect_uri,
    register,
    report,
    sandbox,
    serve,
    session,
    token,
    verify,
)

app = typer.Typer(
    name="padan",
    help="Match a NIK, a full name and a date of birth against Indonesia's population register.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"padan {version('padan')}")
        raise typer.Exit


@app.callback()
def padan(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """Match a NIK, a full name and a date of birth against Indonesia's population register."""


app.command("dev")(dev.dev)
app.command("serve")(serve.serve)
app.command("work")(serve.work)
app.command("migrate")(serve.migrate)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("doctor")(doctor.doctor)
app.command("verify")(verify.verify)
app.command("nik")(nik.nik)
app.add_typer(names.app, name="names")
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(environment.app, name="environment")
app.add_typer(token.app, name="token")
app.add_typer(profile.app, name="profile")
app.add_typer(provider.app, name="provider")
app.add_typer(redirect_uri.app, name="redirect-uri")
app.add_typer(session.app, name="session")
app.add_typer(cost.app, name="cost")
app.add_typer(report.app, name="report")
app.add_typer(register.app, name="register")
app.add_typer(audit.app, name="audit")


def run() -> None:
    """The entry point of the `padan` command."""
    app()
