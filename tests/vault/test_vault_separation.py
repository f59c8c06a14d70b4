"""What an attacker holds does not suffice: each side, the database, the logs."""

import base64
import copy
import os
import pickle
import traceback
from uuid import uuid4

import pytest

from padan.vault import (
    KeyRing,
    ResultsKeyRefused,
    ResultsVault,
    SealBroken,
    SessionBinding,
    VaultError,
    WorkerKeys,
    WorkerVault,
    aead,
    ephemeral,
    hpke,
    results,
)
from padan.vault.envelope import Kind, Malformed, context, from_text, to_text

KEYS = ephemeral()
API = ResultsVault(KEYS.ring, KEYS.worker_public)
WORKER = WorkerVault(KEYS.worker_secret, KEYS.rest)
HERE = SessionBinding(uuid4(), uuid4())
ISSUED = API.issue(HERE)
PLAINTEXT = b'{"fullName": "CANARY NAME", "nationalIdNumber": "3174010101019999"}'
CLAIM = API.seal_claim(HERE, PLAINTEXT)
RESULT = WORKER.seal_result(HERE, ISSUED.public_key, PLAINTEXT)
STORED = (ISSUED.public_key, ISSUED.salt, CLAIM, RESULT)


def every_stored_byte_string(size: int) -> set[bytes]:
    return {column[at : at + size] for column in STORED for at in range(len(column) - size + 1)}


def test_a_stolen_database_with_every_server_key_opens_no_result() -> None:
    candidates = every_stored_byte_string(32)
    candidates |= set(KEYS.worker_secret.raw().values()) | set(KEYS.ring.raw().values())
    candidates |= set(KEYS.rest.raw().values())
    for candidate in candidates:
        with pytest.raises(Malformed):
            results.unseal(HERE, RESULT, pair=hpke.KeyPair.of(candidate), rest=KEYS.rest)


def test_a_stolen_database_without_key_files_opens_no_claim() -> None:
    for candidate in every_stored_byte_string(32):
        thief = WorkerVault(WorkerKeys({1: candidate}, active=1), KEYS.rest)
        with pytest.raises(SealBroken):
            thief.open_claim(HERE, CLAIM)


def test_the_skin_of_a_result_opens_with_no_stored_byte_string() -> None:
    bound = context(HERE, Kind.RESULT)
    for candidate in every_stored_byte_string(32):
        with pytest.raises(Malformed):
            aead.unseal(RESULT[4:], candidate, aad=RESULT[:4] + bound)


def test_no_stored_byte_string_locked_into_a_key_opens_the_result() -> None:
    own = from_text(ISSUED.results_access_key.removeprefix("rak1_"))
    for candidate in every_stored_byte_string(48):
        forged = "rak1_" + to_text(own[:32] + candidate)
        with pytest.raises(ResultsKeyRefused):
            API.open_result(HERE, salt=ISSUED.salt, results_access_key=forged, sealed=RESULT)


def test_a_clients_key_opens_nothing_on_a_server_with_another_root_key() -> None:
    stranger = ephemeral()
    api = ResultsVault(stranger.ring, KEYS.worker_public)
    with pytest.raises(ResultsKeyRefused):
        api.open_result(HERE, salt=ISSUED.salt, results_access_key=ISSUED.results_access_key, sealed=RESULT)


def test_the_worker_holds_no_key_that_opens_what_it_sealed() -> None:
    for secret in (*KEYS.worker_secret.raw().values(), *KEYS.rest.raw().values()):
        with pytest.raises(Malformed):
            results.unseal(HERE, RESULT, pair=hpke.KeyPair.of(secret), rest=KEYS.rest)
        with pytest.raises(SealBroken):
            WorkerVault(WorkerKeys({1: secret}, active=1), KEYS.rest).open_claim(HERE, RESULT)


def test_the_worker_cannot_reach_the_root_keys_from_what_it_holds() -> None:
    worker_holds = set(KEYS.rest.raw().values())
    assert worker_holds.isdisjoint(KEYS.ring.raw().values())
    pretended = KeyRing(KEYS.rest.raw(), active=KEYS.rest.active)
    with pytest.raises(ResultsKeyRefused):
        ResultsVault(pretended, KEYS.worker_public).check(
            HERE, salt=ISSUED.salt, results_access_key=ISSUED.results_access_key
        )


def test_the_api_holds_no_key_that_opens_a_claim() -> None:
    derived = KEYS.ring.derived(KEYS.ring.active)
    held = (*KEYS.ring.raw().values(), derived.access, derived.rest, derived.index, derived.token)
    for secret in (*held, *KEYS.worker_public.raw().values()):
        with pytest.raises(SealBroken):
            WorkerVault(WorkerKeys({1: secret}, active=1), KEYS.rest).open_claim(HERE, CLAIM)


def test_the_four_derived_keys_differ() -> None:
    derived = KEYS.ring.derived(KEYS.ring.active)
    assert len({derived.access, derived.rest, derived.index, derived.token, *KEYS.ring.raw().values()}) == 5


def test_nothing_of_the_plaintext_lies_in_what_is_stored() -> None:
    for column in STORED:
        for word in (b"CANARY", b"3174010101019999", base64.b64encode(PLAINTEXT)[:16]):
            assert word not in column


def spellings(secret: bytes) -> set[str]:
    """How a secret could stand in a text: raw, as Python prints it, hexadecimal, base64."""
    return {
        secret.decode("latin-1"),
        repr(secret)[2:-1],
        secret.hex(),
        base64.b64encode(secret).decode().rstrip("="),
        to_text(secret),
    }


def test_no_repr_shows_a_key() -> None:
    derived = KEYS.ring.derived(KEYS.ring.active)
    secrets = {
        *KEYS.ring.raw().values(),
        *KEYS.worker_secret.raw().values(),
        *KEYS.rest.raw().values(),
        derived.access,
        derived.index,
        derived.token,
        ISSUED.salt,
    }
    things = (
        KEYS,
        KEYS.ring,
        KEYS.rest,
        KEYS.worker_secret,
        KEYS.worker_public,
        derived,
        ISSUED,
        API,
        WORKER,
    )
    shown = " ".join(f"{thing!r} {thing!s}" for thing in things)
    assert ISSUED.results_access_key not in shown
    for secret in secrets:
        assert not any(text in shown for text in spellings(secret))


def test_no_exception_shows_a_key_or_a_plaintext() -> None:
    shown = ""
    for text in (ISSUED.results_access_key[:-1], ISSUED.results_access_key + "A"):
        try:
            API.check(HERE, salt=ISSUED.salt, results_access_key=text)
        except VaultError as error:
            shown += "".join(traceback.format_exception(error))
    for sealed in (RESULT[:-1], b""):
        try:
            API.open_result(
                HERE, salt=ISSUED.salt, results_access_key=ISSUED.results_access_key, sealed=sealed
            )
        except VaultError as error:
            shown += "".join(traceback.format_exception(error))
    assert shown.count("ResultsKeyRefused: ") == shown.count("SealBroken: ") == 2
    assert ISSUED.results_access_key[5:30] not in shown
    assert not any(text in shown for text in spellings(ISSUED.salt))


def test_a_ring_refuses_a_key_of_wrong_length_without_showing_it() -> None:
    with pytest.raises(ValueError, match="31 bytes instead of 32") as refusal:
        KeyRing({1: b"s" * 31}, active=1)
    assert "sss" not in str(refusal.value)


@pytest.mark.parametrize(("kids", "active"), [((256,), 256), ((-1,), -1), ((1,), 2), ((), 0)])
def test_a_ring_refuses_a_kid_that_is_no_byte_and_an_active_one_it_does_not_hold(
    kids: tuple[int, ...], active: int
) -> None:
    with pytest.raises(ValueError, match="kid"):
        KeyRing(dict.fromkeys(kids, bytes(32)), active=active)


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_ring_is_neither_pickled_nor_copied(copied: object) -> None:
    assert callable(copied)
    with pytest.raises(TypeError, match="key files only"):
        copied(KEYS.ring)


def test_an_old_key_stays_readable_after_rotation_and_new_envelopes_use_the_new_one() -> None:
    ring = KEYS.ring.with_new(7, bytes(range(32)))
    worker = KEYS.worker_secret.with_new(9, bytes(range(1, 33)))
    api = ResultsVault(ring, worker.public())
    rotated_worker = WorkerVault(worker, ring.rest_keys())

    assert rotated_worker.open_claim(HERE, CLAIM) == PLAINTEXT
    assert (
        api.open_result(HERE, salt=ISSUED.salt, results_access_key=ISSUED.results_access_key, sealed=RESULT)
        == PLAINTEXT
    )
    assert api.seal_claim(HERE, b"")[3] == 9
    issued = api.issue(HERE)
    assert from_text(issued.results_access_key.removeprefix("rak1_"))[3] == 7
    assert rotated_worker.seal_result(HERE, issued.public_key, b"")[3] == 7


def test_a_result_sealed_after_rotation_opens_with_a_key_issued_before_it() -> None:
    ring = KEYS.ring.with_new(7, bytes(range(32)))
    sealed = WorkerVault(KEYS.worker_secret, ring.rest_keys()).seal_result(HERE, ISSUED.public_key, PLAINTEXT)
    api = ResultsVault(ring, KEYS.worker_public)
    assert (
        api.open_result(HERE, salt=ISSUED.salt, results_access_key=ISSUED.results_access_key, sealed=sealed)
        == PLAINTEXT
    )


def test_what_was_sealed_under_a_forgotten_key_stays_closed() -> None:
    ring = KeyRing({7: bytes(range(32))}, active=7)
    api = ResultsVault(ring, KEYS.worker_public)
    with pytest.raises(ResultsKeyRefused):
        api.check(HERE, salt=ISSUED.salt, results_access_key=ISSUED.results_access_key)
    with pytest.raises(SealBroken):
        WorkerVault(WorkerKeys({7: bytes(range(32))}, active=7), ring.rest_keys()).open_claim(HERE, CLAIM)


def test_a_ring_finds_the_next_free_kid_and_says_when_there_is_none() -> None:
    ring = KeyRing({255: bytes(32), 0: bytes(32)}, active=255)
    assert ring.next_kid() == 1
    with pytest.raises(ValueError, match="already in the ring"):
        ring.with_new(0, bytes(32))
    with pytest.raises(ValueError, match="all 256 kids are taken"):
        KeyRing(dict.fromkeys(range(256), bytes(32)), active=0).next_kid()


def test_hpke_alone_is_bound_to_the_session() -> None:
    pair = hpke.KeyPair.of(os.urandom(32))
    sealed = hpke.seal(b"x", pair.public, info=context(HERE, Kind.RESULT))
    moved = context(SessionBinding(HERE.environment_id, uuid4()), Kind.RESULT)
    with pytest.raises(Malformed):
        hpke.unseal(sealed, pair, info=moved)
