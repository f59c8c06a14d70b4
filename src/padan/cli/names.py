"""`padan names`: compare names of persons."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from padan.cli.output import Json, print_json, stop

if TYPE_CHECKING:
    from padan.names import Comparison

app = typer.Typer(help="Names of persons: compare two of them.", no_args_is_help=True)

# Two names of 200 characters are at most 1,601 bytes; what is longer is no pair of names.
_LONGEST_LINE = 16_384


@app.callback()
def names() -> None:
    """Names of persons: compare two of them."""


@app.command("compare")
def compare(
    a: Annotated[str | None, typer.Argument(metavar="[A]", show_default=False)] = None,
    b: Annotated[str | None, typer.Argument(metavar="[B]", show_default=False)] = None,
    json: Json = False,
    language: Annotated[str, typer.Option(help="Language of the reasons: en or id.")] = "en",
) -> None:
    """Tell whether two names may be one person's, or each pair on standard input, a tab between the two.

    Standard input is answered with JSON, an object a line. Status 2 if a line of it is no pair.
    """
    if a is None:
        raise typer.Exit(0 if _compare_lines(language) else 2)
    if b is None:
        stop(
            "a comparison needs two names; give the second one, in quotation marks where it has spaces.",
            status=2,
        )
    from padan.names import compare as compare_names

    comparison = compare_names(a, b)
    if json:
        print_json(comparison.to_dict(language))
    else:
        _print(comparison, language)


def _print(comparison: Comparison, language: str) -> None:
    typer.secho(f"{comparison.verdict}  {comparison.score:.2f}", bold=True)
    for reason in comparison.reasons:
        typer.echo(f"  {reason.message(language)}")


def _compare_lines(language: str) -> bool:
    """Answer each line as soon as it is read; return whether all were pairs."""
    from json import dumps

    from padan.names import compare as compare_names

    good = True
    for number, pair in enumerate(_pairs(), 1):
        answer: dict[str, Any]
        if isinstance(pair, str):
            good, answer = False, {"line": number, "error": f"Line {number} {pair}"}
        else:
            answer = compare_names(pair[0], pair[1]).to_dict(language)
        sys.stdout.write(dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return good


def _pairs() -> Iterator[tuple[str, str] | str]:
    """Each line of standard input as a pair of names, or what is wrong with it."""
    lines = sys.stdin.buffer
    while line := lines.readline(_LONGEST_LINE):
        if not line.endswith(b"\n") and len(line) == _LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = lines.readline(_LONGEST_LINE)
            yield f"is longer than {_LONGEST_LINE} bytes; write two names with a tab between them."
            continue
        yield _pair(line.rstrip(b"\r\n"))


def _pair(line: bytes) -> tuple[str, str] | str:
    try:
        fields = line.decode("utf-8").split("\t")
    except UnicodeDecodeError:
        return "is not UTF-8; write the file in UTF-8."
    if len(fields) != 2:
        return f"has {len(fields) - 1} tabs; write two names with one tab between them."
    return fields[0], fields[1]
