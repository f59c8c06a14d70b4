"""What is sealed opens where it belongs, and nowhere else."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.vault import (
    ResultsKeyRefused,
    ResultsVault,
    SealBroken,
    SessionBinding,
    VaultError,
    WorkerVault,
    ephemeral,
)
from padan.vault.claims import BATCHES_REMEMBERED, ClaimOpener
from padan.vault.envelope import from_text, to_text

KEYS = ephemeral()
API = ResultsVault(KEYS.ring, KEYS.worker_public)
WORKER = WorkerVault(KEYS.worker_secret, KEYS.rest)
HERE = SessionBinding(uuid4(), uuid4())
ISSUED = API.issue(HERE)
KEY = ISSUED.results_access_key
CLAIM = API.seal_claim(HERE, b"a claim")
RESULT = WORKER.seal_result(HERE, ISSUED.public_key, b"a result")

ELSEWHERE = pytest.mark.parametrize(
    "elsewhere",
    [SessionBinding(HERE.environment_id, uuid4()), SessionBinding(uuid4(), HERE.session_id)],
    ids=["another session", "another environment"],
)


def open_result(sealed: bytes, *, binding: SessionBinding = HERE, key: str = KEY) -> bytes:
    return API.open_result(binding, salt=ISSUED.salt, results_access_key=key, sealed=sealed)


def flipped(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def text_with_flipped_bit(text: str, bit: int) -> str:
    return flipped(text.encode(), bit).decode("latin-1")


def opens_nothing(action: Callable[[], object], error: type[VaultError]) -> bool:
    try:
        action()
    except error:
        return True
    return False


@given(st.binary(max_size=2_000), st.text(max_size=20))
def test_any_claim_comes_out_of_its_slot_as_it_went_in(plaintext: bytes, slot: str) -> None:
    assert WORKER.open_claim(HERE, API.seal_claim(HERE, plaintext, slot=slot), slot=slot) == plaintext


@given(st.binary(max_size=2_000))
def test_any_result_comes_out_as_it_went_in(plaintext: bytes) -> None:
    assert open_result(WORKER.seal_result(HERE, ISSUED.public_key, plaintext)) == plaintext


@given(st.uuids(), st.uuids())
def test_a_key_tells_its_session_and_opens_it(environment_id: UUID, session_id: UUID) -> None:
    binding = SessionBinding(environment_id, session_id)
    issued = API.issue(binding)
    assert API.session_id_of(issued.results_access_key) == session_id
    API.check(binding, salt=issued.salt, results_access_key=issued.results_access_key)


def test_a_key_is_short_and_safe_in_a_url() -> None:
    assert len(KEY) == 112
    assert KEY.startswith("rak1_")
    assert set(KEY) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_every_session_gets_a_key_of_its_own() -> None:
    again = API.issue(HERE)
    assert {again.results_access_key, again.public_key, again.salt}.isdisjoint(
        {KEY, ISSUED.public_key, ISSUED.salt}
    )


def test_lengths_within_one_block_look_alike() -> None:
    results = {len(WORKER.seal_result(HERE, ISSUED.public_key, bytes(n))) for n in range(253)}
    claims = {len(API.seal_claim(HERE, bytes(n))) for n in range(125)}
    assert len(results) == len(claims) == 1
    assert len(WORKER.seal_result(HERE, ISSUED.public_key, bytes(253))) == results.pop() + 256
    assert len(API.seal_claim(HERE, bytes(125))) == claims.pop() + 128


@ELSEWHERE
def test_a_claim_moved_elsewhere_does_not_open(elsewhere: SessionBinding) -> None:
    with pytest.raises(SealBroken):
        WORKER.open_claim(elsewhere, CLAIM)


def test_a_claim_moved_to_another_slot_does_not_open() -> None:
    with pytest.raises(SealBroken):
        WORKER.open_claim(HERE, CLAIM, slot="retry")


@ELSEWHERE
def test_a_result_moved_elsewhere_does_not_open_with_the_key_of_that_place(elsewhere: SessionBinding) -> None:
    there = API.issue(elsewhere)
    with pytest.raises(SealBroken):
        API.open_result(
            elsewhere, salt=there.salt, results_access_key=there.results_access_key, sealed=RESULT
        )


@ELSEWHERE
def test_a_whole_row_moved_elsewhere_refuses_its_key(elsewhere: SessionBinding) -> None:
    with pytest.raises(ResultsKeyRefused):
        open_result(RESULT, binding=elsewhere)
    with pytest.raises(ResultsKeyRefused):
        API.check(elsewhere, salt=ISSUED.salt, results_access_key=KEY)


def test_a_claim_does_not_open_as_a_result_nor_a_result_as_a_claim() -> None:
    with pytest.raises(SealBroken):
        open_result(CLAIM)
    with pytest.raises(SealBroken):
        WORKER.open_claim(HERE, RESULT)


@pytest.mark.parametrize(
    "salt",
    [b"", bytes(32), ISSUED.salt[:-1], ISSUED.salt + b"\0"],
    ids=["none", "zeros", "short", "long"],
)
def test_a_key_does_not_open_a_row_whose_salt_is_gone_or_changed(salt: bytes) -> None:
    with pytest.raises(ResultsKeyRefused):
        API.check(HERE, salt=salt, results_access_key=KEY)


def test_no_bit_of_a_sealed_claim_can_change() -> None:
    for bit in range(len(CLAIM) * 8):
        changed = flipped(CLAIM, bit)
        assert opens_nothing(lambda sealed=changed: WORKER.open_claim(HERE, sealed), SealBroken), bit  # type: ignore[misc]


def test_no_bit_of_a_sealed_result_can_change() -> None:
    for bit in range(len(RESULT) * 8):
        changed = flipped(RESULT, bit)
        assert opens_nothing(lambda sealed=changed: open_result(sealed), SealBroken), bit  # type: ignore[misc]


def test_no_bit_of_a_results_key_can_change_neither_in_its_text_nor_in_its_bytes() -> None:
    raw = from_text(KEY.removeprefix("rak1_"))
    texts = [text_with_flipped_bit(KEY, bit) for bit in range(len(KEY) * 8)]
    texts += ["rak1_" + to_text(flipped(raw, bit)) for bit in range(len(raw) * 8)]
    for text in texts:
        refused = opens_nothing(
            lambda changed=text: API.check(HERE, salt=ISSUED.salt, results_access_key=changed),  # type: ignore[misc]
            ResultsKeyRefused,
        )
        assert refused, text


def test_a_key_has_one_spelling() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place = alphabet.index(KEY[-1])
    same_bytes = [KEY[:-1] + alphabet[place // 4 * 4 + unused] for unused in range(4)]
    same_bytes.remove(KEY)
    for text in [*same_bytes, KEY + "=", KEY + "\n", " " + KEY, KEY[:50] + "*" + KEY[50:], "RAK1_" + KEY[5:]]:
        with pytest.raises(ResultsKeyRefused):
            API.session_id_of(text)


@given(st.binary(max_size=200), st.data())
def test_no_bit_of_any_envelope_can_change(plaintext: bytes, data: st.DataObject) -> None:
    claim = API.seal_claim(HERE, plaintext)
    result = WORKER.seal_result(HERE, ISSUED.public_key, plaintext)
    with pytest.raises(SealBroken):
        WORKER.open_claim(HERE, flipped(claim, data.draw(st.integers(0, len(claim) * 8 - 1))))
    with pytest.raises(SealBroken):
        open_result(flipped(result, data.draw(st.integers(0, len(result) * 8 - 1))))


@given(st.integers(0, len(CLAIM) - 1), st.integers(0, len(RESULT) - 1), st.binary(min_size=1, max_size=40))
def test_an_envelope_cut_short_or_drawn_out_does_not_open(claim_size: int, size: int, tail: bytes) -> None:
    for claim in (CLAIM[:claim_size], CLAIM + tail):
        with pytest.raises(SealBroken):
            WORKER.open_claim(HERE, claim)
    for result in (RESULT[:size], RESULT + tail):
        with pytest.raises(SealBroken):
            open_result(result)


@given(
    st.one_of(
        st.text(max_size=200),
        st.text(max_size=200).map("rak1_".__add__),
        st.integers(0, 111).map(KEY.__getitem__),
    )
)
def test_garbage_for_a_key_is_refused_and_nothing_else(text: str) -> None:
    for action in (
        lambda: API.session_id_of(text),
        lambda: API.check(HERE, salt=ISSUED.salt, results_access_key=text),
        lambda: open_result(RESULT, key=text),
    ):
        assert opens_nothing(action, ResultsKeyRefused)


@pytest.mark.parametrize("size", range(112))
def test_a_key_cut_short_is_refused(size: int) -> None:
    with pytest.raises(ResultsKeyRefused):
        API.check(HERE, salt=ISSUED.salt, results_access_key=KEY[:size])


@pytest.mark.parametrize("text", ["\ud800", "rak1_\ud800", KEY[:-1] + "\uff21", KEY + KEY * 1_000])
def test_a_key_of_surrogates_full_width_letters_or_great_length_is_refused(text: str) -> None:
    with pytest.raises(ResultsKeyRefused):
        API.session_id_of(text)


def test_every_refusal_of_a_key_says_the_same() -> None:
    other = API.issue(SessionBinding(HERE.environment_id, uuid4())).results_access_key
    stranger = ephemeral()
    foreign = ResultsVault(stranger.ring, stranger.worker_public).issue(HERE).results_access_key
    said = set()
    for text in ("", "nonsense", KEY[:-1], text_with_flipped_bit(KEY, 400), other, foreign):
        with pytest.raises(ResultsKeyRefused) as refusal:
            API.check(HERE, salt=ISSUED.salt, results_access_key=text)
        said.add(str(refusal.value))
    assert len(said) == 1


@pytest.mark.parametrize("public_key", [b"", bytes(31), bytes(33), bytes(32)])
def test_a_damaged_public_key_seals_nothing(public_key: bytes) -> None:
    with pytest.raises(SealBroken):
        WORKER.seal_result(HERE, public_key, b"a result")


def test_a_batch_key_serves_ten_seconds_and_no_longer() -> None:
    now = [100.0]
    api = ResultsVault(KEYS.ring, KEYS.worker_public, clock=lambda: now[0])

    def wrapped_batch_key() -> bytes:
        return api.seal_claim(HERE, b"a claim")[4:84]

    first = wrapped_batch_key()
    now[0] = 109.9
    assert wrapped_batch_key() == first
    now[0] = 110.0
    second = wrapped_batch_key()
    assert second != first
    now[0] = 50.0
    assert wrapped_batch_key() != second


def test_the_same_claim_sealed_twice_shares_no_ciphertext() -> None:
    assert API.seal_claim(HERE, b"a claim")[84:] != API.seal_claim(HERE, b"a claim")[84:]


def test_a_worker_opens_claims_of_more_batches_than_it_remembers() -> None:
    now = [0.0]
    opener = ClaimOpener(KEYS.worker_secret)
    api = ResultsVault(KEYS.ring, KEYS.worker_public, clock=lambda: now[0])
    claims = []
    for batch in range(70):
        now[0] = batch * 10.0
        claims.append(api.seal_claim(HERE, str(batch).encode()))
    for _ in range(2):
        opened = [int(opener.unseal(HERE, claim, slot="claim")) for claim in claims]
        assert opened == list(range(70))
        assert opener.batches_held == BATCHES_REMEMBERED


def test_the_blind_index_of_a_nik_depends_on_environment_and_root_key() -> None:
    nik = "3174010101010001"
    environment, other = uuid4(), uuid4()
    index = API.blind_index(environment, nik)
    stranger = ephemeral()
    assert len(index) == 16
    assert index == API.blind_index(environment, nik)
    assert index != API.blind_index(other, nik)
    assert index != API.blind_index(environment, "3174010101010002")
    assert index != ResultsVault(stranger.ring, stranger.worker_public).blind_index(environment, nik)
