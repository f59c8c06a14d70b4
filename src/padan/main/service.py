"""A running server: its parts, wired over its store, keys and registries."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from padan.app.feedback import Courier, CourierPorts
from padan.app.lines import Lines
from padan.app.ports import AuditLog, Event, Limits, Ports, Store, WorkerPorts
from padan.app.worker import Report, Worker
from padan.domain.environment import EnvironmentKind
from padan.main.auditing import open_audit
from padan.main.lines import LiveLines, feedback_settings
from padan.main.metering import Metering
from padan.main.opening import VERSION, clock, database, open_keys, open_store
from padan.providers import PROVIDERS
from padan.registries import DataBalikan
from padan.settings import Settings
from padan.vault import ResultsVault, VaultKeys, WorkerVault

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from padan.store.processes import ProcessLock

A_DAY = 86_400_000
LEASE_MARGIN = 20_000
"""Milliseconds that a lease outlives the registry's deadline."""


@dataclass(slots=True)
class Service:
    """A running server's parts."""

    app: ASGIApp
    store: Store
    worker: Worker
    lines: Lines
    live: LiveLines
    lock: ProcessLock | None
    audit: AuditLog
    metering: Metering
    courier: Courier | None = None
    watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up what earlier processes left behind, then begin to work."""
        await self.audit.record(Event(clock(), "server", "start", VERSION))
        if self.lock is not None and self.lock.alone():
            await self.store.free_leases(clock())
            self.lock.share()
        await self.live.look()
        self.metering.start()
        self.watch = asyncio.create_task(self.live.keep())
        self.worker.run()
        if self.courier is not None:
            self.courier.run()

    async def stop(self) -> None:
        """Finish what is under way and let go of everything."""
        if self.watch is not None:
            self.watch.cancel()
        await self.worker.stop()
        if self.courier is not None:
            await self.courier.stop()
        await self.lines.close()
        await self.store.close()
        self.audit.note(Event(clock(), "server", "stop", VERSION))
        await self.audit.close()
        await self.metering.stop()
        if self.lock is not None:
            self.lock.close()


async def build_service(
    settings: Settings,
    *,
    public_url: str,
    lines: Lines,
    create_keys: bool,
    sandboxes: frozenset[EnvironmentKind],
) -> Service:
    """Wire a server over its store, keys and registries.

    Raises:
        KeyFileError: the vault's keys are missing or unsafe.
        SettingsError: what a setting asks for is not installed.
        StoreUnavailable: the database or the audit log cannot be opened.
    """
    keys = open_keys(settings, create=create_keys)
    metering = Metering(settings)
    store, report = metering.store(await open_store(settings)), metering.report
    audit, lock = open_audit(settings, report=report), database(settings).process_lock()
    worker = _worker(settings, store, keys=keys, lines=lines, audit=audit, metering=metering)
    ports = Ports(
        sessions=store,
        directory=store,
        guesses=store,
        vault=ResultsVault(keys.ring, keys.worker_public),
        runner=worker,
        providers=PROVIDERS,
        lines=lines,
        clock=clock,
        random=os.urandom,
        public_url=public_url,
        sandboxes=sandboxes,
        limits=_limits(settings),
        operator=settings.operator,
        audit=audit,
    )
    app = _app(ports, metering)
    courier = _courier(settings, store, keys=keys, report=report)
    live = LiveLines(settings, store, lines)
    return Service(app, store, worker, lines, live, lock, audit, metering, courier)


def _app(ports: Ports, metering: Metering) -> ASGIApp:
    """The application, counted where metrics are wanted."""
    from padan.web.app import build_app

    return metering.app(build_app(ports, version=VERSION, report=metering.report))


def _limits(settings: Settings) -> Limits:
    tries, guesses = settings.refusals_per_session, settings.guesses_per_environment
    return Limits(tries, guesses, settings.guesses_per_server)


def _worker(
    settings: Settings,
    store: Store,
    *,
    keys: VaultKeys,
    lines: Lines,
    audit: AuditLog,
    metering: Metering,
) -> Worker:
    return Worker(
        WorkerPorts(
            sessions=store,
            directory=store,
            guesses=store,
            answers=store,
            vault=metering.vault(WorkerVault(keys.worker_secret, keys.rest)),
            providers=PROVIDERS,
            lines=lines,
            clock=clock,
            random=os.urandom,
            lease=int(settings.dukcapil_deadline * 1000) + LEASE_MARGIN,
            most_unknown_charges=settings.dukcapil_most_unknown_charges,
            owes_feedback=settings.dukcapil_feedback_url is not None,
            keep_sessions=None if settings.keep_sessions is None else settings.keep_sessions * A_DAY,
            audit=audit,
            report=metering.report,
        ),
        owner=_owner(),
        report=metering.report,
        concurrency=settings.concurrency,
    )


def _courier(settings: Settings, store: Store, *, keys: VaultKeys, report: Report) -> Courier | None:
    """Who sends data balikan; nobody where it has no address."""
    owed = feedback_settings(settings)
    if owed is None:
        return None
    ports = CourierPorts(
        queue=store,
        vault=WorkerVault(keys.worker_secret, keys.rest),
        line=DataBalikan(owed),
        clock=clock,
        random=os.urandom,
        lease=int(settings.dukcapil_deadline * 1000) + LEASE_MARGIN,
        report=report,
    )
    return Courier(ports, owner=_owner())


def _owner() -> str:
    """A name for who holds a lease; no two are the same."""
    return f"{os.getpid()}-{os.urandom(6).hex()}"
