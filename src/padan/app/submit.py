"""What the person gives on the hosted pages: their choice, what was missing, their consent, or up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from padan.app import claims
from padan.app.create import SUPPLEMENT
from padan.app.errors import Invalid, TooManyTries
from padan.app.guesses import within_limits
from padan.app.ports import InputInvalid, Ports
from padan.app.times import jakarta_date
from padan.domain.claim import PartialClaim
from padan.domain.hosting import Consent
from padan.domain.session import (
    ErrorCode,
    Session,
    SessionState,
    failed,
    provider_chosen,
    refused,
    submitted,
)

CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Agreement:
    """That the person agreed, and to which version of the text in which language."""

    text_version: str
    language: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What came from the form. `faults` is what the form itself could not read, by field.

    `language` is for the words of faults; `agreement` is `None` where the person did not agree.
    """

    given: Mapping[str, Any] = field(repr=False)
    language: str
    agreement: Agreement | None
    faults: Mapping[str, list[str]] = field(default_factory=dict, repr=False)


async def choose_provider(ports: Ports, session: Session, provider: str) -> Session:
    """Choose one of the widget's providers. Raises Invalid for one that is not offered."""
    if session.provider is not None or session.state is not SessionState.AWAITING_INPUT:
        return session
    if provider not in session.allowed_providers:
        raise Invalid({"provider": ["is not offered in this session"]}, codes={"provider": ["not_offered"]})
    chosen = provider_chosen(session, now=ports.clock(), provider=provider, missing=PartialClaim().missing)
    if not await ports.sessions.change(session, chosen):
        return await ports.sessions.find(session.id) or session
    return chosen


async def submit(ports: Ports, session: Session, submission: Submission) -> Session:
    """Complete the claim and start the session. A second submit changes nothing.

    Raises:
        Invalid: a field is missing or malformed, or the consent is; nothing given is stored.
        TooManyTries: this NIK was tried with too many different details today.
    """
    if session.state is not SessionState.AWAITING_INPUT:
        return session
    try:
        supplement, agreement = _read(ports, session, submission)
    except Invalid:
        await _refuse(ports, session)
        raise
    if session.missing and not await within_limits(ports, session, supplement):
        await _refuse(ports, session)
        raise TooManyTries
    now = ports.clock()
    sealed = None
    if session.missing:
        sealed = ports.vault.seal_claim(session.binding, claims.encode(supplement), slot=SUPPLEMENT)
    consent = Consent(now, agreement.text_version, agreement.language)
    lease = ports.runner.lease(now, session.environment_kind)
    ready = submitted(session, now=now, sealed_supplement=sealed, consent=consent, lease=lease)
    if not await ports.sessions.change(session, ready):
        return await ports.sessions.find(session.id) or session
    if ready.lease is not None:
        ports.runner.start(ready)
    return ready


async def give_up(ports: Ports, session: Session) -> Session:
    """The person does not want to go on."""
    if session.done:
        return session
    ended = failed(session, now=ports.clock(), error_code=ErrorCode.CANCELED)
    return ended if await ports.sessions.change(session, ended) else session


async def _refuse(ports: Ports, session: Session) -> None:
    """Count it; a session that is tried without end is no person filling in a form."""
    current: Session | None = session
    while current is not None and current.state is SessionState.AWAITING_INPUT:
        now = ports.clock()
        if current.refusals + 1 >= ports.limits.refusals_per_session:
            after = failed(current, now=now, error_code=ErrorCode.SECURITY_VALIDATION_FAILED)
        else:
            after = refused(current, now=now)
        if await ports.sessions.change(current, after):
            return
        # Another form came at the same moment: each of them counts.
        current = await ports.sessions.find(session.id)


def _read(ports: Ports, session: Session, submission: Submission) -> tuple[PartialClaim, Agreement]:
    """The person's part of the claim, and their consent; every fault is told at once."""
    provider = ports.providers[session.provider or ""]
    codes = {name: faults for name, faults in submission.faults.items() if name in session.missing}
    asked = {str(n): submission.given.get(n) for n in session.missing if n not in codes}
    errors = {name: ["cannot be read"] for name in codes}
    claim = PartialClaim()
    try:
        today = jakarta_date(ports.clock())
        claim = provider.read_input(asked, today=today, language=submission.language)
    except InputInvalid as invalid:
        errors |= invalid.errors
        codes |= invalid.codes
    for name, value in asked.items():
        if not value:
            errors[name], codes[name] = ["is required"], ["missing"]
    if submission.agreement is None:
        errors[CONSENT], codes[CONSENT] = ["is required"], ["missing"]
    if errors or submission.agreement is None:
        order = [*map(str, session.missing), CONSENT]
        raise Invalid({n: errors[n] for n in order if n in errors}, codes=codes)
    return claim, submission.agreement
