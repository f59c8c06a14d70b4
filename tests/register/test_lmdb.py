"""The register as files: what readers that are idle or dead, and files that are damaged, do to it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from padan.app.ports.registers import Packed
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
