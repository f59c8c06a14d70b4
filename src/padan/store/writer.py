"""One connection writes, and commits together whatever is waiting: group commit.

An fsync costs the same for one write as for a hundred, so the writes that arrive while one commit is
under way share the next. Nothing is acknowledged before the commit that holds it has returned.

The statements of a batch run in the event loop's thread and its commit, which waits for the disk, in another.
A statement takes microseconds, less than two threads need to hand each other the interpreter around it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, TypeVar

from padan.app.ports import StoreUnavailable

T = TypeVar("T")
Work: TypeAlias = Callable[[sqlite3.Connection], T]

LARGEST_BATCH = 256
"""Writes in one commit, so that none waits long for the others."""

PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""

# After these the connection is sound. After any other, an I/O error above all, what it believes of the file
# may be wrong, and it is opened anew.
_HARMLESS = frozenset({"SQLITE_FULL", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED"})


@dataclass(frozen=True, slots=True)
class _Write:
    work: Work[Any]
    future: asyncio.Future[Any]
    in_transaction: bool
    at_length: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    future: asyncio.Future[Any]
    value: Any = None
    error: Exception | None = None


class Writer:
    """The only connection that writes.

    It belongs to one event loop at a time: to the one that runs when there is something to write.

    Args:
        connect: opens the connection, in autocommit mode and usable from another thread; called again after
            an I/O error.
        patience: seconds to wait for another process that is writing.

    Raises:
        sqlite3.Error: the first connection cannot be opened.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], *, patience: float = PATIENCE) -> None:
        self._connect = connect
        self.patience = patience
        self._connection: sqlite3.Connection | None = connect()
        self._waiting: deque[_Write] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        """The loop in which it is at work; None while it rests."""
        self._closed = False
        self._thread = ThreadPoolExecutor(1, "padan-store-writer")

    async def run(self, work: Work[T], *, in_transaction: bool = True, at_length: bool = False) -> T:
        """Run `work` and return its value once that has been made durable.

        What `work` raises undoes this write alone. A write whose task is cancelled may still be made. `work`
        may be called twice, with all that it did the first time undone: where another write failed.

        Args:
            work: called with the connection, in the event loop's thread or in the writer's.
            in_transaction: False for what SQLite only does outside of a transaction.
            at_length: True for what may take many statements: it has the writer's thread to itself.

        Raises:
            StoreUnavailable: the database cannot be written now; nothing was acknowledged.
        """
        if self._closed:
            raise StoreUnavailable("the store is closed: open it again")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Write(work, future, in_transaction, at_length))
        if self._loop is None or self._loop.is_closed():
            self._loop = loop
            # Not at once: who else has something to write in this turn of the loop joins the same commit.
            loop.call_soon(self._next, loop)
        return await future

    async def close(self) -> None:
        """Finish what is waiting, copy the write-ahead log into the database and end the thread."""
        self._closed = True
        while self._loop is not None and not self._loop.is_closed():  # noqa: ASYNC110 - once in its life
            await asyncio.sleep(0.001)
        await asyncio.to_thread(self._disconnect)
        self._thread.shutdown()

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with what waits; where nothing does, rest until something comes."""
        if not self._waiting:
            self._loop = None
            return
        batch = self._batch()
        if not batch[0].in_transaction:
            commit = partial(self._alone, batch[0])
        elif batch[0].at_length:
            commit = partial(self._commit, batch, None)
        else:
            commit = partial(self._commit, batch, self._write(batch))
        self._thread.submit(commit).add_done_callback(partial(self._told, loop, batch))

    def _batch(self) -> list[_Write]:
        """The writes that go together: what needs a commit or a thread of its own goes alone."""
        batch = [self._waiting.popleft()]
        while self._waiting and len(batch) < LARGEST_BATCH and _joins(batch[0]) and _joins(self._waiting[0]):
            batch.append(self._waiting.popleft())
        return batch

    def _told(
        self, loop: asyncio.AbstractEventLoop, batch: Sequence[_Write], done: Future[list[_Answer]]
    ) -> None:
        """Called in the writer's thread: wake up who waited, and go on, in theirs."""
        try:
            loop.call_soon_threadsafe(self._settle, loop, batch, done)
        except RuntimeError:
            # The loop was closed: nobody is left to hear the answer.
            self._loop = None

    def _settle(
        self, loop: asyncio.AbstractEventLoop, batch: Sequence[_Write], done: Future[list[_Answer]]
    ) -> None:
        # The next commit first: the disk works while those who waited do.
        try:
            self._next(loop)
        finally:
            error = done.exception()
            if isinstance(error, Exception):
                _resolve([_Answer(write.future, error=error) for write in batch])
            else:
                _resolve(done.result())

    def _write(self, batch: Sequence[_Write]) -> list[_Answer] | None:
        """The answers of a batch's writes, before their commit; None where the writer's thread has to wait.

        Another process may be writing: only the thread waits for it.
        """
        connection = self._connection
        if connection is None:
            return None
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            return None
        try:
            return _written(connection, batch)
        except Exception as error:
            self._recover(error)
            return [_Answer(write.future, error=unavailable(error)) for write in batch]

    def _commit(self, batch: Sequence[_Write], answers: list[_Answer] | None) -> list[_Answer]:
        try:
            connection = self._connected()
            if answers is None:
                with self._patient(connection):
                    connection.execute("BEGIN IMMEDIATE")
                answers = _written(connection, batch)
            if connection.in_transaction:
                connection.execute("COMMIT")
        except Exception as error:
            self._recover(error)
            return [_Answer(write.future, error=unavailable(error)) for write in batch]
        return answers

    def _alone(self, write: _Write) -> list[_Answer]:
        try:
            connection = self._connected()
            with self._patient(connection):
                return [_Answer(write.future, write.work(connection))]
        except sqlite3.Error as error:
            self._recover(error)
            return [_Answer(write.future, error=unavailable(error))]
        except Exception as error:
            return [_Answer(write.future, error=error)]

    @contextmanager
    def _patient(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Wait for other processes meanwhile; at other times it may be the loop that would wait."""
        connection.execute(f"PRAGMA busy_timeout = {round(self.patience * 1000)}").fetchall()
        try:
            yield
        finally:
            connection.execute("PRAGMA busy_timeout = 0").fetchall()

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _recover(self, error: Exception) -> None:
        if self._connection is None:
            return
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if getattr(error, "sqlite_errorname", None) in _HARMLESS:
                return
        except sqlite3.Error:
            pass
        connection, self._connection = self._connection, None
        connection.close()

    def _disconnect(self) -> None:
        if self._connection is None:
            return
        # Where this fails, what the log holds is durable there and is copied at the next start.
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._connection.close()


def unavailable(error: Exception) -> StoreUnavailable:
    """The refusal for an error of SQLite: its name only, for its message may quote what was to be stored."""
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return StoreUnavailable(f"the database is unavailable ({name}): check the space and health of its disk")


def _joins(write: _Write) -> bool:
    return write.in_transaction and not write.at_length


def _written(connection: sqlite3.Connection, batch: Sequence[_Write]) -> list[_Answer]:
    """The answers of a batch's writes, in the transaction that has begun.

    Mostly none fails. Where one does, all are made again, each behind a savepoint of its own, which costs as
    much as a statement. Raises where the whole batch fails.
    """
    # To go back to it keeps the right to write: a rollback would let another process in.
    connection.execute("SAVEPOINT whole_batch")
    try:
        return [_Answer(write.future, write.work(connection)) for write in batch]
    except Exception:
        if not connection.in_transaction:
            raise
    connection.execute("ROLLBACK TO whole_batch")
    return [_attempt(connection, write) for write in batch]


def _attempt(connection: sqlite3.Connection, write: _Write) -> _Answer:
    connection.execute("SAVEPOINT one_write")
    try:
        answer = _Answer(write.future, write.work(connection))
    except Exception as error:
        if not connection.in_transaction:
            # SQLite has rolled back everything, the writes before this one too: the whole batch fails.
            raise
        connection.execute("ROLLBACK TO one_write")
        own = unavailable(error) if isinstance(error, sqlite3.Error) else error
        answer = _Answer(write.future, error=own)
    connection.execute("RELEASE one_write")
    return answer


def _resolve(answers: Sequence[_Answer]) -> None:
    for answer in answers:
        if answer.future.done():
            continue
        if answer.error is None:
            answer.future.set_result(answer.value)
        else:
            answer.future.set_exception(answer.error)
