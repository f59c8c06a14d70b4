"""The table of what becomes of a session, held against the connector's page and against a running Padan."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from padan.domain.errors import (
    RefusalReason,
    RegistryProtocolError,
    RegistryRefused,
    RegistryUnavailable,
)
from padan.domain.finding import Finding, Outcome
from padan.domain.session import ErrorCode, Session, SessionState, expired
from padan.web.pages.languages import SOURCE, languages
from padan.web.pages.wording import say_ending
from tests.registries.becoming import Becoming, becomings
from tests.registries.documented import documented_codes, documented_faults
from tests.support.registries import MATCH, Answer
from tests.support.wired import NIK, Wired, working

ROWS = becomings()
IDS = [row.answer + (", " + row.charge if row.asked_again else "") for row in ROWS]


def answer_of(row: Becoming) -> Answer:
    """What the connector would say."""
    if row.answer in set(Outcome):
        return MATCH if row.answer == Outcome.FOUND else Finding(Outcome(row.answer))
    may_be_charged = row.charge == "unknown"
    if row.answer == "RegistryUnavailable":
        return RegistryUnavailable("silent", may_be_charged=may_be_charged)
    if row.answer == "RegistryProtocolError":
        return RegistryProtocolError("damaged")
    reason = RefusalReason(row.answer.removeprefix("RegistryRefused, "))
    return RegistryRefused("refused", reason=reason, may_be_charged=may_be_charged)


async def asked_once(w: Wired, answer: Answer) -> Session:
    """A session after its first question."""
    w.registry.answers[NIK] = [answer]
    created = await w.direct()
    await w.until_reported()
    return await w.session(created.session.id)


def test_every_code_and_every_fault_stands_in_one_row_and_means_what_the_connector_says() -> None:
    known = {**documented_codes(), **documented_faults()}
    known |= {f"{fault} on the line": told for fault, told in documented_faults(literally=True).items()}
    assert Counter(case for row in ROWS for case in row.cases) == Counter(known.keys())
    for row in ROWS:
        assert {known[case] for case in row.cases} == {row.documented}


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_the_session_becomes_what_the_table_says(row: Becoming) -> None:
    async def scene() -> None:
        async with working() as w:
            session = await asked_once(w, answer_of(row))
            (attempt,) = await w.store.attempts(session.id)
            assert attempt.charge == row.charge
            assert session.reason == row.reason
            if row.asked_again:
                assert session.state is SessionState.QUEUED
                session = expired(session, now=session.expires_at)
            assert session.success is not bool(row.errors)
            assert session.error_code is None or session.error_code in row.errors

    asyncio.run(scene())


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_the_person_reads_the_heading_that_the_table_says(row: Becoming) -> None:
    codes = row.errors - ({ErrorCode.INTERNAL} if row.asked_again else set())
    headings = {say_ending(ErrorCode(code), languages()[SOURCE])[0] for code in codes} or {"Finished"}
    assert headings == {row.heading}


def test_what_is_asked_again_expires_or_was_perhaps_charged_too_often() -> None:
    again = {row.charge: row.errors for row in ROWS if row.asked_again}
    assert again == {
        "not_charged": {ErrorCode.EXPIRED},
        "unknown": {ErrorCode.EXPIRED, ErrorCode.INTERNAL},
    }
