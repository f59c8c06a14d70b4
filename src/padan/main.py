"""The only place that wires the rooms together."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from padan.app.ports import Limits, Ports, Registry, WorkerPorts
from padan.app.worker import Worker
from padan.domain.environment import EnvironmentKind
from padan.logs import report
from padan.providers import PROVIDERS
from padan.registries import DukcapilRegistry, DukcapilSettings
from padan.settings import Settings
from padan.store.processes import ProcessLock
from padan.store.sqlite import SqliteStore, open_sqlite
from padan.vault import ResultsVault, VaultKeys, WorkerVault, load, load_or_create

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from padan.sandbox import Nation
    from padan.sandbox.dukcapil import SandboxCredentials
    from padan.sandbox.line import LineSwitch

VERSION = version("padan")
LEASE_MARGIN = 20_000
"""Milliseconds that a lease outlives the registry's deadline."""


def clock() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def database_path(settings: Settings) -> Path:
    """The file of the SQLite database."""
    return Path(settings.database_url.removeprefix("sqlite:///"))


def open_store(settings: Settings, *, create: bool = True) -> SqliteStore:
    """The store, its schema brought up to date. Raises StoreUnavailable where it cannot be opened."""
    return open_sqlite(database_path(settings), create=create)


def open_keys(settings: Settings, *, create: bool) -> VaultKeys:
    """The vault's keys. Raises KeyFileError, naming the file and the remedy."""
    return load_or_create(settings.keys_folder) if create else load(settings.keys_folder)


def dukcapil(settings: Settings, url: str) -> DukcapilRegistry:
    """The connector to a Dukcapil web service at `url`."""
    return DukcapilRegistry(dukcapil_settings(settings, url))


def dukcapil_settings(settings: Settings, url: str) -> DukcapilSettings:
    """The settings of the connector, as the process has them."""
    return DukcapilSettings(
        base_url=url,
        customer=settings.dukcapil_customer,
        user_id=settings.dukcapil_user,
        password=settings.dukcapil_password,
        ip=settings.dukcapil_ip,
        method=settings.dukcapil_method,
        region_segment=settings.dukcapil_region,
        fields=settings.dukcapil_fields,
        key_case=settings.dukcapil_key_case,
        basic_auth=settings.dukcapil_http_basic == "on",
        date_format=settings.dukcapil_date_format,
        certificate_sha256=settings.dukcapil_certificate,
        deadline_s=settings.dukcapil_deadline,
        threshold_sent=settings.dukcapil_threshold_sent,
        name_threshold=settings.dukcapil_name_threshold,
        pool_size=settings.concurrency,
        price=settings.dukcapil_price,
    )


def sandbox_registry(url: str, credentials: SandboxCredentials, *, deadline: float) -> DukcapilRegistry:
    """The connector to a simulator: the same one, over the same wire."""
    return DukcapilRegistry(
        DukcapilSettings(
            base_url=url,
            customer=credentials.customer,
            user_id=credentials.user_id,
            password=credentials.password,
            ip=credentials.ip,
            deadline_s=deadline,
            price=0,
        )
    )


def build_sandbox(line: LineSwitch | None = None) -> tuple[Nation, Starlette, SandboxCredentials]:
    """The synthetic nation, the simulator over it, and what it takes for credentials."""
    from padan.sandbox import Nation
    from padan.sandbox.dukcapil import SandboxCredentials, build_app

    nation, credentials = Nation(), SandboxCredentials()
    return nation, build_app(nation, credentials=credentials, line=line), credentials


@dataclass(frozen=True, slots=True)
class Service:
    """A running server's parts."""

    app: Starlette
    store: SqliteStore
    worker: Worker
    registries: Mapping[EnvironmentKind, Registry]
    lock: ProcessLock

    async def start(self) -> None:
        """Take up what earlier processes left behind, then begin to work."""
        if self.lock.alone():
            await self.store.free_leases(clock())
            self.lock.share()
        self.worker.run()

    async def stop(self) -> None:
        """Finish what is under way and let go of everything."""
        await self.worker.stop()
        for registry in self.registries.values():
            await registry.close()
        await self.store.close()
        self.lock.close()


def build_service(
    settings: Settings,
    *,
    public_url: str,
    registries: Mapping[EnvironmentKind, Registry],
    create_keys: bool,
    sandboxes: frozenset[EnvironmentKind],
) -> Service:
    """Wire a server over its store, keys and registries.

    Raises:
        KeyFileError: the vault's keys are missing or unsafe.
        StoreUnavailable: the database cannot be opened.
    """
    from padan.web.app import build_app

    keys = open_keys(settings, create=create_keys)
    store = open_store(settings)
    lock = ProcessLock(database_path(settings).with_suffix(".lock"))
    worker = _worker(settings, store, keys=keys, registries=registries)
    ports = Ports(
        sessions=store,
        directory=store,
        guesses=store,
        vault=ResultsVault(keys.ring, keys.worker_public),
        runner=worker,
        providers=PROVIDERS,
        registries=registries,
        clock=clock,
        random=os.urandom,
        public_url=public_url,
        sandboxes=sandboxes,
        limits=Limits(
            settings.refusals_per_session, settings.guesses_per_environment, settings.guesses_per_server
        ),
        operator=settings.operator,
    )
    app = build_app(ports, version=VERSION, report=report)
    return Service(app, store, worker, registries, lock)


def _worker(
    settings: Settings,
    store: SqliteStore,
    *,
    keys: VaultKeys,
    registries: Mapping[EnvironmentKind, Registry],
) -> Worker:
    return Worker(
        WorkerPorts(
            sessions=store,
            guesses=store,
            vault=WorkerVault(keys.worker_secret, keys.rest),
            providers=PROVIDERS,
            registries=registries,
            clock=clock,
            random=os.urandom,
            lease=int(settings.dukcapil_deadline * 1000) + LEASE_MARGIN,
            most_unknown_charges=settings.dukcapil_most_unknown_charges,
        ),
        owner=f"{os.getpid()}-{os.urandom(6).hex()}",
        report=report,
        concurrency=settings.concurrency,
    )


def today() -> date:
    """The date in Jakarta."""
    from padan.app.create import jakarta_date

    return jakarta_date(clock())
