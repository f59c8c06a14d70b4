"""The sealed result: HPKE to the session's public key, inside a skin of AES-256-GCM.

header (4 bytes) | nonce (12) | AES-256-GCM under a key of `K_rest`, over: encapsulated key (32) |
HPKE ciphertext of the padded result | tag (16); and the skin's own tag (16).

The inner seal separates: only the client's results access key opens it. The skin protects a copy of the
database alone even from one who breaks X25519 some day.
"""

from collections.abc import Callable
from typing import Final

from padan.domain.session import SessionBinding
from padan.vault import aead, hpke
from padan.vault.envelope import (
    HEADER_SIZE,
    Header,
    Kind,
    context,
    pad,
    unpad,
)
from padan.vault.keys import RestKeys, derive

PADDING: Final = 256


def seal(
    binding: SessionBinding,
    plaintext: bytes,
    *,
    public_key: bytes,
    rest: RestKeys,
    random: Callable[[int], bytes],
) -> bytes:
    """Seal a result so that neither this side nor a copy of the database can open it again.

    Raises `Malformed` where `public_key` is no X25519 public key.
    """
    header = bytes(Header(Kind.RESULT, rest.active))
    info = context(binding, Kind.RESULT)
    inner = hpke.seal(pad(plaintext, multiple=PADDING), public_key, info=info, random=random)
    skin = derive(rest.key(rest.active), salt=None, info=info)
    return header + aead.seal(inner, skin, aad=header + info, random=random)


def unseal(binding: SessionBinding, sealed: bytes, *, pair: hpke.KeyPair, rest: RestKeys) -> bytes:
    """Open a result with the session's key pair; raises `Malformed` where anything differs."""
    header = Header.parse(sealed, kind=Kind.RESULT)
    info = context(binding, Kind.RESULT)
    skin = derive(rest.key(header.kid), salt=None, info=info)
    inner = aead.unseal(sealed[HEADER_SIZE:], skin, aad=bytes(header) + info)
    return unpad(hpke.unseal(inner, pair, info=info))
