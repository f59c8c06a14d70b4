"""Read sessions and open results."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from padan.app.endings import LOOK_EVERY, either
from padan.app.errors import NotYours
from padan.app.ports import Page, Ports, ResultsKeyRefused, SessionOrder
from padan.domain.environment import Environment
from padan.domain.session import Session


@dataclass(frozen=True, slots=True, repr=False)
class Results:
    """A session and, once it has succeeded, its identity data as JSON."""

    session: Session
    identity_data: bytes | None


async def read_session(ports: Ports, environment: Environment, session_id: UUID) -> Session:
    """The session. Raises NotYours."""
    session = await ports.sessions.get(environment.id, session_id)
    if session is None:
        raise NotYours
    return session


async def read_results(
    ports: Ports, environment: Environment, session_id: UUID, *, results_access_key: str
) -> Results:
    """The session in its current state, and its results if there are any.

    Raises:
        NotYours: no such session here, not its key, or redacted: nobody can tell which.
        SealBroken: the stored result was damaged.
    """
    session = await read_session(ports, environment, session_id)
    if session.salt is None:
        raise NotYours
    try:
        if session.sealed_result is None:
            ports.vault.check(session.binding, salt=session.salt, results_access_key=results_access_key)
            return Results(session, None)
        opened = ports.vault.open_result(
            session.binding,
            salt=session.salt,
            results_access_key=results_access_key,
            sealed=session.sealed_result,
            public_key=session.public_key,
        )
    except ResultsKeyRefused as refused:
        raise NotYours from refused
    return Results(session, opened)


async def await_results(
    ports: Ports, environment: Environment, session_id: UUID, *, results_access_key: str, seconds: float
) -> Results:
    """What `read_results` gives, once the session has ended; at the latest after so many seconds.

    Raises as `read_results`, at once where the key is none of the session's.
    """
    loop = asyncio.get_running_loop()
    until, may_wait = loop.time() + seconds, ports.endings.open
    with ports.endings.watch(session_id) as ended:
        results = await read_results(ports, environment, session_id, results_access_key=results_access_key)
        done = results.session.done
        if done or not may_wait:
            return results
        while not done and not ports.endings.closed and (left := until - loop.time()) > 0:
            await either(ended, min(left, LOOK_EVERY))
            ended.clear()
            done = (await read_session(ports, environment, session_id)).done
    return await read_results(ports, environment, session_id, results_access_key=results_access_key)


async def list_sessions(
    ports: Ports,
    environment: Environment,
    profile_id: UUID,
    *,
    order: SessionOrder,
    descending: bool,
    page: tuple[int, int],
) -> Page[Session]:
    """A page (number from 1, size) of a profile's sessions. Raises NotYours without such a profile."""
    if await ports.directory.profile(environment.id, profile_id) is None:
        raise NotYours
    number, size = page
    return await ports.sessions.page(
        environment.id, profile_id, order=order, descending=descending, page=number, size=size
    )
