"""Jakarta's calendar: quotas, agreements and dates of birth are counted by it."""

from __future__ import annotations

from datetime import UTC, date, datetime


def jakarta_date(now: int) -> date:
    """The date in Jakarta (UTC+7, no daylight saving time) at an instant, in Unix milliseconds."""
    return datetime.fromtimestamp(now / 1000 + 7 * 3600, UTC).date()
