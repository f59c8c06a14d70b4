"""Words that messages about many things and about one have in common."""

from __future__ import annotations


def counted(count: int, *, one: str, many: str) -> str:
    """`1 row is`, `2 rows are`, `0 rows are`."""
    return f"{count:,} {one if count == 1 else many}"
