"""Logs to read, and to tamper with."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from padan.app.ports import Event
from padan.audit import AuditKey, CommandLog, FileAuditLog, Report, Verifier
from padan.audit.chain import Chain
from padan.audit.folder import Tip

KEY = AuditKey(bytes(range(32)))
ENVIRONMENT, TOKEN = UUID(int=1), UUID(int=2)
DAY = 86_400_000
START = 20_000 * DAY


def event(number: int = 0, outcome: str = "opened", action: str = "GetSessionResult") -> Event:
    return Event(START + number, "token", action, outcome, UUID(int=number), ENVIRONMENT, TOKEN)


def chain(folder: Path, name: str = "one", **changes: Any) -> Chain:
    return Chain(folder, name, key=KEY, **changes)


def written(folder: Path, *, events: int = 12, name: str = "one", end: bool = True, each: int = 3) -> Chain:
    """A chain with a checkpoint after every `each` events but the last."""
    log = chain(folder, name)
    log.begin(START)
    for number in range(0, events, each):
        batch = [event(n) for n in range(number, min(events, number + each))]
        log.write(batch, now=START + number, sign=number + each < events)
    log.end(START + events) if end else log.leave()
    return log


def commanded(folder: Path, *actions: str) -> None:
    for action in actions:
        with CommandLog(folder, KEY, actor="operator:ann", now=START) as log:
            log.write(Event(START, log.actor, action, "done"))


def verify(folder: Path, anchor: Sequence[Tip] = ()) -> Report:
    return Verifier(folder, KEY.public, anchor=anchor).verify()


def file(folder: Path, name: str = "one", segment: int = 0) -> Path:
    return folder / f"{name}.{segment:05}.audit"


def files(log: Path) -> Sequence[Path]:
    return sorted(log.glob("*.audit"))


def copied(log: Path, name: str) -> Path:
    """A copy of a folder, to change."""
    copy = log.with_name(name)
    shutil.rmtree(copy, ignore_errors=True)
    return Path(shutil.copytree(log, copy))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def opened(folder: Path, reports: list[tuple[str, str]] | None = None) -> FileAuditLog:
    heard = [] if reports is None else reports
    return FileAuditLog(
        chain(folder, f"server-{os.urandom(3).hex()}"),
        clock=lambda: START,
        report=lambda what, detail: heard.append((what, detail)),
    )
