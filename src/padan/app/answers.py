"""Not asking twice: the answer to an identical claim is kept for a while, where the agreement permits that.

Nothing is kept unless a profile says for how long. What is kept has a keyed fingerprint for a name and opens
with the claim itself alone: it tells somebody who holds the database nothing, and says yes to nobody who does
not already know what to ask.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from padan.app import claims
from padan.app.ports import SealBroken, WorkerPorts
from padan.domain.claim import Claim, PartialClaim
from padan.domain.finding import (
    ComparedBy,
    Comparison,
    Finding,
    NameJudgement,
    NameReason,
    NameVerdict,
    Outcome,
)
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
    """What an answer belongs to: the claim, and the rules that its name was judged by."""
    known = PartialClaim(claim.nik, claim.full_name, claim.date_of_birth)
    return claims.encode(known) + f"|{rules.name_threshold}|{rules.name_verdict}".encode()


def _encode(finding: Finding) -> bytes:
    return json.dumps(asdict(replace(finding, quota_left=None))).encode()


def _decode(plain: bytes) -> Finding:
    kept = json.loads(plain)
    return Finding(
        Outcome(kept["outcome"]),
        nik=_comparison(kept["nik"]),
        full_name=_comparison(kept["full_name"]),
        date_of_birth=_comparison(kept["date_of_birth"]),
        sex=_comparison(kept["sex"]),
        compared_by=ComparedBy(kept["compared_by"]),
    )


def _comparison(kept: Any) -> Comparison | None:
    if kept is None:
        return None
    judged = kept["judgement"]
    if judged is None:
        return Comparison(kept["matches"], kept["score"])
    reasons = tuple(NameReason(**reason) for reason in judged["reasons"])
    judgement = NameJudgement(NameVerdict(judged["verdict"]), judged["model"], reasons)
    return Comparison(kept["matches"], kept["score"], judgement)
