"""Where sealed contents lie: rows that never change their length, overwritten where they are."""

from __future__ import annotations

import sqlite3


def append(connection: sqlite3.Connection, contents: bytes) -> int:
    """Store contents at the end; returns the number of their place."""
    place = connection.execute("INSERT INTO contents (packed) VALUES (?)", (contents,)).lastrowid
    if place is None:
        raise sqlite3.OperationalError("an insert gave no row number")
    return place


def wipe(connection: sqlite3.Connection, place: int) -> None:
    """Overwrite what lies at a place with zeros, at the length it has."""
    connection.execute("UPDATE contents SET packed = zeroblob(length(packed)) WHERE seq = ?", (place,))
