"""The sealed claim: what the API hands to the worker through the database.

header (4 bytes) | batch key, sealed by HPKE to the worker (80) | salt (16) | nonce (12) |
AES-256-GCM of the padded claim | tag (16)

Public-key work for each claim would cost more than all the rest, so one random batch key serves ten
seconds. Every envelope carries it wrapped, so no second table is needed, and a subkey of it under the
envelope's own salt encrypts the claim. The API keeps the batch key in memory only, and only that long.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from padan.domain.session import SessionBinding
from padan.vault import aead, hpke
from padan.vault.envelope import (
    HEADER_SIZE,
    KEY_SIZE,
    Header,
    Kind,
    context,
    label,
    pad,
    unpad,
)
from padan.vault.keys import WorkerKeys, WorkerPublicKeys, derive

PADDING: Final = 128
BATCH_SECONDS: Final = 10.0
BATCHES_REMEMBERED: Final = 64

_SALT_SIZE: Final = 16
_PREFIX: Final = HEADER_SIZE + KEY_SIZE + hpke.OVERHEAD
_BODY: Final = _PREFIX + _SALT_SIZE
_BATCH_INFO: Final = label("batch")


@dataclass(frozen=True, slots=True, repr=False)
class _Batch:
    key: bytes
    prefix: bytes
    made_at: float

    def __repr__(self) -> str:
        return "_Batch(hidden)"


class ClaimSealer:
    """Seals claims to the worker; holds one batch key for at most ten seconds of use, and no secret half."""

    __slots__ = ("_batch", "_clock", "_random", "_worker")

    def __init__(
        self, worker: WorkerPublicKeys, *, random: Callable[[int], bytes], clock: Callable[[], float]
    ) -> None:
        self._worker = worker
        self._random = random
        self._clock = clock
        self._batch: _Batch | None = None

    def seal(self, binding: SessionBinding, plaintext: bytes, *, slot: str) -> bytes:
        """Seal a claim to this session and slot."""
        batch = self._current()
        head = batch.prefix + self._random(_SALT_SIZE)
        bound = context(binding, Kind.CLAIM, slot=slot)
        key = derive(batch.key, salt=head[_PREFIX:], info=bound)
        padded = pad(plaintext, multiple=PADDING)
        return head + aead.seal(padded, key, aad=head + bound, random=self._random)

    def _current(self) -> _Batch:
        now = self._clock()
        batch = self._batch
        if batch is None or not 0 <= now - batch.made_at < BATCH_SECONDS:
            key, kid = self._random(KEY_SIZE), self._worker.active
            wrapped = hpke.seal(key, self._worker.key(kid), info=_BATCH_INFO, random=self._random)
            batch = _Batch(key, bytes(Header(Kind.CLAIM, kid)) + wrapped, now)
            self._batch = batch
        return batch


class ClaimOpener:
    """Opens claims with the worker's secret half; remembers the batch keys it unwrapped last."""

    __slots__ = ("_batches", "_lock", "_worker")

    def __init__(self, worker: WorkerKeys) -> None:
        self._worker = worker
        self._batches: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def unseal(self, binding: SessionBinding, sealed: bytes, *, slot: str) -> bytes:
        """Open a claim of this session and slot; raises `Malformed` where anything differs."""
        head = sealed[:_BODY]
        bound = context(binding, Kind.CLAIM, slot=slot)
        key = derive(self._batch_key(sealed[:_PREFIX]), salt=head[_PREFIX:], info=bound)
        return unpad(aead.unseal(sealed[_BODY:], key, aad=head + bound))

    @property
    def batches_held(self) -> int:
        """How many batch keys lie in memory now."""
        return len(self._batches)

    def _batch_key(self, prefix: bytes) -> bytes:
        with self._lock:
            if prefix in self._batches:
                self._batches.move_to_end(prefix)
                return self._batches[prefix]
        kid = Header.parse(prefix, kind=Kind.CLAIM).kid
        key = hpke.unseal(prefix[HEADER_SIZE:], self._worker.key(kid), info=_BATCH_INFO)
        with self._lock:
            self._batches[prefix] = key
            while len(self._batches) > BATCHES_REMEMBERED:
                self._batches.popitem(last=False)
        return key
