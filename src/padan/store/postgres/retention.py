"""Rows of sessions that are no longer kept, in PostgreSQL: a month goes at once, the rest by the row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import asyncpg

from padan.store.months import Month
from padan.store.postgres.link import Connection, Links
from padan.store.postgres.partitions import LOCK_WITHIN, make_months, partitions

FEEDBACK_AT_ONCE = 5_000
LOOK_AGAIN_AFTER = 600_000
"""Milliseconds before a month that something stays in is looked into again."""

SCAN_WITHIN = 300
"""Seconds to read a month's attempts once, before its sessions go."""

_OWNS = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'sessions'::regclass"
_GONE = (
    "SELECT id FROM sessions WHERE redacted_at IS NOT NULL AND redacted_at < $1 AND id >= $2 AND id < $3"
    " ORDER BY redacted_at LIMIT $4 FOR UPDATE SKIP LOCKED"
)
_STILL_WHOLE = "SELECT 1 FROM sessions WHERE redacted_at IS NULL AND id >= $1 AND id < $2 LIMIT 1"
_STILL_KEPT = (
    "SELECT 1 FROM sessions WHERE redacted_at IS NOT NULL AND redacted_at >= $3"
    " AND id >= $1 AND id < $2 LIMIT 1"
)
_NAME_OWNERS = (
    "UPDATE attempts AS a SET environment_kind = s.environment_kind, profile_id = s.profile_id"
    " FROM sessions AS s WHERE a.session_id >= $1 AND a.session_id < $2 AND a.profile_id IS NULL"
    " AND s.id = a.session_id AND s.id >= $1 AND s.id < $2"
)
_NAME_OWNERS_OF = (
    "UPDATE attempts AS a SET environment_kind = s.environment_kind, profile_id = s.profile_id"
    " FROM sessions AS s WHERE a.session_id = ANY($1::uuid[]) AND a.session_id BETWEEN $2 AND $3"
    " AND a.profile_id IS NULL AND s.id = a.session_id AND s.id BETWEEN $2 AND $3"
)
_DELETE_FEEDBACK = (
    "DELETE FROM feedback WHERE session_id = ANY(ARRAY("
    "SELECT session_id FROM feedback WHERE session_id >= $1 AND session_id < $2 LIMIT $3)) RETURNING 1"
)
_DELETE_FEEDBACK_OF = "DELETE FROM feedback WHERE session_id = ANY($1::uuid[])"
_DELETE = "DELETE FROM sessions WHERE id = ANY($1::uuid[]) AND id BETWEEN $2 AND $3"


@dataclass(frozen=True, slots=True)
class _Span:
    """Ids from `first` to before `end`."""

    first: bytes
    end: bytes


_EVERYTHING = _Span(bytes(16), b"\xff" * 16)


class PostgresRetention:
    """The part of the port `SessionStore` that ends the rows themselves."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._room_until = 0
        self._stays: dict[Month, int] = {}

    async def make_room(self, now: int) -> None:
        """Make the partitions of the coming months. A role that may not leaves it to `padan migrate`."""
        if Month.of(now).later(2).start <= self._room_until:
            return

        async def work(connection: Connection) -> int:
            try:
                return await make_months(connection, now)
            except (asyncpg.InsufficientPrivilegeError, asyncpg.LockNotAvailableError):
                return 0

        self._room_until = await self._links.run(work)

    async def forget_sessions(self, redacted_before: int, *, limit: int) -> bool:
        """Drop a month whose sessions may all go; remove others by the row, the longest redacted first.

        A role that does not own the tables cannot drop: for that all go by the row.
        """
        return await self._links.run(lambda connection: self._forget(connection, redacted_before, limit))

    async def _forget(self, connection: Connection, before: int, limit: int) -> bool:
        months = [one.month for one in await partitions(connection) if one.month is not None]
        if not await connection.fetchval(_OWNS):
            months = []
        removed = False
        for span in _outside(months):
            removed = await _forget_rows(connection, span, before=before, limit=limit) or removed
        for month in months:
            looked = before - self._stays.get(month, 0) < LOOK_AGAIN_AFTER
            if month.later(1).start > before or looked:
                continue
            if await _anything_stays(connection, _span_of(month), before=before):
                self._stays[month] = before
            else:
                removed = await _forget_month(connection, month, before=before) or removed
        return removed


def _outside(months: list[Month]) -> Iterator[_Span]:
    """What no month holds: before them, between them, after them."""
    first = _EVERYTHING.first
    for month in months:
        if first < month.first_id.bytes:
            yield _Span(first, month.first_id.bytes)
        first = month.later(1).first_id.bytes
    yield _Span(first, _EVERYTHING.end)


async def _forget_rows(connection: Connection, span: _Span, *, before: int, limit: int) -> bool:
    async with connection.transaction():
        gone = [row[0] for row in await connection.fetch(_GONE, before, span.first, span.end, limit)]
        if not gone:
            return False
        bounds = min(gone), max(gone)
        await connection.execute(_NAME_OWNERS_OF, gone, *bounds)
        await connection.execute(_DELETE_FEEDBACK_OF, gone)
        await connection.execute(_DELETE, gone, *bounds)
    return True


async def _forget_month(connection: Connection, month: Month, *, before: int) -> bool:
    """Drop a month in which nothing stays, once nothing hangs on it any more; whether anything went."""
    span = _span_of(month)
    if await connection.fetch(_DELETE_FEEDBACK, span.first, span.end, FEEDBACK_AT_ONCE):
        return True
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL statement_timeout = '{SCAN_WITHIN}s'")
            await connection.execute(_NAME_OWNERS, span.first, span.end, timeout=SCAN_WITHIN)
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WITHIN}'")
            await connection.execute(f"LOCK TABLE sessions_{month.name} IN ACCESS EXCLUSIVE MODE")
            if await _anything_stays(connection, span, before=before):
                return False
            await connection.execute(f"DROP TABLE sessions_{month.name}")
    except asyncpg.LockNotAvailableError:
        return False
    return True


def _span_of(month: Month) -> _Span:
    return _Span(month.first_id.bytes, month.later(1).first_id.bytes)


async def _anything_stays(connection: Connection, span: _Span, *, before: int) -> bool:
    if await connection.fetchval(_STILL_WHOLE, span.first, span.end) is not None:
        return True
    return await connection.fetchval(_STILL_KEPT, span.first, span.end, before) is not None
