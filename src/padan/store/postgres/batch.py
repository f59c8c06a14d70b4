"""What a batch of writes to sessions does, in one transaction.

Rows are locked in one order everywhere: counters by name, then sessions by id, then what they owe, then
receipts by key. So two processes wait for each other, and never in a circle.
"""

# ruff: noqa: S608 -- statements are put together from the names of columns; every value is bound.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from padan.app.ports import Conflict, Receipt, StoreUnavailable
from padan.domain.attempt import Allowance, Attempt, Begun, Refusal
from padan.domain.feedback import Feedback
from padan.domain.session import Session
from padan.store.counting import counters_of, give_back, take
from padan.store.postgres.columns import ATTEMPT, RECEIPT, SESSION, as_parameters, rows_of, selected
from padan.store.postgres.counters import LockedCounters, lock_counters
from padan.store.postgres.feedback import add_feedback, erase_feedback
from padan.store.postgres.link import Connection
from padan.store.rows import Row, attempt_to_row, session_contents, session_to_row

# The smallest and the greatest id are said as well: by these a prepared plan leaves the other months aside.
_CURRENT = (
    "SELECT id, revision FROM sessions WHERE id = ANY($1::uuid[]) AND id BETWEEN $2 AND $3"
    " ORDER BY id FOR NO KEY UPDATE"
)
_UPDATE = (
    f"UPDATE sessions AS s SET {', '.join(f'{column} = r.{column}' for column in SESSION[1:])}"
    f" FROM {rows_of((*SESSION, 'was_at'), first=3)} WHERE s.id = r.id AND s.revision = r.was_at"
    " AND s.id BETWEEN $1 AND $2 RETURNING s.id"
)
_INSERT = (
    f"INSERT INTO sessions ({selected(SESSION, '')}) SELECT {selected(SESSION, 'r')} FROM {rows_of(SESSION)}"
    " ON CONFLICT (id) DO NOTHING RETURNING id"
)
_PUT_ATTEMPTS = (
    f"INSERT INTO attempts ({selected(ATTEMPT, '')})"
    f" SELECT {selected(ATTEMPT, 'r')} FROM {rows_of(ATTEMPT)}"
    " ON CONFLICT (session_id, number) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in ATTEMPT[2:])
)
# A receipt whose time is over gives its place to the new one.
_END_RECEIPTS = (
    f"DELETE FROM receipts AS known USING {rows_of(('environment_id', 'key', 'created_at'))}"
    " WHERE known.environment_id = r.environment_id AND known.key = r.key"
    " AND known.expires_at <= r.created_at"
)
_PUT_RECEIPTS = (
    f"INSERT INTO receipts ({selected(RECEIPT, '')}) SELECT {selected(RECEIPT, 'r')} FROM {rows_of(RECEIPT)}"
    " ON CONFLICT (environment_id, key) DO NOTHING RETURNING session_id"
)
_DROP_RECEIPTS = "DELETE FROM receipts WHERE session_id = ANY($1::uuid[])"


@dataclass(frozen=True, slots=True)
class Add:
    """A new session, and the receipt for its creation."""

    session: Session
    receipt: Receipt | None

    @property
    def session_id(self) -> UUID:
        """Whose row is written."""
        return self.session.id


@dataclass(frozen=True, slots=True)
class Change:
    """A session's next step. With `allowance` it is counted first; `refund` is counted back."""

    before: Session
    after: Session
    attempt: Attempt | None = None
    feedback: Feedback | None = None
    allowance: Allowance | None = None
    refund: Allowance | None = None
    now: int = 0

    @property
    def session_id(self) -> UUID:
        """Whose row is written."""
        return self.after.id

    def refused(self, begun: Begun) -> bool | Begun:
        """The answer where it is not made."""
        return False if self.allowance is None else begun


SessionWrite: TypeAlias = Add | Change
Answer: TypeAlias = bool | Begun


def waves(batch: Sequence[SessionWrite]) -> list[list[int]]:
    """The places of a batch's writes, in groups that write no row twice, each in the order of the batch."""
    found: list[list[int]] = []
    earliest = dict[object, int]()
    for place, write in enumerate(batch):
        rows: list[object] = [write.session_id]
        if isinstance(write, Add) and write.receipt is not None:
            rows.append((write.receipt.environment_id, write.receipt.key))
        wave = max(earliest.get(row, 0) for row in rows)
        if wave == len(found):
            found.append([])
        found[wave].append(place)
        earliest.update(dict.fromkeys(rows, wave + 1))
    return found


async def write(connection: Connection, wave: Sequence[SessionWrite]) -> list[Answer | Exception]:
    """Make all writes of a wave durable together; the answer of each, or its refusal."""
    if all(isinstance(one, Add) and one.receipt is None for one in wave):
        # One statement is a transaction by itself.
        return await _add(connection, [one for one in wave if isinstance(one, Add)])
    async with connection.transaction():
        changed = await _change(connection, [one for one in wave if isinstance(one, Change)])
        added = await _add(connection, [one for one in wave if isinstance(one, Add)])
    changes, adds = iter(changed), iter(added)
    return [next(adds if isinstance(one, Add) else changes) for one in wave]


async def _change(connection: Connection, changes: Sequence[Change]) -> list[Answer]:
    if not changes:
        return []
    names = counters_of(one for change in changes for one in (change.allowance, change.refund) if one)
    counters = await lock_counters(connection, names)
    ids = [change.before.id.bytes for change in changes]
    revisions = {row[0]: row[1] for row in await connection.fetch(_CURRENT, ids, min(ids), max(ids))}
    answers: list[Answer] = []
    made: list[Change] = []
    for change in changes:
        current = revisions.get(change.before.id.bytes) == change.before.revision
        answer = _decide(change, counters) if current else change.refused(Begun(Refusal.STALE))
        answers.append(answer)
        if answer is True or answer == Begun():
            made.append(change)
    await _store(connection, made)
    await counters.store()
    return answers


def _decide(change: Change, counters: LockedCounters) -> Answer:
    if change.refund is not None:
        give_back(counters, change.refund)
    if change.allowance is None:
        return True
    return take(counters, change.allowance, now=change.now)


async def _store(connection: Connection, made: Sequence[Change]) -> None:
    if not made:
        return
    rows = [(*row_of(change.after), change.before.revision) for change in made]
    ids = [row[0] for row in rows]
    moved = await connection.fetch(_UPDATE, min(ids), max(ids), *as_parameters(rows))
    if len(moved) != len(made):
        raise StoreUnavailable("the database did not change what it had locked: nothing of this was stored")
    asked = [(change.attempt, change.after) for change in made if change.attempt is not None]
    await put_attempts(connection, [attempt_row(attempt, of) for attempt, of in asked])
    await add_feedback(connection, [change.feedback for change in made if change.feedback is not None])
    await erase_feedback(
        connection, [change.after for change in made if change.after.redacted_at is not None]
    )


def attempt_row(attempt: Attempt, of: Session) -> Row:
    """The columns of `ATTEMPT`: with whose it is, for it outlives its session."""
    return (*attempt_to_row(attempt), of.environment_kind.value, of.profile_id.bytes)


async def put_attempts(connection: Connection, rows: Sequence[Row]) -> None:
    """Store attempts, each in place of one before with its number."""
    if rows:
        await connection.execute(_PUT_ATTEMPTS, *as_parameters(rows))


async def _add(connection: Connection, adds: Sequence[Add]) -> list[Answer | Exception]:
    if not adds:
        return []
    refused = await _put_receipts(connection, adds)
    rows = [row_of(add.session) for add in adds if add.session.id.bytes not in refused]
    stored = set[bytes]()
    if rows:
        rows.sort(key=lambda row: row[0])
        stored = {row[0] for row in await connection.fetch(_INSERT, *as_parameters(rows))}
    twice = [row[0] for row in rows if row[0] not in stored]
    if twice and any(add.receipt is not None for add in adds):
        await connection.execute(_DROP_RECEIPTS, twice)
    return [_answer(add.session.id.bytes, refused=refused, stored=stored) for add in adds]


def _answer(session_id: bytes, *, refused: set[bytes], stored: set[bytes]) -> Answer | Exception:
    if session_id in refused:
        return Conflict("receipt")
    return True if session_id in stored else Conflict("id")


async def _put_receipts(connection: Connection, adds: Sequence[Add]) -> set[bytes]:
    """Store the receipts; the sessions whose key has one already."""
    given = [(add.receipt, add.session.created_at) for add in adds if add.receipt is not None]
    if not given:
        return set()
    given.sort(key=lambda one: (one[0].environment_id, one[0].key))
    ended = [(receipt.environment_id.bytes, receipt.key, now) for receipt, now in given]
    await connection.execute(_END_RECEIPTS, *as_parameters(ended))
    rows = [_receipt_row(receipt) for receipt, _ in given]
    stored = {row[0] for row in await connection.fetch(_PUT_RECEIPTS, *as_parameters(rows))}
    return {row[3] for row in rows} - stored


def row_of(session: Session) -> Row:
    """The columns of `SESSION`. Contents need no room to grow: PostgreSQL writes every change anew."""
    return (*session_to_row(session), session_contents(session))


def _receipt_row(receipt: Receipt) -> Row:
    owner, key = receipt.environment_id.bytes, receipt.key
    return (owner, key, receipt.body, receipt.session_id.bytes, receipt.sealed_answer, receipt.expires_at)
