"""How a PostgreSQL database gets its schema, whoever starts or dies meanwhile; what its indexes are for."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.contracts.builders import a_session
from tests.contracts.conftest import Run
from tests.support.postgres import empty_database, new_database, sql

from padan.app.ports import StoreUnavailable
from padan.store.postgres import PostgresStore, examine_postgres, leases, open_postgres
from padan.store.postgres.feedback import FEEDBACK_DUE
from padan.store.postgres.link import Connection, open_connection, without_password
from padan.store.postgres.migrations import SCHEMA, latest_version
from padan.store.postgres.sessions import _FIND, _GET

NOBODY = "ARRAY['00000000-0000-0000-0000-0000000000ba'::uuid]"
ROOT = Path(__file__).parents[2]
OPEN = """
import asyncio, sys
from padan.store.postgres import open_postgres
async def main():
    print("begun", flush=True)
    store = await open_postgres(sys.argv[1])
    await store.close()
asyncio.run(main())
"""


@pytest.fixture
def url() -> str:
    return new_database()


def test_a_database_without_a_schema_is_named_with_the_remedy(run: Run, url: str) -> None:
    with pytest.raises(StoreUnavailable, match="padan migrate"):
        run(open_postgres(url, create=False))
    assert sql(url, "SELECT to_regclass('sessions') IS NULL") == [(True,)]


def test_a_server_that_is_not_there_is_refused_without_its_password(run: Run) -> None:
    with pytest.raises(StoreUnavailable, match="ConnectionRefusedError") as caught:
        run(open_postgres("postgresql://padan:canary@127.0.0.1:1/padan"))
    assert "canary" not in str(caught.value)
    shown = without_password(
        "postgresql://padan:canary@db-1:5432,db-2:5433/padan?target_session_attrs=primary"
    )
    assert shown == "postgresql://db-1:5432,db-2:5433/padan"


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(file.name[:4]) for file in SCHEMA.iterdir())
    assert numbers == list(range(1, latest_version() + 1))


def test_a_database_of_a_newer_version_is_refused(run: Run, url: str) -> None:
    run(run(open_postgres(url)).close())
    sql(url, "UPDATE padan_schema SET version = 9999 RETURNING version")
    with pytest.raises(StoreUnavailable, match="newer version"):
        run(open_postgres(url))


def test_processes_that_start_at_once_migrate_once(run: Run, url: str) -> None:
    command = [sys.executable, "-W", "error", "-c", OPEN, url]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    assert sql(url, "SELECT version FROM padan_schema") == [(latest_version(),)]


def test_a_migration_killed_at_any_moment_is_finished_by_the_next_start(run: Run) -> None:
    chance = random.Random(20261124)
    for _ in range(4):
        url = new_database()
        with subprocess.Popen([sys.executable, "-c", OPEN, url], cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.15))
            process.send_signal(signal.SIGKILL)
        store = run(open_postgres(url))
        run(store.add(a_session()))
        run(store.close())


def test_a_role_that_may_not_change_an_old_schema_is_told_who_may(run: Run, url: str) -> None:
    role = f"weak_{urlsplit(url).path[-8:]}"
    sql(url, f"CREATE TABLE padan_schema (version integer NOT NULL); CREATE ROLE {role} LOGIN; SELECT 1")
    sql(url, f"GRANT SELECT ON padan_schema TO {role}; SELECT 1")
    try:
        parts = urlsplit(url)
        weak = parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}").geturl()
        with pytest.raises(StoreUnavailable, match="owner of the tables"):
            run(open_postgres(weak))
    finally:
        sql(url, f"DROP OWNED BY {role}; DROP ROLE {role}; SELECT 1")


def test_the_doctor_is_told_of_a_role_that_sees_past_the_walls(run: Run) -> None:
    about, weaknesses = run(examine_postgres(empty_database()))
    assert about.startswith("PostgreSQL ")
    assert ("walls" in about) is bool(
        sql(empty_database(), "SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper")
    )
    assert weaknesses == []


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (leases.ANY_DUE.replace("$1", "'Test'").replace("$2", "5"), "sessions_before_at_work"),
        (leases.DUE.replace("$1", "'Test'").replace("$2", "5").replace("$3", "3"), "sessions_before_at_work"),
        (leases.OVERDUE.replace("$1", "5").replace("$2", "3"), "sessions_before_expiring"),
        (leases.TO_REDACT.replace("$1", "5").replace("$2", "3"), "sessions_before_to_redact"),
        (FEEDBACK_DUE.replace("$1", "5").replace("$2", "3"), "feedback_due"),
        (_FIND.replace("$1::uuid[]", NOBODY), "sessions_before_id"),
        (_GET.replace("$1", "gen_random_uuid()").replace("$2::uuid[]", NOBODY), "sessions_before_id"),
    ],
)
def test_what_is_looked_for_often_has_an_index_and_needs_no_full_sort(
    run: Run, *, query: str, index: str
) -> None:
    async def plan() -> list[str]:
        connection: Connection = await open_connection(empty_database_url)
        try:
            return [row[0] for row in await connection.fetch(f"EXPLAIN {query}")]
        finally:
            await connection.close()

    empty_database_url = empty_database()
    steps = "\n".join(run(plan()))
    assert index in steps
    assert "Seq Scan" not in steps
    assert "Sort  (" not in steps.replace("Incremental Sort", "")


def test_a_row_nobody_can_read_keeps_no_other_from_its_worker(run: Run) -> None:
    from padan.domain.environment import EnvironmentKind

    url = empty_database()
    store: PostgresStore = run(open_postgres(url))
    bad, good = a_session(provider="bad"), a_session()
    for session in (bad, good):
        run(store.add(session))
    sql(url, "UPDATE sessions SET missing = E'newer\\n' WHERE provider = 'bad' RETURNING 1")
    kind = EnvironmentKind.TEST
    taken = run(store.take_leases("worker", good.due_at, until=good.due_at + 1000, limit=10, kind=kind))
    assert [session.id for session in taken] == [good.id]
    later = max(good.expires_at, good.redact_at) + 1
    assert [session.id for session in run(store.overdue(later, limit=10))] == [good.id]
    with pytest.raises(ValueError, match="newer"):
        run(store.find(bad.id))
    assert run(store.find(good.id)) is not None
    run(store.close())
