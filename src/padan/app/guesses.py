"""How often a person's NIK may be tried with other details: a form must not become a way to find them out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from padan.app.ports import Ports
from padan.domain.claim import PartialClaim
from padan.domain.session import Session

DAY = 24 * 60 * 60 * 1000
SIZE = 16
"""Bytes of one keyed fingerprint."""

_NONE = bytes(SIZE)


async def within_limits(ports: Ports, session: Session, given: PartialClaim) -> bool:
    """Note what is tried with a NIK, and tell whether that is one try too many.

    The same details again are no new guess, so nobody is refused for verifying often. Counted are different
    details for one NIK within a day, in one environment and on the whole server, by keyed fingerprints,
    whoever gave which of them: no NIK and no name is stored.
    """
    typed, known = known_index(ports, session.environment_id, given), session.known_index or bytes(4 * SIZE)
    own, everywhere, name, born = (
        mine if mine != _NONE else theirs for mine, theirs in zip(_parts(typed), _parts(known), strict=True)
    )
    if own == _NONE:
        return True
    guess, now, limits = ports.vault.blind_index(None, (name + born).hex()), ports.clock(), ports.limits
    for subject, most in ((own, limits.guesses_per_environment), (everywhere, limits.guesses_per_server)):
        if not await ports.guesses.note_guess(subject, guess, most=most, now=now, until=now + DAY):
            return False
    return True


def known_index(ports: Ports, environment_id: UUID, claim: PartialClaim) -> bytes:
    """Four keyed fingerprints: NIK in its environment, NIK on the server, name, date; zeros for none."""
    parts = (
        _print(ports, environment_id, claim.nik),
        _print(ports, None, claim.nik),
        _print(ports, None, _plain(claim.full_name)),
        _print(ports, None, _written(claim.date_of_birth)),
    )
    return b"".join(parts)


def _parts(index: bytes) -> list[bytes]:
    return [index[start : start + SIZE] for start in range(0, 4 * SIZE, SIZE)]


def _print(ports: Ports, environment_id: UUID | None, text: str | None) -> bytes:
    return _NONE if text is None else ports.vault.blind_index(environment_id, text)


def _plain(name: str | None) -> str | None:
    """A name typed in capitals, or without its dots, is no other name."""
    return None if name is None else "".join(c for c in name.casefold() if c.isalnum())


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
