"""How a claim is written down before it is sealed. Only this module knows the form."""

from __future__ import annotations

import json
from datetime import date

from padan.domain.claim import PartialClaim


def encode(claim: PartialClaim) -> bytes:
    """The known parts of a claim as bytes to be sealed."""
    born = claim.date_of_birth.isoformat() if claim.date_of_birth else None
    return json.dumps([claim.nik, claim.full_name, born], ensure_ascii=False, separators=(",", ":")).encode()


def decode(plaintext: bytes) -> PartialClaim:
    """The claim that `encode` wrote."""
    nik, full_name, born = json.loads(plaintext)
    return PartialClaim(nik, full_name, date.fromisoformat(born) if born else None)
