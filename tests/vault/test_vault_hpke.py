"""The HPKE that Padan uses is the one of RFC 9180.

The published vector is of this very suite (the RFC's machine-readable companion, `test-vectors.json` of the
CFRG: mode 0, KEM 0x0020, KDF 0x0001, AEAD 0x0002; the RFC's appendix has this KEM with other ciphers only).
Two others must open what ours seals, and ours what they seal: a small one written here from the RFC, over
another library's X25519, and that library's own.
"""

import hashlib
import hmac
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from padan.vault import hpke
from padan.vault.envelope import Malformed

LIBRARYS = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
KEM_SUITE = b"KEM" + (0x0020).to_bytes(2, "big")
SUITE = b"HPKE" + b"".join(part.to_bytes(2, "big") for part in (0x0020, 0x0001, 0x0002))

INFO = b"Ode on a Grecian Urn"
PLAINTEXT = b"Beauty is truth, truth beauty"
AAD = b"Count-0"
EPHEMERAL = bytes.fromhex("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11")
ENCAPSULATED = bytes.fromhex("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256")
RECIPIENT = bytes.fromhex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d")
SHARED_SECRET = bytes.fromhex("3101c54c3a4f87439eaac080699ed9bbcc726ffe44e860c0424ccb7e3e2ead7b")
KEY = bytes.fromhex("f50b0609186798729ed0564b36ef2ef8044f1f9d05636874d1f46c819c7a669f")
BASE_NONCE = bytes.fromhex("151d9929e2449747889bc923")
CIPHERTEXT = bytes.fromhex(
    "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"
)


def labeled_extract(salt: bytes, label: bytes, secret: bytes, *, suite: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + secret, hashlib.sha256)


def labeled_expand(key: bytes, label: bytes, info: bytes, *, size: int, suite: bytes) -> bytes:
    """Section 4: one HMAC block is enough for the sizes used here (at most 32 bytes)."""
    labeled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, labeled + b"\x01", hashlib.sha256)[:size]


@dataclass(frozen=True)
class Schedule:
    shared_secret: bytes
    key: bytes
    base_nonce: bytes


def schedule(own: X25519PrivateKey, other: bytes, *, kem_context: bytes, info: bytes) -> Schedule:
    """Sections 4.1 and 5.1, base mode."""
    exchanged = own.exchange(X25519PublicKey.from_public_bytes(other))
    extracted = labeled_extract(b"", b"eae_prk", exchanged, suite=KEM_SUITE)
    shared = labeled_expand(extracted, b"shared_secret", kem_context, size=32, suite=KEM_SUITE)
    id_hash = labeled_extract(b"", b"psk_id_hash", b"", suite=SUITE)
    context = b"\x00" + id_hash + labeled_extract(b"", b"info_hash", info, suite=SUITE)
    secret = labeled_extract(shared, b"secret", b"", suite=SUITE)
    return Schedule(
        shared,
        labeled_expand(secret, b"key", context, size=32, suite=SUITE),
        labeled_expand(secret, b"base_nonce", context, size=12, suite=SUITE),
    )


def seal(plaintext: bytes, recipient: bytes, *, ephemeral: bytes, info: bytes, aad: bytes = b"") -> bytes:
    own = X25519PrivateKey.from_private_bytes(ephemeral)
    encapsulated = own.public_key().public_bytes_raw()
    keys = schedule(own, recipient, kem_context=encapsulated + recipient, info=info)
    return encapsulated + AESGCM(keys.key).encrypt(keys.base_nonce, plaintext, aad)


def unseal(sealed: bytes, recipient: bytes, *, info: bytes, aad: bytes = b"") -> bytes:
    own = X25519PrivateKey.from_private_bytes(recipient)
    kem_context = sealed[:32] + own.public_key().public_bytes_raw()
    keys = schedule(own, sealed[:32], kem_context=kem_context, info=info)
    return AESGCM(keys.key).decrypt(keys.base_nonce, sealed[32:], aad)


def public_of(secret: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def test_the_second_implementation_meets_every_step_of_the_published_vector() -> None:
    own = X25519PrivateKey.from_private_bytes(EPHEMERAL)
    keys = schedule(own, public_of(RECIPIENT), kem_context=ENCAPSULATED + public_of(RECIPIENT), info=INFO)
    assert keys == Schedule(SHARED_SECRET, KEY, BASE_NONCE)
    sealed = seal(PLAINTEXT, public_of(RECIPIENT), ephemeral=EPHEMERAL, info=INFO, aad=AAD)
    assert sealed == ENCAPSULATED + CIPHERTEXT
    assert unseal(sealed, RECIPIENT, info=INFO, aad=AAD) == PLAINTEXT


@given(st.binary(max_size=300), st.binary(max_size=100), st.binary(min_size=32, max_size=32))
def test_what_either_implementation_seals_the_other_opens(
    plaintext: bytes, info: bytes, ephemeral: bytes
) -> None:
    pair = hpke.KeyPair.of(RECIPIENT)
    theirs = seal(plaintext, public_of(RECIPIENT), ephemeral=ephemeral, info=info)
    assert hpke.unseal(theirs, pair, info=info) == plaintext
    ours = hpke.seal(plaintext, pair.public, info=info)
    assert len(ours) == len(plaintext) + hpke.OVERHEAD
    assert unseal(ours, RECIPIENT, info=info) == plaintext
    secret = X25519PrivateKey.from_private_bytes(RECIPIENT)
    assert LIBRARYS.decrypt(ours, secret, info=info) == plaintext
    assert (
        hpke.unseal(LIBRARYS.encrypt(plaintext, secret.public_key(), info=info), pair, info=info) == plaintext
    )


def test_ours_meets_the_published_vector() -> None:
    pair = hpke.KeyPair.of(RECIPIENT)
    sealed = hpke.seal(PLAINTEXT, pair.public, info=INFO, aad=AAD, random=lambda _: EPHEMERAL)
    assert sealed == ENCAPSULATED + CIPHERTEXT
    assert hpke.unseal(sealed, pair, info=INFO, aad=AAD) == PLAINTEXT


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"short", b"x" * 33], ids=repr)
def test_a_public_half_that_is_none_or_of_low_order_is_refused(public: bytes) -> None:
    with pytest.raises(Malformed):
        hpke.seal(b"x", public, info=b"")
    with pytest.raises(Malformed):
        hpke.unseal(public + bytes(16), hpke.KeyPair.of(RECIPIENT), info=b"")


def test_another_info_opens_nothing() -> None:
    pair = hpke.KeyPair.of(RECIPIENT)
    with pytest.raises(Malformed):
        hpke.unseal(hpke.seal(b"x", pair.public, info=b"a"), pair, info=b"b")


def test_a_pair_shows_neither_half() -> None:
    assert repr(hpke.KeyPair.of(RECIPIENT)) == "KeyPair(hidden)"
