"""A running server: its parts, wired over its store, keys and registries."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from padan.app.elsewhere import Elsewhere
from padan.app.endings import Endings
from padan.app.feedback import Courier, CourierPorts
from padan.app.lines import Lines
from padan.app.ports import AuditLog, Event, Limits, Ports, Store, StoreUnavailable, WorkerPorts
from padan.app.worker import Worker
from padan.domain.environment import EnvironmentKind
from padan.logs import report
from padan.main.auditing import open_audit
from padan.main.lines import LiveLines, feedback_settings, keep_sharing
from padan.main.metering import Metering
from padan.main.opening import VERSION, clock, database, open_store
from padan.providers import PROVIDERS
from padan.registries import DataBalikan
from padan.settings import Settings
from padan.store.processes import ProcessLock
from padan.store.redactions import FileRedactions
from padan.vault import ResultsVault, WorkerVault, load, load_api, load_or_create, load_worker
from padan.web.health import Health

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from padan.app.ports import Runner

A_DAY = 86_400_000
LEASE_MARGIN = 20_000
"""Milliseconds that a lease outlives the registry's deadline."""


def new_owner() -> str:
    """A name for who holds a lease; no two are the same."""
    return f"{os.getpid()}-{os.urandom(6).hex()}"


@dataclass(frozen=True, slots=True)
class Role:
    """What one process of a server is for.

    Args:
        api: it takes requests, and so needs the root keys.
        work: it asks registries, and so needs the worker's keys.
        owner: in whose name it holds leases; no two processes have the same.
        after: the owner who died and whose place it takes: what that one left is free at once.
        draining: whether the server is about to end.
    """

    api: bool = True
    work: bool = True
    owner: str = field(default_factory=new_owner)
    after: str | None = None
    draining: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class Service:
    """A running server's parts."""

    app: Health
    store: Store
    role: Role
    lines: Lines
    live: LiveLines
    lock: ProcessLock | None
    audit: AuditLog
    metering: Metering
    worker: Worker | None = None
    courier: Courier | None = None
    watch: asyncio.Future[tuple[None, None]] | None = None
    finished: bool = False
    endings: Endings = field(default_factory=Endings)

    async def start(self) -> None:
        """Take up what earlier processes left behind, then begin to work."""
        await self.audit.record(Event(clock(), "server", "start", VERSION))
        if self.lock is not None and self.lock.alone():
            await self.store.free_leases(clock())
            self.lock.share()
        if self.role.after is not None:
            await self.store.free_leases(clock(), owner=self.role.after)
        await self.live.look()
        self.metering.start()
        self.watch = asyncio.gather(self.live.keep(), keep_sharing(self.lines))
        if self.worker is not None:
            self.worker.run()
        if self.courier is not None:
            self.courier.run()

    async def finish(self) -> None:
        """Take no more work, finish what is under way, and give back what will not be finished here."""
        self.endings.close()
        if self.finished or self.worker is None:
            return
        self.finished = True
        await self.worker.stop()
        if self.courier is not None:
            await self.courier.stop()
        try:
            await self.store.free_leases(clock(), owner=self.role.owner)
        except StoreUnavailable:
            report("store", "leases_kept")

    async def stop(self) -> None:
        """Finish, and let go of everything."""
        if self.watch is not None:
            self.watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.watch
        await self.finish()
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
    role: Role | None = None,
) -> Service:
    """Wire a server over its store, keys and registries.

    Raises:
        KeyFileError: the vault's keys are missing or unsafe; each side needs its own alone.
        SettingsError: what a setting asks for is not installed.
        StoreUnavailable: the database or the audit log cannot be opened.
    """
    role = role or Role()
    metering = Metering(settings)
    results, claims = _vaults(settings, role, create=create_keys)
    store = metering.store(await open_store(settings))
    lines.share_over(store)
    parts = _Parts(settings, role, store, lines, open_audit(settings, report=metering.report), metering)
    worker = None if claims is None else _worker(parts, vault=claims)
    courier = None if claims is None else _courier(parts, vault=claims)
    app = None
    if results is not None:
        app = _app(parts, results, worker or Elsewhere(), public_url=public_url, sandboxes=sandboxes)
    health = Health(store, draining=role.draining, beyond=app)
    return Service(
        *(health, store, role, lines, LiveLines(settings, store, lines), database(settings).process_lock()),
        *(parts.audit, metering, worker, courier),
        endings=parts.endings,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What both sides of a server are wired over."""

    settings: Settings
    role: Role
    store: Store
    lines: Lines
    audit: AuditLog
    metering: Metering
    endings: Endings = field(default_factory=Endings)


def _vaults(
    settings: Settings, role: Role, *, create: bool
) -> tuple[ResultsVault | None, WorkerVault | None]:
    """The vaults of a process, and in its memory no key that it has no use for."""
    folder = settings.keys_folder
    if role.api and role.work:
        keys = load_or_create(folder) if create else load(folder)
        return ResultsVault(keys.ring, keys.worker_public), WorkerVault(keys.worker_secret, keys.rest)
    if role.api:
        return ResultsVault(*load_api(folder)), None
    return None, WorkerVault(*load_worker(folder))


def _app(
    parts: _Parts,
    vault: ResultsVault,
    runner: Runner,
    *,
    public_url: str,
    sandboxes: frozenset[EnvironmentKind],
) -> ASGIApp:
    """The application, counted where metrics are wanted."""
    from padan.web.app import build_app

    settings, store = parts.settings, parts.store
    ports = Ports(
        sessions=store,
        directory=store,
        guesses=store,
        vault=vault,
        runner=runner,
        providers=PROVIDERS,
        lines=parts.lines,
        redactions=_redactions(settings),
        clock=clock,
        random=os.urandom,
        public_url=public_url,
        sandboxes=sandboxes,
        limits=_limits(settings),
        operator=settings.operator,
        audit=parts.audit,
        endings=parts.endings,
    )
    return parts.metering.app(build_app(ports, version=VERSION, report=parts.metering.report))


def _limits(settings: Settings) -> Limits:
    tries, guesses = settings.refusals_per_session, settings.guesses_per_environment
    return Limits(tries, guesses, settings.guesses_per_server)


def _redactions(settings: Settings) -> FileRedactions:
    return FileRedactions(settings.redactions_folder, writer=new_owner(), keep_days=settings.keep_backups)


def _worker(parts: _Parts, *, vault: WorkerVault) -> Worker:
    settings, store, told = parts.settings, parts.store, parts.metering.report
    return Worker(
        WorkerPorts(
            sessions=store,
            directory=store,
            guesses=store,
            answers=store,
            vault=parts.metering.vault(vault),
            providers=PROVIDERS,
            lines=parts.lines,
            clock=clock,
            random=os.urandom,
            lease=int(settings.dukcapil_deadline * 1000) + LEASE_MARGIN,
            most_unknown_charges=settings.dukcapil_most_unknown_charges,
            owes_feedback=settings.dukcapil_feedback_url is not None,
            keep_sessions=None if settings.keep_sessions is None else settings.keep_sessions * A_DAY,
            audit=parts.audit,
            endings=parts.endings,
            report=told,
        ),
        owner=parts.role.owner,
        report=told,
        concurrency=settings.concurrency,
    )


def _courier(parts: _Parts, *, vault: WorkerVault) -> Courier | None:
    """Who sends data balikan; nobody where it has no address."""
    settings = parts.settings
    owed = feedback_settings(settings)
    if owed is None:
        return None
    ports = CourierPorts(
        queue=parts.store,
        vault=vault,
        line=DataBalikan(owed),
        clock=clock,
        random=os.urandom,
        lease=int(settings.dukcapil_deadline * 1000) + LEASE_MARGIN,
        report=parts.metering.report,
    )
    return Courier(ports, owner=parts.role.owner)
