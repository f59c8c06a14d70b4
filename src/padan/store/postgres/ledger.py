"""The ledger of questions, counted by PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from padan.domain.cost import Cost, Span, Tally
from padan.domain.environment import EnvironmentKind
from padan.store.postgres.link import Connection, Links
from padan.store.rows import Row

COUNT_WITHIN = 300
"""Seconds for a count: years of questions take longer than any other statement may."""

# Attempts of before the months do not say whose they are while their session is there.
# Seven hours: Jakarta's calendar, as in `padan.app.times`.
COSTS = """
    SELECT to_char(to_timestamp(a.started_at / 1000 + 7 * 3600) AT TIME ZONE 'UTC', 'YYYY-MM') AS month,
        coalesce(a.environment_kind, s.environment_kind) AS of_kind,
        coalesce(a.profile_id, s.profile_id) AS of_profile, a.outcome, count(*),
        count(*) FILTER (WHERE a.charge = 'charged'), count(*) FILTER (WHERE a.charge = 'not_charged'),
        count(*) FILTER (WHERE a.charge = 'unknown'),
        count(*) FILTER (WHERE a.charge <> 'not_charged'
            AND EXISTS (SELECT 1 FROM attempts AS b WHERE b.session_id = a.session_id
                AND b.number < a.number AND b.charge <> 'not_charged')
            AND NOT EXISTS (SELECT 1 FROM attempts AS b WHERE b.session_id = a.session_id
                AND b.number > a.number AND b.charge <> 'not_charged')),
        coalesce(sum(a.tariff) FILTER (WHERE a.charge = 'charged'), 0)::bigint,
        coalesce(sum(a.tariff) FILTER (WHERE a.charge <> 'not_charged'), 0)::bigint,
        coalesce(sum(a.price) FILTER (WHERE a.charge = 'charged'), 0)::bigint,
        coalesce(sum(a.price) FILTER (WHERE a.charge <> 'not_charged'), 0)::bigint
    FROM attempts AS a LEFT JOIN sessions AS s ON a.profile_id IS NULL AND s.id = a.session_id
    WHERE a.started_at >= $1 AND a.started_at < $2
        AND ($3::uuid IS NULL OR coalesce(a.profile_id, s.profile_id) = $3)
    GROUP BY month, of_kind, of_profile, a.outcome
"""


class PostgresLedger:
    """The port `Ledger`."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def costs(self, span: Span, *, profile_id: UUID | None = None) -> Sequence[Cost]:
        """What the questions begun in a span cost, by month, profile and outcome."""
        profile = None if profile_id is None else profile_id.bytes

        async def count(connection: Connection) -> Any:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL statement_timeout = '{COUNT_WITHIN}s'")
                return await connection.fetch(COSTS, span.since, span.until, profile, timeout=COUNT_WITHIN)

        return sorted(map(_cost, await self._links.run(count)), key=lambda cost: cost.key)


def _cost(row: Row) -> Cost:
    return Cost(row[0], EnvironmentKind(row[1]), UUID(bytes=row[2]), row[3], Tally(*tuple(row)[4:]))
