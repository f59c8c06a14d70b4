"""`padan dev` that kills itself at a named point around a paid question.

The parts are the real ones, wired by `padan.main`; here each is told to look, before or after what it
does, whether this is the moment. `python -m tests.support.dying_server POINT NTH [OPTION…]` dies at the
NTH time it is at the point, having written the session's id and the question's number to the file that
`DYING_NOTE` names.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from padan.cli.main import run
from padan.domain.attempt import Allowance, Attempt, Begun
from padan.domain.claim import Claim
from padan.domain.feedback import Feedback
from padan.domain.finding import Finding
from padan.domain.rules import USUAL_NAMES, NameRules
from padan.domain.session import Session, SessionBinding
from padan.main import lines as main_lines
from padan.main import service as main_service
from padan.registries import DukcapilRegistry, dukcapil
from padan.store import sqlite
from padan.store.connections import open_writer
from padan.store.postgres import PostgresStore, batch
from padan.store.postgres import store as postgres
from padan.store.rows import ATTEMPT_COLUMNS
from padan.store.sqlite import SqliteStore
from padan.vault import WorkerVault

POINTS = (
    "before_attempt",
    "attempt_written",
    "connected",
    "sent",
    "answered",
    "before_sealing",
    "before_commit",
    "in_commit",
    "after_commit",
)
NOTE = "DYING_NOTE"
OUTCOME = ATTEMPT_COLUMNS.index("outcome")
_ANSWER = re.compile(r"INTO attempts .*VALUES \(x'(\w{32})', (\d+),.*'found'", re.IGNORECASE)
"""The statement that stores the answer to a question, as SQLite tells it."""

Place = tuple[str, int]
"""A session's id, and which of its questions."""

asking: ContextVar[Place] = ContextVar("asking")


class Reaper:
    """Counts how often the point was reached, and ends the process there as a crash does."""

    def __init__(self, point: str, nth: int) -> None:
        if point not in POINTS:
            raise SystemExit(f"no such point; there are: {', '.join(POINTS)}")
        self._point, self._left = point, nth

    def look(self, point: str, place: Place) -> None:
        """Die if this is the moment."""
        if point != self._point:
            return
        self._left -= 1
        if self._left == 0:
            note = Path(os.environ[NOTE])
            note.with_suffix(".part").write_text(f"{place[0]} {place[1]}", "ascii")
            note.with_suffix(".part").rename(note)  # whoever looks for it sees all of it or nothing
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)  # another thread may be the first to take the signal


def deadly_store(reaper: Reaper, base: Any) -> Any:
    """The store, looked at where a question is written down and where its answer is."""

    class Store(base):  # type: ignore[misc]
        async def begin(
            self, before: Session, after: Session, *, attempt: Attempt, allowance: Allowance, now: int
        ) -> Begun:
            place = (str(attempt.session_id), attempt.number)
            reaper.look("before_attempt", place)
            begun: Begun = await super().begin(before, after, attempt=attempt, allowance=allowance, now=now)
            if begun.refusal is None:
                reaper.look("attempt_written", place)
            return begun

        async def change(
            self,
            before: Session,
            after: Session,
            *,
            attempt: Attempt | None = None,
            refund: Allowance | None = None,
            feedback: Feedback | None = None,
        ) -> bool:
            place = attempt and (str(attempt.session_id), attempt.number)
            if place:
                reaper.look("before_commit", place)
            made: bool = await super().change(
                before, after, attempt=attempt, refund=refund, feedback=feedback
            )
            if place:
                reaper.look("after_commit", place)
            return made

    return Store


def deadly_batch(reaper: Reaper) -> list[tuple[Any, str, Any]]:
    """PostgreSQL's transactions, looked at when one is about to be committed that holds an answer."""
    put, execute = batch.put_attempts, asyncpg.Connection.execute
    held: dict[Any, list[Place]] = {}

    async def put_attempts(connection: Any, rows: Sequence[tuple[Any, ...]]) -> None:
        answers = [row for row in rows if row[OUTCOME] == "found"]
        held[connection] = [(str(UUID(bytes=row[0])), row[1]) for row in answers]
        await put(connection, rows)

    async def committing(connection: Any, query: str, *values: Any, **named: Any) -> Any:
        if query.startswith("COMMIT"):
            for place in held.pop(connection, ()):
                reaper.look("in_commit", place)
        return await execute(connection, query, *values, **named)

    return [(batch, "put_attempts", put_attempts), (asyncpg.Connection, "execute", committing)]


def deadly_writer(reaper: Reaper) -> Callable[[Path], sqlite3.Connection]:
    """The connection that writes, looked at when a commit begins that holds an answer."""

    def opened(path: Path) -> sqlite3.Connection:
        held: list[Place] = []

        def statement(sql: str) -> None:
            answer = _ANSWER.search(sql)
            if answer:
                held.append((str(UUID(answer[1])), int(answer[2])))
            elif sql == "COMMIT":
                for place in held:
                    reaper.look("in_commit", place)
                held.clear()

        connection = open_writer(path)
        connection.set_trace_callback(statement)
        return connection

    return opened


def deadly_registry(reaper: Reaper) -> type[DukcapilRegistry]:
    """The connector, looked at where it connects, has sent, and was answered."""

    class Registry(DukcapilRegistry):
        async def ask(self, claim: Claim, *, request_id: str, names: NameRules = USUAL_NAMES) -> Finding:
            session_id, _, number = request_id.rpartition("-")
            asking.set((session_id, int(number)))
            finding = await super().ask(claim, request_id=request_id, names=names)
            reaper.look("answered", asking.get())
            return finding

    return Registry


def deadly_line(reaper: Reaper) -> Callable[[], aiohttp.TraceConfig]:
    """What marks the bytes on their way, with a look at the connection before they are."""
    marks = dukcapil._note_what_was_sent

    async def connected(*_: Any) -> None:
        reaper.look("connected", asking.get())

    def trace() -> aiohttp.TraceConfig:
        config = marks()
        config.on_connection_create_end.append(connected)
        config.on_connection_reuseconn.append(connected)
        return config

    return trace


def deadly_start(reaper: Reaper) -> Callable[..., Any]:
    """What awaits an answer; by then the question has been sent."""
    start = aiohttp.ClientResponse.start

    async def started(response: aiohttp.ClientResponse, connection: Any) -> aiohttp.ClientResponse:
        await asyncio.sleep(0.005)
        reaper.look("sent", asking.get())
        return await start(response, connection)

    return started


def deadly_vault(reaper: Reaper) -> type[WorkerVault]:
    """The worker's vault, looked at before a result is sealed."""

    class Vault(WorkerVault):
        __slots__ = ()

        def seal_result(self, binding: SessionBinding, public_key: bytes, identity_data: bytes) -> bytes:
            reaper.look("before_sealing", asking.get())
            return super().seal_result(binding, public_key, identity_data)

    return Vault


def serve(point: str, nth: int) -> None:
    """`padan dev` over the deadly parts."""
    reaper = Reaper(point, nth)
    parts: list[tuple[Any, str, Any]] = [
        (sqlite, "SqliteStore", deadly_store(reaper, SqliteStore)),
        (sqlite, "open_writer", deadly_writer(reaper)),
        (postgres, "PostgresStore", deadly_store(reaper, PostgresStore)),
        *deadly_batch(reaper),
        (main_lines, "DukcapilRegistry", deadly_registry(reaper)),
        (main_service, "WorkerVault", deadly_vault(reaper)),
        (dukcapil, "_note_what_was_sent", deadly_line(reaper)),
        (aiohttp.ClientResponse, "start", deadly_start(reaper)),
    ]
    for module, name, part in parts:
        setattr(module, name, part)
    run()


if __name__ == "__main__":
    point, nth = sys.argv[1:3]
    sys.argv[1:3] = []
    serve(point, int(nth))
