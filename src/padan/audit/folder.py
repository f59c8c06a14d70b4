"""The folder of a log: which segments it holds, and how far each chain has come."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from padan.audit.records import SUFFIX, Header, Malformed, is_checkpoint, read_checkpoint, read_header

Tip = tuple[str, int, str]
"""A chain, how many events it has, and its link there."""

_NAME: Final = re.compile(r"([A-Za-z0-9-]{1,64})\.(\d{5})" + re.escape(SUFFIX))
_LAST_PART: Final = 1 << 20
COMMANDS: Final = "commands-"


def segment_path(folder: Path, chain: str, *, segment: int) -> Path:
    """The file of a segment."""
    return folder / f"{chain}.{segment:05}{SUFFIX}"


def chains_of(folder: Path) -> Mapping[str, Sequence[tuple[int, Path]]]:
    """The segments in a folder, by chain and in order. Other files are not looked at."""
    found: dict[str, list[tuple[int, Path]]] = defaultdict(list)
    with contextlib.suppress(FileNotFoundError):
        for path in folder.iterdir():
            named = _NAME.fullmatch(path.name)
            if named is not None:
                found[named[1]].append((int(named[2]), path))
    return {chain: sorted(found[chain]) for chain in sorted(found)}


def tips(folder: Path, *, but: str = "") -> Sequence[Tip]:
    """The chains whose newest checkpoint no other chain names yet.

    Together they stand for the whole log: each chain names those that were there when it began.
    """
    chains = chains_of(folder)
    named: dict[str, int] = {}
    for segments in chains.values():
        for header in filter(None, (peek(path) for _, path in segments)):
            for chain, events, _ in header.seen:
                named[chain] = max(events, named.get(chain, -1))
    newest = {chain: _newest(segments) for chain, segments in chains.items() if chain != but}
    return tuple((c, *tip) for c, tip in newest.items() if tip is not None and tip[0] > named.get(c, -1))


def peek(path: Path) -> Header | None:
    """The header of a segment, unless it was torn."""
    with contextlib.suppress(OSError, Malformed), path.open("rb") as file:
        return read_header(file.readline().removesuffix(b"\n"))[0]
    return None


def is_open(path: Path) -> bool:
    """Whether a process writes this segment now."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _newest(segments: Sequence[tuple[int, Path]]) -> tuple[int, str] | None:
    """The newest checkpoint of a chain: events, and the link before it."""
    for _, path in reversed(segments):
        for line in _last_lines(path):
            with contextlib.suppress(Malformed):
                if is_checkpoint(line):
                    checkpoint, _signature = read_checkpoint(_without_link(line))
                    return checkpoint.events, checkpoint.head
    return None


def _without_link(line: bytes) -> bytes:
    return line[: line.rfind(b',"link":"')] + b"}"


def _last_lines(path: Path) -> Iterator[bytes]:
    """The last whole lines of a file, the last one first."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LAST_PART))
        lines = file.read().split(b"\n")
        yield from reversed(lines[:-1])
