"""Periods as .NET time spans: `[d.]hh:mm[:ss[.fffffff]]`."""

from __future__ import annotations

import re

_FORM = re.compile(r"(?:(\d{1,4})\.)?([01]?\d|2[0-3]):([0-5]?\d)(?::([0-5]?\d)(?:\.(\d{1,7}))?)?", re.ASCII)


def parse_timespan(text: str) -> int:
    """Milliseconds of a time span. Raises ValueError for any other text."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError("not a time span")
    days, hours, minutes, seconds, fraction = match.groups()
    whole = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "").ljust(7, "0")) // 10_000


def format_timespan(milliseconds: int) -> str:
    """The time span of a whole number of milliseconds; days only where there are any."""
    seconds, rest = divmod(milliseconds, 1000)
    days, seconds = divmod(seconds, 86_400)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return (f"{days}." if days else "") + text + (f".{rest * 10_000:07}" if rest else "")
