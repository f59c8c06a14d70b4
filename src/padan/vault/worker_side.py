"""The worker's side of the vault: it opens claims, and seals results that it cannot open again.

What is owed to the registry it seals to itself, for it alone is to send that.
"""

import os
import time
from collections.abc import Callable
from uuid import UUID

from padan.domain.session import SessionBinding
from padan.vault import answers, results
from padan.vault.claims import ClaimOpener, ClaimSealer
from padan.vault.envelope import Malformed
from padan.vault.errors import SealBroken
from padan.vault.keys import RestKeys, WorkerKeys

_FEEDBACK = "feedback"


class WorkerVault:
    """What the worker may do. It needs its own secret halves and `K_rest`, never the API's root keys."""

    __slots__ = ("_claims", "_owed", "_random", "_rest")

    def __init__(
        self,
        worker: WorkerKeys,
        rest: RestKeys,
        *,
        random: Callable[[int], bytes] = os.urandom,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._claims = ClaimOpener(worker)
        self._owed = ClaimSealer(worker.public(), random=random, clock=clock)
        self._rest = rest
        self._random = random

    def open_claim(self, binding: SessionBinding, sealed: bytes, *, slot: str = "claim") -> bytes:
        """Open a claim of this session and slot; raises SealBroken where it was damaged or moved."""
        try:
            return self._claims.unseal(binding, sealed, slot=slot)
        except Malformed:
            raise SealBroken from None

    def seal_feedback(self, binding: SessionBinding, plaintext: bytes) -> bytes:
        """Seal what a session owes to the registry, in a slot that no claim of the API's opens in."""
        return self._owed.seal(binding, plaintext, slot=_FEEDBACK)

    def open_feedback(self, binding: SessionBinding, sealed: bytes) -> bytes:
        """Open what this side sealed; raises SealBroken where it was damaged or moved."""
        return self.open_claim(binding, sealed, slot=_FEEDBACK)

    def name_answer(self, profile_id: UUID, claim: bytes) -> bytes:
        """The keyed fingerprint of a claim, under which its answer is kept for a profile."""
        return answers.name_of(profile_id, claim, rest=self._rest)

    def seal_answer(self, name: bytes, claim: bytes, *, answer: bytes) -> bytes:
        """Seal an answer to be kept: who does not have the claim does not open it."""
        return answers.seal(name, claim, answer=answer, rest=self._rest, random=self._random)

    def open_answer(self, name: bytes, claim: bytes, *, sealed: bytes) -> bytes:
        """Open a kept answer; raises SealBroken where it was damaged, or sealed under a key before."""
        try:
            return answers.unseal(name, claim, sealed=sealed, rest=self._rest)
        except Malformed:
            raise SealBroken from None

    def seal_result(self, binding: SessionBinding, public_key: bytes, plaintext: bytes) -> bytes:
        """Seal a result to its session's public key; raises SealBroken where that key is damaged."""
        try:
            return results.seal(
                binding, plaintext, public_key=public_key, rest=self._rest, random=self._random
            )
        except Malformed:
            raise SealBroken from None
