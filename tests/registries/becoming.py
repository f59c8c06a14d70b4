"""What the page of the registry's answers says becomes of a session, by code and by fault."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.docs.pages import reference
from tests.registries.documented import Documented


@dataclass(frozen=True)
class Becoming:
    """One row: what is answered, what the relying party and the person see, what the ledger says."""

    cases: frozenset[str]
    """Codes and faults; those of the line as it breaks literally end in ` on the line`."""
    answer: str
    relying_party: str
    heading: str
    reason: str | None
    charge: str
    asked_again: bool

    @property
    def errors(self) -> frozenset[str]:
        """The error codes that the session may end with; none where it succeeds."""
        return frozenset(re.findall(r"`(\w+)`", self.relying_party))

    @property
    def documented(self) -> Documented:
        """The row as the connector's page would tell it."""
        return Documented(self.answer, self.charge != "not_charged", self.asked_again)


def becomings() -> list[Becoming]:
    """Every row of the table."""
    section = reference("registry-rules.md").split("\n## What becomes of a session\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [_becoming([cell.strip() for cell in row]) for row in rows[2:]]


def becoming_of(case: str) -> Becoming:
    """The row of a code or a fault."""
    return next(row for row in becomings() if case in row.cases)


def _becoming(cells: list[str]) -> Becoming:
    cases, answer, relying_party, heading, reason, charge, again = cells
    found: set[str] = set()
    for group in cases.split(";"):
        ending = " on the line" if group.endswith("on the line") else ""
        names = re.findall(r"`(\w+)`", group) or group.strip().split(", ")
        found |= {name + ending for name in names}
    why = None if reason == "–" else reason.strip("`")
    plain = answer.replace("`", "")
    return Becoming(frozenset(found), plain, relying_party, heading, why, charge.strip("`"), again == "yes")
