"""Run one session: write the attempt down, ask the registry, seal the answer."""

from __future__ import annotations

from dataclasses import dataclass

from padan.app import claims
from padan.app.create import CLAIM, SUPPLEMENT, jakarta_date
from padan.app.ports import Registry, SealBroken, WorkerPorts
from padan.domain.attempt import Attempt, Charge
from padan.domain.claim import Claim, PartialClaim
from padan.domain.errors import RefusalReason, RegistryProtocolError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Finding
from padan.domain.session import ErrorCode, Lease, Session, asking, failed, postponed, succeeded

FIRST_PAUSE, LONGEST_PAUSE = 500, 60_000


@dataclass(frozen=True, slots=True)
class Verified:
    """How a run ended, for logs and counters: nothing personal."""

    outcome: str
    done: bool


async def verify(ports: WorkerPorts, session: Session, owner: str) -> Verified:
    """Run a session this owner has leased. What it returns has been made durable.

    A session that meanwhile ended, or was taken over, is left as it is.
    """
    registry = ports.registries.get(session.environment_kind)
    provider = ports.providers.get(session.provider or "")
    try:
        claim = _open_claim(ports, session)
    except (SealBroken, ValueError):
        claim = None
    if registry is None or provider is None or claim is None:
        return await _fail(ports, session, ErrorCode.INTERNAL, outcome="not_runnable")
    if session.attempts and await _may_have_been_charged(ports, session) >= ports.most_unknown_charges:
        return await _fail(ports, session, ErrorCode.INTERNAL, outcome="too_many_unknown_charges")
    now = ports.clock()
    running = asking(session, now=now, lease=Lease(owner, now + ports.lease))
    attempt = Attempt(session.id, running.attempts, registry.name, registry.price, now)
    if not await ports.sessions.change(session, running, attempt=attempt):
        return Verified("taken_over", done=False)
    return await _ask(ports, running, attempt, registry=registry, claim=claim)


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


async def _ask(
    ports: WorkerPorts, session: Session, attempt: Attempt, *, registry: Registry, claim: Claim
) -> Verified:
    try:
        finding = await registry.ask(claim, request_id=f"{session.id}-{attempt.number}")
        sealed = _seal(ports, session, claim, finding)
    except RegistryUnavailable as error:
        charge = Charge.UNKNOWN if error.may_be_charged else Charge.NOT_CHARGED
        ended = attempt.ended(now=ports.clock(), outcome="unavailable", charge=charge)
        return await _postpone(ports, session, ended)
    except Exception as error:
        code, outcome, charge = _ending(error)
        ended = attempt.ended(now=ports.clock(), outcome=outcome, charge=charge)
        return await _fail(ports, session, code, outcome=outcome, attempt=ended)
    now = ports.clock()
    ended = attempt.ended(now=now, outcome=finding.outcome, charge=Charge.CHARGED)
    return await _finish(ports, session, succeeded(session, now=now, sealed_result=sealed), attempt=ended)


def _seal(ports: WorkerPorts, session: Session, claim: Claim, finding: Finding) -> bytes:
    provider = ports.providers[session.provider or ""]
    identity_data = provider.identity_data(claim, finding, today=jakarta_date(ports.clock()))
    return ports.vault.seal_result(session.binding, session.public_key or b"", identity_data)


def _ending(error: Exception) -> tuple[ErrorCode, str, Charge]:
    """What a question without a finding makes of its session.

    A defect of ours ends it as well: asked again, it would be paid again and fail again. Of a defect only
    the type is told: its text may hold personal data.
    """
    if isinstance(error, RegistryRefused):
        person = error.reason is RefusalReason.UNPROCESSABLE_NIK
        code = ErrorCode.OTHER if person else ErrorCode.INTERNAL
        return code, f"refused:{error.reason}", Charge.NOT_CHARGED
    if isinstance(error, RegistryProtocolError):
        return ErrorCode.INVALID_RESPONSE, "protocol_error", Charge.UNKNOWN
    return ErrorCode.INTERNAL, f"defect:{type(error).__name__}", Charge.UNKNOWN


async def _fail(
    ports: WorkerPorts, session: Session, code: ErrorCode, *, outcome: str, attempt: Attempt | None = None
) -> Verified:
    finished = failed(session, now=ports.clock(), error_code=code)
    if attempt is not None:
        return await _finish(ports, session, finished, attempt=attempt)
    stored = await ports.sessions.change(session, finished)
    return Verified(outcome, done=stored)


async def _finish(ports: WorkerPorts, session: Session, finished: Session, *, attempt: Attempt) -> Verified:
    if not await ports.sessions.change(session, finished, attempt=attempt):
        # Cancelled, redacted or taken over meanwhile: the money is spent, so the ledger still says so.
        await ports.sessions.record(attempt)
        return Verified("too_late", done=False)
    return Verified(attempt.outcome or "", done=True)


async def _postpone(ports: WorkerPorts, session: Session, attempt: Attempt) -> Verified:
    now = ports.clock()
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(session.attempts - 1, 10))
    jitter = int.from_bytes(ports.random(2), "big") * pause // 2 // 65_535
    later = postponed(session, now=now, due_at=now + pause // 2 + jitter)
    if not await ports.sessions.change(session, later, attempt=attempt):
        await ports.sessions.record(attempt)
        return Verified("too_late", done=False)
    return Verified("unavailable", done=False)
