"""The ledger of questions, counted by SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from padan.domain.cost import Cost, Span, Tally
from padan.domain.environment import EnvironmentKind
from padan.store.connections import Reader
from padan.store.rows import Row

# Seven hours: Jakarta's calendar, as in `padan.app.times`. The joins and the index are told, because without
# statistics the planner may begin with the sessions and read all of them for one month.
COSTS = """
    SELECT strftime('%Y-%m', a.started_at / 1000 + 7 * 3600, 'unixepoch') AS month,
        s.environment_kind, s.profile_id, a.outcome, count(*),
        sum(a.charge = 'charged'), sum(a.charge = 'not_charged'), sum(a.charge = 'unknown'),
        sum(a.charge <> 'not_charged'
            AND EXISTS (SELECT 1 FROM attempts AS b WHERE b.session_id = a.session_id
                AND b.number < a.number AND b.charge <> 'not_charged')
            AND NOT EXISTS (SELECT 1 FROM attempts AS b WHERE b.session_id = a.session_id
                AND b.number > a.number AND b.charge <> 'not_charged')),
        sum(iif(a.charge = 'charged', a.tariff, 0)), sum(iif(a.charge <> 'not_charged', a.tariff, 0)),
        sum(iif(a.charge = 'charged', a.price, 0)), sum(iif(a.charge <> 'not_charged', a.price, 0))
    FROM attempts AS a INDEXED BY attempts_of_time CROSS JOIN sessions AS s ON s.id = a.session_id
    WHERE a.started_at >= :since AND a.started_at < :until
        AND (:profile_id IS NULL OR s.profile_id = :profile_id)
    GROUP BY month, s.environment_kind, s.profile_id, a.outcome
"""


class SqliteLedger:
    """The port `Ledger`. It counts in another thread, with the connection that makes lists."""

    def __init__(self, lists: Reader) -> None:
        self._lists = lists

    async def costs(self, span: Span, *, profile_id: UUID | None = None) -> Sequence[Cost]:
        """What the questions begun in a span cost, by month, profile and outcome."""
        values = {
            "since": span.since,
            "until": span.until,
            "profile_id": None if profile_id is None else profile_id.bytes,
        }
        rows = await asyncio.to_thread(self._lists.rows, COSTS, values)
        return sorted(map(_cost, rows), key=lambda cost: cost.key)


def _cost(row: Row) -> Cost:
    return Cost(row[0], EnvironmentKind(row[1]), UUID(bytes=row[2]), row[3], Tally(*row[4:]))
