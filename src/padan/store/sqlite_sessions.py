"""Sessions in SQLite. Reads are made where they are asked for, writes in the writer's thread."""

# ruff: noqa: S608 -- queries are put together from the names of columns; every value is bound.

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from padan.app.ports import Conflict, Page, Receipt, SessionOrder
from padan.domain.attempt import Allowance, Attempt, Begun, Refusal
from padan.domain.environment import EnvironmentKind
from padan.domain.feedback import Feedback
from padan.domain.session import Lease, Session
from padan.store.bell import Bell, waits_for_a_worker
from padan.store.connections import Reader
from padan.store.contents import append
from padan.store.counting import give_back, quota_name, take
from padan.store.rows import (
    ATTEMPT_COLUMNS,
    SESSION_COLUMNS,
    attempt_from_row,
    attempt_to_row,
    changed_columns,
    contents_differ,
    readable,
    session_contents,
    session_from_row,
    session_to_row,
    with_room,
)
from padan.store.rules import check_change, check_feedback, in_turns, missing_owner
from padan.store.sqlite_answers import COUNTER, SqliteCounters
from padan.store.sqlite_feedback import add_feedback, erase_feedback, free_feedback
from padan.store.writer import Writer

_SELECT = (
    "SELECT " + ", ".join(f"s.{column}" for column in SESSION_COLUMNS) + ", c.packed"
    " FROM sessions AS s JOIN contents AS c ON c.seq = s.contents "
)
_FIND = _SELECT + "WHERE s.id = ?"
_GET = _SELECT + "WHERE s.id = ? AND s.environment_id = ?"
_INSERT = (
    f"INSERT INTO sessions ({', '.join(SESSION_COLUMNS)}, contents)"
    f" VALUES ({', '.join('?' * len(SESSION_COLUMNS))}, ?)"
)
_PUT_RECEIPT = (
    "INSERT INTO receipts (environment_id, key, body, session_id, sealed_answer, expires_at)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_RECEIPT = "SELECT * FROM receipts WHERE environment_id = ? AND key = ? AND expires_at > ?"
_PUT_ATTEMPT = (
    f"INSERT OR REPLACE INTO attempts ({', '.join(ATTEMPT_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(ATTEMPT_COLUMNS))})"
)
_ATTEMPTS = (
    f"SELECT {', '.join(ATTEMPT_COLUMNS)} FROM attempts WHERE session_id = ?1 UNION ALL"
    f" SELECT {', '.join(ATTEMPT_COLUMNS)} FROM past_attempts WHERE session_id = ?1 ORDER BY number"
)

# The states stand here as literals, word for word as in the partial indexes: only then are those used.
_FREE = "(lease_until IS NULL OR lease_until <= :now)"
_WORKING = "state IN ('queued', 'asking') AND environment_kind = :kind"
# Each step finds the next profile that has work, so the cost grows with profiles and not with sessions.
_PROFILES_AT_WORK = f"""
    WITH RECURSIVE at_work(profile_id) AS (
        SELECT min(profile_id) FROM sessions WHERE {_WORKING}
        UNION ALL
        SELECT (SELECT min(s.profile_id) FROM sessions AS s
                WHERE {_WORKING} AND s.profile_id > at_work.profile_id)
        FROM at_work WHERE at_work.profile_id IS NOT NULL)
    SELECT profile_id FROM at_work WHERE profile_id IS NOT NULL
"""
_DUE = f"""{_SELECT}
    WHERE {_WORKING} AND profile_id = :profile_id AND due_at <= :now AND expires_at > :now AND {_FREE}
    ORDER BY due_at, id LIMIT :limit
"""
_ANY_DUE = f"SELECT 1 FROM sessions WHERE {_WORKING} AND due_at <= :now AND :limit > 0 LIMIT 1"
_LEASE = """
    UPDATE sessions SET lease_owner = ?, lease_until = ?, updated_at = ?, revision = revision + 1
    WHERE id = ?
"""
_FREE_LEASES = """
    UPDATE sessions SET lease_owner = NULL, lease_until = NULL, updated_at = :now, revision = revision + 1
    WHERE lease_owner IS NOT NULL AND (:owner IS NULL OR lease_owner = :owner)
"""
_OVERDUE = f"""{_SELECT}
    WHERE state IN ('awaiting_input', 'queued', 'asking') AND expires_at <= :now AND {_FREE}
    ORDER BY expires_at, id LIMIT :limit
"""
_TO_REDACT = f"""{_SELECT}
    WHERE redacted_at IS NULL AND redact_at <= :now AND {_FREE}
    ORDER BY redact_at, id LIMIT :limit
"""
_COUNT = "SELECT count(*) FROM sessions WHERE environment_id = ? AND profile_id = ?"
_ORDER_COLUMNS = {
    SessionOrder.CREATED: "created_at",
    SessionOrder.UPDATED: "updated_at",
    SessionOrder.STATE: "state",
}


class SqliteSessions:
    """The port `SessionStore`.

    `reader` is used in the event loop's own thread: a warm look-up by key takes about twenty microseconds,
    less than handing it to another thread and waiting for that. `lists` answers what grows with the number
    of sessions, from other threads.
    """

    def __init__(self, writer: Writer, reader: Reader, lists: Reader, *, bell: Bell) -> None:
        self._writer = writer
        self._reader = reader
        self._lists = lists
        self._bell = bell

    async def add(self, session: Session, *, receipt: Receipt | None = None) -> None:
        """Store a new session, and the receipt for its creation; raises Conflict, StoreUnavailable."""
        row, contents = session_to_row(session), with_room(session_contents(session))

        def work(connection: sqlite3.Connection) -> None:
            _insert(connection, row, contents)
            if receipt is not None:
                _put_receipt(connection, receipt, now=session.created_at)

        await self._writer.run(work)
        self._tell(session)

    async def receipt(self, environment_id: UUID, key: bytes, *, now: int) -> Receipt | None:
        """The receipt that a key has, while it lasts."""
        row = self._reader.row(_RECEIPT, (environment_id.bytes, key, now))
        if row is None:
            return None
        return Receipt(environment_id, row[1], row[2], UUID(bytes=row[3]), row[4], row[5])

    async def get(self, environment_id: UUID, session_id: UUID) -> Session | None:
        """The session, if it belongs to the environment."""
        row = self._reader.row(_GET, (session_id.bytes, environment_id.bytes))
        return None if row is None else session_from_row(row)

    async def find(self, session_id: UUID) -> Session | None:
        """The session, whoever it belongs to."""
        row = self._reader.row(_FIND, (session_id.bytes,))
        return None if row is None else session_from_row(row)

    async def begin(
        self, before: Session, after: Session, *, attempt: Attempt, allowance: Allowance, now: int
    ) -> Begun:
        """Write a question down and count it, or say why not; in one transaction."""
        check_change(before, after, attempt)

        def work(connection: sqlite3.Connection) -> Begun:
            begun = take(SqliteCounters(connection), allowance, now=now)
            if begun.refusal is not None:
                return begun
            if not _update(connection, before, after):
                give_back(SqliteCounters(connection), allowance)
                return Begun(Refusal.STALE)
            connection.execute(_PUT_ATTEMPT, attempt_to_row(attempt))
            return begun

        return await self._writer.run(work)

    async def change(
        self,
        before: Session,
        after: Session,
        *,
        attempt: Attempt | None = None,
        refund: Allowance | None = None,
        feedback: Feedback | None = None,
    ) -> bool:
        """Replace `before` by `after` and store what goes with it, or nothing."""
        check_change(before, after, attempt)
        check_feedback(after, feedback)

        def work(connection: sqlite3.Connection) -> bool:
            if not _update(connection, before, after):
                return False
            if attempt is not None:
                _put_attempt(connection, attempt, refund=refund)
            if feedback is not None:
                add_feedback(connection, feedback)
            if after.redacted_at is not None:
                erase_feedback(connection, after.id, now=after.updated_at)
            return True

        made = await self._writer.run(work)
        if made:
            self._tell(after)
        return made

    async def record(self, attempt: Attempt, *, refund: Allowance | None = None) -> None:
        """Store an attempt by itself. Raises LookupError where its session is not stored."""

        def work(connection: sqlite3.Connection) -> None:
            try:
                _put_attempt(connection, attempt, refund=refund)
            except sqlite3.IntegrityError:
                raise missing_owner("session_id", "session") from None

        await self._writer.run(work)

    async def used(self, account: str, day: str) -> int:
        """How many questions of a day count against an account."""
        row = self._reader.row(COUNTER, (quota_name(account), day))
        return 0 if row is None else int(row[0])

    async def note_used(self, account: str, day: str, *, at_least: int) -> None:
        """The registry counts more than we do: others ask under the same agreement."""

        def work(connection: sqlite3.Connection) -> None:
            counters = SqliteCounters(connection)
            name = quota_name(account)
            counters.put(name, day, number=max(at_least, counters.get(name, day)))

        await self._writer.run(work)

    async def attempts(self, session_id: UUID) -> Sequence[Attempt]:
        """The questions asked for a session, in order."""
        return tuple(map(attempt_from_row, self._reader.rows(_ATTEMPTS, (session_id.bytes,))))

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
        owner = (environment_id.bytes, profile_id.bytes)
        query = _page_query(order, descending)

        def work() -> Page[Session]:
            rows = self._lists.rows(query, (*owner, size, (page - 1) * size))
            return Page(tuple(map(session_from_row, rows)), self._lists.rows(_COUNT, owner)[0][0])

        return await asyncio.to_thread(work)

    async def take_leases(
        self, owner: str, now: int, *, until: int, limit: int, kind: EnvironmentKind
    ) -> Sequence[Session]:
        """Lease sessions that are due, not expired and held by nobody, the profiles in turns."""
        values = {"kind": kind.value, "now": now, "limit": limit}
        if self._reader.row(_ANY_DUE, values) is None:
            return ()

        def work(connection: sqlite3.Connection) -> tuple[Session, ...]:
            due = _due_in_turns(connection, values)
            connection.executemany(_LEASE, [(owner, until, now, session.id.bytes) for session in due])
            lease = Lease(owner, until)
            return tuple(
                replace(session, lease=lease, updated_at=now, revision=session.revision + 1)
                for session in due
            )

        return await self._writer.run(work, at_length=True)

    async def free_leases(self, now: int, *, owner: str | None = None) -> int:
        """End the leases of one owner; without one, every lease."""

        def work(connection: sqlite3.Connection) -> int:
            free_feedback(connection, now, owner=owner)
            return connection.execute(_FREE_LEASES, {"now": now, "owner": owner}).rowcount

        freed = await self._writer.run(work, at_length=True)
        if freed:
            self._bell.ring()
        return freed

    async def overdue(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions not done whose time is over and that no worker holds, the longest overdue first."""
        return self._listed(_OVERDUE, now, limit)

    async def to_redact(self, now: int, *, limit: int) -> Sequence[Session]:
        """Sessions whose redaction is due and that no worker holds, the longest due first."""
        return self._listed(_TO_REDACT, now, limit)

    async def await_work(self, seconds: float) -> None:
        """Return when a session came that no worker holds, in whatever process, or after so many seconds."""
        await self._bell.wait(seconds)

    def _tell(self, session: Session) -> None:
        if waits_for_a_worker(session):
            self._bell.ring()

    def _listed(self, query: str, now: int, limit: int) -> tuple[Session, ...]:
        return readable(self._reader.rows(query, {"now": now, "limit": limit}))


def _due_in_turns(connection: sqlite3.Connection, values: Mapping[str, Any]) -> list[Session]:
    profiles = connection.execute(_PROFILES_AT_WORK, values).fetchall()
    due = [
        session
        for (profile_id,) in profiles
        for session in readable(connection.execute(_DUE, {**values, "profile_id": profile_id}).fetchall())
    ]
    due.sort(key=lambda session: (session.due_at, session.id.bytes))
    return in_turns(due, limit=values["limit"])


def _put_receipt(connection: sqlite3.Connection, receipt: Receipt, *, now: int) -> None:
    owner = receipt.environment_id.bytes
    connection.execute(
        "DELETE FROM receipts WHERE environment_id = ? AND key = ? AND expires_at <= ?",
        (owner, receipt.key, now),
    )
    row = (owner, receipt.key, receipt.body, receipt.session_id.bytes, receipt.sealed_answer)
    try:
        connection.execute(_PUT_RECEIPT, (*row, receipt.expires_at))
    except sqlite3.IntegrityError:
        raise Conflict("receipt") from None


def _put_attempt(connection: sqlite3.Connection, attempt: Attempt, *, refund: Allowance | None) -> None:
    connection.execute(_PUT_ATTEMPT, attempt_to_row(attempt))
    if refund is not None:
        give_back(SqliteCounters(connection), refund)


def _insert(connection: sqlite3.Connection, row: tuple[object, ...], contents: bytes) -> None:
    place = append(connection, contents)
    try:
        connection.execute(_INSERT, (*row, place))
    except sqlite3.IntegrityError:
        raise Conflict("id") from None


def _update(connection: sqlite3.Connection, before: Session, after: Session) -> bool:
    """Write the columns that differ, so that an index is touched only where its own column changed."""
    changed = changed_columns(before, after)
    assignments = ", ".join(f"{column} = ?" for column in changed)
    found = connection.execute(
        f"UPDATE sessions SET {assignments} WHERE id = ? AND revision = ? RETURNING seq, contents",
        (*changed.values(), before.id.bytes, before.revision),
    ).fetchall()
    if not found:
        return False
    if contents_differ(before, after):
        _replace_contents(connection, found[0], session_contents(after))
    return True


def _replace_contents(connection: sqlite3.Connection, places: tuple[int, int], contents: bytes) -> None:
    """Overwrite a session's contents where they lie, at the length they have.

    A row that changed its length could make SQLite move its neighbours to another page, and `secure_delete`
    does not wipe what such a move leaves behind. Contents that have outgrown their place get a new one at the
    end, and the old is filled with zeros.
    """
    session, place = places
    (room,) = connection.execute("SELECT length(packed) FROM contents WHERE seq = ?", (place,)).fetchone()
    fits = len(contents) <= room
    in_place = contents.ljust(room, b"\0") if fits else bytes(room)
    connection.execute("UPDATE contents SET packed = ? WHERE seq = ?", (in_place, place))
    if not fits:
        moved = append(connection, with_room(contents))
        connection.execute("UPDATE sessions SET contents = ? WHERE seq = ?", (moved, session))


def _page_query(order: SessionOrder, descending: bool) -> str:
    column, direction = _ORDER_COLUMNS[order], "DESC" if descending else "ASC"
    return (
        f"{_SELECT} WHERE environment_id = ? AND profile_id = ?"
        f" ORDER BY s.{column} {direction}, s.id {direction} LIMIT ? OFFSET ?"
    )
