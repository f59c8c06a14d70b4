"""The vault: results and claims lie encrypted, and a copy of the database opens none of them.

Two sides with different keys: `ResultsVault` for the API, `WorkerVault` for the worker. What each key
opens and what an attacker learns is in `docs/explanation/vault.md`.
"""

from padan.app.ports import IssuedKey, VaultError
from padan.domain.session import SessionBinding
from padan.vault.api_side import ResultsVault
from padan.vault.errors import KeyFileError, ResultsKeyRefused, SealBroken
from padan.vault.keyfiles import load, load_api, load_or_create, load_worker, rotate
from padan.vault.keys import (
    KeyRing,
    RestKeys,
    VaultKeys,
    WorkerKeys,
    WorkerPublicKeys,
    ephemeral,
)
from padan.vault.worker_side import WorkerVault

__all__ = [
    "IssuedKey",
    "KeyFileError",
    "KeyRing",
    "RestKeys",
    "ResultsKeyRefused",
    "ResultsVault",
    "SealBroken",
    "SessionBinding",
    "VaultError",
    "VaultKeys",
    "WorkerKeys",
    "WorkerPublicKeys",
    "WorkerVault",
    "ephemeral",
    "load",
    "load_api",
    "load_or_create",
    "load_worker",
    "rotate",
]
