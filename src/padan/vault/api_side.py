"""The API's side of the vault: it issues and checks results keys, and seals claims that it cannot open."""

import hmac
import os
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

from padan.app.ports import IssuedKey
from padan.domain.session import SessionBinding
from padan.vault import access, pages, results
from padan.vault.claims import ClaimSealer
from padan.vault.envelope import Malformed
from padan.vault.errors import ResultsKeyRefused, SealBroken
from padan.vault.hpke import KeyPair
from padan.vault.keys import KeyRing, WorkerPublicKeys

INDEX_SIZE: Final = 16


class ResultsVault:
    """What the API may do. It opens a result only with the client's key in hand, and never a claim."""

    __slots__ = ("_claims", "_random", "_rest", "_ring")

    def __init__(
        self,
        ring: KeyRing,
        worker: WorkerPublicKeys,
        *,
        random: Callable[[int], bytes] = os.urandom,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ring = ring
        self._rest = ring.rest_keys()
        self._random = random
        self._claims = ClaimSealer(worker, random=random, clock=clock)

    def issue(self, binding: SessionBinding) -> IssuedKey:
        """Make the key pair of a new session; its secret half leaves inside the results access key only."""
        return access.issue(binding, self._ring, random=self._random)

    def session_id_of(self, results_access_key: str) -> UUID:
        """Read the id of the session that a key claims to open. Nothing is proven until `check`.

        Raises ResultsKeyRefused on any text that cannot be a results access key.
        """
        try:
            return access.session_id_of(results_access_key)
        except Malformed:
            raise ResultsKeyRefused from None

    def check(self, binding: SessionBinding, *, salt: bytes, results_access_key: str) -> None:
        """Authenticate a client's key for this session, with no public-key work.

        Raises ResultsKeyRefused, the same for every cause; a redacted session has no salt and refuses all.
        """
        self._secret(binding, salt=salt, text=results_access_key)

    def open_result(
        self,
        binding: SessionBinding,
        *,
        salt: bytes,
        results_access_key: str,
        sealed: bytes,
        public_key: bytes | None = None,
    ) -> bytes:
        """Open a stored result with the client's key; `public_key` as `issue` gave it saves work.

        Raises ResultsKeyRefused where the key is not this session's, and SealBroken where it is but the
        ciphertext was damaged or comes from another row.
        """
        raw = self._secret(binding, salt=salt, text=results_access_key)
        pair = KeyPair(raw, public_key) if public_key else KeyPair.of(raw)
        try:
            return results.unseal(binding, sealed, pair=pair, rest=self._rest)
        except Malformed:
            raise SealBroken from None

    def seal_claim(self, binding: SessionBinding, plaintext: bytes, *, slot: str = "claim") -> bytes:
        """Seal what the worker is to ask; from here on only the worker opens it."""
        return self._claims.seal(binding, plaintext, slot=slot)

    def seal_page(self, binding: SessionBinding, plaintext: bytes, *, token: str, slot: str) -> bytes:
        """Seal to the person's browser, which holds `token`; the server keeps a hash of that alone."""
        return pages.seal(binding, plaintext, token=token, slot=slot, ring=self._ring, random=self._random)

    def open_page(self, binding: SessionBinding, sealed: bytes, *, token: str, slot: str) -> bytes:
        """Open what was sealed to the person's browser. Raises SealBroken."""
        try:
            return pages.unseal(binding, sealed, token=token, slot=slot, ring=self._ring)
        except Malformed:
            raise SealBroken from None

    def blind_index(self, environment_id: UUID | None, text: str) -> bytes:
        """A keyed fingerprint (16 bytes), to count attempts on a NIK without storing the number.

        Unlike a plain hash it cannot be searched without the root key. It differs between environments, and
        where none is given it is one of the whole server. It changes when the root key rotates.
        """
        key = self._ring.derived(self._ring.active).index
        own = hmac.digest(key, environment_id.bytes if environment_id else b"", "sha256")
        return hmac.digest(own, text.encode(), "sha256")[:INDEX_SIZE]

    def _secret(self, binding: SessionBinding, *, salt: bytes, text: str) -> bytes:
        try:
            return access.open_key(binding, self._ring, salt=salt, text=text)
        except Malformed:
            raise ResultsKeyRefused from None
