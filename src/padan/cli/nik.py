"""`padan nik`: parse and explain numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from padan.cli.output import Json, print_json

if TYPE_CHECKING:
    from padan.nik import Explanation


def nik(
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[NIK]...", show_default=False)] = None,
    json: Json = False,
    language: Annotated[str, typer.Option(help="Language of the reasons: en or id.")] = "en",
) -> None:
    """Parse and explain NIKs, or those on standard input, one a line. Status 1 if any is invalid."""
    from padan.main import today
    from padan.nik import explain

    given: Iterable[str] = numbers if numbers else (line.rstrip("\r\n") for line in sys.stdin)
    date, valid = today(), True
    for text in given:
        explanation = explain(text, today=date, language=language)
        valid = valid and explanation.valid
        if json:
            print_json(explanation.to_dict())
        else:
            _print(explanation)
    raise typer.Exit(0 if valid else 1)


def _print(explanation: Explanation) -> None:
    fields = explanation.to_dict()
    typer.secho(f"{fields['nik']}  {'valid' if explanation.valid else 'invalid'}", bold=True)
    for reason in fields["reasons"]:
        typer.echo(f"  {reason['message']}")
    if explanation.valid:
        place = ", ".join(
            str(fields[name]) for name in ("district", "regencyOrCity", "province") if fields[name]
        )
        guess = " (the century is a guess)" if fields["dateOfBirthIsGuess"] else ""
        typer.echo(f"  registered in {place or 'an unknown region'} ({fields['regionGrade']})")
        typer.echo(f"  {fields['sex']}, born {fields['dateOfBirth']}{guess}, serial {fields['serialNumber']}")
