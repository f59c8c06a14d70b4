"""The first format stays readable: envelopes written once, byte for byte, still open.

The keys are counted bytes and the session is made up. A change that breaks one of these tests breaks every
stored row: give the new layout a new version byte instead.
"""

from uuid import UUID

import pytest

from padan.vault import KeyRing, ResultsVault, SessionBinding, WorkerKeys, WorkerVault
from padan.vault.envelope import Kind, Malformed, context, label, length_prefixed, pad, unpad

RING = KeyRing({1: bytes(range(32))}, active=1)
WORKER_KEYS = WorkerKeys({2: bytes(range(32, 64))}, active=2)
HERE = SessionBinding(
    UUID("00000000-0000-4000-8000-00000000000e"), UUID("00000000-0000-4000-8000-000000000005")
)

KEY = (
    "rak1_AQMBAQAAAAAAAEAAgAAAAAAAAAUMDAwMDAwMDAwMDAxlpL9AJPK2GtR"
    "qakMmmleQdb30-rAFZmCIG8a2vSc5HNWT6hTBKwdKc2TX4-WvWtE"
)
SALT = bytes([32]) * 32
PUBLIC_KEY = bytes.fromhex("06453fcd9cef5a1f53acc4f942104c0c8e9e27d5c7b37f5507cdcd1628105963")
CLAIM = bytes.fromhex(
    "01010102ae2fb8fb037a7f579afff5d0887664abbe9650a1f4c13fd780e717fa065d322cbce6d9b413d281d4b34b36b9"
    "7b359f10b06715a160852cf2cac7da6ee57c0ceb78bf7c0d54eab69154a30d50bb58215e101010101010101010101010"
    "101010100c0c0c0c0c0c0c0c0c0c0c0c2c1b7f080528ce43a80746dbd24b1780bb42646f91abdc6a4021951bfd9556cb"
    "2384a52f622d644dcb42d94cf0f2d4707a1fe54568ebe0ee17971f14841285d87d543e3541399af6f014d5ae7e69bab0"
    "68ff6bdc3860045adbebb26de6b53def5645df234fe339f6b0006c98af517634d52dfee0c5e537539c9119a99ed7b2db"
    "9094aa15b47c4841d051946f620d01fe"
)
RESULT = bytes.fromhex(
    "010201010c0c0c0c0c0c0c0c0c0c0c0c653a340aed2fa2fcf8eb83d21ab87dfbb735074553d8de3a39e1eaaca91294c9"
    "0c94c14d928394650ce6cc697ae68750c5c5da2bf3cce97fc0d44a1d989db43cf9e37ed97dbbbe25e1b9b807f1683006"
    "d6b6b8c4e5a5156cbc17097dcaf88fe8428c0cb484c42461d149dc54d517d118c812a81bb96044a3bcebd138142e0f95"
    "29f3e73424fb47427cba26dc4c9d7df409ad66ac2b96383343ebb5aa55a8b3455de17bc1fe218296a499771eb196808a"
    "da892bb86fdc08e892f967b7c7ecc553762566c0760ebefe2fe45983155059abfe6a28f2473674561ce7c646f460a637"
    "3db8d8eb162cc9c3797d5a6b955b9f4e36b3da03f8602c7ad532bb760ad8ee45898a888570f48550822db3ef96b9f129"
    "26adc99acd13a20aae1382ced14f831183b2a4df04f7f00650679efbf4b8fa8b73c57130be8db4b59328fc1aa9f70f17"
)

PAGE = bytes.fromhex(
    "010401010c0c0c0c0c0c0c0c0c0c0c0cf8215f46f506b56870f1528973881b6e4711214b6f1743e69c61e2eb929ca52f"
    "acb7719a27b20956d57707296802cde20122d17fcd823f5c678bf90dcfe9abb35e192181e0464ea6a593ba4fa7e92ec4"
    "ef96daf2675e331b91df45379560483125d065d1efef201724a681a2545e7ab4f532e578285437fb821dc7ace357df28"
    "962795ded9885df2da3f88bc8002c48f"
)


def counted(size: int) -> bytes:
    return bytes([size]) * size


API = ResultsVault(RING, WORKER_KEYS.public(), random=counted)
WORKER = WorkerVault(WORKER_KEYS, RING.rest_keys(), random=counted)


def test_a_claim_of_the_first_format_opens() -> None:
    assert WORKER.open_claim(HERE, CLAIM) == b"claim of version 1"


def test_a_result_of_the_first_format_opens_with_its_key() -> None:
    assert API.open_result(HERE, salt=SALT, results_access_key=KEY, sealed=RESULT) == b"result of version 1"


def test_a_page_of_the_first_format_opens_with_its_token_and_is_still_written_byte_for_byte() -> None:
    assert API.open_page(HERE, PAGE, token="token", slot="preview") == b"page of version 1"
    assert API.seal_page(HERE, b"page of version 1", token="token", slot="preview") == PAGE


def test_a_key_is_still_issued_byte_for_byte() -> None:
    issued = API.issue(HERE)
    assert (issued.results_access_key, issued.salt, issued.public_key) == (KEY, SALT, PUBLIC_KEY)


def test_the_blind_index_of_a_nik_is_still_the_same() -> None:
    assert (
        API.blind_index(HERE.environment_id, "3174010101010001").hex() == "b2d6c3c708ef42be91546dd734216ba9"
    )


def test_every_envelope_begins_with_version_kind_suite_and_kid() -> None:
    assert CLAIM[:4] == bytes((1, Kind.CLAIM, 1, 2))
    assert RESULT[:4] == bytes((1, Kind.RESULT, 1, 1))
    assert PAGE[:4] == bytes((1, Kind.PAGE, 1, 1))
    assert PAGE[4:16] == counted(12)


def test_different_contexts_never_give_the_same_bytes() -> None:
    assert length_prefixed(b"ab", b"c") != length_prefixed(b"a", b"bc")
    contexts = [context(HERE, kind, slot=slot) for kind in Kind for slot in ("", "claim", "retry")]
    contexts += [label(name) for name in ("batch", "claim")]
    assert len(set(contexts)) == len(contexts)


@pytest.mark.parametrize("size", [0, 1, 123, 124, 125, 252, 1_000])
def test_padding_fills_whole_blocks_and_comes_off_again(size: int) -> None:
    padded = pad(b"x" * size, multiple=128)
    assert len(padded) % 128 == 0
    assert len(padded) - size < 128 + 4
    assert unpad(padded) == b"x" * size


@pytest.mark.parametrize(
    "padded",
    [b"", bytes(3), b"\0\0\0\5abcd", b"\0\0\0\1ab", b"\0\0\0\1a\0\1", b"\xff\xff\xff\xff" + bytes(124)],
    ids=["nothing", "half a length", "too short", "no zeros", "a late byte", "a vast length"],
)
def test_padding_that_was_not_written_here_is_refused(padded: bytes) -> None:
    with pytest.raises(Malformed):
        unpad(padded)
