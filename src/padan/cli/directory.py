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

T = TypeVar("T")


def with_store(config: Path | None, work: Callable[[Store], Awaitable[T]]) -> T:
    """Run `work` over the configured store."""
    from padan.app.ports import StoreUnavailable
    from padan.main import open_store

    settings = settings_or_stop(config)

    async def run() -> T:
        try:
            store = await open_store(settings)
        except StoreUnavailable as error:
            stop(f"the database cannot be opened: {error}; check PADAN_DATABASE")
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


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
