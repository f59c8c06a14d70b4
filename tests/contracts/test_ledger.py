"""What every implementation of `Ledger` promises."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.builders import OTHER_PROFILE_ID, PROFILE_ID, a_session, an_attempt
from tests.contracts.conftest import Run, Store

from padan.app.ports import Ledger
from padan.app.times import jakarta_month, span_of_month, start_of
from padan.domain.attempt import Attempt, Charge
from padan.domain.cost import Cost, Span, Tally, total
from padan.domain.environment import EnvironmentKind
from padan.domain.session import Session
from padan.store.memory import MemoryStore
from padan.store.sqlite import open_sqlite

NOVEMBER, DECEMBER = start_of(date(2026, 11, 1)), start_of(date(2026, 12, 1))


def put(run: Run, store: Store, *asked: tuple[Session, Sequence[Attempt]]) -> None:
    for session, attempts in asked:
        run(store.add(session))
        for attempt in attempts:
            run(store.record(attempt))


def answered(session: Session, number: int = 1, **fields: Any) -> Attempt:
    known = {"outcome": "found", "charge": Charge.CHARGED, "tariff": 900, "started_at": NOVEMBER}
    return an_attempt(session, number, **known | fields)


def test_a_store_has_the_shape_of_the_ledger(store: Store) -> None:
    as_port: Ledger = store
    assert as_port is store


def test_an_empty_ledger_has_no_rows(run: Run, store: Store) -> None:
    assert list(run(store.costs(Span()))) == []


def test_questions_are_counted_by_month_kind_profile_and_outcome(run: Run, store: Store) -> None:
    ours, theirs = a_session(), a_session(profile_id=OTHER_PROFILE_ID)
    live = a_session(environment_kind=EnvironmentKind.LIVE)
    put(run, store, (ours, [answered(ours), answered(ours, 2, outcome="not_found", charge=Charge.UNKNOWN)]))
    put(run, store, (theirs, [answered(theirs)]), (live, [answered(live, started_at=DECEMBER)]))
    one = Tally(1, charged=1, tariff_charged=900, tariff_at_most=900, price_charged=1000, price_at_most=1000)
    maybe = Tally(1, unknown=1, possibly_twice=1, tariff_at_most=900, price_at_most=1000)
    test = EnvironmentKind.TEST
    assert list(run(store.costs(Span()))) == [
        Cost("2026-11", test, PROFILE_ID, "found", one),
        Cost("2026-11", test, PROFILE_ID, "not_found", maybe),
        Cost("2026-11", test, OTHER_PROFILE_ID, "found", one),
        Cost("2026-12", EnvironmentKind.LIVE, PROFILE_ID, "found", one),
    ]


def test_a_question_that_was_never_heard_has_no_outcome_and_may_have_been_charged(
    run: Run, store: Store
) -> None:
    session = a_session()
    put(run, store, (session, [answered(session, outcome=None, charge=Charge.UNKNOWN)]))
    [cost] = run(store.costs(Span()))
    assert (cost.outcome, cost.tally.unknown, cost.tally.price_charged) == (None, 1, 0)
    assert cost.tally.price_at_most == 1000


def test_a_session_paid_more_than_once_counts_once_where_its_last_such_question_stands(
    run: Run, store: Store
) -> None:
    session = a_session()
    asked = [
        answered(session, 1, outcome="unavailable", charge=Charge.UNKNOWN),
        answered(session, 2, outcome="unavailable", charge=Charge.UNKNOWN),
        answered(session, 3, outcome="found", charge=Charge.CHARGED),
        answered(session, 4, outcome="refused:quota", charge=Charge.NOT_CHARGED),
    ]
    put(run, store, (session, asked))
    twice = {cost.outcome: cost.tally.possibly_twice for cost in run(store.costs(Span()))}
    assert twice == {"unavailable": 0, "found": 1, "refused:quota": 0}


def test_a_first_question_that_was_free_repeats_nothing(run: Run, store: Store) -> None:
    session = a_session()
    free = answered(session, 1, outcome="unavailable", charge=Charge.NOT_CHARGED)
    put(run, store, (session, [free, answered(session, 2)]))
    assert total(cost.tally for cost in run(store.costs(Span()))).possibly_twice == 0


def test_a_month_is_jakartas_to_the_millisecond(run: Run, store: Store) -> None:
    session = a_session()
    instants = [NOVEMBER - 1, NOVEMBER, DECEMBER - 1, DECEMBER]
    asked = [answered(session, number, started_at=at) for number, at in enumerate(instants, 1)]
    put(run, store, (session, asked))
    months = {cost.month: cost.tally.questions for cost in run(store.costs(Span()))}
    assert months == {"2026-10": 1, "2026-11": 2, "2026-12": 1}
    [november] = run(store.costs(span_of_month("2026-11")))
    assert (november.month, november.tally.questions) == ("2026-11", 2)


def test_one_profile_can_be_asked_for_alone(run: Run, store: Store) -> None:
    ours, theirs = a_session(), a_session(profile_id=OTHER_PROFILE_ID)
    put(run, store, (ours, [answered(ours)]), (theirs, [answered(theirs)]))
    [cost] = run(store.costs(Span(), profile_id=OTHER_PROFILE_ID))
    assert cost.profile_id == OTHER_PROFILE_ID


QUESTION = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["found", "unavailable", None]),
        "charge": st.sampled_from(Charge),
        "tariff": st.integers(0, 3_000),
        "price": st.integers(0, 3_000),
        "started_at": st.integers(NOVEMBER - 2, NOVEMBER + 2) | st.integers(DECEMBER - 2, DECEMBER + 2),
    }
)
ASKED = st.lists(st.tuples(st.booleans(), st.lists(QUESTION, max_size=4)), max_size=6)


@settings(max_examples=60, deadline=None)
@given(ASKED)
def test_both_stores_count_alike_and_lose_nothing(asked: list[tuple[bool, list[dict[str, Any]]]]) -> None:
    async def count(store: Store) -> tuple[list[Cost], list[Cost]]:
        for ours, questions in asked:
            session = a_session(profile_id=PROFILE_ID if ours else OTHER_PROFILE_ID)
            await store.add(session)
            for number, fields in enumerate(questions, 1):
                await store.record(an_attempt(session, number, **fields))
        try:
            november = span_of_month("2026-11")
            return list(await store.costs(Span())), list(await store.costs(november, profile_id=PROFILE_ID))
        finally:
            await store.close()

    with tempfile.TemporaryDirectory() as folder:
        counted = asyncio.run(count(open_sqlite(Path(folder) / "padan.db")))
    assert counted == asyncio.run(count(MemoryStore()))
    whole = total(cost.tally for cost in counted[0])
    flat = [fields for _, questions in asked for fields in questions]
    assert whole.questions == len(flat) == whole.charged + whole.not_charged + whole.unknown
    assert whole.price_charged == sum(f["price"] for f in flat if f["charge"] is Charge.CHARGED)
    assert whole.tariff_at_most == sum(f["tariff"] for f in flat if f["charge"] is not Charge.NOT_CHARGED)
    repeated = (sum(f["charge"] is not Charge.NOT_CHARGED for f in questions) > 1 for _, questions in asked)
    assert whole.possibly_twice == sum(repeated)
    assert {cost.month for cost in counted[0]} == {jakarta_month(f["started_at"]) for f in flat}
