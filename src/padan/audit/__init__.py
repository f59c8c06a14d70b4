"""The audit log: chained, signed events in append-only files, a chain for each process."""

from padan.audit.commands import CommandLog
from padan.audit.keys import AuditKey, AuditKeyError, PublicKey, load_public, open_key
from padan.audit.log import FileAuditLog
from padan.audit.memory import MemoryAuditLog
from padan.audit.verify import Report, Verifier

__all__ = [
    "AuditKey",
    "AuditKeyError",
    "CommandLog",
    "FileAuditLog",
    "MemoryAuditLog",
    "PublicKey",
    "Report",
    "Verifier",
    "load_public",
    "open_key",
]
