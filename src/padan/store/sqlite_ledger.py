"""The ledger of questions, counted by SQLite."""

# ruff: noqa: S608 -- queries are put together from the names of tables; every value is bound.

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
_OTHER = (
    "SELECT 1 FROM {table} AS b WHERE b.session_id = a.session_id AND b.charge <> 'not_charged' AND b.number"
)
_TWICE = f"a.charge <> 'not_charged' AND EXISTS ({_OTHER} < a.number) AND NOT EXISTS ({_OTHER} > a.number)"
_ASKED = f"""
    SELECT a.started_at, {{owner}}.environment_kind, {{owner}}.profile_id, a.outcome, a.charge, a.tariff,
        a.price, {_TWICE} AS twice
    FROM {{table}} AS a INDEXED BY {{table}}_of_time{{join}}
    WHERE a.started_at >= :since AND a.started_at < :until
        AND (:profile_id IS NULL OR {{owner}}.profile_id = :profile_id)
"""
_OF_SESSIONS = _ASKED.format(
    table="attempts", owner="s", join=" CROSS JOIN sessions AS s ON s.id = a.session_id"
)
_OF_THE_PAST = _ASKED.format(table="past_attempts", owner="a", join="")
COSTS = f"""
    SELECT strftime('%Y-%m', started_at / 1000 + 7 * 3600, 'unixepoch') AS month,
        environment_kind, profile_id, outcome, count(*),
        sum(charge = 'charged'), sum(charge = 'not_charged'), sum(charge = 'unknown'), sum(twice),
        sum(iif(charge = 'charged', tariff, 0)), sum(iif(charge <> 'not_charged', tariff, 0)),
        sum(iif(charge = 'charged', price, 0)), sum(iif(charge <> 'not_charged', price, 0))
    FROM ({_OF_SESSIONS} UNION ALL {_OF_THE_PAST})
    GROUP BY month, environment_kind, profile_id, outcome
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
