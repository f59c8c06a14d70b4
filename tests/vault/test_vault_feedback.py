"""What is owed to the registry is sealed from the worker to the worker."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.vault import ResultsVault, SealBroken, SessionBinding, WorkerKeys, WorkerVault, ephemeral

KEYS = ephemeral()
API = ResultsVault(KEYS.ring, KEYS.worker_public)
WORKER = WorkerVault(KEYS.worker_secret, KEYS.rest)
HERE = SessionBinding(uuid4(), uuid4())
ENTRY = b'["3174010101019999"]'
SEALED = WORKER.seal_feedback(HERE, ENTRY)


@given(st.binary(max_size=600))
def test_the_worker_opens_what_it_sealed_and_so_does_the_next_process(plain: bytes) -> None:
    sealed = WORKER.seal_feedback(HERE, plain)
    assert WorkerVault(KEYS.worker_secret, KEYS.rest).open_feedback(HERE, sealed) == plain


def test_it_opens_for_no_other_session_and_under_no_other_key() -> None:
    for elsewhere in (SessionBinding(HERE.environment_id, uuid4()), SessionBinding(uuid4(), HERE.session_id)):
        with pytest.raises(SealBroken):
            WORKER.open_feedback(elsewhere, SEALED)
    with pytest.raises(SealBroken):
        WorkerVault(WorkerKeys({1: b"k" * 32}, active=1), KEYS.rest).open_feedback(HERE, SEALED)


def test_a_queued_claim_moved_into_the_queue_of_what_is_owed_does_not_open() -> None:
    for slot in ("claim", "supplement"):
        with pytest.raises(SealBroken):
            WORKER.open_feedback(HERE, API.seal_claim(HERE, ENTRY, slot=slot))


def test_an_entry_moved_into_a_claims_place_does_not_open() -> None:
    for slot in ("claim", "supplement"):
        with pytest.raises(SealBroken):
            WORKER.open_claim(HERE, SEALED, slot=slot)


@given(st.integers(0, len(SEALED) * 8 - 1))
def test_an_entry_with_one_bit_turned_does_not_open(bit: int) -> None:
    damaged = bytearray(SEALED)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        WORKER.open_feedback(HERE, bytes(damaged))


def test_the_api_has_no_way_to_open_an_entry() -> None:
    assert not {name for name in dir(API) if name.startswith("open") and "feedback" in name}
    assert not hasattr(API, "open_claim")
