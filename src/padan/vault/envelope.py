"""The layout that every envelope shares: a header, the context it is bound to, padding, text form.

An envelope begins with four bytes: version, kind, suite, key identifier (kid). What follows depends
on the kind and is described where that kind is sealed. Lengths are bytes, integers are big-endian.
"""

import base64
import binascii
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final, Self

from padan.domain.session import SessionBinding

VERSION: Final = 1
SUITE_X25519_SHA256_AES256GCM: Final = 1
HEADER_SIZE: Final = 4
KEY_SIZE: Final = 32
NONCE_SIZE: Final = 12
TAG_SIZE: Final = 16

_PROTOCOL: Final = b"padan/vault/v1"
_LENGTH_SIZE: Final = 4


class Malformed(Exception):
    """Bytes that are no envelope of ours. Stays inside the vault: callers see one of its public errors."""


class Kind(IntEnum):
    """What an envelope holds; the second byte of its header."""

    CLAIM = 1
    RESULT = 2
    RESULTS_KEY = 3
    PAGE = 4


@dataclass(frozen=True, slots=True)
class Header:
    """The first four bytes of an envelope."""

    kind: Kind
    kid: int

    def __bytes__(self) -> bytes:
        return bytes((VERSION, self.kind, SUITE_X25519_SHA256_AES256GCM, self.kid))

    @classmethod
    def parse(cls, envelope: bytes, *, kind: Kind) -> Self:
        """Read the header of an envelope that must be of `kind`; raises `Malformed` on any other."""
        known = bytes((VERSION, kind, SUITE_X25519_SHA256_AES256GCM))
        if len(envelope) < HEADER_SIZE or envelope[: HEADER_SIZE - 1] != known:
            raise Malformed
        return cls(kind, envelope[HEADER_SIZE - 1])


def length_prefixed(*parts: bytes) -> bytes:
    """Join parts so that no two different lists give the same bytes; each part is at most 65,535 bytes."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


_ID_LENGTH: Final = (16).to_bytes(2, "big")
_BEFORE_IDS: Final = length_prefixed(_PROTOCOL, bytes((SUITE_X25519_SHA256_AES256GCM,))) + _ID_LENGTH


def context(binding: SessionBinding, kind: Kind, *, slot: str = "") -> bytes:
    """The bytes that tie a ciphertext to its session: HPKE and HKDF `info`, and part of the AEAD's data."""
    environment, session = binding.environment_id.bytes, binding.session_id.bytes
    return b"".join((_BEFORE_IDS, environment, _ID_LENGTH, session, _after_ids(kind, slot)))


@lru_cache(maxsize=256)
def _after_ids(kind: Kind, slot: str) -> bytes:
    return length_prefixed(kind.name.encode(), slot.encode())


def label(*parts: str) -> bytes:
    """The `info` of a key that belongs to no session; distinct parts give distinct keys."""
    return length_prefixed(_PROTOCOL, *(part.encode() for part in parts))


def pad(plaintext: bytes, *, multiple: int) -> bytes:
    """Hide the exact length: length (4 bytes), plaintext, zeros up to the next multiple."""
    used = _LENGTH_SIZE + len(plaintext)
    return len(plaintext).to_bytes(_LENGTH_SIZE, "big") + plaintext + bytes(-used % multiple)


def unpad(padded: bytes) -> bytes:
    """Undo `pad`; raises `Malformed` where the length or the zeros are not what `pad` writes."""
    end = _LENGTH_SIZE + int.from_bytes(padded[:_LENGTH_SIZE], "big")
    if len(padded) < max(end, _LENGTH_SIZE) or any(padded[end:]):
        raise Malformed
    return padded[_LENGTH_SIZE:end]


def to_text(raw: bytes) -> str:
    """Write bytes as base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """Read base64url without padding; raises `Malformed` on anything `to_text` would not have written.

    A lenient reader ignores foreign characters and the unused bits of the last one, so that many texts
    stand for one key. Here one key has one text.
    """
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (UnicodeEncodeError, binascii.Error):
        raise Malformed from None
    if to_text(raw) != text:
        raise Malformed
    return raw
