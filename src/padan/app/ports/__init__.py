"""What the verbs need from the outside, as protocols.

Each port of the store has an in-memory implementation in the package, and one suite in `tests/contracts/`
that every implementation passes.
"""

from padan.app.ports.audit import AuditLog, AuditUnavailable, Event, NoAudit
from padan.app.ports.outside import FeedbackLine, InputInvalid, Provider, Registry, Runner
from padan.app.ports.stores import (
    Answers,
    Conflict,
    Directory,
    FeedbackQueue,
    Guesses,
    Ledger,
    LineStates,
    Page,
    Receipt,
    Redactions,
    SessionOrder,
    SessionStore,
    Store,
    StoreUnavailable,
)
from padan.app.ports.vaults import (
    ClaimVault,
    IssuedKey,
    ResultsKeyRefused,
    ResultsVault,
    SealBroken,
    VaultError,
)
from padan.app.ports.wiring import LEASE, Clock, Limits, Ports, Random, WorkerPorts

__all__ = [
    "LEASE",
    "Answers",
    "AuditLog",
    "AuditUnavailable",
    "ClaimVault",
    "Clock",
    "Conflict",
    "Directory",
    "Event",
    "FeedbackLine",
    "FeedbackQueue",
    "Guesses",
    "InputInvalid",
    "IssuedKey",
    "Ledger",
    "Limits",
    "LineStates",
    "NoAudit",
    "Page",
    "Ports",
    "Provider",
    "Random",
    "Receipt",
    "Redactions",
    "Registry",
    "ResultsKeyRefused",
    "ResultsVault",
    "Runner",
    "SealBroken",
    "SessionOrder",
    "SessionStore",
    "Store",
    "StoreUnavailable",
    "VaultError",
    "WorkerPorts",
]
