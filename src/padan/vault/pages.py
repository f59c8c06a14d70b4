"""What only the person's own browser opens: sealed under a secret that the browser alone keeps.

header (4 bytes) | nonce (12) | AES-256-GCM of the padded plaintext | tag (16)

The secret is the token of the launch URL until that has been used, then the token of the page's cookie; of
both the server stores a hash alone. The AES key is derived from `K_page` and that token: a stolen database
opens nothing of it, not even together with `root.keys`.
"""

from collections.abc import Callable
from typing import Final

from padan.domain.session import SessionBinding
from padan.vault import aead
from padan.vault.envelope import HEADER_SIZE, Header, Kind, context, pad, unpad
from padan.vault.keys import KeyRing, derive

PADDING: Final = 128


def seal(
    binding: SessionBinding,
    plaintext: bytes,
    *,
    token: str,
    slot: str,
    ring: KeyRing,
    random: Callable[[int], bytes],
) -> bytes:
    """Seal to the holder of `token`, for this session and slot."""
    head = bytes(Header(Kind.PAGE, ring.active))
    bound = context(binding, Kind.PAGE, slot=slot)
    key = derive(ring.derived(ring.active).page, salt=token.encode(), info=bound)
    return head + aead.seal(pad(plaintext, multiple=PADDING), key, aad=head + bound, random=random)


def unseal(binding: SessionBinding, sealed: bytes, *, token: str, slot: str, ring: KeyRing) -> bytes:
    """Undo `seal`; raises `Malformed` where anything differs."""
    head = sealed[:HEADER_SIZE]
    bound = context(binding, Kind.PAGE, slot=slot)
    page = ring.derived(Header.parse(sealed, kind=Kind.PAGE).kid).page
    key = derive(page, salt=token.encode(), info=bound)
    return unpad(aead.unseal(sealed[HEADER_SIZE:], key, aad=head + bound))
