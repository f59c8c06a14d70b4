"""Identifiers that sort by time, so that new rows land beside each other in the store's index."""

from __future__ import annotations

from uuid import UUID


def uuid7(now: int, random: bytes) -> UUID:
    """A UUID version 7 (RFC 9562, section 5.7).

    Args:
        now: Unix time in milliseconds.
        random: ten random bytes, of which 74 bits are used.
    """
    tail = int.from_bytes(random[:10], "big")
    value = (
        (now & (1 << 48) - 1) << 80 | 7 << 76 | (tail >> 62 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
    )
    return UUID(int=value)
