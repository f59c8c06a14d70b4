"""An external sort: parts of a table become sorted runs on disk, and runs become one ascending stream.

A map that is filled in the order of its keys is written ten times as fast as one that is not, and sealed
keys have no order of their own. A record of a run is key, place and value in one: the place is where the row
stood, so that of two rows of one NIK the later one comes last. Records are in their stored form, sealed ones
sealed: a run gives away no more than the register.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from padan.app.ports.registers import Packed
from padan.register.forms import Form
from padan.register.rows import Fault
from padan.register.sources import Part

RUN_FORMAT: Final = 2
"""Goes up with every change of how runs lie or of how a row is read: none goes on with runs of another."""
_BLOCK: Final = 2048
"""Records that are read from a run at once. Every run of a merge has one block in memory."""
_LENGTH: Final = 4
_PART_BYTES, _ROW_BYTES = 3, 4
PLACE: Final = _PART_BYTES + _ROW_BYTES
_MOST_REFUSALS: Final = 100_000
"""Rows of one part that are told one by one; beyond, they are counted."""

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[bytes]).decode
_REFUSALS: Final = msgspec.msgpack.Decoder(list[tuple[int, str, str]])


@dataclass(frozen=True, slots=True)
class Run:
    """A part that was read: how many rows and people it had, how many rows were refused and for what.

    `sizes` are those of its files, in bytes: they tell a run that is not what it was.
    """

    part: int
    rows: int
    people: int
    refused: int
    reasons: dict[str, int] = field(default_factory=dict)
    sizes: tuple[int, ...] = ()


def run_path(folder: Path, part: int) -> Path:
    """Where a part's records lie."""
    return folder / f"{part:06}.run"


def refusals_path(folder: Path, part: int) -> Path:
    """Where a part's refused rows lie."""
    return folder / f"{part:06}.refused"


def sizes_of(folder: Path, part: int) -> tuple[int, ...]:
    """The bytes of a part's files; shorter where one is not there."""
    paths = (run_path(folder, part), refusals_path(folder, part))
    return tuple(path.stat().st_size for path in paths if path.exists())


def make_run(part: Part, number: int, *, form: Form, folder: Path) -> Run:
    """Read a part, sort it, and write it durably. Raises SourceRefused and OSError."""
    refused: list[tuple[int, str, str]] = []
    reasons: Counter[str] = Counter()
    count = 0

    def refuse(row: int, faults: Sequence[Fault]) -> None:
        nonlocal count
        count += 1
        reasons.update(fault.code for fault in faults)
        if count <= _MOST_REFUSALS:
            refused.extend((row, fault.field, fault.code) for fault in faults)

    key, close, first = form.key, form.close, number << (8 * _ROW_BYTES)
    records = [
        key(nik) + (first + row).to_bytes(PLACE, "big") + close(nik, body)
        for row, nik, body in part.people(refuse)
    ]
    records.sort()
    _write(refusals_path(folder, number), [_encode(refused)])
    blocks = (_encode(records[start : start + _BLOCK]) for start in range(0, len(records), _BLOCK))
    _write(run_path(folder, number), blocks)
    sizes = sizes_of(folder, number)
    return Run(number, part.rows(), len(records), count, dict(reasons), sizes)


def refusals(folder: Path, part: int) -> list[tuple[int, str, str]]:
    """The rows of a part that were refused: row within the part, field, code."""
    return _REFUSALS.decode(refusals_path(folder, part).read_bytes()[_LENGTH:])


def merge(paths: Sequence[Path]) -> Iterator[list[bytes]]:
    """All records of sorted runs, ascending, in batches.

    In each round every run has a block at hand. The smallest of their last records is a bound: what is not
    above it can be given out: whatever is still on disk is above it. Sorting these slices is a merge in
    C, for the sort finds that they ascend already.
    """
    heads = [head for head in map(_Head, paths) if head.fill()]
    try:
        while heads:
            bound = min(head.block[-1] for head in heads)
            batch: list[bytes] = []
            for head in heads:
                batch += head.up_to(bound)
            batch.sort()
            yield batch
            heads = [head for head in heads if head.fill()]
    finally:
        for head in heads:
            head.close()


def latest(
    batches: Iterable[list[bytes]], key_size: int, *, repeated: Callable[[int, int], None]
) -> Iterator[list[Packed]]:
    """Key and value of each record; of several under one key the last.

    `repeated` is told part and row of each one that does not count.
    """
    body = key_size + PLACE
    waiting: bytes | None = None
    for batch in batches:
        if waiting is not None:
            batch.insert(0, waiting)
        waiting = batch.pop()
        people = {record[:key_size]: record[body:] for record in batch}
        people.pop(waiting[:key_size], None)
        if len(people) != len(batch):
            _tell_repeated([*batch, waiting], key_size, repeated=repeated)
        yield list(people.items())
    if waiting is not None:
        yield [(waiting[:key_size], waiting[body:])]


def _tell_repeated(records: list[bytes], key_size: int, *, repeated: Callable[[int, int], None]) -> None:
    for record, after in pairwise(records):
        if record[:key_size] == after[:key_size]:
            place = int.from_bytes(record[key_size : key_size + PLACE], "big")
            repeated(place >> (8 * _ROW_BYTES), place & ((1 << (8 * _ROW_BYTES)) - 1))


class _Head:
    """A run as far as it was read: one block, and where in it the rest begins."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._begin = 0
        self.block: list[bytes] = []

    def fill(self) -> bool:
        """Have a record at hand; False where the run has ended."""
        if self._begin < len(self.block):
            return True
        # Opened for each block: a nation has more runs than a process may have open files.
        with self._path.open("rb") as file:
            file.seek(self._offset)
            size = int.from_bytes(file.read(_LENGTH), "big")
            if not size:
                self.block = []
                return False
            self.block = _decode(file.read(size))
            self._offset = file.tell()
        self._begin = 0
        return True

    def up_to(self, bound: bytes) -> list[bytes]:
        """The records at hand that are not above the bound; they are no longer at hand then."""
        end = bisect_right(self.block, bound, self._begin)
        taken = self.block[self._begin : end]
        self._begin = end
        return taken

    def close(self) -> None:
        """Forget the block."""
        self.block = []


def _write(path: Path, blocks: Iterable[bytes]) -> None:
    """Write blocks with their lengths aside, durably, then put the file in place."""
    aside = path.with_suffix(path.suffix + ".new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    with os.fdopen(os.open(aside, flags, 0o600), "wb") as file:
        for block in blocks:
            file.write(len(block).to_bytes(_LENGTH, "big") + block)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
