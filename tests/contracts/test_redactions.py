"""What is written down of redactions, whatever becomes of the database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.contracts.builders import a_session, fresh_id
from tests.contracts.conftest import Run, Store

from padan.app.ports import Redactions, StoreUnavailable
from padan.app.restore import replay
from padan.store.redactions import FileRedactions, MemoryRedactions, read_redactions

A_DAY = 86_400_000
NOW = 1_795_000_000_000


def notes(folder: Path, writer: str = "one") -> FileRedactions:
    return FileRedactions(folder, writer=writer, keep_days=30)


def test_both_have_the_shape_of_the_port(tmp_path: Path) -> None:
    as_ports: list[Redactions] = [MemoryRedactions(), notes(tmp_path / "redactions")]
    assert len(as_ports) == 2


def test_what_several_processes_noted_is_read_back_and_is_private(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "redactions"
    one, other = notes(folder), notes(folder, "other")
    ids = [fresh_id() for _ in range(40)]

    async def both() -> None:
        await asyncio.gather(*((one, other)[n % 2].note(id_, NOW + n) for n, id_ in enumerate(ids)))

    run(both())
    assert read_redactions([folder]) == {id_: NOW + n for n, id_ in enumerate(ids)}
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_line_that_was_cut_off_hides_no_other(run: Run, tmp_path: Path) -> None:
    first, second = fresh_id(), fresh_id()
    run(notes(tmp_path).note(first, NOW))
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text() + f"{second} 17")
    run(notes(tmp_path, "next").note(second, NOW + 1))
    assert read_redactions([tmp_path])[first] == NOW
    file.write_text(file.read_text()[:-5] + "x")
    assert read_redactions([tmp_path]) == {first: NOW, second: NOW + 1}


def test_what_no_backup_can_bring_back_any_more_is_removed(run: Run, tmp_path: Path) -> None:
    old, kept, new = fresh_id(), fresh_id(), fresh_id()
    run(notes(tmp_path).note(old, NOW - 31 * A_DAY))
    run(notes(tmp_path).note(kept, NOW - 30 * A_DAY))
    (tmp_path / "of-somebody-else").write_text("x")
    run(notes(tmp_path, "other").note(new, NOW))
    assert set(read_redactions([tmp_path])) == {kept, new}
    assert (tmp_path / "of-somebody-else").exists()


def test_a_redaction_that_cannot_be_written_down_is_refused(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "redactions"
    log = notes(folder)
    folder.rmdir()
    with pytest.raises(StoreUnavailable, match="written down"):
        run(log.note(fresh_id(), NOW))


def test_a_replay_redacts_what_is_noted_and_what_is_due_and_nothing_else(run: Run, store: Store) -> None:
    asked, due, whole = a_session(), a_session(redact_at=500), a_session(redact_at=90_000)
    for session in (asked, due, whole):
        run(store.add(session))
    noted = {asked.id: 700, fresh_id(): 800}
    assert run(replay(store, noted, clock=lambda: 1_000)) == (1, 1)
    assert run(store.find(asked.id)).redacted_at == 700
    assert run(store.find(due.id)).redacted_at == 1_000
    assert run(store.find(asked.id)).salt is None
    assert run(store.find(whole.id)) == whole
    assert run(replay(store, noted, clock=lambda: 1_000)) == (0, 0)
