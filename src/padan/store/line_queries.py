"""What processes tell one another of a line to a registry: the same SQL for each database.

Written as in `directory_queries`. Each instant only grows, so two who tell at once need no order; but a probe
that lies ahead was claimed before the clock was set back, and holds nobody up.
"""

# ruff: noqa: S608 -- statements are put together from the names of columns; every value is bound.

from __future__ import annotations

from padan.domain.breaker import Learnt
from padan.store.counting import FURTHEST_AHEAD
from padan.store.rows import Row

KNOWN = "SELECT name, opened_at, closed_at, probed_at FROM lines ORDER BY name"
_LATER = "{0} = CASE WHEN excluded.{0} > lines.{0} THEN excluded.{0} ELSE lines.{0} END"
TELL = (
    "INSERT INTO lines (name, opened_at, closed_at, probed_at) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT (name) DO UPDATE SET "
    + ", ".join(_LATER.format(column) for column in ("opened_at", "closed_at", "probed_at"))
)
CLAIM = (
    "INSERT INTO lines (name, opened_at, closed_at, probed_at) VALUES (?1, 0, 0, ?2)"
    " ON CONFLICT (name) DO UPDATE SET probed_at = excluded.probed_at"
    f" WHERE lines.probed_at <= ?3 OR lines.probed_at > excluded.probed_at + {FURTHEST_AHEAD}"
    " RETURNING name"
)


def learnt_from_row(row: Row) -> Learnt:
    """A row of `KNOWN` without its name."""
    return Learnt(opened_at=row[1], closed_at=row[2], probed_at=row[3])
