"""What the connector's page says of each code and fault, and how an answer reads in its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from padan.domain.errors import RegistryError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Finding
from tests.docs.pages import reference


@dataclass(frozen=True)
class Documented:
    """An outcome or an error (with its reason), whether it may be charged, and whether it is asked again."""

    becomes: str
    may_be_charged: bool
    asked_again: bool


def read_off(answer: Finding | RegistryError) -> Documented:
    """An answer as the page would tell it."""
    if isinstance(answer, Finding):
        return Documented(str(answer.outcome), may_be_charged=True, asked_again=False)
    becomes = type(answer).__name__
    if isinstance(answer, RegistryRefused):
        becomes += f", {answer.reason}"
    return Documented(becomes, answer.may_be_charged, isinstance(answer, RegistryUnavailable))


def documented_codes() -> dict[str, Documented]:
    """By code; `none` and `any other` are codes here."""
    told = _rows("The answer", columns=5)
    return {code: _documented(row[2:]) for row in told for code in row[0].split(", ")}


def documented_faults(*, literally: bool = False) -> dict[str, Documented]:
    """By fault of a question, those of the line as they befall people; or, literally, those of the line."""
    on_the_line, by_person = "on [the line]", "by person"
    return {
        fault: _documented(row[1:])
        for row in _rows("Every fault", columns=4)
        for fault in re.findall(r"`(\w+)`", row[0])
        if (on_the_line in row[0] if literally else on_the_line not in row[0] or by_person in row[0])
    }


def _documented(cells: list[str]) -> Documented:
    yes = {"yes": True, "no": False}
    return Documented(cells[0].replace("`", ""), yes[cells[1]], yes[cells[2]])


def _rows(heading: str, *, columns: int) -> list[list[str]]:
    section = reference("dukcapil.md").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows if len(row) == columns]
    return cells[2:]
