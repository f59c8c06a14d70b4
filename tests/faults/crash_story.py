"""The lives of servers over one database, each killed at a random moment, and what has to be true of them."""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
import sqlite3
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.faults.session_cases import person_of
from tests.support.faulty_registry import FaultyRegistry
from tests.support.nursery import Child, Nursery
from tests.support.postgres import sql
from tests.support.relying_party import Database, RelyingParty, Row, counters_of

AT_ONCE = 8
LONGEST_LIFE_S, LONGEST_START_S = 0.5, 0.15
KILLED_AT_START = 0.1
"""The share of lives that are ended before they are ready, if they are not quick."""
FINISHED_WITHIN_S = 120.0
DEADLINE_S = 1
# A question that was written down is counted in the same transaction, and counted back when it was free.
COUNTED = """
    SELECT (SELECT count(*) FROM attempts WHERE charge <> 'not_charged'),
        (SELECT coalesce(sum(number), 0) FROM counters WHERE name LIKE 'quota %')
"""


@dataclass
class Report:
    """What was done and what is wrong with it."""

    kills: int = 0
    killed_at_start: int = 0
    acknowledged: int = 0
    sessions: int = 0
    paid: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    charges: Counter[str] = field(default_factory=Counter)
    most_asked: dict[int, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The report in words."""
        return "\n".join(
            [
                f"{self.kills} kills ({self.killed_at_start} before the server was ready)",
                f"{self.acknowledged} acknowledged sessions of {self.sessions}, {len(self.lost)} lost",
                f"{self.paid} questions came to the registry; the ledger has {dict(self.charges)}",
                f"asked at most, by policy: {self.most_asked}; ended: {dict(self.endings)}",
                *(f"WRONG: {wrong}" for wrong in self.wrong[:20]),
            ]
        )


class People:
    """Synthetic people, none of them twice: the registry's count of questions is by their NIK."""

    def __init__(self) -> None:
        self._given = set[str]()
        self._lock = threading.Lock()

    def from_(self, first: int) -> Iterator[dict[str, str]]:
        """Those from an index on."""
        for index in itertools.count(first):
            person = person_of("match", index)
            with self._lock:
                known = person["nikIdNumber"] in self._given
                self._given.add(person["nikIdNumber"])
            if not known:
                yield person


@dataclass
class Story:
    """One database. `policy`: questions of unknown charge after which a session fails."""

    folder: Path
    url: str | None
    nursery: Nursery
    registry: FaultyRegistry
    policy: int
    people: Iterator[dict[str, str]]
    draw: random.Random
    report: Report
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Of every acknowledged session: results access key and NIK."""
    sent: set[str] = field(default_factory=set)
    """The NIK of every session that was asked for."""

    @property
    def environment(self) -> dict[str, str]:
        told = {
            "PADAN_DUKCAPIL_URL": self.registry.url,
            "PADAN_DUKCAPIL_DEADLINE": str(DEADLINE_S),
            "PADAN_DUKCAPIL_MOST_UNKNOWN_CHARGES": str(self.policy),
        }
        return told if self.url is None else {**told, "PADAN_DATABASE": self.url}

    @property
    def database(self) -> Database:
        return Database(self.folder, self.url)

    def start(self, *, within: float = 60.0) -> Child | None:
        """A server over this database."""
        return self.nursery.start("--data", str(self.folder), environment=self.environment, within=within)

    def is_wrong(self, what: str) -> None:
        self.report.wrong.append(f"{'PostgreSQL' if self.url else 'SQLite'}, policy {self.policy}: {what}")


async def create_until_dead(story: Story, party: RelyingParty) -> None:
    """Create sessions until the connection breaks; what was answered is acknowledged."""
    while True:
        person = next(story.people)
        story.sent.add(person["nikIdNumber"])
        try:
            status, told = await party.create(person)
        except (aiohttp.ClientError, OSError, ValueError):
            # Refused, cut off, or cut off in the middle of the answer: not acknowledged.
            return
        if status == 200:
            key = told["resultCollection"]["resultsAccessKey"]
            story.keys[told["sessionId"]] = (key, person["nikIdNumber"])
        await asyncio.sleep(story.draw.uniform(0.0, 0.04))


async def load_and_kill(story: Story, server: Child, *, after: float) -> None:
    """Load a server, and kill it under that load."""
    async with RelyingParty(server) as party:
        loading = [asyncio.create_task(create_until_dead(story, party)) for _ in range(AT_ONCE)]
        await asyncio.sleep(after)
        await asyncio.to_thread(story.nursery.kill, server)
        await asyncio.gather(*loading)


def one_life(story: Story) -> None:
    """From a start to a kill, and a look at what it left."""
    early = story.draw.random() < KILLED_AT_START
    moment = story.draw.uniform(0.0, LONGEST_LIFE_S)
    within = story.draw.uniform(0.0, LONGEST_START_S) if early else 60.0
    server = story.start(within=within)
    if server is not None:
        asyncio.run(load_and_kill(story, server, after=moment))
    elif early:
        story.report.killed_at_start += 1
    else:
        story.is_wrong("a server did not start over what the one before had left")
    story.report.kills += 1
    told = left_behind(story)
    if told != "ok":
        story.is_wrong(f"after a kill: {told}")


def left_behind(story: Story) -> str:
    """What the database says of itself; `ok`, or what is wrong."""
    if story.url is not None:
        (there,) = sql(story.url, "SELECT to_regclass('attempts') IS NOT NULL")[0]
        return judge_count(sql(story.url, COUNTED)[0]) if there else "ok"
    if not (story.folder / "padan.db").exists():
        return "ok"
    with tempfile.TemporaryDirectory(prefix="padan-copy-") as text:
        # To open the file itself would mend it, and take the next server's recovery from it.
        for file in story.folder.glob("padan.db*"):
            if file.name in {"padan.db", "padan.db-wal"}:
                shutil.copy(file, text)
        with closing(sqlite3.connect(Path(text) / "padan.db")) as connection:
            told = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
            if told != "ok" or not connection.execute("SELECT 1 FROM sqlite_master").fetchall():
                return told
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'counters'").fetchall():
                return "ok"
            return judge_count(connection.execute(COUNTED).fetchone())


def judge_count(row: tuple[Any, ...]) -> str:
    asked, counted = row
    return "ok" if asked == counted else f"{asked} questions in the ledger, {counted} counted"


async def read_results(story: Story, server: Child, rows: dict[str, Row]) -> None:
    """Ask for every acknowledged session's result, as its relying party does."""
    waiting = list(story.keys.items())

    async def some(party: RelyingParty) -> None:
        while waiting:
            session_id, (key, nik) = waiting.pop()
            if session_id not in rows:
                story.report.lost.append(session_id)
                continue
            told = await party.results(session_id, key)
            hold_result(story, rows[session_id], told, nik=nik)

    async with RelyingParty(server) as party:
        await asyncio.gather(*(some(party) for _ in range(AT_ONCE)))


def hold_result(story: Story, row: Row, told: dict[str, Any], *, nik: str) -> None:
    """A success with the person's own result, or an end that the policy and the ledger explain."""
    story.report.endings[f"{row.state}: {row.reason or row.error_code or 'a result'}"] += 1
    if row.state == "succeeded":
        match = told["identityData"]["match"] if told["session"]["success"] else {}
        if not match or not match["fullName"]["booleanValue"] or nik not in str(told["identityData"]):
            story.is_wrong("a success whose result is not its person's")
        if [one.charge for one in row.asked].count("charged") != 1:
            story.is_wrong("a success that was not paid once")
    elif (row.reason, row.unknown) != ("too_many_unknown_charges", story.policy):
        story.is_wrong(f"a session ended in {row.error_code}, {row.reason}, {row.unknown} unknown")


def hold_questions(story: Story, rows: dict[str, Row]) -> None:
    """The simulator's count of questions, session by session, against the ledger."""
    by_nik = story.registry.asked()
    for session_id, (_, nik) in story.keys.items():
        row = rows.get(session_id)
        if row is None:
            continue
        paid, known = by_nik.get(nik, 0), sum(one.charge == "charged" for one in row.asked)
        story.report.most_asked[story.policy] = max(story.report.most_asked.get(story.policy, 0), paid)
        if not known <= paid <= known + row.unknown:
            story.is_wrong(f"asked {paid} times; the ledger has {known} charged, {row.unknown} unknown")
        if paid > 1 + row.unknown or paid > story.policy:
            story.is_wrong(f"asked {paid} times, {row.unknown} of unknown charge")
    asked = sum(by_nik.get(nik, 0) for nik in story.sent)
    told = Counter(one.charge for row in rows.values() for one in row.asked)
    if not told["charged"] <= asked <= told["charged"] + told["unknown"]:
        story.is_wrong(f"the registry was asked {asked} times, the ledger has {dict(told)}")
    if any(by_nik.get(nik, 0) > story.policy for nik in story.sent):
        story.is_wrong("somebody was asked about more often than the policy allows")
    story.report.paid += asked
    story.report.charges.update(told)


def the_end(story: Story) -> None:
    """A last life that is not killed before everything is done, and all that has to be true then."""
    server = story.start()
    if server is None:
        story.is_wrong("the last server did not start")
        return
    database = story.database
    if not database.wait_until_finished(FINISHED_WITHIN_S):
        story.is_wrong(f"{database.unfinished()} sessions do not end")
    rows = database.sessions()
    asyncio.run(read_results(story, server, rows))
    hold_questions(story, rows)
    counters = database.counters()
    counted = tuple(
        sum(number for (name, _), number in counters.items() if name.startswith(kind))
        for kind in ("quota", "budget")
    )
    if counted != counters_of(rows.values()):
        story.is_wrong(f"counters say {counted}, the ledger {counters_of(rows.values())}")
    if story.nursery.stop(server) != 0:
        story.is_wrong("the last server did not stop in order")
    story.report.acknowledged += len(story.keys)
    story.report.sessions += len(rows)
    if left_behind(story) != "ok":
        story.is_wrong(f"at the end: {left_behind(story)}")
