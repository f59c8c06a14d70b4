"""Requests, counted around the application."""

from __future__ import annotations

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from padan.metrics.meters import Meters


class MeteredApp:
    """An ASGI application whose requests are counted by operation and class of status."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        began = perf_counter()
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            # The application says what it took the request for; a path that nobody serves is `other`.
            operation = scope.get("padan.operation", "other")
            self._meters.request(operation, status, seconds=perf_counter() - began)
