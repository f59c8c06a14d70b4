"""A relying party that asks for much at once, over plain HTTP; and what a server's database says of it."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self
from uuid import UUID

import aiohttp

from tests.support.postgres import sql


class Reachable(Protocol):
    """A running server: where it is, and what it printed when it was ready."""

    @property
    def url(self) -> str: ...

    @property
    def ready(self) -> dict[str, Any]: ...


PROVIDER = "indonesia-nik-lookup"


def call(server: Reachable, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One request by itself. Raises urllib.error.HTTPError for any status but success."""
    request = urllib.request.Request(
        server.url + path,
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {server.ready['accessToken']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        told: dict[str, Any] = json.loads(answer.read())
        return told


class RelyingParty:
    """Its sessions at a server; `async with` opens and closes its connections."""

    def __init__(self, server: Reachable) -> None:
        self._server = server
        self._client: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self._server.ready['accessToken']}"}
        self._client = aiohttp.ClientSession(
            self._server.url, headers=headers, timeout=aiohttp.ClientTimeout(total=30)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.close()

    @property
    def _opened(self) -> aiohttp.ClientSession:
        assert self._client is not None
        return self._client

    async def create(
        self, person: Mapping[str, str], profile: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Ask for a direct session; status and answer."""
        body = {
            "provider": PROVIDER,
            "verificationProfileId": profile or self._server.ready["verificationProfileId"],
            "capabilities": ["PollResult"],
            "providerInput": {PROVIDER: {n: person[n] for n in ("nikIdNumber", "fullName", "dateOfBirth")}},
        }
        async with self._opened.post("/api/v1/sessions/provider/direct", json=body) as answer:
            return answer.status, await answer.json()

    async def results(self, session_id: str, key: str) -> dict[str, Any]:
        """The session, with its results where there are any."""
        path, body = f"/api/v1/sessions/{session_id}/results", {"resultsAccessKey": key}
        async with self._opened.post(path, json=body) as answer:
            told: dict[str, Any] = await answer.json()
            assert answer.status == 200, told
            return told

    async def health(self) -> str:
        """`testHealth` of the provider."""
        async with self._opened.get(f"/api/v1/providers/{PROVIDER}") as answer:
            told = await answer.json()
            return str(told.get("provider", told)["testHealth"])

    async def new_profile(self, alias: str) -> str:
        """A second verification profile."""
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in {"Alias": alias, "BrandName": "Bank Contoh", "Providers": PROVIDER}.items():
            form.add_field(name, value)
        async with self._opened.post("/api/valpha/verification-profiles", data=form) as answer:
            told = await answer.json()
            assert answer.status == 201, told
            return str(told["id"])


@dataclass(frozen=True)
class Asked:
    """One row of the ledger. Instants are Unix milliseconds."""

    number: int
    started_at: int
    ended_at: int | None
    outcome: str | None
    charge: str
    price: int

    @property
    def took_s(self) -> float:
        """Seconds until it ended; none where it never did."""
        return ((self.ended_at or self.started_at) - self.started_at) / 1000


@dataclass
class Row:
    """One session as it is stored, and its questions."""

    state: str
    error_code: str | None
    reason: str | None
    created_at: int
    updated_at: int
    expires_at: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.state in {"succeeded", "failed"}

    @property
    def unknown(self) -> int:
        return sum(one.charge == "unknown" for one in self.asked)


class Database:
    """A server's database, looked at from outside: in a folder, or at a `postgresql://` URL."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self._path = folder / "padan.db"
        self._url = url

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        if self._url is not None:
            return sql(self._url, query)
        with closing(sqlite3.connect(self._path, timeout=20)) as connection, connection:
            return connection.execute(query, values).fetchall()

    def sessions(self) -> dict[str, Row]:
        """Every session with its questions."""
        query = "SELECT id, state, error_code, reason, created_at, updated_at, expires_at FROM sessions"
        found = {_id(row[0]): Row(*row[1:]) for row in self._rows(query)}
        query = (
            "SELECT session_id, number, started_at, ended_at, outcome, charge, price FROM attempts"
            " ORDER BY session_id, number"
        )
        for row in self._rows(query):
            found[_id(row[0])].asked.append(Asked(*row[1:]))
        return found

    def unfinished(self) -> int:
        """How many sessions are not done."""
        query = "SELECT count(*) FROM sessions WHERE state NOT IN ('succeeded', 'failed')"
        return int(self._rows(query)[0][0])

    def counters(self) -> dict[tuple[str, str], int]:
        """Every counter by its name and period."""
        query = "SELECT name, period, number FROM counters"
        return {(name, period): n for name, period, n in self._rows(query)}

    def expire_after(self, profile: str, seconds: float) -> None:
        """Let a profile's new sessions end sooner than any may be told to."""
        query = "UPDATE profiles SET session_expiration = ? WHERE id = ? RETURNING 1"
        assert self._rows(query, int(seconds * 1000), UUID(profile).bytes)

    def rule(self, profile: str, **rules: Any) -> None:
        """Give a profile rules, by the names they are stored under."""
        query = "UPDATE profiles SET rules = ? WHERE id = ? RETURNING 1"
        assert self._rows(query, json.dumps(rules), UUID(profile).bytes)

    def wait_until_finished(self, seconds: float) -> bool:
        """Whether every session ends within that time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.unfinished():
                return True
            time.sleep(0.2)
        return not self.unfinished()


def _id(stored: bytes | UUID) -> str:
    return str(stored if isinstance(stored, UUID) else UUID(bytes=stored))


def counters_of(rows: Iterable[Row]) -> tuple[int, int]:
    """What quota and budget have to be: questions that are not known to be free, and their prices."""
    counted = [one.price for row in rows for one in row.asked if one.charge != "not_charged"]
    return len(counted), sum(counted)
