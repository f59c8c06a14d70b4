"""AES-256-GCM with its nonce in front of the ciphertext."""

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from padan.vault.envelope import NONCE_SIZE, TAG_SIZE, Malformed


def seal(plaintext: bytes, key: bytes, *, aad: bytes, random: Callable[[int], bytes]) -> bytes:
    """Nonce (12 bytes), ciphertext, tag (16). The key is derived for one session, so nonces never run out."""
    nonce = random(NONCE_SIZE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def unseal(sealed: bytes, key: bytes, *, aad: bytes) -> bytes:
    """Undo `seal`; raises `Malformed` where anything differs."""
    if len(sealed) < NONCE_SIZE + TAG_SIZE:
        raise Malformed
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], aad)
    except InvalidTag:
        raise Malformed from None
