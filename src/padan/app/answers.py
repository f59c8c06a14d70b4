"""Not asking twice: the answer to an identical claim is kept for a while, where the agreement permits that.

Nothing is kept unless a profile says for how long. What is kept has a keyed fingerprint for a name and opens
with the claim itself alone: it tells somebody who holds the database nothing, and says yes to nobody who does
not already know what to ask.
"""

from __future__ import annotations

import json

from padan.app import claims
from padan.app.ports import SealBroken, WorkerPorts
from padan.domain.claim import Claim, PartialClaim
from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.rules import RegistryRules
from padan.domain.session import Session

_MINUTE = 60_000


async def known_answer(
    ports: WorkerPorts, session: Session, claim: Claim, *, rules: RegistryRules
) -> Finding | None:
    """The finding of an identical claim of the same profile, while it is kept."""
    if not rules.answers_kept:
        return None
    plain = _plain(claim, rules)
    name = ports.vault.name_answer(session.profile_id, plain)
    sealed = await ports.answers.kept_answer(name, now=ports.clock())
    if sealed is None:
        return None
    try:
        return _decode(ports.vault.open_answer(name, plain, sealed=sealed))
    except (SealBroken, ValueError):
        return None


async def keep(
    ports: WorkerPorts, session: Session, claim: Claim, *, finding: Finding, rules: RegistryRules
) -> None:
    """Keep a finding for as long as the profile says."""
    if not rules.answers_kept:
        return
    plain = _plain(claim, rules)
    name = ports.vault.name_answer(session.profile_id, plain)
    sealed = ports.vault.seal_answer(name, plain, answer=_encode(finding))
    await ports.answers.keep_answer(name, sealed, until=ports.clock() + rules.answers_kept * _MINUTE)


def _plain(claim: Claim, rules: RegistryRules) -> bytes:
    """What an answer belongs to: the claim, and the threshold that its name was judged by."""
    known = PartialClaim(claim.nik, claim.full_name, claim.date_of_birth)
    return claims.encode(known) + f"|{rules.name_threshold}".encode()


def _encode(finding: Finding) -> bytes:
    compared = (finding.nik, finding.full_name, finding.date_of_birth)
    parts = [None if one is None else [one.matches, one.score] for one in compared]
    return json.dumps([finding.outcome.value, *parts]).encode()


def _decode(plain: bytes) -> Finding:
    outcome, *parts = json.loads(plain)
    nik, full_name, born = (None if part is None else Comparison(*part) for part in parts)
    return Finding(Outcome(outcome), nik=nik, full_name=full_name, date_of_birth=born)
