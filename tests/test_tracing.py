"""Spans of a verification, where they are wanted; nothing of them where they are not."""

from __future__ import annotations

import asyncio
import http.server
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from padan.main.tracing import Tracing
from padan.settings import Settings
from padan.web.app import build_app
from tests.docs.pages import reference
from tests.support.server import running
from tests.support.wired import PERSON, working
from tests.web.site import Site

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def spans_of_a_verification() -> tuple[list[ReadableSpan], str]:
    """The spans, and the trace id of a request that was refused."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = Tracing(Settings(), version="0", provider=provider)
    async with working() as wired:
        store = tracing.store(wired.store)
        wired.ports = replace(wired.ports, sessions=store)
        ports = wired.worker._ports
        wired.worker._ports = replace(ports, sessions=store, vault=tracing.vault(ports.vault))
        site = Site(tracing.app(build_app(wired.ports, version="0", report=lambda *_: None)), wired)
        created = await site.create()
        await wired.until_done(UUID(created["sessionId"]))
        headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        refused = await site.api("GET", f"/api/v1/sessions/{PERSON['nikIdNumber']}", headers=headers)
    return list(exporter.get_finished_spans()), refused.json["traceId"]


def test_a_verification_is_seen_from_its_request_to_the_seal() -> None:
    spans, trace_id = asyncio.run(spans_of_a_verification())
    named = {span.name: span for span in spans}
    assert set(named) == {
        "CreateDirectProviderSession",
        "store.create",
        "store.begin",
        "registry.ask",
        "vault.seal",
        "store.change",
        "GetSession",
    }
    create = named["store.create"]
    assert create.parent is not None
    assert create.parent.span_id == named["CreateDirectProviderSession"].context.span_id
    asked = dict(named["registry.ask"].attributes or {})
    assert (asked["padan.outcome"], asked["padan.charge"]) == ("found", "charged")
    assert f"{named['GetSession'].context.trace_id:032x}" == TRACE
    assert trace_id == f"00-{TRACE}-{named['GetSession'].context.span_id:016x}-01"


def test_a_span_holds_what_the_reference_names_and_nothing_of_a_person() -> None:
    spans, _ = asyncio.run(spans_of_a_verification())
    attributes = {name for span in spans for name in span.attributes or {}}
    page = reference("traces.md")
    assert attributes <= set(re.findall(r"`([a-z_.]+)`", page))
    assert {span.name for span in spans if "." in span.name} <= set(re.findall(r"`([a-z.]+)`", page))
    text = " ".join(span.to_json() for span in spans)
    for personal in PERSON.values():
        assert str(personal) not in text


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A place that takes traces: its address, and what came."""
    came: list[tuple[str, bytes]] = []

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", came
        server.shutdown()
        thread.join()


def test_a_server_sends_its_traces_to_the_endpoint(collector: tuple[str, list[tuple[str, bytes]]]) -> None:
    import urllib.request

    url, came = collector
    with running(environment={"PADAN_OTLP_ENDPOINT": url}) as server:
        headers = {"Authorization": f"Bearer {server.ready['accessToken']}"}
        request = urllib.request.Request(f"{server.url}/api/v1/providers", headers=headers)
        urllib.request.urlopen(request, timeout=5).close()
        assert server.stop() == 0
    assert {path for path, _ in came} == {"/v1/traces"}
    assert any(b"ListProviders" in body for _, body in came)


def test_nothing_is_imported_where_nothing_is_wanted() -> None:
    program = """
import asyncio, json, os, sys, tempfile
from pathlib import Path
from padan.app.lines import Lines
from padan.main import build_service
from padan.settings import load_settings

async def work():
    settings = load_settings({}, data=Path(tempfile.mkdtemp()))
    service = await build_service(
        settings, public_url="http://x", lines=Lines({}), create_keys=True, sandboxes=frozenset()
    )
    await service.start()
    await service.stop()
    wanted = ("opentelemetry", "prometheus_client", "requests")
    print(json.dumps([name for name in wanted if name in sys.modules]))

asyncio.run(work())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
