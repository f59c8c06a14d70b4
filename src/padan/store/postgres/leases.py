"""Which sessions wait, and for what; and how a worker takes some of them."""

# ruff: noqa: S608 -- statements are put together from the names of columns; every value is bound.

from __future__ import annotations

from padan.domain.environment import EnvironmentKind
from padan.domain.session import Lease, Session
from padan.store.postgres.columns import SESSION, selected
from padan.store.postgres.feedback import free_feedback
from padan.store.postgres.link import Connection
from padan.store.rows import readable
from padan.store.rules import in_turns

_COLUMNS = selected(SESSION, "s")
# `phase` stands here as in the partial indexes: only then are those used.
_WORKING = "phase = 1 AND environment_kind = $1"
_FREE = "(lease_until IS NULL OR lease_until <= {now})"
ANY_DUE = f"SELECT 1 FROM sessions WHERE {_WORKING} AND due_at <= $2 LIMIT 1"
# Each step finds the next profile that has work, so the cost grows with profiles and not with sessions. What
# another worker is just taking is passed over.
DUE = f"""
    WITH RECURSIVE at_work (profile_id) AS (
        (SELECT profile_id FROM sessions WHERE {_WORKING} ORDER BY profile_id LIMIT 1)
        UNION ALL
        SELECT (SELECT n.profile_id FROM sessions AS n
                WHERE {_WORKING} AND n.profile_id > at_work.profile_id ORDER BY n.profile_id LIMIT 1)
        FROM at_work WHERE at_work.profile_id IS NOT NULL)
    SELECT s.* FROM at_work CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM sessions AS s
        WHERE {_WORKING} AND s.profile_id = at_work.profile_id AND due_at <= $2 AND expires_at > $2
            AND {_FREE.format(now="$2")}
        ORDER BY s.due_at, s.id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED) AS s
    WHERE at_work.profile_id IS NOT NULL
"""
_LEASE = """
    UPDATE sessions SET lease_owner = $1, lease_until = $2, updated_at = $3, revision = revision + 1
    WHERE id = ANY($4::uuid[]) AND id BETWEEN $5 AND $6
"""
_FREE_LEASES = """
    UPDATE sessions SET lease_owner = NULL, lease_until = NULL, updated_at = $1, revision = revision + 1
    WHERE lease_owner IS NOT NULL
"""
# Found by the indexes of what is at work: none else has a lease to give back.
_FREE_LEASES_OF = """
    UPDATE sessions SET lease_owner = NULL, lease_until = NULL, updated_at = $1, revision = revision + 1
    WHERE phase = 1 AND lease_owner = $2
"""
OVERDUE = f"""
    SELECT {_COLUMNS} FROM sessions AS s WHERE phase < 2 AND expires_at <= $1 AND {_FREE.format(now="$1")}
    ORDER BY expires_at, id LIMIT $2
"""
TO_REDACT = f"""
    SELECT {_COLUMNS} FROM sessions AS s
    WHERE redacted_at IS NULL AND redact_at <= $1 AND {_FREE.format(now="$1")}
    ORDER BY redact_at, id LIMIT $2
"""


async def take(
    connection: Connection, lease: Lease, *, now: int, limit: int, kind: EnvironmentKind
) -> list[Session]:
    """Store the lease with up to `limit` sessions, the profiles in turns; they come as they were before."""
    if limit < 1 or await connection.fetchval(ANY_DUE, kind.value, now) is None:
        return []
    async with connection.transaction():
        waiting = list(readable(await connection.fetch(DUE, kind.value, now, limit)))
        waiting.sort(key=lambda session: (session.due_at, session.id.bytes))
        due = in_turns(waiting, limit=limit)
        ids = [session.id.bytes for session in due]
        if ids:
            await connection.execute(_LEASE, lease.owner, lease.until, now, ids, min(ids), max(ids))
    return due


async def free(connection: Connection, now: int, *, owner: str | None) -> int:
    """End every lease, or one owner's, and say how many were sessions'."""
    async with connection.transaction():
        await free_feedback(connection, now, owner=owner)
        freed = (_FREE_LEASES, now) if owner is None else (_FREE_LEASES_OF, now, owner)
        status: str = await connection.execute(*freed)
    return int(status.rpartition(" ")[2])
