"""Whatever is done in whatever order, every durable store answers as the store in memory does."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from tests.contracts.builders import BANK, PROFILE_ID, a_session, an_attempt
from tests.support.postgres import empty_database

from padan.app.ports import Conflict, SessionOrder
from padan.domain.environment import EnvironmentKind
from padan.domain.session import (
    ErrorCode,
    IllegalTransition,
    Lease,
    PageSecrets,
    Session,
    SessionState,
    asking,
    expired,
    failed,
    launched,
    postponed,
    redacted,
    succeeded,
)
from padan.store.databases import database_of
from padan.store.memory import MemoryStore

T = TypeVar("T")
NOW = st.integers(1_000, 1_030)
STEPS: dict[str, Callable[[Session, int], Session]] = {
    "asking": lambda s, now: asking(s, now=now, lease=Lease("worker", now + 5)),
    "postponed": lambda s, now: postponed(s, now=now, due_at=now + 3),
    "succeeded": lambda s, now: succeeded(s, now=now, sealed_result=b"r" * (now % 7 * 500)),
    "failed": lambda s, now: failed(s, now=now, error_code=ErrorCode.CANCELED),
    "expired": lambda s, now: expired(s, now=now),
    "launched": lambda s, now: launched(s, now=now, secrets=PageSecrets(b"p" * 32, b"v" * now, None)),
    "redacted": lambda s, now: redacted(s, now=now),
    "supplemented": lambda s, now: replace(s, sealed_supplement=b"s" * now, revision=s.revision + 1),
}


class StoresAgree(RuleBasedStateMachine):
    """The same operations on both; every answer is compared."""

    database = "sqlite"

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        path = Path(self.folder.name) / "padan.db"
        self.url = empty_database() if self.database == "postgres" else f"sqlite:///{path}"
        self.durable = self.runner.run(database_of(self.url).open())
        self.memory = MemoryStore()
        self.seen: dict[Any, Session] = {}

    def teardown(self) -> None:
        self.runner.run(self.durable.close())
        self.runner.close()
        self.folder.cleanup()

    def both(self, call: str, *args: Any, **named: Any) -> Any:
        async def answer(coroutine: Coroutine[Any, Any, T]) -> T | str:
            try:
                return await coroutine
            except Conflict as conflict:
                return f"conflict: {conflict}"

        expected = self.runner.run(answer(getattr(self.memory, call)(*args, **named)))
        assert self.runner.run(answer(getattr(self.durable, call)(*args, **named))) == expected
        return expected

    @rule(target=ids, now=NOW, life=st.integers(0, 20), state=st.sampled_from(SessionState))
    def add(self, now: int, life: int, state: SessionState) -> Session:
        times = {"created_at": now, "updated_at": now, "due_at": now, "expires_at": now + life}
        session = a_session(**times, redact_at=now + 2 * life, state=state)
        self.both("add", session)
        self.seen[session.id] = session
        return session

    @rule(session=ids)
    def add_again(self, session: Session) -> None:
        self.both("add", session)

    @rule(session=ids, step=st.sampled_from(sorted(STEPS)), now=NOW, number=st.integers(0, 2))
    def change(self, session: Session, step: str, now: int, number: int) -> None:
        before = self.seen[session.id]
        try:
            after = STEPS[step](before, now)
        except IllegalTransition:
            return
        attempt = an_attempt(session, number) if number else None
        if self.both("change", before, after, attempt=attempt):
            self.seen[session.id] = after

    @rule(session=ids)
    def read(self, session: Session) -> None:
        self.seen[session.id] = self.both("find", session.id)

    @rule(now=NOW, limit=st.integers(0, 4))
    def take_leases(self, now: int, limit: int) -> None:
        self.both("take_leases", "other", now, until=now + 5, limit=limit, kind=EnvironmentKind.TEST)

    @rule(now=NOW)
    def free_leases(self, now: int) -> None:
        self.both("free_leases", now)

    @rule(now=NOW, limit=st.integers(0, 4))
    def look_for_what_is_due(self, now: int, limit: int) -> None:
        self.both("overdue", now, limit=limit)
        self.both("to_redact", now, limit=limit)

    @rule(order=st.sampled_from(SessionOrder), descending=st.booleans(), page=st.integers(1, 3))
    def list(self, order: SessionOrder, descending: bool, page: int) -> None:
        self.both("page", BANK.id, PROFILE_ID, order=order, descending=descending, page=page, size=3)

    @rule()
    def scrub(self) -> None:
        self.both("scrub")

    @rule()
    def start_again(self) -> None:
        self.runner.run(self.durable.close())
        self.durable = self.runner.run(database_of(self.url).open())

    @invariant()
    def every_session_is_the_same_in_both(self) -> None:
        for id_ in self.seen:
            self.both("find", id_)
            attempts: Sequence[Any] = self.both("attempts", id_)
            assert len({attempt.number for attempt in attempts}) == len(attempts)


StoresAgree.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestStoresAgree = StoresAgree.TestCase


class PostgresAgrees(StoresAgree):
    """The same again over PostgreSQL."""

    database = "postgres"


PostgresAgrees.TestCase.settings = settings(max_examples=10, stateful_step_count=30, deadline=None)
TestPostgresAgrees = PostgresAgrees.TestCase
