"""A disk that is watched and told to fail, and what a power cut leaves of it.

`compiled()` is the library that stands between a process and its disk (`disk.c`). `read_log` reads what it
wrote down; a `Disk` that is fed with it knows at every moment what is certainly there and what is only on
its way, and `Disk.image` is the folder as it may be found after a power cut at that moment.

The model is the one SQLite states: a sector of 512 bytes is written whole or not at all; what was not synced
may be there or not, in any order; a file's length may be there without its contents; a name is certain once
its folder is synced. After a sync that failed, the pages concerned count as clean, as on Linux: later syncs
do not write them, unless they were written to again.
"""

from __future__ import annotations

import mmap
import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

SECTOR, PAGE = 512, 4096
FULL, READ_ONLY, SYNC_FAILS, WRITE_FAILS = 1, 2, 4, 8
ALWAYS = 0xFFFFFFFF
NO_COMPILER = "there is no C compiler: on Debian, 'apt install gcc libc6-dev'"
Survivors = Literal["none", "all", "sectors", "pages", "shuffled", "torn"]
SURVIVORS: tuple[Survivors, ...] = ("none", "all", "sectors", "pages", "shuffled", "torn")
"""What a power cut leaves of what was not synced: nothing, everything, any sectors, any pages, any writes
in any order, or the first writes and a part of the next."""

_RECORD = struct.Struct("<cxHIq")
_ORDERS = struct.Struct("<IIII")


def compiler() -> str | None:
    """The system's C compiler."""
    return shutil.which("cc") or shutil.which("gcc")


@cache
def compiled(folder: Path) -> Path:
    """The library, compiled into a folder."""
    library, source = folder / "disk.so", Path(__file__).with_name("disk.c")
    command = [compiler() or NO_COMPILER, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True)
    return library


class Orders:
    """What the disk of a running process is told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(_ORDERS.size))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _ORDERS.size)

    def fail(self, mode: int, *, skip: int = 0, times: int = ALWAYS) -> None:
        """Let so many calls of a kind fail, after `skip` more that succeed."""
        _ORDERS.pack_into(self._shared, 0, 0, skip, times, 0)
        _ORDERS.pack_into(self._shared, 0, mode, skip, times, 0)

    def mend(self) -> int:
        """Let everything succeed again; how often something failed."""
        hits: int = _ORDERS.unpack_from(self._shared)[3]
        _ORDERS.pack_into(self._shared, 0, 0, 0, 0, 0)
        return hits

    def close(self) -> None:
        self._shared.close()


def between(
    library: Path, root: Path, *, log: Path | None = None, orders: Path | None = None
) -> dict[str, str]:
    """The environment of a process whose disk is watched."""
    told = {"LD_PRELOAD": str(library), "DISK_ROOT": str(root)}
    if log is not None:
        told["DISK_LOG"] = str(log)
    return told if orders is None else {**told, "DISK_ORDERS": str(orders)}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing done to a file: (W)ritten, (T)runcated, (S)ynced, (F)ailed to sync, (C)reated, (U)nlinked."""

    kind: str
    name: str
    offset: int
    data: bytes = field(repr=False)


def read_log(path: Path) -> Iterator[Event]:
    """Everything that was written down, in order."""
    recorded, at = path.read_bytes(), 0
    while at + _RECORD.size <= len(recorded):
        kind, name, size, offset = _RECORD.unpack_from(recorded, at)
        at += _RECORD.size
        yield Event(
            kind.decode(), recorded[at : at + name].decode(), offset, recorded[at + name : at + name + size]
        )
        at += name + size


def _write(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def _cut(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


@dataclass
class _File:
    """A file: what is certainly on the disk, what processes see, and what happened since the last sync."""

    durable: bytearray = field(default_factory=bytearray)
    seen: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Offset and bytes of a write, or a length and None."""
    clean: set[int] = field(default_factory=set)
    """Pages that a failed sync left without their contents on the disk."""

    def write(self, offset: int, data: bytes) -> None:
        _write(self.seen, offset, data)
        first, last = offset // PAGE, (offset + len(data) - 1) // PAGE
        again = self.clean & set(range(first, last + 1))
        if again:
            # Whoever writes a part of a page has the whole of it written.
            self.clean -= again
            offset, end = min(offset, min(again) * PAGE), max(offset + len(data), (max(again) + 1) * PAGE)
            data = bytes(self.seen[offset:end])
        self.since.append((offset, data))

    def truncate(self, size: int) -> None:
        _cut(self.seen, size)
        self.clean = {page for page in self.clean if page * PAGE < size}
        self.since.append((size, None))

    def sync(self) -> None:
        for operation in self.since:
            _apply(self.durable, operation)
        self.since.clear()

    def fail_to_sync(self, chance: random.Random) -> None:
        for page in sorted(
            {p for o, d in self.since if d for p in range(o // PAGE, (o + len(d) - 1) // PAGE + 1)}
        ):
            if chance.random() < 0.3:
                _write(self.durable, page * PAGE, bytes(self.seen[page * PAGE : (page + 1) * PAGE]))
            else:
                self.clean.add(page)
        self.since = [(size, None) for size, data in self.since if data is None]

    def left(self, survivors: Survivors, chance: random.Random) -> bytes:
        content = bytearray(self.durable)
        for operation in _surviving(self.since, survivors, chance):
            _apply(content, operation)
        return bytes(content)


def _apply(content: bytearray, operation: tuple[int, bytes | None]) -> None:
    offset, data = operation
    if data is None:
        _cut(content, offset)
    else:
        _write(content, offset, data)


def _surviving(
    since: list[tuple[int, bytes | None]], survivors: Survivors, chance: random.Random
) -> Iterator[tuple[int, bytes | None]]:
    """What of the operations since the last sync reached the disk, in the order in which it did."""
    if survivors == "all":
        yield from since
    elif survivors in {"sectors", "pages"}:
        size = SECTOR if survivors == "sectors" else PAGE
        for offset, data in since:
            if data is None:
                if chance.random() < 0.5:
                    yield offset, None
            else:
                yield from _pieces(offset, data, size, chance)
    elif survivors == "shuffled":
        yield from _shuffled(since, chance)
    elif survivors == "torn" and since:
        whole = chance.randrange(len(since))
        yield from since[:whole]
        offset, data = since[whole]
        if data is not None:
            # To a boundary of sectors on the disk, not of the write.
            end = (offset + chance.randrange(len(data))) // SECTOR * SECTOR
            if end > offset:
                yield offset, data[: end - offset]


def _pieces(offset: int, data: bytes, size: int, chance: random.Random) -> Iterator[tuple[int, bytes | None]]:
    at = offset
    while at < offset + len(data):
        end = min(offset + len(data), (at // size + 1) * size)
        if chance.random() < 0.5:
            yield at, data[at - offset : end - offset]
        at = end


def _shuffled(
    since: list[tuple[int, bytes | None]], chance: random.Random
) -> Iterator[tuple[int, bytes | None]]:
    """Writes in any order, some of them missing; none overtakes a change of the file's length."""
    group: list[tuple[int, bytes | None]] = []
    for operation in [*since, None]:
        if operation is not None and operation[1] is not None:
            group.append(operation)
            continue
        chance.shuffle(group)
        yield from (one for one in group if chance.random() < 0.7)
        group = []
        if operation is not None and chance.random() < 0.5:
            yield operation


class Disk:
    """A folder through its events."""

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(seed)
        self._files: dict[str, _File] = {}
        self._certain: dict[str, _File] = {}

    def take(self, event: Event) -> None:
        """One more event."""
        if event.name == "":
            if event.kind == "S":
                self._certain = dict(self._files)
            return
        if event.kind == "C" or event.name not in self._files:
            self._files[event.name] = _File()
        file = self._files[event.name]
        if event.kind == "W":
            file.write(event.offset, event.data)
        elif event.kind == "T":
            file.truncate(event.offset)
        elif event.kind == "S":
            file.sync()
        elif event.kind == "F":
            file.fail_to_sync(self._chance)
        elif event.kind == "U":
            del self._files[event.name]

    def image(self, survivors: Survivors, chance: random.Random) -> dict[str, bytes]:
        """The files that are found after a power cut now, by name."""
        found: dict[str, bytes] = {}
        for name in sorted({*self._files, *self._certain}):
            certain, now = self._certain.get(name), self._files.get(name)
            file = certain
            if now is not certain and (survivors == "all" or (survivors != "none" and chance.random() < 0.5)):
                file = now
            if file is not None:
                found[name] = file.left(survivors, chance)
        return found


def put(image: dict[str, bytes], folder: Path, *, names: frozenset[str]) -> None:
    """Lay an image into a folder, in place of what is there."""
    for name in names:
        path = folder / name
        if name in image:
            path.write_bytes(image[name])
        else:
            path.unlink(missing_ok=True)
    for index in folder.glob("*-shm"):
        index.unlink()
