"""Answers kept so that nothing is paid twice: named by a keyed fingerprint of the claim, opened by it.

nonce (12 bytes) | AES-256-GCM of the padded answer | tag (16)

Both keys come from `K_rest`, which the worker holds; the one that seals is derived together with the claim.
Who has the database and the keys can test a claim that is already known, and read nothing else.
"""

import hmac
from collections.abc import Callable
from typing import Final
from uuid import UUID

from padan.vault import aead
from padan.vault.envelope import label, length_prefixed, pad, unpad
from padan.vault.keys import RestKeys, derive

NAME_SIZE: Final = 32
PADDING: Final = 128


def name_of(profile_id: UUID, claim: bytes, *, rest: RestKeys) -> bytes:
    """The fingerprint of a profile's claim, 32 bytes."""
    key = derive(rest.key(rest.active), salt=None, info=label("answer-name"))
    return hmac.digest(key, length_prefixed(profile_id.bytes, claim), "sha256")


def seal(
    name: bytes, claim: bytes, *, answer: bytes, rest: RestKeys, random: Callable[[int], bytes]
) -> bytes:
    """Seal an answer to whoever has the claim."""
    return aead.seal(pad(answer, multiple=PADDING), _key(name, claim, rest), aad=name, random=random)


def unseal(name: bytes, claim: bytes, *, sealed: bytes, rest: RestKeys) -> bytes:
    """Undo `seal`; raises `Malformed` where anything differs, the active key included."""
    return unpad(aead.unseal(sealed, _key(name, claim, rest), aad=name))


def _key(name: bytes, claim: bytes, rest: RestKeys) -> bytes:
    return derive(rest.key(rest.active), salt=name, info=label("answer") + claim)
