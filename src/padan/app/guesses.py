"""How often a person's NIK may be tried with other details: a form must not become a way to find them out."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from padan.app import claims
from padan.app.ports import Ports
from padan.domain.claim import PartialClaim
from padan.domain.session import Session

DAY = 24 * 60 * 60 * 1000
_HALF = 16


async def within_limits(ports: Ports, session: Session, given: PartialClaim) -> bool:
    """Note what was given with a NIK, and tell whether that is one try too many.

    The same details again are no new guess, so nobody is refused for verifying often. Counted are different
    details for one NIK within a day, in one environment and on the whole server, by keyed fingerprints: no
    NIK and no name is stored.
    """
    details = replace(given, nik=None)
    guess = ports.vault.blind_index(None, claims.encode(details).decode())
    own = session.nik_index if given.nik is None else fingerprint(ports, session.environment_id, given.nik)
    if own is None:
        return True
    now, limits = ports.clock(), ports.limits
    for subject, most in (
        (own[:_HALF], limits.guesses_per_environment),
        (own[_HALF:], limits.guesses_per_server),
    ):
        if not await ports.guesses.note_guess(subject, guess, most=most, now=now, until=now + DAY):
            return False
    return True


def fingerprint(ports: Ports, environment_id: UUID, nik: str) -> bytes:
    """The two keyed fingerprints that a NIK is counted by: the environment's, then the server's."""
    return ports.vault.blind_index(environment_id, nik) + ports.vault.blind_index(None, nik)
