"""What is outside: providers that are asked for, registries that answer, and who runs a session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from padan.domain.claim import Claim, PartialClaim
from padan.domain.environment import EnvironmentKind
from padan.domain.feedback import FeedbackEntry, FeedbackState
from padan.domain.finding import Finding
from padan.domain.provider import ProviderContract
from padan.domain.rules import USUAL_NAMES, NameRules
from padan.domain.session import Lease, Session


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

    async def ask(self, claim: Claim, *, request_id: str, names: NameRules = USUAL_NAMES) -> Finding:
        """Ask one paid question, within the registry's own deadline.

        `request_id` is the same whenever the same attempt is asked again. `names` says when a name counts
        as the same.
        Raises RegistryUnavailable, RegistryRefused or RegistryProtocolError.
        """

    async def reachable(self) -> bool:
        """Whether somebody is at the other end, as far as that shows without a question."""

    async def close(self) -> None:
        """Let go of connections."""


class FeedbackLine(Protocol):
    """Where a registry takes back what its partners owe it."""

    async def send(self, entry: FeedbackEntry) -> FeedbackState:
        """Send one entry, once, within the line's own deadline; `SENT` or `ALREADY_SENT`.

        Raises FeedbackNotTaken for every other answer, and for none.
        """

    async def close(self) -> None:
        """Let go of connections."""


class Runner(Protocol):
    """Where accepted sessions go at once, so that nobody waits for a worker to look."""

    @property
    def backlog(self) -> float:
        """How many sessions wait here for each place at which one is asked; 0 where none has to wait.

        Those that wait because their registry is known to be silent do not count.
        """

    def lease(self, now: int, kind: EnvironmentKind) -> Lease | None:
        """A lease to store with the session, or None where this process cannot ask for it at once."""

    def start(self, session: Session) -> None:
        """Run a session that was stored with such a lease."""
