"""The file itself: who may read it, what is left of what was erased, how it is migrated and searched."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.contracts.builders import BANK, a_feedback, a_session
from tests.contracts.conftest import Run

from padan.app.ports import SessionOrder, StoreUnavailable
from padan.domain.environment import EnvironmentKind
from padan.domain.feedback import FeedbackState, delivered
from padan.domain.session import Lease, Session, asking, redacted, succeeded
from padan.store import migrations
from padan.store.sqlite import SqliteStore, open_sqlite
from padan.store.sqlite_feedback import FEEDBACK_DUE, FREE_FEEDBACK
from padan.store.sqlite_ledger import COSTS
from padan.store.sqlite_sessions import _ANY_DUE, _DUE, _OVERDUE, _PROFILES_AT_WORK, _TO_REDACT, _page_query

TEST = EnvironmentKind.TEST

ROOT = Path(__file__).parents[2]


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def modes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_its_owner_can_read_a_new_database(run: Run, tmp_path: Path, umask: int) -> None:
    path = tmp_path / "var" / "padan.db"
    before = os.umask(umask)
    try:
        store = open_sqlite(path)
        run(store.add(a_session()))
    finally:
        os.umask(before)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    found = modes(path.parent)
    assert {found["padan.db"], found["padan.db-wal"], found["padan.db-shm"]} == {0o600}
    run(store.close())


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "q?mode=ro.db", "h#1.db", "%2e.db", "ñ.db"])
def test_any_name_of_a_file_is_taken_as_it_stands(run: Run, tmp_path: Path, name: str) -> None:
    store = open_sqlite(tmp_path / name)
    run(store.close())
    assert set(modes(tmp_path)) == {name, name + ".migration"}


def test_a_missing_database_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="padan migrate"):
        open_sqlite(tmp_path / "none.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"plain text, long enough to be looked at as a header of a database" * 20)
    with pytest.raises(StoreUnavailable, match="SQLITE_NOTADB"):
        open_sqlite(path)


def test_a_path_that_cannot_be_made_is_refused(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(StoreUnavailable, match=r"NotADirectoryError|FileExistsError"):
        open_sqlite(path / "below" / "padan.db")


def test_an_erased_claim_is_nowhere_in_the_files(run: Run, store: SqliteStore, path: Path) -> None:
    session = a_session(sealed_claim=b"CLAIM-MARKER", redirect_url="https://URL-MARKER.example")
    asked = asking(session, now=1_500, lease=Lease("worker", 5_000))
    done = succeeded(asked, now=1_600, sealed_result=b"RESULT-MARKER")
    run(store.add(session))
    assert b"CLAIM-MARKER" in everything_in(path.parent)
    run(store.change(session, asked))
    run(store.change(asked, done))
    run(store.scrub())
    assert b"CLAIM-MARKER" not in everything_in(path.parent)
    assert b"RESULT-MARKER" in everything_in(path.parent)
    run(store.change(done, redacted(done, now=20_000)))
    run(store.scrub())
    assert b"-MARKER" not in everything_in(path.parent)


def test_nothing_erased_is_left_in_pages_that_were_split(run: Run, store: SqliteStore, path: Path) -> None:
    """Contents that grow and shrink in random order make an ordinary table leave copies in its pages."""
    chance = random.Random(20261123)

    async def live(number: int) -> Session:
        new = a_session(salt=None, public_key=None, sealed_claim=b"MARKER" * chance.randrange(20, 40))
        asked = asking(new, now=1_500, lease=Lease("worker", 5_000))
        done = succeeded(asked, now=1_600, sealed_result=b"MARKER" * chance.randrange(60, 250))
        await store.add(new)
        await store.change(new, asked)
        await store.change(asked, done)
        return done

    async def redact(done: Session) -> None:
        await store.change(done, redacted(done, now=20_000))

    async def crowd() -> None:
        ended = []
        for _ in range(20):
            ended += await asyncio.gather(*map(live, range(30)))
        chance.shuffle(ended)
        await asyncio.gather(*map(redact, ended))
        await store.scrub()

    run(crowd())
    assert everything_in(path.parent).count(b"MARKER") == 0
    with closing(sqlite3.connect(path)) as connection:
        lengths = {row[0] for row in connection.execute("SELECT length(packed) FROM contents")}
    assert {length % 256 for length in lengths} == {0}


@pytest.mark.parametrize("ending", ["delivered", "redacted"])
def test_what_was_owed_is_nowhere_in_the_files_once_it_is_done_with(
    run: Run, store: SqliteStore, path: Path, *, ending: str
) -> None:
    ended = []
    for _ in range(40):
        session = a_session(salt=None, public_key=None, sealed_claim=None)
        asked = asking(session, now=1_500, lease=Lease("worker", 5_000))
        done = succeeded(asked, now=1_600, sealed_result=b"result")
        owed = a_feedback(session, sealed=b"OWED-MARKER" * 30)
        run(store.add(session))
        run(store.change(session, asked))
        run(store.change(asked, done, feedback=owed))
        ended.append(done)
    assert b"OWED-MARKER" in everything_in(path.parent)
    for taken in run(store.take_feedback("courier", 2_000, until=3_000, limit=100)):
        if ending == "delivered":
            run(store.change_feedback(taken, delivered(taken, now=2_500, state=FeedbackState.SENT)))
    for done in ended if ending == "redacted" else ():
        run(store.change(done, redacted(done, now=20_000)))
    run(store.scrub())
    assert everything_in(path.parent).count(b"OWED-MARKER") == 0
    with closing(sqlite3.connect(path)) as connection:
        lengths = {row[0] for row in connection.execute("SELECT length(packed) FROM contents")}
    assert {length % 256 for length in lengths} == {0}


def test_scrubbing_under_another_readers_eyes_says_that_it_failed(
    run: Run, store: SqliteStore, path: Path
) -> None:
    run(store.add(a_session()))
    store._writer.patience = 0.02
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sessions").fetchall()
        run(store.add(a_session()))
        with pytest.raises(StoreUnavailable, match="try again"):
            run(store.scrub())
        reader.execute("COMMIT")
    run(store.scrub())
    assert path.with_name(path.name + "-wal").stat().st_size == 0


def test_the_database_waits_for_the_disk_and_wipes_what_it_frees(run: Run, store: SqliteStore) -> None:
    def pragmas(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "temp_store")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert run(store._writer.run(pragmas, in_transaction=False)) == ["wal", 2, 1, 1, 2]


def test_each_migration_sets_the_version_that_its_number_says() -> None:
    for file in migrations.SCHEMA.glob("*.sql"):
        number = int(file.name.split(".")[0]) - (".rollback." in file.name)
        assert file.read_text().rstrip().endswith(f"PRAGMA user_version = {number};")
    assert migrations.latest_version() == len(list(migrations.SCHEMA.glob("????.*.rollback.sql")))


def test_a_migrated_store_opens_without_the_migrator(run: Run, path: Path) -> None:
    run(open_sqlite(path).close())
    code = f"""
import sys
import time
from pathlib import Path
from padan.store.sqlite import open_sqlite
open_sqlite(Path({str(path)!r}))
print("yoyo" in sys.modules)
"""
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT) == b"False\n"


def test_a_database_of_a_newer_version_is_refused(run: Run, path: Path) -> None:
    run(open_sqlite(path).close())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    with pytest.raises(StoreUnavailable, match="newer version"):
        open_sqlite(path)


def test_processes_that_start_at_once_migrate_once(run: Run, path: Path) -> None:
    code = "import sys; from pathlib import Path; from padan.store.sqlite import open_sqlite;"
    code += "open_sqlite(Path(sys.argv[1]))"
    command = [sys.executable, "-W", "error", "-c", code, str(path)]
    processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    with closing(sqlite3.connect(path)) as connection:
        noted = connection.execute(
            "SELECT migration_id FROM _yoyo_migration ORDER BY migration_id"
        ).fetchall()
    files = sorted(migrations.SCHEMA.glob("*.sql"))
    assert noted == [(file.stem,) for file in files if ".rollback" not in file.name]


def test_a_migration_killed_at_any_moment_is_finished_by_the_next_start(run: Run, tmp_path: Path) -> None:
    code = "import sys, yoyo; from pathlib import Path; from padan.store.sqlite import open_sqlite;"
    code += "print(flush=True); open_sqlite(Path(sys.argv[1]))"
    for round_ in range(8):
        path = tmp_path / f"{round_}.db"
        command = [sys.executable, "-c", code, str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(round_ * 0.005)
            process.send_signal(signal.SIGKILL)
        store = open_sqlite(path)
        run(store.add(a_session()))
        run(store.close())


def test_a_lock_left_by_a_dead_migrator_stops_nobody(run: Run, path: Path) -> None:
    run(open_sqlite(path).close())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")
        connection.execute("DELETE FROM _yoyo_migration")
        for table in (
            "feedback",
            "past_attempts",
            "lines",
            "activations",
            "answers",
            "counters",
            "guesses",
            "receipts",
            "redirect_uris",
            "profiles",
            "tokens",
            "environments",
            "attempts",
            "sessions",
            "contents",
            "directory_version",
        ):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, '2026-01-01T00:00:00', 1)")
        connection.commit()
    run(open_sqlite(path).close())


def test_a_migration_can_be_rolled_back_and_run_again(run: Run, path: Path) -> None:
    from yoyo import get_backend, read_migrations

    run(open_sqlite(path).close())
    backend = get_backend(f"sqlite:///{path}")
    with closing(backend.connection), backend:
        known = read_migrations(str(migrations.SCHEMA))
        backend.rollback_migrations(backend.to_rollback(known))
    assert migrations.version(path) == 0
    run(open_sqlite(path).close())
    assert migrations.version(path) == migrations.latest_version()


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (_ANY_DUE, "sessions_at_work"),
        (_DUE, "sessions_at_work"),
        (_PROFILES_AT_WORK, "sessions_at_work"),
        (_OVERDUE, "sessions_expiring"),
        (_TO_REDACT, "sessions_to_redact"),
        (FEEDBACK_DUE, "feedback_due"),
        (_page_query(SessionOrder.CREATED, True), "sessions_of_profile"),
    ],
)
def test_what_is_looked_for_often_has_an_index_and_needs_no_full_sort(
    store: SqliteStore, path: Path, *, query: str, index: str
) -> None:
    values = {"now": 5, "limit": 3, "kind": "Test", "profile_id": b"p"}
    parameters = values if ":" in query else (b"e", b"p", 3, 0)
    with closing(sqlite3.connect(path)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", parameters)]
    assert any(f"INDEX {index}" in step for step in plan)
    assert not any(
        (step.startswith("SCAN") and step != "SCAN at_work") or step == "USE TEMP B-TREE FOR ORDER BY"
        for step in plan
    )


def test_one_month_of_the_ledger_is_found_by_its_index_and_nothing_is_read_whole(
    store: SqliteStore, path: Path
) -> None:
    values = {"since": 5, "until": 6, "profile_id": None}
    with closing(sqlite3.connect(path)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {COSTS}", values)]
    for table in ("attempts", "past_attempts"):
        assert f"SEARCH a USING INDEX {table}_of_time (started_at>? AND started_at<?)" in plan
    assert [step for step in plan if step.startswith("SCAN")] == ["SCAN (subquery-6)"]


def test_a_start_reads_only_the_entries_that_wait(store: SqliteStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        plan = [
            row[3]
            for row in connection.execute(f"EXPLAIN QUERY PLAN {FREE_FEEDBACK}", {"now": 5, "owner": None})
        ]
    assert plan == ["SCAN feedback USING INDEX feedback_due"]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE sessions SET missing = 'newer' || char(10) WHERE id = ?",
        "UPDATE contents SET packed = x'00' WHERE seq = (SELECT seq FROM sessions WHERE id = ?)",
    ],
)
def test_a_row_nobody_can_read_keeps_no_other_from_its_worker(run: Run, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "padan.db"
    store = open_sqlite(path)
    run(store.add_environment(BANK))
    bad, good = a_session(), a_session()
    for session in (bad, good):
        run(store.add(session))
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(damage, (bad.id.bytes,)).rowcount == 1
    now = good.due_at
    taken = run(store.take_leases("worker", now, until=now + 1000, limit=10, kind=TEST))
    assert [session.id for session in taken] == [good.id]
    later = max(good.expires_at, good.redact_at) + 1
    assert [session.id for session in run(store.overdue(later, limit=10))] == [good.id]
    assert [session.id for session in run(store.to_redact(later, limit=10))] == [good.id]
    run(store.close())
