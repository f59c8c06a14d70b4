"""Jakarta's calendar: quotas, agreements and dates of birth are counted by it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from padan.domain.cost import Span

JAKARTA = timezone(timedelta(hours=7))


def jakarta_date(now: int) -> date:
    """The date in Jakarta (UTC+7, no daylight saving time) at an instant, in Unix milliseconds."""
    return datetime.fromtimestamp(now / 1000 + 7 * 3600, UTC).date()


def jakarta_month(now: int) -> str:
    """The month (YYYY-MM) in Jakarta at an instant, in Unix milliseconds."""
    return jakarta_date(now).isoformat()[:7]


def jakarta_time(now: int) -> str:
    """An instant, in Unix milliseconds, as ISO 8601 in Jakarta's time, to the millisecond."""
    return datetime.fromtimestamp(now / 1000, JAKARTA).isoformat(timespec="milliseconds")


def start_of(day: date) -> int:
    """The first instant of a day in Jakarta, in Unix milliseconds."""
    return int(datetime.combine(day, time(), JAKARTA).timestamp()) * 1000


def span_of_month(month: str) -> Span:
    """A month of Jakarta's, from its name (YYYY-MM).

    Raises:
        ValueError: the text names no month; the message says what is expected.
    """
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", month):
        raise ValueError("not a month: write YYYY-MM, such as 2026-11")
    return span_of_months(int(month[:4]), int(month[5:]))


def span_of_months(year: int, first: int, *, count: int = 1) -> Span:
    """Some months (1 to 12) of a year in Jakarta. Raises ValueError where the calendar has no such month."""
    after = first + count - 1
    if not (2000 <= year < 2200 and 1 <= first <= after <= 12):
        raise ValueError("not a month of the years 2000 to 2199: write YYYY-MM, such as 2026-11")
    return Span(start_of(date(year, first, 1)), start_of(date(year + after // 12, after % 12 + 1, 1)))


def near_midnight(now: int) -> bool:
    """Whether it is within ten minutes of Jakarta's midnight, where two clocks may not agree on the day."""
    into_the_day = (now // 1000 + 7 * 3600) % 86_400
    return not 600 <= into_the_day < 86_400 - 600
