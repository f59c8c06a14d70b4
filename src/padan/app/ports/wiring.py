"""All that the verbs use, in one object for each side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from padan.app.endings import Endings
from padan.app.lines import Lines
from padan.app.ports.audit import AuditLog, NoAudit
from padan.app.ports.outside import Provider, Runner
from padan.app.ports.stores import Answers, Directory, Guesses, Redactions, SessionStore
from padan.app.ports.vaults import ClaimVault, ResultsVault
from padan.domain.environment import EnvironmentKind

Clock = Callable[[], int]
"""Unix time in milliseconds."""

Random = Callable[[int], bytes]
"""That many bytes nobody can guess."""


LEASE = 30_000
"""Milliseconds of a lease, unless a registry's deadline wants a longer one."""


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
    lines: Lines
    redactions: Redactions
    clock: Clock
    random: Random
    public_url: str
    sandboxes: frozenset[EnvironmentKind] = frozenset({EnvironmentKind.TEST})
    """The environments whose registry is a simulator: their pages and answers say so loudly."""
    limits: Limits = Limits()
    operator: str | None = None
    audit: AuditLog = NoAudit()
    endings: Endings = field(default_factory=Endings)


def _silent(_event: str, _detail: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class WorkerPorts:
    """What a worker uses: it has no key that opens a result.

    `lease` is in milliseconds and longer than any registry's deadline: a lease that ended while its question
    is under way would have the session asked, and paid, twice. After `most_unknown_charges` questions
    that may have been charged, a session fails.
    """

    sessions: SessionStore
    directory: Directory
    guesses: Guesses
    answers: Answers
    vault: ClaimVault
    providers: Mapping[str, Provider]
    lines: Lines
    clock: Clock
    random: Random
    lease: int = LEASE
    most_unknown_charges: int = 10
    owes_feedback: bool = False
    """Whether each success in a Live environment is to be told back to the registry."""
    keep_sessions: int | None = None
    """Milliseconds for which a redacted session's row is kept; None for ever."""
    audit: AuditLog = NoAudit()
    endings: Endings = field(default_factory=Endings)
    """Hears of sessions that ended here."""
    report: Callable[[str, str], None] = _silent
    """Hears of what an operator has to see, without anything personal."""
