"""How dataclasses become rows and rows become dataclasses.

Identifiers are the 16 bytes of the UUID, enumerations their values, lists of words text with
one entry a line. What redaction has to erase from a session is packed into one blob that never changes its
length (`contents`): SQLite then overwrites it where it lies, and no copy stays behind in the slack of a page
that was split.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeAlias
from uuid import UUID

from padan.domain.attempt import Attempt, Charge
from padan.domain.claim import ClaimField
from padan.domain.environment import EnvironmentKind
from padan.domain.hosting import Consent
from padan.domain.session import ErrorCode, Lease, Session, SessionKind, SessionState

Row: TypeAlias = tuple[Any, ...]

SESSION_COLUMNS = (
    "id",
    "environment_id",
    "environment_kind",
    "profile_id",
    "kind",
    "state",
    "created_at",
    "updated_at",
    "expires_at",
    "redact_at",
    "due_at",
    "provider",
    "error_code",
    "languages",
    "missing",
    "allowed_providers",
    "attempts",
    "lease_owner",
    "lease_until",
    "launched_at",
    "redacted_at",
    "revision",
    "launch_token_sha256",
    "page_token_sha256",
    "left_at",
    "refusals",
    "consent_given_at",
    "consent_text_version",
    "consent_language",
    "reason",
)
ATTEMPT_COLUMNS = (
    "session_id",
    "number",
    "registry",
    "price",
    "started_at",
    "ended_at",
    "outcome",
    "charge",
    "tariff",
)
# Columns that hold a field as it is, and fields that become other columns.
_PLAIN = (
    *("created_at", "updated_at", "expires_at", "redact_at", "due_at", "provider"),
    *("attempts", "launched_at", "redacted_at", "revision", "launch_token_sha256", "page_token_sha256"),
    *("left_at", "refusals", "reason"),
)
_PLAIN_OF = attrgetter(*_PLAIN)
_OTHERS_OF = attrgetter(
    "id",
    "environment_id",
    "environment_kind",
    "profile_id",
    "kind",
    "error_code",
    "consent",
    "missing",
    "languages",
    "allowed_providers",
)
_CONTENTS_OF = attrgetter(
    *("salt", "public_key", "sealed_claim", "sealed_supplement", "sealed_result", "redirect_url"),
    *("sealed_preview", "sealed_return_key", "known_index"),
)

# To look a member up by its value in a dictionary takes a tenth of the time of calling its class.
_ENVIRONMENT_KINDS = {kind.value: kind for kind in EnvironmentKind}
_SESSION_KINDS = {kind.value: kind for kind in SessionKind}
_SESSION_STATES = {state.value: state for state in SessionState}

_GROUPS = (struct.Struct("<6I"), struct.Struct("<3I"))
_OF_THE_PAGE = ("sealed_preview", "sealed_return_key", "known_index")
_NONE_OF_THE_PAGE = (None,) * len(_OF_THE_PAGE)
_NO_CONSENT = (None, None, None)
_GRAIN = 256
ROOM_FOR_RESULT = 1024
"""Bytes kept free beside a claim, for the result that will take its place."""


@lru_cache(maxsize=4096)
def _known_id(raw: bytes) -> UUID:
    """The identifier of an environment or a profile: many sessions share one."""
    return UUID(bytes=raw)


def session_to_row(session: Session) -> Row:
    """The columns of `SESSION_COLUMNS`."""
    lease, consent = session.lease, session.consent
    return (
        session.id.bytes,
        session.environment_id.bytes,
        session.environment_kind.value,
        session.profile_id.bytes,
        session.kind.value,
        session.state.value,
        session.created_at,
        session.updated_at,
        session.expires_at,
        session.redact_at,
        session.due_at,
        session.provider,
        None if session.error_code is None else session.error_code.value,
        to_lines(session.languages),
        to_lines([field.value for field in session.missing]),
        to_lines(session.allowed_providers),
        session.attempts,
        None if lease is None else lease.owner,
        None if lease is None else lease.until,
        session.launched_at,
        session.redacted_at,
        session.revision,
        session.launch_token_sha256,
        session.page_token_sha256,
        session.left_at,
        session.refusals,
        *(_NO_CONSENT if consent is None else (consent.given_at, consent.text_version, consent.language)),
        session.reason,
    )


def changed_columns(before: Session, after: Session) -> dict[str, object]:
    """The columns of `SESSION_COLUMNS` that differ, with their new values."""
    if _OTHERS_OF(before) != _OTHERS_OF(after):
        pairs = zip(SESSION_COLUMNS, session_to_row(before), session_to_row(after), strict=True)
        return {name: new for name, old, new in pairs if old != new}
    # What most changes are: two rows are not made for them.
    plain = zip(_PLAIN, _PLAIN_OF(before), _PLAIN_OF(after), strict=True)
    changed: dict[str, object] = {name: new for name, old, new in plain if old != new}
    if before.state is not after.state:
        changed["state"] = after.state.value
    if before.lease != after.lease:
        lease = after.lease
        changed["lease_owner"] = None if lease is None else lease.owner
        changed["lease_until"] = None if lease is None else lease.until
    return changed


def contents_differ(before: Session, after: Session) -> bool:
    """Whether anything differs that `session_contents` packs."""
    return _CONTENTS_OF(before) != _CONTENTS_OF(after)


def readable(rows: Iterable[Row]) -> tuple[Session, ...]:
    """The sessions of those rows that this version can read.

    A damaged row, or one that a newer version wrote, must not keep all the others from their worker.
    Asked for by its id it raises, so it does not go unseen.
    """
    sessions = []
    for row in rows:
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, struct.error):
            sessions.append(session_from_row(row))
    return tuple(sessions)


def session_from_row(row: Row) -> Session:
    """The session of `SESSION_COLUMNS` followed by the packed contents."""
    salt, public_key, claim, supplement, result, url, *of_the_page = _unpack(row[30])
    return Session(
        id=UUID(bytes=row[0]),
        environment_id=_known_id(row[1]),
        environment_kind=_ENVIRONMENT_KINDS[row[2]],
        profile_id=_known_id(row[3]),
        kind=_SESSION_KINDS[row[4]],
        state=_SESSION_STATES[row[5]],
        created_at=row[6],
        updated_at=row[7],
        expires_at=row[8],
        redact_at=row[9],
        due_at=row[10],
        provider=row[11],
        error_code=None if row[12] is None else ErrorCode(row[12]),
        languages=from_lines(row[13]),
        missing=tuple(ClaimField(value) for value in from_lines(row[14])),
        allowed_providers=from_lines(row[15]),
        attempts=row[16],
        lease=None if row[17] is None else Lease(row[17], row[18]),
        launched_at=row[19],
        redacted_at=row[20],
        revision=row[21],
        launch_token_sha256=row[22],
        page_token_sha256=row[23],
        left_at=row[24],
        refusals=row[25],
        consent=None if row[26] is None else Consent(*row[26:29]),
        reason=row[29],
        salt=salt,
        public_key=public_key,
        sealed_claim=claim,
        sealed_supplement=supplement,
        sealed_result=result,
        **dict(zip(_OF_THE_PAGE, of_the_page, strict=True)),
        redirect_url=None if url is None else url.decode(),
    )


def session_contents(session: Session) -> bytes:
    """Everything of a session that redaction erases, packed without padding: six parts, then three more.

    Each group is led by its lengths. A row of a version that knew the first group alone has zeros after it,
    which read as lengths of nothing.
    """
    url = session.redirect_url
    first = (
        session.salt,
        session.public_key,
        session.sealed_claim,
        session.sealed_supplement,
        session.sealed_result,
        None if url is None else url.encode(),
    )
    second = tuple(getattr(session, name) for name in _OF_THE_PAGE)
    packed = b"".join(_pack(group, parts) for group, parts in zip(_GROUPS, (first, second), strict=True))
    # Mostly the last group is empty: its zeros are what the padding is made of.
    return packed if any(part is not None for part in second) else packed[: -_GROUPS[1].size]


def with_room(packed: bytes) -> bytes:
    """New contents, padded so that a result of usual size fits in where the claim was."""
    length = len(packed) + ROOM_FOR_RESULT
    return packed.ljust(length + -length % _GRAIN, b"\0")


def _pack(group: struct.Struct, parts: Sequence[bytes | None]) -> bytes:
    # A length of 0 says that there is none, so that an empty part stays an empty part.
    lengths = (0 if part is None else len(part) + 1 for part in parts)
    return group.pack(*lengths) + b"".join(part for part in parts if part is not None)


def _unpack(packed: bytes) -> list[bytes | None]:
    parts: list[bytes | None] = []
    start = 0
    for number, group in enumerate(_GROUPS):
        # The first group is always there; of the second, what is not there says that there is none.
        head = packed[start : start + group.size]
        if number and (not any(head) or len(head) < group.size):
            parts += _NONE_OF_THE_PAGE
            break
        start += group.size
        for length in group.unpack(head):
            if length:
                end = start + length - 1
                parts.append(packed[start:end])
                start = end
            else:
                parts.append(None)
    return parts


def attempt_to_row(attempt: Attempt) -> Row:
    """The columns of `ATTEMPT_COLUMNS`."""
    return (
        attempt.session_id.bytes,
        attempt.number,
        attempt.registry,
        attempt.price,
        attempt.started_at,
        attempt.ended_at,
        attempt.outcome,
        attempt.charge.value,
        attempt.tariff,
    )


def attempt_from_row(row: Row) -> Attempt:
    """The attempt of `ATTEMPT_COLUMNS`."""
    return Attempt(
        session_id=UUID(bytes=row[0]),
        number=row[1],
        registry=row[2],
        price=row[3],
        started_at=row[4],
        ended_at=row[5],
        outcome=row[6],
        charge=Charge(row[7]),
        tariff=row[8],
    )


def to_lines(words: Sequence[str]) -> str:
    """A list of words as a text, one a line. Raises ValueError for a word that holds a line break."""
    # Every entry ends its line, so that an empty entry differs from no entry.
    if not words:
        return ""
    lines = [f"{word}\n" for word in words]
    if any("\n" in line[:-1] for line in lines):
        raise ValueError("an entry of a list holds a line break: the store keeps one entry a line")
    return "".join(lines)


def from_lines(text: str) -> tuple[str, ...]:
    """The words of such a text."""
    return tuple(text.split("\n")[:-1]) if text else ()
