"""The register as files: what readers that are idle or dead, and files that are damaged, do to it."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from padan.app.ports.registers import Packed, RegisterUnavailable
from padan.register import LmdbRegister, Plain
from tests.register.people import nik_of

T = TypeVar("T")
PEOPLE = 20_000
FORM = Plain()

READER = """
import asyncio, sys
from pathlib import Path
from padan.register import LmdbRegister, Plain
register = LmdbRegister(Path(sys.argv[1]), Plain())
assert asyncio.run(register.look(sys.argv[2])) is not None
print("asked", flush=True)
sys.stdin.read()
"""
READING = """
import lmdb, sys
transaction = lmdb.open(sys.argv[1], subdir=False, map_size=1 << 37, max_readers=1024).begin()
print("asked", flush=True)
sys.stdin.read()
"""
CROWD = """
import lmdb, sys
crowd = lmdb.open(sys.argv[1], subdir=False, map_size=1 << 37, max_readers=1024)
reading = [crowd.begin() for _ in range(1024)]
print("asked", flush=True)
sys.stdin.read()
"""


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def everybody(name: bytes) -> list[Packed]:
    return [(FORM.key(nik_of(number)), b"\x0b\x1a\x10" + name) for number in range(PEOPLE)]


@pytest.fixture
def register(tmp_path: Path) -> Iterator[LmdbRegister]:
    opened = LmdbRegister(tmp_path, FORM)
    run(opened.replace([everybody(b"BEFORE")], source="test", loaded_at=1))
    yield opened
    run(opened.close())


def reader(script: str, *words: str) -> subprocess.Popen[str]:
    started = subprocess.Popen(
        [sys.executable, "-c", script, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "asked\n"
    return started


def grown(register: LmdbRegister) -> float:
    """How many times its size the file has after ten updates of everybody."""
    before = run(register.version()).stored_bytes
    for turn in range(10):
        run(register.update(everybody(b"TURN %02d" % turn)))
    return run(register.version()).stored_bytes / before


def test_an_idle_reader_does_not_make_the_file_grow(register: LmdbRegister) -> None:
    with reader(READER, str(register.folder), nik_of(1)) as idle:
        assert grown(register) < 4
        idle.communicate()


def test_a_reader_that_was_killed_does_not_make_the_file_grow(register: LmdbRegister) -> None:
    (file,) = register.folder.glob("*.lmdb")
    run(register.count())
    with reader(READING, str(file)) as killed:
        killed.kill()
    assert grown(register) < 4


@pytest.mark.parametrize("left", [0, 5_000, 100_000, 0.5, -4096, -1])
def test_a_file_that_was_cut_is_damaged(register: LmdbRegister, left: float) -> None:
    run(register.close())
    (file,) = register.folder.glob("*.lmdb")
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.truncate(int(size * left) if 0 < left < 1 else int(left) % size)
    asked = subprocess.run(
        [sys.executable, "-c", READER, str(register.folder), nik_of(PEOPLE - 1)],
        capture_output=True,
        text=True,
        input="",
        check=False,
    )
    assert asked.returncode == 1, asked
    assert "RegisterDamaged" in asked.stderr
    assert "load the register again" in asked.stderr


def test_changes_of_all_kinds_leave_a_file_that_is_whole(register: LmdbRegister) -> None:
    draw = random.Random(7)
    numbers = list(range(PEOPLE))
    for _ in range(60):
        some = draw.sample(numbers, draw.choice([1, 30, 3000]))
        run(register.remove([nik_of(number) for number in some]))
        size = draw.choice([b"x", b"y" * 150])
        run(register.update([(FORM.key(nik_of(number)), b"\x0b\x1a\x10" + size) for number in some[::2]]))
        run(register.close())
        assert run(register.count()) > 0


def test_a_list_of_readers_that_is_full_is_told(register: LmdbRegister) -> None:
    run(register.close())
    (file,) = register.folder.glob("*.lmdb")
    with reader(CROWD, str(file)) as crowd:
        with pytest.raises(RegisterUnavailable, match="maxreaders"):
            run(register.look(nik_of(1)))
        crowd.communicate()
    assert run(register.look(nik_of(1))) is not None


@pytest.mark.parametrize("how", ["garbage", "another version"])
def test_a_load_over_a_note_that_is_not_readable_keeps_the_people_until_it_is_whole(
    register: LmdbRegister, how: str
) -> None:
    note = register.folder / "register.json"
    before = note.read_bytes()
    note.write_bytes(b"{" if how == "garbage" else before.replace(b'"format":1', b'"format":9'))

    def breaks() -> Iterator[list[Packed]]:
        yield everybody(b"AFTER")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(register.replace(breaks(), source="test", loaded_at=2))
    assert len(list(register.folder.glob("*.lmdb"))) == 1
    note.write_bytes(before)
    assert run(register.count()) == PEOPLE
    note.write_bytes(b"{")
    assert run(register.replace([everybody(b"AFTER")[:9]], source="test", loaded_at=3)) == 9
    assert len(list(register.folder.glob("*.lmdb"))) == 1


def test_a_note_that_cannot_be_read_now_costs_nobody(
    register: LmdbRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Path) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "read_bytes", fails)
        with pytest.raises(RegisterUnavailable, match="Input/output error"):
            run(register.replace([everybody(b"AFTER")], source="test", loaded_at=2))
    assert run(register.count()) == PEOPLE
