"""The lines to the registries, as the settings and the agreement have them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from padan.app.lines import Line, Lines
from padan.app.ports import Store, StoreUnavailable
from padan.domain.activation import Activation, Terms
from padan.domain.environment import EnvironmentKind
from padan.logs import report
from padan.main.opening import clock
from padan.main.registers import register_reader
from padan.registries import (
    DataBalikanSettings,
    DukcapilRegistry,
    DukcapilSettings,
    RegisterRegistry,
    read_params,
    unpinned_in_live_problem,
    unprotected_feedback_problem,
)
from padan.registries.dukcapil_settings import FIELDS
from padan.settings import Settings

LIVE_PROVIDER = "indonesia-nik-lookup"
"""The provider whose agreement the Live lines run under."""

LIVE_ACCOUNT, TEST_ACCOUNT = "dukcapil", "test"
"""What Live questions count against, whoever answers: the limits are the agreement's. And Test ones: none."""


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
    )


def sandbox_line(settings: Settings, url: str) -> Line:
    """The line to a simulator: the same connector, over the same wire, by the same method, for nothing.

    What the settings have by themselves are its credentials. One that other processes ask as well is shared
    with them; one inside this process is not.
    """
    own = Settings(
        dukcapil_deadline=settings.dukcapil_deadline,
        dukcapil_method=settings.dukcapil_method,
        concurrency=settings.concurrency,
    )
    name = f"Test {url}" if settings.sandbox_url else ""
    return Line(dukcapil(own, url), account=TEST_ACCOUNT, name=name)


def test_line(settings: Settings, url: str) -> Line:
    """The line of a Test environment that asks a registry of the settings instead of the sandbox."""
    price = settings.dukcapil_price
    terms = Terms(tariff=price, price=price)
    return Line(dukcapil(settings, url), terms, account=TEST_ACCOUNT, name=f"Test {url}")


def register_line(settings: Settings, *, account: str, terms: Terms) -> Line:
    """The line to the own register. Nobody charges for a question; the agreement's limits hold."""
    return Line(register_registry(settings), replace(terms, tariff=0, price=0), account=account)


def register_registry(settings: Settings) -> RegisterRegistry:
    """The own register as a registry."""
    return RegisterRegistry(register_reader(settings))


def test_register_line(settings: Settings) -> Line:
    """The line of a Test environment to the own register."""
    return register_line(settings, account=TEST_ACCOUNT, terms=Terms())


def live_lines(settings: Settings, activation: Activation | None) -> list[Line]:
    """The lines of Live environments under an agreement, the standby after the first; none without both."""
    if activation is None:
        return []
    if settings.asks_register_in_live:
        return [register_line(settings, account=LIVE_ACCOUNT, terms=activation.terms)]
    if settings.dukcapil_url is None:
        return []
    agreed = replace(
        settings,
        dukcapil_customer=activation.customer,
        dukcapil_method=activation.method,
        dukcapil_fields=tuple(field for field in activation.fields if field in FIELDS),
        dukcapil_ip=activation.address,
    )
    urls = [url for url in (settings.dukcapil_url, settings.dukcapil_standby_url) if url is not None]
    return [
        Line(dukcapil(agreed, url), activation.terms, account=LIVE_ACCOUNT, name=f"Live {url}")
        for url in urls
    ]


def unprotected_lines(settings: Settings) -> list[str]:
    """Why Live questions must not go over the configured lines; nothing where they may."""
    urls = [url for url in (settings.dukcapil_url, settings.dukcapil_standby_url) if url is not None]
    accept = settings.dukcapil_unpinned == "accept"
    problems = (
        unpinned_in_live_problem(dukcapil_settings(settings, url), accept_unpinned=accept) for url in urls
    )
    owed = feedback_settings(settings)
    told = None if owed is None else unprotected_feedback_problem(owed, accept_unpinned=accept)
    return [problem for problem in (*problems, told) if problem is not None]


def feedback_settings(settings: Settings) -> DataBalikanSettings | None:
    """Where and how data balikan is sent; None where it has no address."""
    url = settings.dukcapil_feedback_url
    if url is None:
        return None
    return DataBalikanSettings(
        url=url,
        token=settings.dukcapil_feedback_token or "",
        institution_id=settings.dukcapil_feedback_institution or "",
        institution_name=settings.dukcapil_feedback_name or "",
        params=read_params(settings.dukcapil_feedback_params),
        deadline_s=settings.dukcapil_deadline,
        certificate_sha256=settings.dukcapil_feedback_certificate,
    )


AGREEMENT_EVERY = 2.0
"""Seconds between two looks at the agreement: a suspension has to be heard by every process soon."""


SHARE_EVERY = 0.5
"""Seconds between two looks at what other processes learnt: what one opened, all know within a second."""


async def keep_sharing(lines: Lines) -> None:
    """Share what is learnt of the lines, again and again, whatever a look ran into."""
    while True:
        await asyncio.sleep(SHARE_EVERY)
        try:
            await lines.share(clock())
        except StoreUnavailable:
            continue
        except Exception as error:
            report("lines", f"defect:{type(error).__name__}")


class LiveLines:
    """Keeps the lines of Live environments as the registered agreement wants them, while the server runs."""

    def __init__(self, settings: Settings, store: Store, lines: Lines) -> None:
        self._settings = settings
        self._store = store
        self._lines = lines
        self._activation: Activation | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def look(self) -> None:
        """Take up the agreement as it stands. One that cannot work leaves Live without a line."""
        activation = await self._store.activation(LIVE_PROVIDER)
        if activation == self._activation:
            return
        self._activation = activation
        try:
            lines = live_lines(self._settings, activation)
        except ValueError as error:
            lines = []
            report("agreement", f"defect:{error}")
        before = self._lines.replace(EnvironmentKind.LIVE, lines)
        task = asyncio.create_task(self._close(before))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def keep(self) -> None:
        """Look again and again, whatever a look ran into."""
        while True:
            await asyncio.sleep(AGREEMENT_EVERY)
            try:
                await self.look()
            except StoreUnavailable:
                continue
            except Exception as error:
                report("agreement", f"defect:{type(error).__name__}")

    async def _close(self, lines: Sequence[Line]) -> None:
        """Let go of lines under another agreement, once their questions ended."""
        await asyncio.sleep(self._settings.dukcapil_deadline if lines else 0)
        for line in lines:
            await line.registry.close()
