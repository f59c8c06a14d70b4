"""HPKE (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

The library's single-shot form takes no additional data, so the context goes into `info`, which the key
schedule binds just as firmly.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from padan.vault.envelope import KEY_SIZE, TAG_SIZE, Malformed

OVERHEAD: Final = KEY_SIZE + TAG_SIZE

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal(plaintext: bytes, recipient: X25519PublicKey, *, info: bytes) -> bytes:
    """Encapsulated key (32 bytes), ciphertext, tag (16); raises `Malformed` for a public key of low order."""
    try:
        return _SUITE.encrypt(plaintext, recipient, info=info)
    except ValueError:
        raise Malformed from None


def unseal(sealed: bytes, recipient: X25519PrivateKey, *, info: bytes) -> bytes:
    """Undo `seal`; raises `Malformed` where anything differs."""
    try:
        return _SUITE.decrypt(sealed, recipient, info=info)
    except (InvalidTag, ValueError):
        raise Malformed from None
