"""The audit log of this process, and what a command writes into it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from padan.app.ports import AuditUnavailable, Event
from padan.audit import CommandLog, FileAuditLog, open_key
from padan.audit.chain import Chain
from padan.main.opening import clock
from padan.settings import Settings


def open_audit(settings: Settings, *, report: Callable[[str, str], None]) -> FileAuditLog:
    """The log of a server process, a chain of its own.

    Raises:
        AuditKeyError: its key is missing or unsafe.
        AuditUnavailable: it cannot be written.
    """
    folder = settings.audit_folder
    key = open_key(settings.keys_folder, log=folder)
    began = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    name = f"server-{began}-{os.getpid()}-{os.urandom(3).hex()}"
    return FileAuditLog(Chain(folder, name, key=key), clock=clock, report=report)


def operator() -> str:
    """Who runs a command, as events name them."""
    import pwd

    try:
        return f"operator:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"operator:{os.getuid()}"


def write_down(settings: Settings, action: str, *, outcome: str, subject: object = None) -> None:
    """Write down what an operator did; durable when this returns.

    Raises:
        AuditKeyError: the key is missing or unsafe.
        AuditUnavailable: the log cannot be written.
    """
    folder, now = settings.audit_folder, clock()
    key = open_key(settings.keys_folder, log=folder)
    named = None if subject is None else str(subject)
    try:
        with CommandLog(folder, key, actor=operator(), now=now) as log:
            log.write(Event(now, log.actor, action, outcome, named))
    except OSError as error:
        raise AuditUnavailable(f"the audit log in {folder} cannot be written: {error.strerror}") from None
