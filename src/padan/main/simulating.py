"""The simulator that answers in Test environments, and the synthetic nation it answers from."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from padan.sandbox import Nation
    from padan.sandbox.line import LineSwitch


class Simulator:
    """An application that is made at its first question.

    Every server has one for its Test environments, and many are asked in Live alone: it takes 8 MB and a
    tenth of a second.
    """

    def __init__(self, line: LineSwitch | None = None) -> None:
        self._line = line
        self._app: ASGIApp | None = None
        self._making = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        app = self._app or await self._made()
        await app(scope, receive, send)

    @cached_property
    def nation(self) -> Nation:
        """The people it knows."""
        from padan.sandbox import Nation

        return Nation()

    async def _made(self) -> ASGIApp:
        async with self._making:
            if self._app is None:
                # Whoever is asked something else meanwhile does not wait.
                self._app = await asyncio.to_thread(self._make)
        return self._app

    def _make(self) -> ASGIApp:
        from padan.sandbox.dukcapil import build_app

        return build_app(self.nation, line=self._line)
