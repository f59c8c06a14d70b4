"""The connector's page, held against the connector."""

from __future__ import annotations

from dataclasses import fields

import pytest

from padan.domain.errors import RegistryError
from padan.domain.finding import Finding, Outcome
from padan.registries import DukcapilSettings
from padan.registries.dukcapil_codes import CODES
from padan.sandbox.fault_people import FAULT_NAMES, LINE_FAULTS
from padan.sandbox.faults import CHARGED_FAULTS
from tests.docs.pages import reference, table_cells
from tests.registries.documented import documented_codes, documented_faults, read_off
from tests.registries.dukcapil_answers import VERDICTS, body, read

KNOWN = documented_codes()


def answered(record: dict[str, str]) -> Finding | RegistryError:
    try:
        return read(body(record))
    except RegistryError as error:
        return error


@pytest.mark.parametrize("code", [f"{number:02}" for number in range(100)])
def test_the_page_says_what_becomes_of_each_code(code: str) -> None:
    verdicts = VERDICTS if CODES.get(code) is Outcome.FOUND else {}
    assert read_off(answered({"RESPONSE_CODE": code, **verdicts})) == KNOWN.get(code, KNOWN["any other"])


def test_the_page_says_what_becomes_of_verdicts_without_a_code() -> None:
    assert read_off(answered(VERDICTS)) == KNOWN["none"]


def test_the_page_has_every_code_that_the_connector_knows() -> None:
    assert set(CODES) <= set(KNOWN)


def test_the_page_has_every_fault_of_the_sandbox() -> None:
    assert set(documented_faults()) == set(FAULT_NAMES)
    assert set(documented_faults(literally=True)) == set(LINE_FAULTS)


def test_what_the_connector_says_costs_nothing_is_not_charged_by_the_sandbox() -> None:
    free = {fault for fault, told in documented_faults().items() if not told.may_be_charged}
    assert free
    assert not free & CHARGED_FAULTS


def test_the_page_names_every_setting_of_the_connector() -> None:
    assert {item.name for item in fields(DukcapilSettings)} <= table_cells(reference("dukcapil.md"))
