"""Requests made from the OpenAPI document: no 500, and every answer is as the document says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS

from padan.providers import PROVIDERS
from padan.web.openapi import build_openapi
from tests.web.site import serving

EXAMPLES = 12
DOCUMENT = build_openapi(PROVIDERS, version="0", public_url="https://padan.example")
schema = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The site on a loopback socket, in a thread with an event loop of its own."""
    started, ports = threading.Event(), []
    servers: list[uvicorn.Server] = []

    async def serve() -> None:
        async with serving() as site:
            config = uvicorn.Config(site.app, port=0, log_config=None, lifespan="off", ws="none")
            server = uvicorn.Server(config)
            servers.append(server)
            task = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.005)
            ports.append(server.servers[0].sockets[0].getsockname()[1])
            started.set()
            await task

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert started.wait(10)
    yield f"http://127.0.0.1:{ports[0]}"
    servers[0].should_exit = True
    thread.join(10)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_every_answer_is_as_the_document_says(case: Any, url: str) -> None:
    case.headers["Authorization"] = "Bearer bank-token"
    answer = case.call(base_url=url)
    case.validate_response(
        answer,
        checks=[
            CHECKS.get_one(name)
            for name in (
                "not_a_server_error",
                "status_code_conformance",
                "content_type_conformance",
                "response_schema_conformance",
            )
        ],
    )
