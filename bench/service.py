"""The whole server under load: creates, polls, verifications; on SQLite and PostgreSQL.

    python -m bench.service [--stored N] [--seconds S] [--clients N ...] [--database URL ...] [--json]

`padan serve` in a process of its own, pinned to one core, over a store that holds so many sessions already;
the simulator of the registry and this client are other processes, on another core. The figure to compare is
`per_core`: operations for each second of processor time that the server used, all of its threads included.
Others who use the machine change what a wall clock says, and that one hardly. The floor is an application
that does nothing on the same server, measured in the same minute.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec
import uvloop

from bench.filled import PROFILE, PROVIDER, REDIRECT_URI, TOKEN, prepare
from bench.load import Connection, connect, request
from bench.processes import PADAN, Measured, pin, running, steal
from bench.rates import half_load, overload
from bench.store import fsync_time
from padan.sandbox import Nation

CLIENTS = (1, 32, 128)
SERVER_CORE, OTHER_CORE = 0, 1
_CREATE = "/api/v1/sessions/provider/direct"
_HOSTED = "/api/v1/sessions/provider/hosted"
_HEADERS = {"Authorization": f"Bearer {TOKEN}"}
_ORDER = {"provider": PROVIDER, "verificationProfileId": str(PROFILE), "redirectUrl": REDIRECT_URI}
_CREATE_HOSTED = request("POST", _HOSTED, body=json.dumps(_ORDER).encode(), headers=_HEADERS)
"""A creation that brings no other work: the person has to fill in the form."""
_OF_PEOPLE = 2_000
_DECODE = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Figure:
    """One operation, done by so many clients for some seconds."""

    operation: str
    clients: int
    done: int
    per_second: float
    per_core: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    stolen_s: float
    note: str = ""


class Asker:
    """The requests of a relying party."""

    def __init__(self) -> None:
        nation = Nation()
        self._bodies = [self._create(nation, number) for number in range(_OF_PEOPLE)]
        self._numbers = count()
        self.polls = 0
        self.wait = 0.02

    def create(self) -> bytes:
        """A creation, for one person after the other."""
        return self._bodies[next(self._numbers) % _OF_PEOPLE]

    async def created(self, connection: Connection) -> bytes:
        """A new session's question for its results."""
        status, body = await connection.ask(self.create())
        if status != 200:
            raise RuntimeError(f"a creation was answered {status}: {body[:200]!r}")
        told = _DECODE.decode(body)
        return poll(told["sessionId"], told["resultCollection"]["resultsAccessKey"])

    async def verified(self, connection: Connection) -> None:
        """A whole verification: created, asked for while it is under way, and asked for at its end."""
        began = time.perf_counter()
        asking = await self.created(connection)
        await answered(connection, asking)
        self.polls += 1
        await asyncio.sleep(self.wait)
        while not await answered(connection, asking):
            self.polls += 1
            self.wait *= 1.02
            await asyncio.sleep(self.wait / 2)
        self.polls += 1
        self.wait = max(0.001, min(self.wait * 0.999, (time.perf_counter() - began) * 1.5))

    @staticmethod
    def _create(nation: Nation, number: int) -> bytes:
        person = nation.scenario("match", number)
        body = {
            "provider": PROVIDER,
            "verificationProfileId": str(PROFILE),
            "capabilities": ["PollResult"],
            "providerInput": {
                PROVIDER: {
                    "nikIdNumber": person.nik,
                    "fullName": person.full_name,
                    "dateOfBirth": person.date_of_birth.isoformat(),
                }
            },
        }
        return request("POST", _CREATE, body=json.dumps(body).encode(), headers=_HEADERS)


def poll(session_id: str, key: str) -> bytes:
    """A question for a session's results."""
    body = json.dumps({"resultsAccessKey": key}).encode()
    return request("POST", f"/api/v1/sessions/{session_id}/results", body=body, headers=_HEADERS)


async def answered(connection: Connection, asking: bytes) -> bool:
    """Whether a poll brought the end of its session."""
    status, body = await connection.ask(asking)
    if status != 200 or b'"errorCode":"' in body:
        raise RuntimeError(f"a poll was answered {status}: {body[:200]!r}")
    return b'"done":true' in body


async def measure(
    operation: str,
    server: Measured,
    one: Callable[[Connection], Awaitable[Any]],
    *,
    clients: int,
    seconds: float,
) -> Figure:
    """Let so many clients do one thing again and again."""
    connections = [await connect(server.port) for _ in range(clients)]
    took: list[float] = []
    stop = 0.0

    async def work(connection: Connection) -> None:
        while time.perf_counter() < stop:
            began = time.perf_counter()
            await one(connection)
            took.append(time.perf_counter() - began)

    stop = time.perf_counter() + min(1.0, seconds / 4)
    await asyncio.gather(*map(work, connections))
    took.clear()
    wall, cpu, stolen = time.perf_counter(), server.cpu(), steal()
    stop = wall + seconds
    await asyncio.gather(*map(work, connections))
    wall, cpu, stolen = time.perf_counter() - wall, server.cpu() - cpu, steal() - stolen
    for connection in connections:
        connection.close()
    cuts = quantiles(took, n=100, method="inclusive")
    return Figure(
        *(operation, clients, len(took), round(len(took) / wall), round(len(took) / cpu)),
        *(round(cpu / len(took) * 1e6, 1), round(cuts[49] * 1e3, 2), round(cuts[98] * 1e3, 2)),
        round(stolen, 2),
    )


async def operations(server: Measured, *, clients: int, seconds: float) -> list[Figure]:
    """Everything a relying party does, one after the other."""
    asker = Asker()
    figures = [await pending(server, clients=clients, seconds=seconds)]

    async def create(connection: Connection) -> None:
        status, answer = await connection.ask(_CREATE_HOSTED)
        if status != 200:
            raise RuntimeError(f"a creation was answered {status}: {answer[:200]!r}")

    figures.append(await measure("create", server, create, clients=clients, seconds=seconds))
    await quiet(server)
    connection = await connect(server.port)
    finished = [await asker.created(connection) for _ in range(64)]
    await asyncio.sleep(1.0)
    numbers = count()

    async def finished_poll(connection: Connection) -> None:
        if not await answered(connection, finished[next(numbers) % len(finished)]):
            raise RuntimeError("a session was not at its end in time")

    figures.append(await measure("finished poll", server, finished_poll, clients=clients, seconds=seconds))
    figures.append(await measure("verification", server, asker.verified, clients=clients, seconds=seconds))
    polls = asker.polls / max(1, figures[-1].done)
    figures[-1] = Figure(**{**asdict(figures[-1]), "note": f"{polls:.1f} polls each"})
    await quiet(server)
    return figures


async def quiet(server: Measured) -> None:
    """Wait until the server has nothing left to do."""
    before = server.cpu()
    while True:
        await asyncio.sleep(0.5)
        now = server.cpu()
        if now - before < 0.02:
            return
        before = now


async def pending(server: Measured, *, clients: int, seconds: float) -> Figure:
    """Polls of sessions whose person has not sent the form yet."""
    connection = await connect(server.port)
    waiting = []
    for _ in range(64):
        status, answer = await connection.ask(_CREATE_HOSTED)
        if status != 200:
            raise RuntimeError(f"a creation was answered {status}: {answer[:200]!r}")
        told = _DECODE.decode(answer)
        waiting.append(poll(told["sessionId"], told["resultsAccessKey"]))
    connection.close()
    numbers = count()

    async def pending_poll(connection: Connection) -> None:
        if await answered(connection, waiting[next(numbers) % len(waiting)]):
            raise RuntimeError("a session ended that waits for its person")

    return await measure("pending poll", server, pending_poll, clients=clients, seconds=seconds)


async def floor(*, clients: int, seconds: float) -> Figure:
    """The same server with an application that does nothing."""
    body = request("POST", "/", body=b"{}" * 60, headers=_HEADERS)
    with running("-m", "bench.floor", core=SERVER_CORE) as server:

        async def nothing(connection: Connection) -> None:
            await connection.ask(body)

        return await measure("floor", server, nothing, clients=clients, seconds=seconds)


async def of_database(
    url: str, *, folder: Path, stored: int, clients: list[int], seconds: float, overload_s: float
) -> dict[str, Any]:
    """All figures over one database."""
    await prepare(url, sessions=stored)
    data = {"PADAN_DATA": str(folder), "PADAN_DATABASE": url, "PADAN_PORT": "0"}
    with ExitStack() as stack:
        simulator = stack.enter_context(
            running(PADAN, "sandbox", "serve", "--port", "0", "--json", core=OTHER_CORE)
        )
        data["PADAN_SANDBOX_URL"] = simulator.ready["registryUrl"]
        with running(PADAN, "migrate", "--json", environment=data):
            pass
        server = stack.enter_context(running(PADAN, "serve", "--json", environment=data, core=SERVER_CORE))
        await asyncio.sleep(1.0)
        idle = server.memory()
        figures = [await floor(clients=max(clients), seconds=seconds)]
        for number in clients:
            figures += await operations(server, clients=number, seconds=seconds)
        base = figures[0].per_core
        asker, peak = Asker(), max(one.per_second for one in figures if one.operation == "verification")
        half = await half_load(server.port, asker.create, _HEADERS, peak=peak, seconds=seconds * 2)
        await quiet(server)
        flood = await overload(server.port, asker.create, _HEADERS, peak=peak, seconds=overload_s)
        return {
            "database": url.partition(":")[0],
            "stored": stored,
            "startSeconds": round(server.started_within, 2),
            "idleMebibytes": round(idle / 2**20, 1),
            "busyMebibytes": round(server.memory() / 2**20, 1),
            "halfLoad": half,
            "overload": flood,
            "figures": [{**asdict(one), "of_floor": round(one.per_core / base, 3)} for one in figures],
        }


async def measure_all(
    folder: Path, urls: list[str], *, stored: int, clients: list[int], seconds: float, overload_s: float
) -> dict[str, Any]:
    pin(os.getpid(), OTHER_CORE)
    runs = []
    for number, url in enumerate(urls):
        own = folder / str(number)
        own.mkdir()
        runs.append(
            await of_database(
                url or f"sqlite:///{own / 'padan.db'}",
                folder=own,
                stored=stored,
                clients=clients,
                seconds=seconds,
                overload_s=overload_s,
            )
        )
    return {
        "benchmark": "service",
        "fsyncMilliseconds": round(fsync_time(folder) * 1000, 2),
        "databases": runs,
    }


def run(
    *,
    as_json: bool,
    stored: int = 1_000_000,
    seconds: float = 5.0,
    overload_s: float = 60.0,
    clients: list[int] | None = None,
    folder: Path | None = None,
    databases: list[str] | None = None,
) -> None:
    """Measure and print. An empty database URL is a new SQLite file."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        figures = uvloop.run(
            measure_all(
                Path(scratch),
                databases or _databases(),
                stored=stored,
                clients=list(clients or CLIENTS),
                seconds=seconds,
                overload_s=overload_s,
            )
        )
    if as_json:
        print(json.dumps(figures))
        return
    for told in figures["databases"]:
        print_table(told, fsync=figures["fsyncMilliseconds"])


def _databases() -> list[str]:
    """A new SQLite file, and a new database of the PostgreSQL that the tests use, where there is one."""
    from tests.support.postgres import new_database

    try:
        return ["", new_database()]
    except RuntimeError as error:
        print(f"PostgreSQL is left out: {error}", file=sys.stderr)
        return [""]


def print_table(told: dict[str, Any], *, fsync: float) -> None:
    print(
        f"service on {told['database']}, {told['stored']:,} sessions stored; an fsync takes {fsync} ms;"
        f" ready after {told['startSeconds']} s;"
        f" {told['idleMebibytes']} MiB idle, {told['busyMebibytes']} busy"
    )
    print(f"  {'':<14}{'clients':>8}{'a second':>10}{'per core':>10}{'of floor':>10}{'us CPU':>9}", end="")
    print(f"{'p50 ms':>8}{'p99 ms':>8}{'stolen s':>9}")
    for row in told["figures"]:
        print(
            f"  {row['operation']:<14}{row['clients']:>8}{row['per_second']:>10,.0f}{row['per_core']:>10,.0f}"
            f"{row['of_floor']:>10.2f}{row['cpu_us']:>9.0f}{row['p50_ms']:>8.2f}"
            f"{row['p99_ms']:>8.2f}{row['stolen_s']:>9.2f}  {row['note']}"
        )
    half, flood = told["halfLoad"], told["overload"]
    print(
        f"  at half load ({half['perSecond']} a second): created in {half['createdMilliseconds']} ms,"
        f" done in {half['doneMilliseconds']} ms, refused: {half['refused'] or 'none'}"
    )
    print(
        f"  at five times the peak ({flood['perSecond']} a second for {flood['seconds']:g} s):"
        f" {flood['finishedPerSecond']} a second finished, {flood['ofPeak']} of the peak;"
        f" accepted in {flood['acceptedMilliseconds']} ms; refused: {flood['refused']};"
        f" not sent: {flood['notSent']}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--stored", type=int, default=1_000_000, help="sessions in the store beforehand")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--overload", type=float, default=60.0, help="seconds at five times the peak")
    parser.add_argument("--clients", type=int, nargs="+", default=list(CLIENTS))
    parser.add_argument(
        "--database", nargs="+", help="databases to measure; without: a new SQLite file and PostgreSQL"
    )
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    run(
        as_json=asked.json,
        stored=asked.stored,
        seconds=asked.seconds,
        overload_s=asked.overload,
        clients=asked.clients,
        folder=asked.folder,
        databases=asked.database,
    )


if __name__ == "__main__":
    main()
