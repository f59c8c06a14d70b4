"""Whoever waits is answered together: one statement for all that came while the last was under way.

A round trip costs the same for one question as for a hundred, and a commit waits for the disk once. There is
no delay to wait for company.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

from padan.app.ports import StoreUnavailable

Q = TypeVar("Q")
A = TypeVar("A")
Answered: TypeAlias = Callable[[Sequence[Q]], Awaitable[Sequence[A | Exception]]]

LARGEST_BATCH = 256
"""Questions that are answered together, so that none waits long for the others."""


class Lane(Generic[Q, A]):
    """Questions of one kind, answered batch by batch in the order they came.

    A task that is cancelled while it waits disturbs no other; its question may be answered all the same.

    Args:
        answer: answers a batch, one answer or refusal a question; what it raises refuses the whole batch.
        largest: questions in one batch.
    """

    def __init__(self, answer: Answered[Q, A], *, largest: int = LARGEST_BATCH) -> None:
        self._answer = answer
        self._largest = largest
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._serving: asyncio.Task[None] | None = None
        self._closed = False

    async def ask(self, question: Q) -> A:
        """The answer to one question. Raises the refusal that `answer` gave it, or StoreUnavailable."""
        if self._closed:
            raise StoreUnavailable("the store is closed: open it again")
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        return await future

    async def close(self) -> None:
        """Answer who waits, and nobody after them."""
        self._closed = True
        if self._serving is not None:
            await self._serving

    async def _serve(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
            try:
                answers = await self._answer([question for question, _ in batch])
            except Exception as error:
                answers = [_copy(error) for _ in batch]
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        self._serving = None


def _copy(error: Exception) -> Exception:
    """One for each who waits: raised in many tasks, a single one would collect the traces of all."""
    return StoreUnavailable(str(error)) if isinstance(error, StoreUnavailable) else error
