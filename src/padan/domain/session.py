"""A session: one verification of one person, its states and the only ways between them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from uuid import UUID

from padan.domain.claim import ClaimField
from padan.domain.environment import EnvironmentKind
from padan.domain.hosting import Consent


class SessionKind(StrEnum):
    """How the relying party created the session."""

    DIRECT = "direct"
    HOSTED = "hosted"
    WIDGET = "widget"


class SessionState(StrEnum):
    """Where a session stands. `asking`: a paid question has been written down and may be under way."""

    AWAITING_INPUT = "awaiting_input"
    QUEUED = "queued"
    ASKING = "asking"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def done(self) -> bool:
        """Whether this state is final."""
        return self in {SessionState.SUCCEEDED, SessionState.FAILED}


class ErrorCode(StrEnum):
    """Why a session failed, in the words of the Trinsic API."""

    INTERNAL = "Internal"
    OTHER = "Other"
    CANCELED = "Canceled"
    USER_ABANDONED = "UserAbandoned"
    USER_TIMED_OUT = "UserTimedOut"
    EXPIRED = "Expired"
    INVALID_IMAGE = "InvalidImage"
    INAUTHENTIC = "Inauthentic"
    UNSUPPORTED_DOCUMENT = "UnsupportedDocument"
    ASSURANCE_LEVEL_NOT_MET = "AssuranceLevelNotMet"
    SECURITY_VALIDATION_FAILED = "SecurityValidationFailed"
    INVALID_RESPONSE = "InvalidResponse"


class IllegalTransition(Exception):
    """A session was asked to do what its state does not allow."""


@dataclass(frozen=True, slots=True)
class SessionBinding:
    """Whose session it is: what is sealed for a session is bound to this and opens nowhere else."""

    environment_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one worker to run one session until an instant."""

    owner: str
    until: int


@dataclass(frozen=True, slots=True)
class Session:
    """One row: the session, its job and its sealed contents.

    Instants are Unix milliseconds. `revision` grows with every change, so that a change made on a stale
    copy is noticed. `due_at` is the earliest instant for the next question. `salt` and `public_key` are the
    vault's part; without them nothing of the session can be opened any more: that is redaction.

    `reason` says to the operator why it waits or failed, in a word, where the state does not.
    `left_at` is when the person last closed the page without finishing, `refusals` how often what they gave
    could not be taken. `known_index` holds keyed fingerprints of what the relying party passed in.
    `sealed_preview` and `sealed_return_key` open with the secret of the person's browser alone: the known
    part of the claim, to be confirmed, and the results access key, to be handed back.
    """

    id: UUID
    environment_id: UUID
    environment_kind: EnvironmentKind
    profile_id: UUID
    kind: SessionKind
    state: SessionState
    created_at: int
    updated_at: int
    expires_at: int
    redact_at: int
    due_at: int
    provider: str | None = None
    error_code: ErrorCode | None = None
    reason: str | None = None
    redirect_url: str | None = field(default=None, repr=False)
    languages: tuple[str, ...] = ()
    missing: tuple[ClaimField, ...] = ()
    allowed_providers: tuple[str, ...] = ()
    attempts: int = 0
    lease: Lease | None = None
    launched_at: int | None = None
    left_at: int | None = None
    refusals: int = 0
    consent: Consent | None = None
    redacted_at: int | None = None
    revision: int = 0
    salt: bytes | None = field(default=None, repr=False)
    public_key: bytes | None = field(default=None, repr=False)
    launch_token_sha256: bytes | None = field(default=None, repr=False)
    page_token_sha256: bytes | None = field(default=None, repr=False)
    sealed_claim: bytes | None = field(default=None, repr=False)
    sealed_supplement: bytes | None = field(default=None, repr=False)
    sealed_result: bytes | None = field(default=None, repr=False)
    sealed_preview: bytes | None = field(default=None, repr=False)
    sealed_return_key: bytes | None = field(default=None, repr=False)
    known_index: bytes | None = field(default=None, repr=False)

    @property
    def binding(self) -> SessionBinding:
        """What its sealed contents are bound to."""
        return SessionBinding(self.environment_id, self.id)

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.state.done

    @property
    def success(self) -> bool:
        """Whether it ended with a result."""
        return self.state is SessionState.SUCCEEDED


@dataclass(frozen=True, slots=True, repr=False)
class PageSecrets:
    """What opening the launch URL puts in place of its own secret: the cookie's, and all sealed under it."""

    token_sha256: bytes
    sealed_preview: bytes | None
    sealed_return_key: bytes | None


def launched(session: Session, *, now: int, secrets: PageSecrets, redirect_url: str | None = None) -> Session:
    """The person has opened the launch URL, which works once.

    `redirect_url` is where this person goes afterwards, where the session did not say so at its creation.
    """
    _require(session, SessionState.AWAITING_INPUT)
    return _changed(
        session,
        now,
        launched_at=now,
        launch_token_sha256=None,
        page_token_sha256=secrets.token_sha256,
        sealed_preview=secrets.sealed_preview,
        sealed_return_key=secrets.sealed_return_key,
        redirect_url=session.redirect_url or redirect_url,
    )


def left(session: Session, *, now: int) -> Session:
    """The person has closed the page before they were finished; they may come back."""
    _require(session, SessionState.AWAITING_INPUT)
    return _changed(session, now, left_at=now)


def returned(session: Session, *, now: int) -> Session:
    """The person who had left is back."""
    _require(session, SessionState.AWAITING_INPUT)
    return _changed(session, now, left_at=None)


def refused(session: Session, *, now: int) -> Session:
    """What the person gave could not be taken; nothing of it is kept but that it happened."""
    _require(session, SessionState.AWAITING_INPUT)
    return _changed(session, now, refusals=session.refusals + 1)


def provider_chosen(session: Session, *, now: int, provider: str, missing: tuple[ClaimField, ...]) -> Session:
    """The person has chosen a provider in the widget."""
    _require(session, SessionState.AWAITING_INPUT)
    return _changed(session, now, provider=provider, missing=missing)


def submitted(
    session: Session, *, now: int, sealed_supplement: bytes | None, consent: Consent, lease: Lease | None
) -> Session:
    """The person has agreed and given what was missing: the session can be asked."""
    _require(session, SessionState.AWAITING_INPUT)
    return _changed(
        session,
        now,
        state=SessionState.QUEUED,
        missing=(),
        sealed_supplement=sealed_supplement,
        consent=consent,
        left_at=None,
        known_index=None,
        due_at=now,
        lease=lease,
    )


def asking(session: Session, *, now: int, lease: Lease) -> Session:
    """A worker is about to ask: written down before the paid call."""
    _require(session, SessionState.QUEUED, SessionState.ASKING)
    return _changed(
        session, now, state=SessionState.ASKING, lease=lease, attempts=session.attempts + 1, reason=None
    )


def postponed(session: Session, *, now: int, due_at: int, reason: str | None = None) -> Session:
    """Not now: ask (again) at `due_at`. Nobody holds the session meanwhile."""
    _require(session, SessionState.QUEUED, SessionState.ASKING)
    return _changed(session, now, state=SessionState.QUEUED, due_at=due_at, lease=None, reason=reason)


def succeeded(session: Session, *, now: int, sealed_result: bytes) -> Session:
    """A check ran, or its answer is still known. The same change stores the result and erases the claim."""
    _require(session, SessionState.QUEUED, SessionState.ASKING)
    return _ended(session, now, state=SessionState.SUCCEEDED, sealed_result=sealed_result, reason=None)


def failed(session: Session, *, now: int, error_code: ErrorCode, reason: str | None = None) -> Session:
    """The session ends without a result; its claim is erased."""
    if session.done:
        raise IllegalTransition(f"a session that is {session.state} cannot fail")
    why = reason or session.reason
    return _ended(session, now, state=SessionState.FAILED, error_code=error_code, reason=why)


def expired(session: Session, *, now: int) -> Session:
    """The session's time is over.

    Abandoned where a person had begun and closed the page, timed out where they had the page open to the end,
    expired where nobody had begun or the registry was never heard.
    """
    if session.state is not SessionState.AWAITING_INPUT or session.launched_at is None:
        return failed(session, now=now, error_code=ErrorCode.EXPIRED)
    code = ErrorCode.USER_TIMED_OUT if session.left_at is None else ErrorCode.USER_ABANDONED
    return failed(session, now=now, error_code=code)


def redacted(session: Session, *, now: int) -> Session:
    """Nothing personal is left, nor what could open a copy; that a session took place remains."""
    ended = session if session.done else failed(session, now=now, error_code=ErrorCode.CANCELED)
    return _changed(
        ended,
        now,
        revision=session.revision + 1,
        redacted_at=now,
        salt=None,
        public_key=None,
        sealed_result=None,
        sealed_return_key=None,
        redirect_url=None,
        languages=(),
    )


def _ended(session: Session, now: int, **changes: object) -> Session:
    return _changed(
        session,
        now,
        lease=None,
        missing=(),
        sealed_claim=None,
        sealed_supplement=None,
        sealed_preview=None,
        known_index=None,
        launch_token_sha256=None,
        **changes,
    )


def _changed(session: Session, now: int, **changes: object) -> Session:
    """The session with these fields changed: what `dataclasses.replace` does, in a third of its time."""
    values = list(_VALUES(session))
    values[_PLACES["updated_at"]] = now
    values[_PLACES["revision"]] = session.revision + 1
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return Session(*values)


_NAMES = tuple(item.name for item in fields(Session))
_VALUES = attrgetter(*_NAMES)
_PLACES = {name: place for place, name in enumerate(_NAMES)}


def _require(session: Session, *states: SessionState) -> None:
    if session.state not in states:
        raise IllegalTransition(f"a session that is {session.state} is not {' or '.join(states)}")
