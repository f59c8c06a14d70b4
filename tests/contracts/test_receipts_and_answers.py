"""What every store promises of receipts, kept answers and agreements."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.contracts.builders import BANK, SHOP, a_session
from tests.contracts.conftest import Run, Store

from padan.app.ports import Conflict, Receipt
from padan.domain.activation import Activation, Terms
from padan.domain.session import Session

DAY = 24 * 60 * 60 * 1000
AGREED = Activation(
    provider="indonesia-nik-lookup",
    agreement="PKS 1/2026",
    holder="Bank Contoh",
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
    customer="123456789012345",
    method="CALL_NIK",
    fields=("NIK", "NAMA_LGKP"),
    address="192.0.2.10",
    registered_at=1_000,
    terms=Terms(quota=20_000, per_second=12.5, tariff=1_000, price=1_500),
)


def receipt_of(session: Session, key: bytes = b"key") -> Receipt:
    return Receipt(session.environment_id, key, b"body", session.id, b"sealed", session.created_at + DAY)


def test_a_receipt_is_found_by_its_environment_and_key_while_it_lasts(run: Run, store: Store) -> None:
    session = a_session()
    run(store.add(session, receipt=receipt_of(session)))
    assert run(store.receipt(BANK.id, b"key", now=1_000)) == receipt_of(session)
    assert run(store.receipt(SHOP.id, b"key", now=1_000)) is None
    assert run(store.receipt(BANK.id, b"another", now=1_000)) is None
    assert run(store.receipt(BANK.id, b"key", now=session.created_at + DAY)) is None


def test_a_second_session_under_a_key_is_a_conflict_and_is_not_stored(run: Run, store: Store) -> None:
    first, second = a_session(), a_session()
    run(store.add(first, receipt=receipt_of(first)))
    with pytest.raises(Conflict, match=r"^receipt$"):
        run(store.add(second, receipt=receipt_of(second)))
    assert run(store.find(second.id)) is None
    assert run(store.receipt(BANK.id, b"key", now=1_000)) == receipt_of(first)


def test_a_key_is_free_again_when_its_receipt_has_ended(run: Run, store: Store) -> None:
    first = a_session()
    later = a_session(created_at=first.created_at + DAY)
    run(store.add(first, receipt=receipt_of(first)))
    run(store.add(later, receipt=receipt_of(later)))
    found = run(store.receipt(BANK.id, b"key", now=later.created_at))
    assert found == receipt_of(later)


def test_a_session_whose_id_exists_leaves_no_receipt(run: Run, store: Store) -> None:
    session = a_session()
    run(store.add(session))
    with pytest.raises(Conflict, match=r"^id$"):
        run(store.add(session, receipt=receipt_of(session)))
    assert run(store.receipt(BANK.id, b"key", now=1_000)) is None


def test_an_answer_is_kept_until_its_time_and_the_newest_holds(run: Run, store: Store) -> None:
    run(store.keep_answer(b"name", b"older", until=2_000))
    run(store.keep_answer(b"name", b"newer", until=3_000))
    assert run(store.kept_answer(b"name", now=2_999)) == b"newer"
    assert run(store.kept_answer(b"name", now=3_000)) is None
    assert run(store.kept_answer(b"another", now=1)) is None


def test_what_has_ended_is_forgotten_and_the_rest_stays(run: Run, store: Store) -> None:
    session = a_session()
    run(store.add(session, receipt=receipt_of(session)))
    run(store.keep_answer(b"old", b"x", until=2_000))
    run(store.keep_answer(b"new", b"y", until=9_000))
    run(store.forget_answers(2_000))
    assert run(store.kept_answer(b"old", now=1)) is None
    assert run(store.kept_answer(b"new", now=1)) == b"y"
    assert run(store.receipt(BANK.id, b"key", now=1_000)) is not None


def test_an_agreement_is_read_back_as_it_was_registered_and_a_newer_one_takes_its_place(
    run: Run, store: Store
) -> None:
    assert run(store.activation(AGREED.provider)) is None
    run(store.set_activation(AGREED))
    assert run(store.activation(AGREED.provider)) == AGREED
    suspended = replace(AGREED, suspended_at=5, suspended_because="audit", terms=Terms())
    run(store.set_activation(suspended))
    assert run(store.activation(AGREED.provider)) == suspended
