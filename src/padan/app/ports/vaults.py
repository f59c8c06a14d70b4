"""The two sides of the vault, as protocols: neither can do what the other does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from padan.domain.session import SessionBinding


class VaultError(Exception):
    """Something sealed does not open. Messages never say why, nor hold any of it."""


class ResultsKeyRefused(VaultError):
    """The results access key is not the one of this session; every cause looks the same."""


class SealBroken(VaultError):
    """A sealed envelope was damaged, moved, or sealed under a key that is gone."""


@dataclass(frozen=True, slots=True, repr=False)
class IssuedKey:
    """A new session's vault: the key for the relying party, and what the session keeps."""

    results_access_key: str
    public_key: bytes
    salt: bytes

    def __repr__(self) -> str:
        return "IssuedKey(hidden)"


class ResultsVault(Protocol):
    """The API's side: it issues results access keys and opens results with them; it cannot open claims."""

    def issue(self, binding: SessionBinding) -> IssuedKey:
        """A new key pair, its secret half only inside the results access key."""

    def check(self, binding: SessionBinding, *, salt: bytes, results_access_key: str) -> None:
        """Raises ResultsKeyRefused unless the key is the session's own."""

    def open_result(
        self,
        binding: SessionBinding,
        *,
        salt: bytes,
        results_access_key: str,
        sealed: bytes,
        public_key: bytes | None = None,
    ) -> bytes:
        """`public_key` as it was issued saves deriving it. Raises ResultsKeyRefused, SealBroken."""

    def seal_claim(self, binding: SessionBinding, plaintext: bytes, *, slot: str = "claim") -> bytes:
        """Seal to the workers; `slot` tells the parts of one session's claim apart."""

    def seal_page(self, binding: SessionBinding, plaintext: bytes, *, token: str, slot: str) -> bytes:
        """Seal to the person's browser: whoever has `token` opens it."""

    def open_page(self, binding: SessionBinding, sealed: bytes, *, token: str, slot: str) -> bytes:
        """Raises SealBroken."""

    def blind_index(self, environment_id: UUID | None, text: str) -> bytes:
        """A keyed fingerprint of a text, of one environment or (None) of the whole server."""


class ClaimVault(Protocol):
    """The worker's side: it opens claims and seals results; a result it sealed it cannot open."""

    def open_claim(self, binding: SessionBinding, sealed: bytes, *, slot: str = "claim") -> bytes:
        """Raises SealBroken."""

    def name_answer(self, profile_id: UUID, claim: bytes) -> bytes:
        """The keyed fingerprint of a claim, under which its answer is kept for a profile."""

    def seal_answer(self, name: bytes, claim: bytes, *, answer: bytes) -> bytes:
        """Seal an answer to be kept: who does not have the claim does not open it."""

    def open_answer(self, name: bytes, claim: bytes, *, sealed: bytes) -> bytes:
        """Raises SealBroken."""

    def seal_feedback(self, binding: SessionBinding, plaintext: bytes) -> bytes:
        """Seal what is owed to the registry, from the worker to the worker: nobody else opens it."""

    def open_feedback(self, binding: SessionBinding, sealed: bytes) -> bytes:
        """Raises SealBroken."""

    def seal_result(self, binding: SessionBinding, public_key: bytes, plaintext: bytes) -> bytes:
        """Seal to the holder of the results access key."""
