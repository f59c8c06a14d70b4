"""OpenTelemetry, where an endpoint is set: spans around the parts, and nothing imported where there is none.

No span holds anything of a person: operations, outcomes and identifiers of sessions alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from padan.app.ports import ClaimVault, Receipt, Store
from padan.domain.attempt import Allowance, Attempt, Begun
from padan.domain.feedback import Feedback
from padan.domain.session import Session, SessionBinding
from padan.settings import Settings, SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

T = TypeVar("T")
_MILLION = 1_000_000


class Tracing:
    """The spans of a server. Without an endpoint everything is handed back as it came.

    Raises:
        SettingsError: an endpoint is set, and the extra `padan[otel]` is not installed.
    """

    def __init__(self, settings: Settings, *, version: str, provider: TracerProvider | None = None) -> None:
        self._provider = provider
        if provider is None and settings.otlp_endpoint is not None:
            self._provider = _exporting(settings.otlp_endpoint, version=version)
        self._tracer = None if self._provider is None else self._provider.get_tracer("padan", version)

    def app(self, app: ASGIApp) -> ASGIApp:
        """The application, a span a request."""
        return app if self._tracer is None else _TracedApp(app, self._tracer)

    def store(self, store: Store) -> Store:
        """The store, a span a write and a question."""
        return store if self._tracer is None else cast("Store", _TracedStore(store, self._tracer))

    def vault(self, vault: ClaimVault) -> ClaimVault:
        """The worker's vault, a span a seal."""
        return vault if self._tracer is None else cast("ClaimVault", _TracedVault(vault, self._tracer))

    def stop(self) -> None:
        """Send what is waiting, within a few seconds."""
        if self._provider is not None:
            self._provider.shutdown()


def _exporting(endpoint: str, *, version: str) -> TracerProvider:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError(
            "PADAN_OTLP_ENDPOINT is set, and OpenTelemetry is not installed: pip install 'padan[otel]'"
        ) from None
    provider = TracerProvider(resource=Resource({"service.name": "padan", "service.version": version}))
    exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class _TracedApp:
    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, as part of the trace that its `traceparent` names."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in _trace_headers(scope)}
        context = TraceContextTextMapPropagator().extract(carrier)
        with self._tracer.start_as_current_span(
            "request", context=context, kind=SpanKind.SERVER, record_exception=False
        ) as span:
            own = span.get_span_context()
            # The answer's traceId and the log's are the span's own.
            scope["padan.trace_id"] = f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            try:
                await self._app(scope, receive, sending)
            finally:
                span.update_name(scope.get("padan.operation", "other"))


def _trace_headers(scope: Scope) -> Iterable[tuple[bytes, bytes]]:
    return (pair for pair in scope.get("headers", ()) if pair[0] == b"traceparent")


class _TracedStore:
    """A store whose writes are spans; a question that ended is one as well, from its own instants."""

    def __init__(self, store: Store, tracer: Tracer) -> None:
        self._store = store
        self._tracer = tracer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def add(self, session: Session, *, receipt: Receipt | None = None) -> None:
        """See `SessionStore`."""
        await self._write("store.create", session, self._store.add(session, receipt=receipt))

    async def begin(
        self, before: Session, after: Session, *, attempt: Attempt, allowance: Allowance, now: int
    ) -> Begun:
        """See `SessionStore`."""
        work = self._store.begin(before, after, attempt=attempt, allowance=allowance, now=now)
        return await self._write("store.begin", after, work)

    async def change(
        self,
        before: Session,
        after: Session,
        *,
        attempt: Attempt | None = None,
        refund: Allowance | None = None,
        feedback: Feedback | None = None,
    ) -> bool:
        """See `SessionStore`."""
        if attempt is not None:
            self._question(attempt)
        work = self._store.change(before, after, attempt=attempt, refund=refund, feedback=feedback)
        return await self._write("store.change", after, work)

    async def record(self, attempt: Attempt, *, refund: Allowance | None = None) -> None:
        """See `SessionStore`."""
        self._question(attempt)
        await self._store.record(attempt, refund=refund)

    async def _write(self, name: str, session: Session, work: Awaitable[T]) -> T:
        with self._tracer.start_as_current_span(name, record_exception=False) as span:
            span.set_attribute("padan.session", str(session.id))
            return await work

    def _question(self, attempt: Attempt) -> None:
        span = self._tracer.start_span("registry.ask", start_time=attempt.started_at * _MILLION)
        span.set_attribute("padan.session", str(attempt.session_id))
        span.set_attribute("padan.registry", attempt.registry)
        span.set_attribute("padan.outcome", attempt.outcome or "unheard")
        span.set_attribute("padan.charge", attempt.charge.value)
        span.end((attempt.ended_at or attempt.started_at) * _MILLION)


class _TracedVault:
    def __init__(self, vault: ClaimVault, tracer: Tracer) -> None:
        self._vault = vault
        self._tracer = tracer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vault, name)

    def seal_result(self, binding: SessionBinding, public_key: bytes, plaintext: bytes) -> bytes:
        """See `ClaimVault`."""
        with self._tracer.start_as_current_span("vault.seal", record_exception=False) as span:
            span.set_attribute("padan.session", str(binding.session_id))
            return self._vault.seal_result(binding, public_key, plaintext)
