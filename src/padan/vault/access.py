"""The results access key: the only place where the secret half of a session's key pair is kept.

`rak1_` and base64url of: header (4 bytes) | session id (16) | nonce (12) | AES-256-GCM(secret half) (48).
The AES key is derived from `K_rak`, the row's salt and the session: to open the key takes the server's
root key, the row and the client's text together, and opening it is what authenticates it.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from padan.app.ports import IssuedKey
from padan.domain.session import SessionBinding
from padan.vault import aead
from padan.vault.envelope import (
    HEADER_SIZE,
    KEY_SIZE,
    NONCE_SIZE,
    TAG_SIZE,
    Header,
    Kind,
    Malformed,
    context,
    from_text,
    to_text,
)
from padan.vault.hpke import KeyPair
from padan.vault.keys import KeyRing, derive

PREFIX: Final = "rak1_"
SALT_SIZE: Final = 32

_BODY: Final = HEADER_SIZE + 16
_SIZE: Final = _BODY + NONCE_SIZE + KEY_SIZE + TAG_SIZE


def issue(binding: SessionBinding, ring: KeyRing, *, random: Callable[[int], bytes]) -> IssuedKey:
    """Make a key pair for the session and lock its secret half into a results access key."""
    salt = random(SALT_SIZE)
    secret = random(KEY_SIZE)
    public = KeyPair.of(secret).public
    head = bytes(Header(Kind.RESULTS_KEY, ring.active)) + binding.session_id.bytes
    bound = context(binding, Kind.RESULTS_KEY)
    key = derive(ring.derived(ring.active).access, salt=salt, info=bound)
    text = PREFIX + to_text(head + aead.seal(secret, key, aad=head + bound, random=random))
    return IssuedKey(text, public, salt)


def session_id_of(text: str) -> UUID:
    """Read the session id inside a key, without trusting it; raises `Malformed` on any other text."""
    return UUID(bytes=_decode(text)[HEADER_SIZE:_BODY])


def open_key(binding: SessionBinding, ring: KeyRing, *, salt: bytes, text: str) -> bytes:
    """The secret half (32 bytes) inside the client's key; raises `Malformed` on any other key."""
    raw = _decode(text)
    head, bound = raw[:_BODY], context(binding, Kind.RESULTS_KEY)
    if len(salt) != SALT_SIZE:
        raise Malformed
    access = ring.derived(Header.parse(raw, kind=Kind.RESULTS_KEY).kid).access
    return aead.unseal(raw[_BODY:], derive(access, salt=salt, info=bound), aad=head + bound)


def _decode(text: str) -> bytes:
    if not text.startswith(PREFIX):
        raise Malformed
    raw = from_text(text.removeprefix(PREFIX))
    Header.parse(raw, kind=Kind.RESULTS_KEY)
    if len(raw) != _SIZE:
        raise Malformed
    return raw
