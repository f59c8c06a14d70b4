"""The key rings, and what is derived from them.

A ring holds numbered keys (kid, 0 to 255; 32 bytes each). One of them is active and seals; all of them
open. No ring shows its keys in a repr.
"""

import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from padan.vault.envelope import KEY_SIZE, Malformed, label
from padan.vault.hpke import KeyPair

FIRST_KID: Final = 1
KIDS: Final = 256

_NO_SALT: Final = bytes(32)
_FIRST_BLOCK: Final = b"\x01"

_Key = TypeVar("_Key")


def derive(secret: bytes, *, salt: bytes | None, info: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869) to one key of 32 bytes, which is one block: extract once, expand once."""
    extracted = hmac.digest(salt or _NO_SALT, secret, "sha256")
    return hmac.digest(extracted, info + _FIRST_BLOCK, "sha256")


class Ring:
    """Numbered keys of one purpose, one of them active. Immutable: a change gives a new ring."""

    __slots__ = ("_active", "_keys")

    def __init__(self, keys: Mapping[int, bytes], *, active: int) -> None:
        """Raises ValueError where a kid is no byte, a key is not 32 bytes, or `active` is not among them."""
        for kid, key in keys.items():
            if not 0 <= kid < KIDS:
                raise ValueError(f"kid {kid} is not between 0 and {KIDS - 1}")
            if len(key) != KEY_SIZE:
                raise ValueError(f"the key of kid {kid} has {len(key)} bytes instead of {KEY_SIZE}")
        if active not in keys:
            raise ValueError(f"the active kid {active} is not in the ring")
        self._keys = dict(keys)
        self._active = active

    @property
    def active(self) -> int:
        """The kid that new envelopes are sealed under."""
        return self._active

    @property
    def kids(self) -> tuple[int, ...]:
        """Every kid that can still be opened, in ascending order."""
        return tuple(sorted(self._keys))

    def raw(self) -> dict[int, bytes]:
        """The keys themselves, to be written to a key file."""
        return dict(self._keys)

    def with_new(self, kid: int, key: bytes) -> Self:
        """This ring with one more key, which becomes the active one; raises ValueError if `kid` is taken."""
        if kid in self._keys:
            raise ValueError(f"kid {kid} is already in the ring: choose another")
        return type(self)({**self._keys, kid: key}, active=kid)

    def is_part_of(self, whole: "Ring") -> bool:
        """Whether each of these keys stands in `whole` under the same kid."""
        return self._keys.items() <= whole._keys.items()

    def next_kid(self) -> int:
        """A free kid for the next rotation; raises ValueError when all 256 are taken."""
        for step in range(1, KIDS):
            kid = (self._active + step) % KIDS
            if kid not in self._keys:
                return kid
        raise ValueError("all 256 kids are taken: remove the oldest keys first")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(kids={list(self.kids)}, active={self._active}, keys hidden)"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError(f"{type(self).__name__} is not pickled: keys travel in key files only")


class RestKeys(Ring):
    """`K_rest`: the outer skin of stored results. Both sides hold it; it separates nothing between them."""

    __slots__ = ()

    def key(self, kid: int) -> bytes:
        """The key of `kid`; raises `Malformed` where it is not held."""
        return _of(self._keys, kid)


@dataclass(frozen=True, slots=True, repr=False)
class DerivedKeys:
    """What one root key gives, each 32 bytes under its own label."""

    access: bytes
    rest: bytes
    index: bytes
    token: bytes
    page: bytes

    def __repr__(self) -> str:
        return "DerivedKeys(hidden)"


class KeyRing(Ring):
    """`K_root`: the API's root keys. The worker never holds it, and it never enters the database."""

    __slots__ = ("_derived",)

    def __init__(self, keys: Mapping[int, bytes], *, active: int) -> None:
        super().__init__(keys, active=active)
        self._derived = {kid: _derive_all(key) for kid, key in self._keys.items()}

    def derived(self, kid: int) -> DerivedKeys:
        """What is derived from the root key of `kid`; raises `Malformed` where it is not held."""
        return _of(self._derived, kid)

    def rest_keys(self) -> RestKeys:
        """The part of the ring that the worker may hold."""
        return RestKeys({kid: keys.rest for kid, keys in self._derived.items()}, active=self.active)


class WorkerPublicKeys(Ring):
    """Public halves of the worker's pairs: whoever holds them can seal a claim and open none."""

    __slots__ = ()

    def key(self, kid: int) -> bytes:
        """The public key of `kid`; raises `Malformed` where it is not held."""
        return _of(self._keys, kid)


class WorkerKeys(Ring):
    """Secret halves of the worker's X25519 pairs: whoever holds them opens the claims still queued."""

    __slots__ = ("_by_kid",)

    def __init__(self, keys: Mapping[int, bytes], *, active: int) -> None:
        super().__init__(keys, active=active)
        self._by_kid = {kid: KeyPair.of(key) for kid, key in self._keys.items()}

    def key(self, kid: int) -> KeyPair:
        """The pair of `kid`; raises `Malformed` where it is not held."""
        return _of(self._by_kid, kid)

    def public(self) -> WorkerPublicKeys:
        """The public halves, for the API's side."""
        public = {kid: pair.public for kid, pair in self._by_kid.items()}
        return WorkerPublicKeys(public, active=self.active)


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """Everything one process needs that is API and worker at once."""

    ring: KeyRing
    worker_public: WorkerPublicKeys
    worker_secret: WorkerKeys

    @property
    def rest(self) -> RestKeys:
        """The keys that the worker's side needs beside its own."""
        return self.ring.rest_keys()


def ephemeral(*, random: Callable[[int], bytes] = os.urandom) -> VaultKeys:
    """Keys that live as long as the process: for tests and for a store in memory."""
    ring = KeyRing({FIRST_KID: random(KEY_SIZE)}, active=FIRST_KID)
    worker = WorkerKeys({FIRST_KID: random(KEY_SIZE)}, active=FIRST_KID)
    return VaultKeys(ring, worker.public(), worker)


def _of(keys: Mapping[int, _Key], kid: int) -> _Key:
    try:
        return keys[kid]
    except KeyError:
        raise Malformed from None


def _derive_all(root: bytes) -> DerivedKeys:
    return DerivedKeys(
        access=derive(root, salt=None, info=label("results-access-key")),
        rest=derive(root, salt=None, info=label("results-at-rest")),
        index=derive(root, salt=None, info=label("blind-index")),
        token=derive(root, salt=None, info=label("api-token")),
        page=derive(root, salt=None, info=label("person-page")),
    )
