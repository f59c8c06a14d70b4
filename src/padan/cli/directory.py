"""What the commands over environments, tokens, profiles and redirect URIs share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar
from uuid import UUID

from padan.cli.output import settings_or_stop, stop

if TYPE_CHECKING:
    from padan.app.ports import Store
    from padan.domain.environment import Environment
    from padan.settings import Settings

T = TypeVar("T")


def with_store(
    config: Path | None,
    work: Callable[[Store], Awaitable[T]],
    *,
    action: str | None = None,
    subject: Callable[[T], object] = lambda _: None,
) -> T:
    """Run `work` over the configured store.

    Args:
        config: a file with settings.
        work: what to do.
        action: how the audit log names it; None for what changes nothing and reads no person's session.
        subject: what it was done to, found in what `work` returns.

    What it returns is in the audit log before: a command that gives something out does so afterwards.
    """
    settings = settings_or_stop(config)
    if action is None:
        return asyncio.run(_over_store(settings, work))
    try:
        done = asyncio.run(_over_store(settings, work))
    except Exception:
        write_down_or_stop(settings, action, outcome="refused")
        raise
    write_down_or_stop(settings, action, outcome="done", subject=subject(done))
    return done


async def _over_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    from padan.app.ports import StoreUnavailable
    from padan.main import open_store

    try:
        store = await open_store(settings)
    except StoreUnavailable as error:
        stop(f"the database cannot be opened: {error}; check PADAN_DATABASE")
    try:
        return await work(store)
    finally:
        await store.close()


def write_down_or_stop(settings: Settings, action: str, *, outcome: str, subject: object = None) -> None:
    """Write down in the audit log what an operator did, or end the command: nothing is given out then."""
    from padan.app.ports import AuditUnavailable
    from padan.main import write_down

    try:
        write_down(settings, action, outcome=outcome, subject=subject)
    except AuditUnavailable as error:
        stop(f"{error}; {action} was {outcome}, and is not in the audit log")


async def find_environment(store: Store, given: str | None) -> Environment:
    """The environment with this id, or the only one there is."""
    known = await store.environments()
    if given is None and len(known) == 1:
        return known[0]
    named = [environment for environment in known if str(environment.id) == given]
    if not named:
        _stop_with_choice(known)
    return named[0]


def _stop_with_choice(known: Sequence[Environment]) -> NoReturn:
    listed = "; ".join(f"{e.id} ({e.organisation}, {e.kind})" for e in known) or "none yet"
    stop(f"name one environment with --environment; there are: {listed}", status=2)


def new_id() -> tuple[UUID, int]:
    """A new identifier and the instant it was made, in Unix milliseconds."""
    from padan.domain.identifiers import uuid7
    from padan.main import clock

    now = clock()
    return uuid7(now, os.urandom(10)), now
