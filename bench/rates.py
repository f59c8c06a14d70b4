"""Load at a rate that does not wait for answers: half of what a server can do, and five times that."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import msgspec

from bench.load import Connection, connect, request

_DECODE = msgspec.json.Decoder()
_MOST = 1_500
"""Connections at once; what would need more is not sent, and counted."""


@dataclass
class Seen:
    """What came of sessions that were asked for at a rate."""

    created_in: list[float] = field(default_factory=list)
    done_in: list[float] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    without_retry: int = 0
    not_sent: int = 0

    def percentiles(self, values: list[float]) -> dict[str, float]:
        if len(values) < 2:
            return {"p50": 0.0, "p99": 0.0}
        cuts = quantiles(values, n=100, method="inclusive")
        return {"p50": round(cuts[49] * 1e3, 1), "p99": round(cuts[98] * 1e3, 1)}


class Sessions:
    """Creates sessions at a rate and polls each until it ends, whatever becomes of the others."""

    def __init__(self, port: int, create: Any, headers: dict[str, str]) -> None:
        self._port = port
        self._create = create
        self._headers = headers
        self._idle: list[Connection] = []
        self._open = 0

    async def at(self, rate: float, *, seconds: float) -> Seen:
        """So many a second, for so long; and what is under way then is seen to its end."""
        seen, began, number = Seen(), time.perf_counter(), 0
        tasks = set[asyncio.Task[None]]()
        while (now := time.perf_counter() - began) < seconds:
            while number < now * rate:
                number += 1
                if len(tasks) >= _MOST:
                    seen.not_sent += 1
                    continue
                task = asyncio.create_task(self._one(seen, until=began + seconds))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await asyncio.sleep(0.002)
        await asyncio.gather(*tasks)
        return seen

    async def _one(self, seen: Seen, *, until: float) -> None:
        began = time.perf_counter()
        connection = self._idle.pop() if self._idle else await connect(self._port)
        status, body = await connection.ask(self._create())
        self._idle.append(connection)
        if status != 200:
            seen.refused[status] += 1
            return
        seen.created_in.append(time.perf_counter() - began)
        told = _DECODE.decode(body)
        key = msgspec.json.encode({"resultsAccessKey": told["resultCollection"]["resultsAccessKey"]})
        path = f"/api/v1/sessions/{told['sessionId']}/results"
        asking = request("POST", path, body=key, headers=self._headers)
        pause = 0.02
        while True:
            await asyncio.sleep(pause)
            connection = self._idle.pop() if self._idle else await connect(self._port)
            status, body = await connection.ask(asking)
            self._idle.append(connection)
            if status == 200 and b'"done":true' in body:
                if time.perf_counter() <= until:
                    seen.done_in.append(time.perf_counter() - began)
                return
            if time.perf_counter() > until + 30:
                return
            pause = min(1.0, pause * 1.5)


async def half_load(
    port: int, create: Any, headers: dict[str, str], *, peak: float, seconds: float
) -> dict[str, Any]:
    """How long creations and whole sessions take at half of the peak."""
    seen = await Sessions(port, create, headers).at(peak / 2, seconds=seconds)
    return {
        "perSecond": round(peak / 2),
        "createdMilliseconds": seen.percentiles(seen.created_in),
        "doneMilliseconds": seen.percentiles(seen.done_in),
        "refused": dict(seen.refused),
    }


async def overload(
    port: int, create: Any, headers: dict[str, str], *, peak: float, seconds: float
) -> dict[str, Any]:
    """What still finishes at five times the peak, and how the rest is refused."""
    seen = await Sessions(port, create, headers).at(peak * 5, seconds=seconds)
    finished = len(seen.done_in) / seconds
    return {
        "perSecond": round(peak * 5),
        "seconds": seconds,
        "finishedPerSecond": round(finished),
        "ofPeak": round(finished / peak, 2),
        "acceptedMilliseconds": seen.percentiles(seen.created_in),
        "refused": {str(status): number for status, number in seen.refused.items()},
        "notSent": seen.not_sent,
    }
