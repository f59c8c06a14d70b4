"""What is sealed to the person's browser opens with its secret, there, and nowhere else."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.vault import KeyRing, ResultsVault, SealBroken, SessionBinding, ephemeral
from padan.vault.envelope import HEADER_SIZE, NONCE_SIZE, TAG_SIZE
from padan.vault.pages import PADDING

KEYS = ephemeral()
VAULT = ResultsVault(KEYS.ring, KEYS.worker_public)
HERE = SessionBinding(uuid4(), uuid4())
TOKEN, SLOT = "page-token", "preview"
SEALED = VAULT.seal_page(HERE, b"the known part", token=TOKEN, slot=SLOT)


def opens(
    sealed: bytes = SEALED, *, binding: SessionBinding = HERE, token: str = TOKEN, slot: str = SLOT
) -> bool:
    try:
        return VAULT.open_page(binding, sealed, token=token, slot=slot) == b"the known part"
    except SealBroken:
        return False


@given(st.binary(max_size=1_000), st.text(max_size=40), st.sampled_from(["preview", "return-key", ""]))
def test_what_is_sealed_to_a_token_opens_with_it(plaintext: bytes, token: str, slot: str) -> None:
    sealed = VAULT.seal_page(HERE, plaintext, token=token, slot=slot)
    assert VAULT.open_page(HERE, sealed, token=token, slot=slot) == plaintext


@given(st.text(max_size=40).filter(lambda token: token != TOKEN))
def test_no_other_token_opens_it(token: str) -> None:
    assert opens()
    assert not opens(token=token)


@pytest.mark.parametrize("slot", ["return-key", "", "claim", "Preview"])
def test_no_other_slot_opens_it(slot: str) -> None:
    assert not opens(slot=slot)


@pytest.mark.parametrize(
    "elsewhere",
    [SessionBinding(HERE.environment_id, uuid4()), SessionBinding(uuid4(), HERE.session_id)],
    ids=["another session", "another environment"],
)
def test_it_opens_in_its_own_session_alone(elsewhere: SessionBinding) -> None:
    assert not opens(binding=elsewhere)


def test_another_root_key_does_not_open_it() -> None:
    other = ephemeral()
    with pytest.raises(SealBroken):
        ResultsVault(other.ring, other.worker_public).open_page(HERE, SEALED, token=TOKEN, slot=SLOT)


def test_after_a_rotation_what_was_sealed_before_still_opens() -> None:
    before = KEYS.ring.raw()
    rotated = KeyRing({**before, 2: b"\2" * 32}, active=2)
    vault = ResultsVault(rotated, KEYS.worker_public)
    assert vault.open_page(HERE, SEALED, token=TOKEN, slot=SLOT) == b"the known part"
    assert vault.seal_page(HERE, b"x", token=TOKEN, slot=SLOT)[3] == 2


@given(st.integers(0, len(SEALED) * 8 - 1))
def test_a_flipped_bit_closes_it(bit: int) -> None:
    changed = bytearray(SEALED)
    changed[bit // 8] ^= 1 << bit % 8
    assert not opens(bytes(changed))


@given(st.binary(max_size=200) | st.integers(0, len(SEALED) - 1).map(lambda end: SEALED[:end]))
def test_what_was_not_sealed_here_does_not_open(raw: bytes) -> None:
    assert not opens(raw)


@pytest.mark.parametrize(
    "other",
    [lambda: VAULT.seal_claim(HERE, b"the known part"), lambda: VAULT.issue(HERE).salt],
    ids=["a claim", "a salt"],
)
def test_an_envelope_of_another_kind_is_no_page(other: Callable[[], bytes]) -> None:
    assert not opens(other())


def test_neither_the_text_nor_its_token_stands_in_it_and_no_two_are_alike() -> None:
    again = VAULT.seal_page(HERE, b"the known part", token=TOKEN, slot=SLOT)
    assert again != SEALED
    assert b"known" not in SEALED
    assert TOKEN.encode() not in SEALED


@pytest.mark.parametrize("size", [0, 1, PADDING - 4, PADDING - 3, 500])
def test_its_length_tells_only_in_steps_how_long_the_text_is(size: int) -> None:
    sealed = VAULT.seal_page(HERE, b"x" * size, token=TOKEN, slot=SLOT)
    padded = len(sealed) - HEADER_SIZE - NONCE_SIZE - TAG_SIZE
    assert padded % PADDING == 0
    assert padded == -(-(size + 4) // PADDING) * PADDING


def test_a_fingerprint_differs_between_environments_and_from_the_servers() -> None:
    one, other = uuid4(), uuid4()
    nik = "3273015705900001"
    prints = {VAULT.blind_index(place, nik) for place in (one, other, None)}
    assert len(prints) == 3
    assert VAULT.blind_index(None, nik) == VAULT.blind_index(None, nik)
    assert VAULT.blind_index(None, nik) != VAULT.blind_index(None, nik[:-1] + "2")
    assert {len(found) for found in prints} == {16}
