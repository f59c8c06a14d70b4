"""Run one session: see whether it may be asked, write the attempt down, ask the registry, seal the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from padan.app import claims
from padan.app.answers import keep, known_answer
from padan.app.create import CLAIM, SUPPLEMENT
from padan.app.feedback import owe
from padan.app.licensing import licence
from padan.app.lines import Line
from padan.app.ports import SealBroken, WorkerPorts
from padan.app.settle import (
    Asked,
    Verified,
    fail,
    finish,
    insist,
    is_stored,
    note_question,
    pause_after,
    put_off,
)
from padan.app.times import jakarta_date, near_midnight
from padan.domain.attempt import Allowance, Attempt, Begun, Charge, Refusal
from padan.domain.claim import Claim, PartialClaim
from padan.domain.environment import EnvironmentKind
from padan.domain.errors import (
    RefusalReason,
    RegistryError,
    RegistryProtocolError,
    RegistryRefused,
    RegistryUnavailable,
)
from padan.domain.finding import Finding
from padan.domain.profile import Profile
from padan.domain.rules import Patience, RegistryRules, accepted
from padan.domain.session import ErrorCode, Lease, Session, asking, failed, succeeded

SILENT_PAUSE = 1_000
"""Milliseconds after which a session looks again whether its registry is back."""

USED_UP_PAUSE = 10 * 60_000
"""Milliseconds between two looks of a session that waits for a quota, a budget or the hours of access."""

AGREEMENT_PAUSE = 30_000
"""Milliseconds between two looks of a session whose agreement does not permit questions now."""

_FOR_EVERYBODY = frozenset(RefusalReason) - {RefusalReason.UNPROCESSABLE_NIK, RefusalReason.PARAMETERS}
_CHECKED_AGAIN = frozenset({RefusalReason.QUOTA, RefusalReason.HOURS})


@dataclass(frozen=True, slots=True, repr=False)
class _Question:
    """One session about to be asked: what, for which profile, over which line, against which allowance."""

    session: Session
    claim: Claim
    profile: Profile
    line: Line
    allowance: Allowance

    @property
    def rules(self) -> RegistryRules:
        """What its profile makes of answers."""
        return self.profile.rules


async def verify(ports: WorkerPorts, session: Session, owner: str) -> Verified:
    """Run a session this owner has leased. What it returns has been made durable.

    A session that meanwhile ended, or was taken over, is left as it is.
    """
    try:
        claim = _open_claim(ports, session)
    except (SealBroken, ValueError):
        claim = None
    profile = await ports.directory.profile(session.environment_id, session.profile_id)
    runnable = session.provider in ports.providers and ports.lines.of(session.environment_kind)
    if claim is None or profile is None or not runnable:
        return await fail(ports, session, ErrorCode.INTERNAL, reason="not_runnable")
    if session.attempts and await _may_have_been_charged(ports, session) >= ports.most_unknown_charges:
        return await fail(ports, session, ErrorCode.INTERNAL, reason="too_many_unknown_charges")
    state = await licence(ports, session.environment_kind, session.provider or "")
    if not state.permits:
        return await put_off(ports, session, reason=f"agreement:{state}", pause=AGREEMENT_PAUSE)
    finding = await known_answer(ports, session, claim, rules=profile.rules)
    if finding is not None:
        after = _concluded(ports, session, claim, finding=finding, rules=profile.rules)
        owed = owe(ports, after, claim, finding=finding, purpose=profile.purpose)
        return await finish(ports, session, after, outcome=f"kept:{finding.outcome}", owed=owed)
    line = await ports.lines.choose(session.environment_kind, ports.clock())
    if line is None:
        return await put_off(ports, session, reason="offline", pause=SILENT_PAUSE)
    if line.held(ports.clock()):
        return await _used_up(ports, session, profile.rules, reason="refused:everybody")
    allowance = _allowance(ports, session, line=line, rules=profile.rules)
    return await _begin(ports, _Question(session, claim, profile, line, allowance), owner)


async def _may_have_been_charged(ports: WorkerPorts, session: Session) -> int:
    """How many questions of a session are of unknown charge, those a crash left open included."""
    return sum(a.charge is Charge.UNKNOWN for a in await ports.sessions.attempts(session.id))


def _open_claim(ports: WorkerPorts, session: Session) -> Claim:
    known = PartialClaim()
    for sealed, slot in ((session.sealed_claim, CLAIM), (session.sealed_supplement, SUPPLEMENT)):
        if sealed is not None:
            known = known.completed_by(
                claims.decode(ports.vault.open_claim(session.binding, sealed, slot=slot))
            )
    return known.complete()


def _allowance(ports: WorkerPorts, session: Session, *, line: Line, rules: RegistryRules) -> Allowance:
    day = jakarta_date(ports.clock()).isoformat()
    terms = line.terms
    return Allowance(
        account=line.account,
        profile_id=session.profile_id,
        day=day,
        month=day[:7],
        price=terms.price,
        quota=terms.quota,
        per_second=terms.per_second,
        budget=rules.monthly_budget,
    )


async def _begin(ports: WorkerPorts, question: _Question, owner: str) -> Verified:
    """Write the question down, then ask it. Where it may not be asked, its profile says what follows."""
    session, line, now = question.session, question.line, ports.clock()
    running = asking(session, now=now, lease=Lease(owner, now + ports.lease))
    terms = line.terms
    attempt = Attempt(session.id, running.attempts, line.registry.name, terms.price, now, tariff=terms.tariff)

    async def begin() -> Begun:
        return await ports.sessions.begin(
            session, running, attempt=attempt, allowance=question.allowance, now=now
        )

    begun = await insist(ports, running, begin)
    # Stale may be what was written by a try before, whose answer did not arrive.
    if begun.refusal is None or (begun.refusal is Refusal.STALE and await is_stored(ports, running)):
        note_question(ports, attempt)
        return await _ask(ports, question, running, attempt)
    return await _not_begun(ports, question, begun)


async def _not_begun(ports: WorkerPorts, question: _Question, begun: Begun) -> Verified:
    session = question.session
    if begun.refusal is Refusal.STALE:
        return Verified("taken_over", done=False)
    if begun.refusal is Refusal.RATE:
        return await put_off(ports, session, reason="rate", pause=max(0, begun.ready_at - ports.clock()))
    return await _used_up(ports, session, question.rules, reason=str(begun.refusal))


async def _used_up(
    ports: WorkerPorts, session: Session, rules: RegistryRules, *, reason: str, asked: Asked | None = None
) -> Verified:
    """Nothing may be asked for a while, for a reason that the operator has to see."""
    ports.report("used_up", reason)
    if rules.when_used_up is Patience.WAIT:
        return await put_off(ports, session, reason=reason, pause=USED_UP_PAUSE, asked=asked)
    return await fail(ports, session, ErrorCode.INTERNAL, reason=reason, asked=asked)


async def _ask(ports: WorkerPorts, question: _Question, running: Session, attempt: Attempt) -> Verified:
    """Ask, and make of the answer what it is. Whatever is said, the breaker hears that somebody is there."""
    breaker = question.line.breaker
    number = breaker.begin(ports.clock())
    try:
        finding = await question.line.registry.ask(
            question.claim,
            request_id=f"{running.id}-{attempt.number}",
            names=question.rules.names,
        )
        after = _concluded(ports, running, question.claim, finding=finding, rules=question.rules)
        owed = owe(ports, after, question.claim, finding=finding, purpose=question.profile.purpose)
    except RegistryUnavailable as error:
        breaker.failed(number, now=ports.clock())
        return await _unavailable(ports, question, running, attempt=attempt, error=error)
    except asyncio.CancelledError:
        breaker.dropped(number)
        raise
    except Exception as error:
        breaker.answered(number, now=ports.clock())
        return await _refused(ports, question, running, attempt=attempt, error=error)
    breaker.answered(number, now=ports.clock())
    question.line.answered_somebody()
    asked = _asked(ports, question, attempt, outcome=finding.outcome, charge=Charge.CHARGED)
    verified = await finish(ports, running, after, outcome=finding.outcome, asked=asked, owed=owed)
    await _learn(ports, question, finding)
    return verified


def _asked(
    ports: WorkerPorts, question: _Question, attempt: Attempt, *, outcome: str, charge: Charge
) -> Asked:
    return Asked(attempt.ended(now=ports.clock(), outcome=outcome, charge=charge), question.allowance)


async def _learn(ports: WorkerPorts, question: _Question, finding: Finding) -> None:
    """Keep the answer where the profile says so; count with the registry where it counts more than we do."""
    await keep(ports, question.session, question.claim, finding=finding, rules=question.rules)
    quota, allowance = question.line.terms.quota, question.allowance
    if quota is None or finding.quota_left is None or near_midnight(ports.clock()):
        return
    counted = quota - finding.quota_left
    if counted > await ports.sessions.used(allowance.account, allowance.day):
        await ports.sessions.note_used(allowance.account, allowance.day, at_least=counted)


def _concluded(
    ports: WorkerPorts, session: Session, claim: Claim, *, finding: Finding, rules: RegistryRules
) -> Session:
    """The session with what was found: a sealed result, or a refusal where its profile wants a match."""
    now = ports.clock()
    if not accepted(finding, rules):
        return failed(session, now=now, error_code=ErrorCode.ASSURANCE_LEVEL_NOT_MET, reason="no_match")
    provider = ports.providers[session.provider or ""]
    identity_data = provider.identity_data(claim, finding, today=jakarta_date(now))
    sealed = ports.vault.seal_result(session.binding, session.public_key or b"", identity_data)
    return succeeded(session, now=now, sealed_result=sealed)


async def _unavailable(
    ports: WorkerPorts,
    question: _Question,
    running: Session,
    *,
    attempt: Attempt,
    error: RegistryUnavailable,
) -> Verified:
    charge = Charge.UNKNOWN if error.may_be_charged else Charge.NOT_CHARGED
    asked = _asked(ports, question, attempt, outcome="unavailable", charge=charge)
    # The ledger counts this question already. What may not be asked again must not wait to be told so.
    if (
        charge is Charge.UNKNOWN
        and await _may_have_been_charged(ports, running) >= ports.most_unknown_charges
    ):
        reason = "too_many_unknown_charges"
        return await fail(ports, running, ErrorCode.INTERNAL, reason=reason, asked=asked)
    pause = pause_after(running, at_least_s=error.retry_after_s)
    return await put_off(ports, running, reason="unavailable", pause=pause, asked=asked)


async def _refused(
    ports: WorkerPorts, question: _Question, running: Session, *, attempt: Attempt, error: Exception
) -> Verified:
    code, outcome, charge = _ending(error)
    asked = _asked(ports, question, attempt, outcome=outcome, charge=charge)
    _alarm(ports, question, running, error)
    if not isinstance(error, RegistryRefused) or error.reason not in _CHECKED_AGAIN:
        return await fail(ports, running, code, reason=outcome, asked=asked)
    verified = await _used_up(ports, running, question.rules, reason=outcome, asked=asked)
    quota, allowance = question.line.terms.quota, question.allowance
    if error.reason is RefusalReason.QUOTA and quota is not None and not near_midnight(ports.clock()):
        # After the question was counted back, or the day would have one left again.
        await ports.sessions.note_used(allowance.account, allowance.day, at_least=quota)
    return verified


def _alarm(ports: WorkerPorts, question: _Question, running: Session, error: Exception) -> None:
    """Tell the operator what no session can mend; in Live, leave a registry alone that refuses everybody."""
    if isinstance(error, RegistryRefused) and error.reason in _FOR_EVERYBODY:
        ports.report("alarm", f"refused:{error.reason}")
        if running.environment_kind is EnvironmentKind.LIVE:
            question.line.refused_everybody(ports.clock())
    elif not isinstance(error, RegistryRefused):
        ports.report("alarm", type(error).__name__)


def _ending(error: Exception) -> tuple[ErrorCode, str, Charge]:
    """What a question without a finding makes of its session.

    A defect of ours ends it as well: asked again, it would be paid again and fail again. Of a defect only
    the type is told: its text may hold personal data.
    """
    charge = Charge.UNKNOWN
    if isinstance(error, RegistryError) and not error.may_be_charged:
        charge = Charge.NOT_CHARGED
    if isinstance(error, RegistryRefused):
        person = error.reason is RefusalReason.UNPROCESSABLE_NIK
        return ErrorCode.OTHER if person else ErrorCode.INTERNAL, f"refused:{error.reason}", charge
    if isinstance(error, RegistryProtocolError):
        return ErrorCode.INVALID_RESPONSE, "protocol_error", charge
    return ErrorCode.INTERNAL, f"defect:{type(error).__name__}", charge
