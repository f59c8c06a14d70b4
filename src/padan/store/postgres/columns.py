"""The types of PostgreSQL's columns, and how many rows become one parameter a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from padan.store.feedback_rows import FEEDBACK_COLUMNS
from padan.store.rows import ATTEMPT_COLUMNS, SESSION_COLUMNS, Row

_UUIDS = frozenset({"id", "session_id", "environment_id", "profile_id"})
_BYTES = frozenset(
    {"launch_token_sha256", "page_token_sha256", "contents", "key", "body", "sealed_answer", "sealed"}
)
_NUMBERS = frozenset(
    {
        "attempts",
        "consent_given_at",
        "created_at",
        "due_at",
        "ended_at",
        "expires_at",
        "launched_at",
        "lease_until",
        "left_at",
        "number",
        "price",
        "redact_at",
        "redacted_at",
        "refusals",
        "revision",
        "started_at",
        "tariff",
        "tries",
        "updated_at",
        "was_at",
    }
)

SESSION = (*SESSION_COLUMNS, "contents")
ATTEMPT = (*ATTEMPT_COLUMNS, "environment_kind", "profile_id")
FEEDBACK = (*FEEDBACK_COLUMNS, "sealed")
RECEIPT = ("environment_id", "key", "body", "session_id", "sealed_answer", "expires_at")
COUNTER = ("name", "period", "number")


def selected(columns: Iterable[str], alias: str) -> str:
    """The columns as a list to select, and to name in an insert where there is no alias."""
    return ", ".join(f"{alias}.{column}" if alias else column for column in columns)


def rows_of(columns: Sequence[str], *, first: int = 1) -> str:
    """The rows that the parameters from `first` hold, one array a column, under the name `r`."""
    arrays = (f"${number}::{_type(column)}[]" for number, column in enumerate(columns, first))
    return f"unnest({', '.join(arrays)}) AS r ({', '.join(columns)})"


def as_parameters(rows: Sequence[Row]) -> list[Sequence[Any]]:
    """What `rows_of` takes; at least one row."""
    return list(zip(*rows, strict=True))


def _type(column: str) -> str:
    if column in _UUIDS:
        return "uuid"
    if column in _BYTES:
        return "bytea"
    return "bigint" if column in _NUMBERS else "text"
