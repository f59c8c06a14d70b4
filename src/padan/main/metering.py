"""Whether this process counts, and what a scrape looks at besides."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from padan.app.ports import AuditLog, AuditUnavailable, ClaimVault, Store, StoreUnavailable
from padan.app.times import jakarta_date
from padan.domain.provider import Health
from padan.logs import report
from padan.main.opening import VERSION, clock
from padan.main.tracing import Tracing
from padan.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from padan.app.lines import Lines
    from padan.app.worker import Worker
    from padan.metrics import Collector, Meters
    from padan.metrics.collector import Now


class Metering:
    """The metrics and traces of a server; what is not asked for is neither counted nor imported.

    Raises:
        SettingsError: traces are wanted, and what sends them is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        self.meters: Meters | None = None
        self.collector: Collector | None = None
        self._tracing = Tracing(settings, version=VERSION)
        self._watch: asyncio.Task[None] | None = None
        if settings.metrics_port is not None:
            from padan.metrics import Collector, Meters

            self.meters = Meters()
            self.collector = Collector(self.meters, version=VERSION)

    def store(self, store: Store) -> Store:
        """The store, traced and counted."""
        store = self._tracing.store(store)
        if self.meters is None:
            return store
        from padan.metrics import MeteredStore

        return MeteredStore.over(store, self.meters)

    def app(self, app: ASGIApp) -> ASGIApp:
        """The application, traced and counted."""
        app = self._tracing.app(app)
        if self.meters is None:
            return app
        from padan.metrics import MeteredApp

        return MeteredApp(app, self.meters)

    def vault(self, vault: ClaimVault) -> ClaimVault:
        """The worker's vault, traced."""
        return self._tracing.vault(vault)

    def report(self, event: str, detail: str) -> None:
        """Log an event, counted."""
        report(event, detail)
        if self.meters is not None:
            self.meters.heard(event, detail)

    def start(self) -> None:
        """Begin to watch the event loop."""
        if self.meters is not None:
            from padan.metrics import watch_loop

            self._watch = asyncio.create_task(watch_loop(self.meters.lag))

    async def stop(self) -> None:
        """Watch no longer, and send the spans that wait."""
        await asyncio.to_thread(self._tracing.stop)
        if self._watch is not None:
            self._watch.cancel()


async def look(lines: Lines, worker: Worker | None, *, store: Store, audit: AuditLog) -> Now:
    """What a scrape shows of this moment. What the store cannot tell now is left out."""
    from padan.metrics.collector import Now

    now, online, quota, used = clock(), [], {}, {}
    for kind in sorted(lines.kinds):
        for number, line in enumerate(lines.of(kind), 1):
            online.append((kind.value, str(number), line.health(now) is Health.ONLINE))
            if line.terms.quota is not None:
                quota[kind.value] = line.terms.quota
                try:
                    used[kind.value] = await store.used(line.account, jakarta_date(now).isoformat())
                except StoreUnavailable:
                    continue
    return Now(worker.under_way if worker else 0, _silent(audit), online, quota, used)


def _silent(audit: AuditLog) -> bool:
    try:
        audit.require()
    except AuditUnavailable:
        return True
    return False
