"""`/live` and `/ready`: what a supervisor or a load balancer asks. They stand outside of the Trinsic API.

No token, nothing personal, no secret: three words on what keeps the server from serving.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from padan.app.ports import StoreUnavailable

Asgi = Callable[[Any, Any, Any], Awaitable[None]]

WITHIN = 2.0
"""Seconds after which a store that says nothing counts as unavailable."""

GOOD_FOR = 0.5
"""Seconds for which what the store said is repeated: anybody may ask, as often as they like."""


class _Schema(Protocol):
    async def is_current(self) -> bool: ...


class Health:
    """An ASGI application that answers `/live` and `/ready`, and hands on everything else.

    Args:
        store: what has to be readable, at the schema of this version.
        draining: whether this server is about to end.
        beyond: answers the rest; without it, the rest is 404.
    """

    def __init__(self, store: _Schema, *, draining: Callable[[], bool], beyond: Asgi | None = None) -> None:
        self._store = store
        self._draining = draining
        self._beyond = beyond
        self._look: asyncio.Task[tuple[str, str]] | None = None
        self._looked_at = float("-inf")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or hand on."""
        path = scope.get("path")
        if scope["type"] == "http" and path in {"/live", "/ready"}:
            await self._answer(scope, send)
        elif self._beyond is not None:
            await self._beyond(scope, receive, send)
        elif scope["type"] == "http":
            await _send(send, 404, {})

    async def _answer(self, scope: Any, send: Any) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            await _send(send, 405, {}, allow=True)
        elif scope["path"] == "/live":
            await _send(send, 200, {"live": True})
        else:
            store, migrations = await self._condition()
            draining = self._draining()
            ready = (store, migrations, draining) == ("ok", "ok", False)
            told = {"ready": ready, "store": store, "migrations": migrations, "draining": draining}
            await _send(send, 200 if ready else 503, told)

    async def _condition(self) -> tuple[str, str]:
        """What the store says, asked once for all who ask at the same time."""
        now = asyncio.get_running_loop().time()
        if self._look is None or (self._look.done() and now - self._looked_at > GOOD_FOR):
            self._look, self._looked_at = asyncio.create_task(self._ask()), now
        done, _ = await asyncio.wait({self._look}, timeout=WITHIN)
        return self._look.result() if done else ("unavailable", "unknown")

    async def _ask(self) -> tuple[str, str]:
        try:
            return "ok", "ok" if await self._store.is_current() else "other"
        except StoreUnavailable:
            return "unavailable", "unknown"


async def _send(send: Any, status: int, told: dict[str, Any], *, allow: bool = False) -> None:
    body = json.dumps(told).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if allow:
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
