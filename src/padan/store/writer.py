"""One thread writes, and commits together whatever is waiting: group commit.

An fsync costs the same for one write as for a hundred, so the writes that arrive while one commit is
under way share the next. Nothing is acknowledged before the commit that holds it has returned.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeAlias, TypeVar

from padan.app.ports import StoreUnavailable

T = TypeVar("T")
Work: TypeAlias = Callable[[sqlite3.Connection], T]

LARGEST_BATCH = 256
"""Writes in one commit, so that none waits long for the others."""

# After these the connection is sound. After any other, an I/O error above all, what it believes of the file
# may be wrong, and it is opened anew.
_HARMLESS = frozenset({"SQLITE_FULL", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED"})


@dataclass(frozen=True, slots=True)
class _Write:
    work: Work[Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    in_transaction: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    future: asyncio.Future[Any]
    value: Any = None
    error: Exception | None = None


class Writer:
    """The only connection that writes, and the thread it lives in.

    Args:
        connect: opens the connection, in autocommit mode and usable from another thread; called again after
            an I/O error.

    Raises:
        sqlite3.Error: the first connection cannot be opened.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._connection: sqlite3.Connection | None = connect()
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._closed = False
        self._thread = Thread(target=self._serve, name="padan-store-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Work[T], *, in_transaction: bool = True) -> T:
        """Run `work` and return its value once that has been made durable.

        What `work` raises undoes this write alone. A write whose task is cancelled may still be made.

        Args:
            work: called in the writer's thread with the connection.
            in_transaction: False for what SQLite only does outside of a transaction.

        Raises:
            StoreUnavailable: the database cannot be written now; nothing was acknowledged.
        """
        if self._closed:
            raise StoreUnavailable("the store is closed: open it again")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Write(work, future, loop, in_transaction))
        return await future

    async def close(self) -> None:
        """Finish what is waiting, copy the write-ahead log into the database and end the thread."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        open_ = True
        while open_:
            batch, open_ = self._next_batch()
            together = [write for write in batch if write.in_transaction]
            if together:
                _settle(together, self._commit(together))
            for write in batch:
                if not write.in_transaction:
                    _settle([write], [self._alone(write)])
        self._disconnect()

    def _next_batch(self) -> tuple[list[_Write], bool]:
        batch: list[_Write] = []
        write = self._queue.get()
        while write is not None:
            batch.append(write)
            if len(batch) == LARGEST_BATCH:
                return batch, True
            try:
                write = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _commit(self, batch: Sequence[_Write]) -> list[_Answer]:
        try:
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
            answers = [_attempt(connection, write) for write in batch]
            connection.execute("COMMIT")
        except Exception as error:
            self._recover(error)
            return [_Answer(write.future, error=unavailable(error)) for write in batch]
        return answers

    def _alone(self, write: _Write) -> _Answer:
        try:
            return _Answer(write.future, write.work(self._connected()))
        except sqlite3.Error as error:
            self._recover(error)
            return _Answer(write.future, error=unavailable(error))
        except Exception as error:
            return _Answer(write.future, error=error)

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


def _settle(batch: Sequence[_Write], answers: Sequence[_Answer]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Answer]] = defaultdict(list)
    for write, answer in zip(batch, answers, strict=True):
        by_loop[write.loop].append(answer)
    for loop, own in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, own)
        except RuntimeError:
            # The loop was closed: nobody is left to hear the answer.
            continue


def _resolve(answers: Sequence[_Answer]) -> None:
    for answer in answers:
        if answer.future.done():
            continue
        if answer.error is None:
            answer.future.set_result(answer.value)
        else:
            answer.future.set_exception(answer.error)
