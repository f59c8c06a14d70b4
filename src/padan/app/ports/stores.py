"""What is stored, as protocols. Whatever returns has been made durable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from padan.domain.activation import Activation
from padan.domain.attempt import Allowance, Attempt, Begun
from padan.domain.breaker import Learnt
from padan.domain.cost import Cost, Span
from padan.domain.environment import AccessToken, Environment, EnvironmentKind
from padan.domain.feedback import Feedback, FeedbackCount
from padan.domain.profile import Profile, RedirectUri
from padan.domain.session import Session


class Conflict(Exception):
    """What was to be added exists already; `what` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class StoreUnavailable(Exception):
    """The store cannot take or give anything now. Nothing was acknowledged."""


class SessionOrder(StrEnum):
    """What a list of sessions is sorted by."""

    CREATED = "Created"
    UPDATED = "Updated"
    STATE = "State"


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and how many there are in all."""

    items: tuple[T, ...]
    total: int


@dataclass(frozen=True, slots=True, repr=False)
class Receipt:
    """That a creation was answered under an `Idempotency-Key`, so that it is answered the same again.

    `key` and `body` are keyed fingerprints; `sealed_answer` opens with the client's own secrets alone.
    """

    environment_id: UUID
    key: bytes
    body: bytes
    session_id: UUID
    sealed_answer: bytes
    expires_at: int


class Answers(Protocol):
    """Answers that are kept for a while, so that an identical claim is not paid twice; sealed."""

    async def keep_answer(self, name: bytes, sealed: bytes, *, until: int) -> None:
        """Keep an answer under its keyed fingerprint, in place of one before."""

    async def kept_answer(self, name: bytes, *, now: int) -> bytes | None:
        """The answer, while it lasts."""

    async def forget_answers(self, now: int) -> None:
        """Erase answers and receipts whose time is over."""


class Guesses(Protocol):
    """How many different details were tried with one NIK; only keyed fingerprints of both are stored."""

    async def note_guess(self, subject: bytes, guess: bytes, *, most: int, now: int, until: int) -> bool:
        """Whether a guess may be made: it was made before and still counts, or it is one of the first `most`.

        One that may not is not remembered; one that may is, until an instant.
        """

    async def forget_guesses(self, now: int) -> None:
        """Erase those whose time is over."""


class SessionStore(Protocol):
    """Sessions and the questions asked for them. Whatever returns has been made durable."""

    async def add(self, session: Session, *, receipt: Receipt | None = None) -> None:
        """Store a new session, and the receipt for its creation, in one transaction.

        Raises Conflict("receipt") where that key has one already, Conflict("id"), StoreUnavailable.
        """

    async def receipt(self, environment_id: UUID, key: bytes, *, now: int) -> Receipt | None:
        """The receipt that a key has, while it lasts."""

    async def get(self, environment_id: UUID, session_id: UUID) -> Session | None:
        """The session, if it belongs to the environment."""

    async def find(self, session_id: UUID) -> Session | None:
        """The session, whoever it belongs to: for the person's own pages, which carry their own secret."""

    async def begin(
        self, before: Session, after: Session, *, attempt: Attempt, allowance: Allowance, now: int
    ) -> Begun:
        """Write a question down before it is asked and count it, in one transaction, or say why not."""

    async def change(
        self,
        before: Session,
        after: Session,
        *,
        attempt: Attempt | None = None,
        refund: Allowance | None = None,
        feedback: Feedback | None = None,
    ) -> bool:
        """Replace `before` by `after` and store the attempt, in one transaction.

        Returns False, and stores nothing, where the session is no longer at `before.revision`. An attempt
        with the same session and number is replaced. `refund` is what the attempt was counted against, where
        it turned out not to be charged. `feedback` is what the session's success owes to the registry; a
        change that redacts the session erases what it still owes.
        """

    async def record(self, attempt: Attempt, *, refund: Allowance | None = None) -> None:
        """Store an attempt's answer when its session has already ended without it."""

    async def used(self, account: str, day: str) -> int:
        """How many questions of a day (YYYY-MM-DD) count against an account."""

    async def note_used(self, account: str, day: str, *, at_least: int) -> None:
        """The registry counts more than we do: others ask under the same agreement."""

    async def attempts(self, session_id: UUID) -> Sequence[Attempt]:
        """The questions asked for a session, in order."""

    async def page(
        self,
        environment_id: UUID,
        profile_id: UUID,
        *,
        order: SessionOrder,
        descending: bool,
        page: int,
        size: int,
    ) -> Page[Session]:
        """A page (from 1) of a profile's sessions."""

    async def take_leases(
        self, owner: str, now: int, *, until: int, limit: int, kind: EnvironmentKind
    ) -> Sequence[Session]:
        """Lease up to `limit` queued or asking sessions that are due, not expired and held by nobody.

        Each is returned as stored: with its new lease and revision. No session is given to two owners. Every
        profile that has some gets its turn: one that sends a flood delays no other.
        """

    async def await_work(self, seconds: float) -> None:
        """Return when a session came that no worker holds, at the latest after so many seconds.

        A hint: it may come for nothing, or not at all. It never raises.
        """

    async def free_leases(self, now: int, *, owner: str | None = None) -> int:
        """End the leases of one owner, who asks no more; without one, every lease.

        All of them only at a start at which no other process lives. What is owed to a registry is freed as
        well. Workers are called for what became free. Returns how many leases were sessions'.
        """

    async def overdue(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions not done whose `expires_at` has passed and that no worker holds."""

    async def scrub(self) -> None:
        """Take what was erased out of the store's own logs too. Raises StoreUnavailable: try again."""

    async def to_redact(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions not yet redacted whose `redact_at` has passed and that no worker holds."""

    async def make_room(self, now: int) -> None:
        """Make ready what sessions of the coming months will lie in, where the store divides them by time."""

    async def forget_sessions(self, redacted_before: int, *, limit: int) -> bool:
        """Remove the rows of sessions that were redacted before an instant, and what hangs on them.

        The ledger keeps their questions. At most `limit` rows go at once, or a whole month whose sessions may
        all go; one that was redacted early may so have to wait for the rest of its month. Returns whether any
        went: then there may be more.
        """


class LineStates(Protocol):
    """What the processes over one database tell one another of the lines to the registries."""

    async def known_lines(self) -> Mapping[str, Learnt]:
        """What was told of each line, by its name."""

    async def tell_line(self, name: str, learnt: Learnt) -> None:
        """Tell the others; the later of each instant stays."""

    async def claim_probe(self, name: str, now: int, *, every: int) -> bool:
        """Whether nobody has looked for the registry for so many milliseconds; then the caller does."""


class Redactions(Protocol):
    """What was asked to be redacted, apart from the database: after a restore it is redacted again."""

    async def note(self, session_id: UUID, now: int) -> None:
        """Write down durably that a session is about to be redacted. Raises StoreUnavailable."""


class FeedbackQueue(Protocol):
    """What is owed back to the registry; `SessionStore.change` puts it there and redaction takes it away.

    Every entry has one session. Contents that are done with are overwritten, not only forgotten.
    """

    async def feedback(self, session_id: UUID) -> Feedback | None:
        """The entry of a session."""

    async def take_feedback(self, owner: str, now: int, *, until: int, limit: int) -> Sequence[Feedback]:
        """Lease up to `limit` waiting entries that are due and held by nobody, the longest due first.

        Each is returned as stored: with its new lease and revision. No entry is given to two owners.
        """

    async def change_feedback(self, before: Feedback, after: Feedback) -> bool:
        """Replace an entry; False, and nothing stored, where it is no longer at `before.revision`."""

    async def count_feedback(self) -> Sequence[FeedbackCount]:
        """How many entries stand alike, by state and reason, in that order."""


class Ledger(Protocol):
    """Every question ever written down, counted: what it cost, and what is reported of it."""

    async def costs(self, span: Span, *, profile_id: UUID | None = None) -> Sequence[Cost]:
        """What the questions begun in a span cost, by month (Jakarta), profile and outcome, in that order.

        The work grows with the questions of the span, not with all there are.
        """


class Directory(Protocol):
    """Environments and what belongs to them: tokens, profiles, redirect URIs."""

    async def add_environment(self, environment: Environment) -> None:
        """Raises Conflict where the organisation already has one of that kind."""

    async def environments(self) -> Sequence[Environment]:
        """All of them, oldest first."""

    async def add_token(self, token: AccessToken) -> None:
        """Store a token's hash."""

    async def environment_of_token(self, sha256: bytes) -> Environment | None:
        """The environment that a token opens, unless it is unknown or revoked."""

    async def tokens(self, environment_id: UUID) -> Sequence[AccessToken]:
        """All of an environment's tokens, revoked ones included, oldest first."""

    async def revoke_token(self, token_id: UUID, now: int) -> bool:
        """Whether there was such a token that was not revoked yet."""

    async def add_profile(self, profile: Profile) -> None:
        """Raises Conflict("externalId") where the organisation's environment already uses the external id."""

    async def revoke_profile(self, environment_id: UUID, profile_id: UUID) -> bool:
        """Enable no provider in it any more: no session begins with it. Whether it was not so yet."""

    async def profile(self, environment_id: UUID, profile_id: UUID) -> Profile | None:
        """The profile, if it belongs to the environment."""

    async def profile_by_external_id(self, environment_id: UUID, external_id: str) -> Profile | None:
        """The profile with that external id in the environment."""

    async def profiles(self, environment_id: UUID, *, page: int, size: int) -> Page[Profile]:
        """A page (from 1), oldest first."""

    async def brand(self, profile_id: UUID) -> Profile | None:
        """The profile, whoever it belongs to: for its public logo alone."""

    async def change_profile(self, profile: Profile) -> bool:
        """Replace a profile by its new self; whether it exists in its environment."""

    async def activation(self, provider: str) -> Activation | None:
        """The agreement registered for a provider."""

    async def set_activation(self, activation: Activation) -> None:
        """Register an agreement, in place of one before."""

    async def add_redirect_uri(self, uri: RedirectUri) -> None:
        """Raises Conflict("uri") where the environment already lists it."""

    async def redirect_uris(self, environment_id: UUID) -> Sequence[RedirectUri]:
        """All of an environment's, oldest first."""

    async def remove_redirect_uri(self, environment_id: UUID, uri_id: UUID) -> bool:
        """Whether there was such an entry in the environment."""


class Store(SessionStore, Directory, Guesses, Answers, FeedbackQueue, Ledger, LineStates, Protocol):
    """All that one database holds, and its end."""

    async def is_current(self) -> bool:
        """Whether its schema is the one of this version. Raises StoreUnavailable where it cannot be read."""

    async def close(self) -> None:
        """Finish the writes that are waiting, and let go of the database."""
