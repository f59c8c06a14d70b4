"""How often a person's NIK may be tried with other details: a form must not become a way to find them out."""

from __future__ import annotations

from uuid import UUID

from padan.app import claims
from padan.app.ports import Ports
from padan.domain.claim import PartialClaim
from padan.domain.session import Session

DAY = 24 * 60 * 60 * 1000


async def within_limits(ports: Ports, session: Session, given: PartialClaim) -> bool:
    """Note what was given with a NIK, and tell whether that is one try too many.

    The same details again are no new guess, so nobody is refused for verifying often. Counted are different
    details for one NIK within a day, in one environment and on the whole server, by keyed fingerprints: no
    NIK and no name is stored.
    """
    guess = ports.vault.blind_index(None, claims.encode(given).decode())
    for subject, most in _subjects(ports, session, given):
        now = ports.clock()
        tried = await ports.guesses.note_guess(subject, guess, now=now, until=now + DAY)
        if tried > most:
            return False
    return True


def fingerprint(ports: Ports, environment_id: UUID | None, nik: str) -> bytes:
    """The keyed fingerprint that a NIK is counted by."""
    return ports.vault.blind_index(environment_id, nik)


def _subjects(ports: Ports, session: Session, given: PartialClaim) -> list[tuple[bytes, int]]:
    limits = ports.limits
    if given.nik is None:
        own = session.nik_index
        return [] if own is None else [(own, limits.guesses_per_environment)]
    return [
        (fingerprint(ports, session.environment_id, given.nik), limits.guesses_per_environment),
        (fingerprint(ports, None, given.nik), limits.guesses_per_server),
    ]
