"""The page of the sandbox, held against the simulator."""

from __future__ import annotations

import re

from padan.sandbox.fault_people import FAULT_NAMES, FIRST_FAULT_SERIAL, LINE_FAULTS
from padan.sandbox.faults import CHARGED_FAULTS, FaultOptions
from padan.sandbox.line import SWITCHABLE, UNRESOLVABLE
from tests.docs.pages import reference

PAGE = reference("sandbox.md")


def section(heading: str) -> str:
    return PAGE.split(f"\n### {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_the_page_says_of_every_fault_whether_it_is_charged() -> None:
    told = {name: row[2] for row in rows(section("Faults")) if len(row) == 3 for name in names(row[0])}
    assert told == {name: "yes" if name in CHARGED_FAULTS else "no" for name in FAULT_NAMES}


def test_the_page_gives_every_fault_its_serial_numbers() -> None:
    told: dict[str, int] = {}
    for numbers, faults in (row for row in rows(section("Faults")) if len(row) == 2):
        if found := re.match(r"(\d{4})–(\d{4})", numbers):
            told |= dict(zip(names(faults), range(int(found[1]), int(found[2]) + 1), strict=True))
    assert told == {name: FIRST_FAULT_SERIAL + place for place, name in enumerate(FAULT_NAMES)}


def test_the_page_says_how_each_fault_of_the_line_is_switched_on() -> None:
    told = {row[0].strip("`"): row[1] for row in rows(section("The line"))[2:]}
    assert set(told) == set(LINE_FAULTS)
    assert {name for name, how in told.items() if "/sandbox/line" in how} == set(SWITCHABLE)
    assert UNRESOLVABLE in told["dns_failure"]


def test_the_page_tells_the_times_and_addresses_of_faults() -> None:
    told = {name: row[1] for row in rows(section("Faults")) if len(row) == 3 for name in names(row[0])}
    usual = FaultOptions()
    assert f"after {usual.slow:g} s" in told["slow"]
    assert f"after {usual.very_slow:g} s" in told["very_slow"]
    assert (usual.drip, usual.timeout) == (1, 600)
    assert f"`Retry-After: {usual.retry_after}`" in told["service_unavailable"]
    assert f"`Retry-After: {usual.retry_after}`" in told["too_many_requests"]
    assert f"`{usual.redirect_to}`" in told["redirect"]
