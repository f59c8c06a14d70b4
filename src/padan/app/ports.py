"""What the verbs need from the outside, as protocols.

Each port of the store has an in-memory implementation in the package, and one suite in `tests/contracts/`
that every implementation passes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from padan.domain.attempt import Attempt
from padan.domain.claim import Claim, PartialClaim
from padan.domain.environment import AccessToken, Environment, EnvironmentKind
from padan.domain.finding import Finding
from padan.domain.profile import Profile, RedirectUri
from padan.domain.provider import Health, ProviderContract
from padan.domain.session import Lease, Session, SessionBinding

Clock = Callable[[], int]
"""Unix time in milliseconds."""

Random = Callable[[int], bytes]
"""That many bytes nobody can guess."""


LEASE = 30_000
"""Milliseconds of a lease, unless a registry's deadline wants a longer one."""


class VaultError(Exception):
    """Something sealed does not open. Messages never say why, nor hold any of it."""


class ResultsKeyRefused(VaultError):
    """The results access key is not the one of this session; every cause looks the same."""


class SealBroken(VaultError):
    """A sealed envelope was damaged, moved, or sealed under a key that is gone."""


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


class SessionStore(Protocol):
    """Sessions and the questions asked for them. Whatever returns has been made durable."""

    async def add(self, session: Session) -> None:
        """Store a new session. Raises Conflict where its id exists, StoreUnavailable."""

    async def get(self, environment_id: UUID, session_id: UUID) -> Session | None:
        """The session, if it belongs to the environment."""

    async def find(self, session_id: UUID) -> Session | None:
        """The session, whoever it belongs to: for the person's own pages, which carry their own secret."""

    async def change(self, before: Session, after: Session, *, attempt: Attempt | None = None) -> bool:
        """Replace `before` by `after` and store the attempt, in one transaction.

        Returns False, and stores nothing, where the session is no longer at `before.revision`. An attempt
        with the same session and number is replaced.
        """

    async def record(self, attempt: Attempt) -> None:
        """Store an attempt's answer when its session has already ended without it."""

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

    async def take_leases(self, owner: str, now: int, *, until: int, limit: int) -> Sequence[Session]:
        """Lease up to `limit` queued or asking sessions that are due, not expired and held by nobody.

        Each is returned as stored: with its new lease and revision. No session is given to two owners.
        """

    async def free_leases(self, now: int) -> int:
        """End every lease: only for a start at which no other process lives. Returns how many."""

    async def overdue(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions not done whose `expires_at` has passed and that no worker holds."""

    async def scrub(self) -> None:
        """Take what was erased out of the store's own logs too. Raises StoreUnavailable: try again."""

    async def to_redact(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions not yet redacted whose `redact_at` has passed and that no worker holds."""


class Guesses(Protocol):
    """How many different details were tried with one NIK; only keyed fingerprints of both are stored."""

    async def note_guess(self, subject: bytes, guess: bytes, *, most: int, now: int, until: int) -> bool:
        """Whether a guess may be made: it was made before and still counts, or it is one of the first `most`.

        One that may not is not remembered; one that may is, until an instant.
        """

    async def forget_guesses(self, now: int) -> None:
        """Erase those whose time is over."""


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

    async def add_redirect_uri(self, uri: RedirectUri) -> None:
        """Raises Conflict("uri") where the environment already lists it."""

    async def redirect_uris(self, environment_id: UUID) -> Sequence[RedirectUri]:
        """All of an environment's, oldest first."""

    async def remove_redirect_uri(self, environment_id: UUID, uri_id: UUID) -> bool:
        """Whether there was such an entry in the environment."""


@dataclass(frozen=True, slots=True, repr=False)
class IssuedKey:
    """A new session's vault: the key for the relying party, and what the session keeps."""

    results_access_key: str
    public_key: bytes
    salt: bytes

    def __repr__(self) -> str:
        return "IssuedKey(hidden)"


class ResultsVault(Protocol):
    """The API's side: it issues results access keys and opens results with them; it cannot open claims."""

    def issue(self, binding: SessionBinding) -> IssuedKey:
        """A new key pair, its secret half only inside the results access key."""

    def check(self, binding: SessionBinding, *, salt: bytes, results_access_key: str) -> None:
        """Raises ResultsKeyRefused unless the key is the session's own."""

    def open_result(
        self, binding: SessionBinding, *, salt: bytes, results_access_key: str, sealed: bytes
    ) -> bytes:
        """Raises ResultsKeyRefused, SealBroken."""

    def seal_claim(self, binding: SessionBinding, plaintext: bytes, *, slot: str = "claim") -> bytes:
        """Seal to the workers; `slot` tells the parts of one session's claim apart."""

    def seal_page(self, binding: SessionBinding, plaintext: bytes, *, token: str, slot: str) -> bytes:
        """Seal to the person's browser: whoever has `token` opens it."""

    def open_page(self, binding: SessionBinding, sealed: bytes, *, token: str, slot: str) -> bytes:
        """Raises SealBroken."""

    def blind_index(self, environment_id: UUID | None, text: str) -> bytes:
        """A keyed fingerprint of a text, of one environment or (None) of the whole server."""


class ClaimVault(Protocol):
    """The worker's side: it opens claims and seals results; it cannot open what it sealed."""

    def open_claim(self, binding: SessionBinding, sealed: bytes, *, slot: str = "claim") -> bytes:
        """Raises SealBroken."""

    def seal_result(self, binding: SessionBinding, public_key: bytes, plaintext: bytes) -> bytes:
        """Seal to the holder of the results access key."""


class InputInvalid(Exception):
    """Provider input that is malformed. `errors` maps each field to what is wrong and the remedy.

    `codes` maps the same fields to the stable names of those faults.
    """

    def __init__(self, errors: dict[str, list[str]], *, codes: Mapping[str, list[str]]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors
        self.codes = codes


class Provider(Protocol):
    """What a relying party may ask for: a contract, an input, and how a finding becomes identity data."""

    contract: ProviderContract
    input_type: type
    output_type: type

    def read_input(self, raw: Mapping[str, Any], *, today: date, language: str = "en") -> PartialClaim:
        """The claim in the provider's input. Missing, null and empty fields are left open.

        Raises InputInvalid for fields that are given and malformed.
        """

    def identity_data(self, claim: Claim, finding: Finding, *, today: date) -> bytes:
        """The `identityData` of the Trinsic API as JSON."""


class Registry(Protocol):
    """A system of record that can answer."""

    name: str
    price: int

    async def ask(self, claim: Claim, *, request_id: str) -> Finding:
        """Ask one paid question, within the registry's own deadline.

        `request_id` is the same whenever the same attempt is asked again.
        Raises RegistryUnavailable, RegistryRefused or RegistryProtocolError.
        """

    def health(self) -> Health:
        """Whether the last questions were answered."""

    async def close(self) -> None:
        """Let go of connections."""


class Runner(Protocol):
    """Where accepted sessions go at once, so that nobody waits for a worker to look."""

    def lease(self, now: int) -> Lease | None:
        """A lease to store with the session, or None where this process has no room for one more."""

    def start(self, session: Session) -> None:
        """Run a session that was stored with such a lease."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How often the hosted pages may be tried.

    `refusals_per_session`: forms that could not be taken, after which the session ends. The other two:
    different details given with one NIK within a day, in one environment and on the whole server.
    """

    refusals_per_session: int = 50
    guesses_per_environment: int = 5
    guesses_per_server: int = 20


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the verbs of the API use. Time, randomness and identifiers come from here as well.

    `operator` is who runs this server, told to people when they agree; without it, the organisation of the
    environment.
    """

    sessions: SessionStore
    directory: Directory
    guesses: Guesses
    vault: ResultsVault
    runner: Runner
    providers: Mapping[str, Provider]
    registries: Mapping[EnvironmentKind, Registry]
    clock: Clock
    random: Random
    public_url: str
    sandboxes: frozenset[EnvironmentKind] = frozenset({EnvironmentKind.TEST})
    """The environments whose registry is a simulator: their pages and answers say so loudly."""
    limits: Limits = Limits()
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerPorts:
    """What a worker uses: it has no key that opens a result.

    `lease` is in milliseconds and longer than any registry's deadline: a lease that ended while its question
    is under way would have the session asked, and paid, twice. After `most_unknown_charges` questions
    that may have been charged, a session fails.
    """

    sessions: SessionStore
    guesses: Guesses
    vault: ClaimVault
    providers: Mapping[str, Provider]
    registries: Mapping[EnvironmentKind, Registry]
    clock: Clock
    random: Random
    lease: int = LEASE
    most_unknown_charges: int = 10
