"""`GET /metrics`, for a listener of its own: it never stands on the port that relying parties reach."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from padan.metrics.collector import Collector, Now


def metrics_app(collector: Collector, *, look: Callable[[], Awaitable[Now]]) -> Starlette:
    """An application that answers scrapes.

    Args:
        collector: of this process's numbers.
        look: reads what is only known at the moment.
    """
    registry = CollectorRegistry()
    registry.register(collector)
    ProcessCollector(registry=registry)

    async def scrape(_: Request) -> Response:
        collector.now = await look()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/metrics", scrape)])
