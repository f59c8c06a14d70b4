"""One process of a server, from its settings to its end: alone, or one of several under a supervisor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from padan.cli.output import stop
from padan.cli.serving import Leaving, end_within, serve_here, start_sandbox

if TYPE_CHECKING:
    from padan.app.lines import Line
    from padan.cli.ending import Ending
    from padan.cli.listening import Listener
    from padan.main import Role, Service
    from padan.settings import Settings

Tell = Callable[[Mapping[str, Any]], None]


async def run_process(
    settings: Settings, listener: Listener | None, *, role: Role, ending: Ending, ready: Tell
) -> None:
    """Serve, work, or both, until told to end. A worker's listener answers `/live` and `/ready` alone."""
    from padan.cli.metrics import start_metrics
    from padan.logs import configure_logs, keep_no_cores

    configure_logs()
    keep_no_cores()
    await _refuse_what_is_unsafe(settings, role)
    async with contextlib.AsyncExitStack() as stack:
        line = await _test_line(settings, stack, role)
        url = settings.public_url or (listener.url if listener is not None else "")
        service = await _started(settings, stack, role=role, url=url, line=line)
        told: dict[str, Any] = {"environments": sorted(kind.value for kind in service.lines.kinds)}
        if listener is not None:
            told = {("baseUrl" if role.api else "healthUrl"): url if role.api else listener.url, **told}
        told |= await start_metrics(settings, service, stack)
        leaving = Leaving(ending, settings.drain_notice if role.api else 0, service.finish)
        if listener is None:
            ready(told)
            await ending.asked.wait()
            await end_within(leaving, also=asyncio.sleep(0), at_once=lambda: None)
        else:
            await serve_here(service.app, listener, ready=lambda: ready(told), leaving=leaving)


async def _refuse_what_is_unsafe(settings: Settings, role: Role) -> None:
    from padan.cli.credentials import sandbox_credentials_in_live
    from padan.main import register_problem, unprotected_lines

    for problem in unprotected_lines(settings):
        stop(problem)
    # Who asks nobody needs no credentials.
    if role.work and (told := sandbox_credentials_in_live(settings)):
        stop(told)
    if role.work and (told := await register_problem(settings)):
        stop(told)


async def _test_line(settings: Settings, stack: contextlib.AsyncExitStack, role: Role) -> Line:
    from padan.main import sandbox_line, test_register_line

    if settings.asks_register_in_test:
        return test_register_line(settings)
    if settings.sandbox_url is not None:
        return sandbox_line(settings, settings.sandbox_url)
    if not role.work:
        # It says that Test has a registry, and is never asked: sessions are run elsewhere.
        return sandbox_line(settings, "http://elsewhere.invalid")
    return (await start_sandbox(settings, stack)).line


async def _started(
    settings: Settings, stack: contextlib.AsyncExitStack, *, role: Role, url: str, line: Line
) -> Service:
    from padan.app.lines import Lines
    from padan.app.ports import StoreUnavailable
    from padan.domain.environment import EnvironmentKind
    from padan.main import build_service
    from padan.settings import SettingsError
    from padan.vault import KeyFileError

    try:
        service = await build_service(
            settings,
            public_url=url,
            lines=Lines({EnvironmentKind.TEST: [line]}),
            create_keys=False,
            sandboxes=frozenset() if settings.asks_register_in_test else frozenset({EnvironmentKind.TEST}),
            role=role,
        )
        stack.push_async_callback(service.stop)
        await service.start()
    except (KeyFileError, SettingsError, StoreUnavailable, OSError) as error:
        stop(f"{error}; 'padan migrate' creates what is missing, 'padan doctor' checks the rest")
    return service
