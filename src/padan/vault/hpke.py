"""HPKE (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

X25519 is libsodium's, the hash and the cipher are OpenSSL's: of what a verification costs, two thirds were
once public-key work, and this is the quickest sound implementation of each. What is put together here is the
key schedule alone. The context goes into `info`, which the schedule binds as firmly as additional data.
"""

import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.bindings import crypto_scalarmult, crypto_scalarmult_base

from padan.vault.envelope import KEY_SIZE, NONCE_SIZE, TAG_SIZE, Malformed

OVERHEAD: Final = KEY_SIZE + TAG_SIZE

_KEM: Final = b"KEM" + (0x0020).to_bytes(2, "big")
_HPKE: Final = b"HPKE" + b"".join(part.to_bytes(2, "big") for part in (0x0020, 0x0001, 0x0002))
_VERSION: Final = b"HPKE-v1"
_NO_SALT: Final = bytes(32)
_LAST_BLOCK: Final = b"\x01"


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """An X25519 key pair, 32 bytes each. Its repr shows neither half."""

    secret: bytes
    public: bytes

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """The pair of a secret half."""
        return cls(secret, crypto_scalarmult_base(secret))

    def __repr__(self) -> str:
        return "KeyPair(hidden)"


def seal(
    plaintext: bytes,
    recipient: bytes,
    *,
    info: bytes,
    aad: bytes = b"",
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """Encapsulated key (32 bytes), ciphertext, tag (16).

    Args:
        plaintext: what is sealed.
        recipient: public half of the recipient's pair.
        info: the context; it has to be the same to open.
        aad: additional data; likewise.
        random: gives the secret half of the ephemeral pair.

    Raises:
        Malformed: the public half is none, or one of low order.
    """
    own = KeyPair.of(random(KEY_SIZE))
    shared = _exchanged(own.secret, recipient)
    key, nonce = _schedule(shared, kem_context=own.public + recipient, info=info)
    return own.public + AESGCM(key).encrypt(nonce, plaintext, aad)


def unseal(sealed: bytes, recipient: KeyPair, *, info: bytes, aad: bytes = b"") -> bytes:
    """Undo `seal`; raises `Malformed` where anything differs."""
    if len(sealed) < OVERHEAD:
        raise Malformed
    encapsulated = sealed[:KEY_SIZE]
    shared = _exchanged(recipient.secret, encapsulated)
    key, nonce = _schedule(shared, kem_context=encapsulated + recipient.public, info=info)
    try:
        return AESGCM(key).decrypt(nonce, sealed[KEY_SIZE:], aad)
    except InvalidTag:
        raise Malformed from None


def _exchanged(secret: bytes, public: bytes) -> bytes:
    """X25519 (RFC 7748). libsodium refuses the all-zero outcome, as RFC 9180, section 7.1.4, demands."""
    if len(public) != KEY_SIZE:
        raise Malformed
    try:
        return crypto_scalarmult(secret, public)
    except RuntimeError:
        raise Malformed from None


def _schedule(exchanged: bytes, *, kem_context: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Key and nonce: sections 4.1 (ExtractAndExpand) and 5.1 (KeySchedule), base mode."""
    extracted = _extract(_NO_SALT, _KEM, b"eae_prk", exchanged)
    shared = _expand(extracted, _KEM, b"shared_secret", kem_context, size=KEY_SIZE)
    context = b"\x00" + _NO_PSK + _extract(_NO_SALT, _HPKE, b"info_hash", info)
    secret = _extract(shared, _HPKE, b"secret", b"")
    return (
        _expand(secret, _HPKE, b"key", context, size=KEY_SIZE),
        _expand(secret, _HPKE, b"base_nonce", context, size=NONCE_SIZE),
    )


def _extract(salt: bytes, suite: bytes, *labelled: bytes) -> bytes:
    return hmac.digest(salt, _VERSION + suite + b"".join(labelled), "sha256")


def _expand(key: bytes, suite: bytes, *labelled: bytes, size: int) -> bytes:
    """One block of HMAC is enough: nothing here is longer than 32 bytes."""
    text = size.to_bytes(2, "big") + _VERSION + suite + b"".join(labelled) + _LAST_BLOCK
    return hmac.digest(key, text, "sha256")[:size]


_NO_PSK: Final = _extract(_NO_SALT, _HPKE, b"psk_id_hash")
