"""What of a load is done, so that it goes on after a kill: a line for each part, written after its run."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from padan.app.ports.registers import RegisterUnavailable
from padan.register.forms import Form
from padan.register.runs import RUN_FORMAT, Run, sizes_of

_FILE: Final = "checkpoint"
_OWN: Final = re.compile(r"\d{6,}\.(run|refused)(\.new)?")
_decode: Final = msgspec.json.Decoder(Run).decode


class Checkpoint:
    """The folder of a load: its runs, and the list of those that are whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / _FILE

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only load in this folder.

        Raises RegisterUnavailable where another one is at work, or the folder cannot be made.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise RegisterUnavailable(
                f"{self.folder} cannot be the folder of a load: {error.strerror}; name another with --work"
            ) from None
        try:
            self._lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def begin(self, fingerprint: str, *, form: Form) -> dict[int, Run]:
        """The runs that are there for this table in this form, by part; all others are removed."""
        expected = _first_line(fingerprint, form)
        runs = self._runs(expected)
        if runs is None:
            self.clear()
            self._append(expected)
            return {}
        return {run.part: run for run in runs if sizes_of(self.folder, run.part) == run.sizes}

    def add(self, run: Run) -> None:
        """A part is done."""
        self._append(msgspec.json.encode(run))

    def clear(self) -> None:
        """Remove what loads left here, and nothing else: the folder may be somebody's."""
        self._file.unlink(missing_ok=True)
        for path in self.folder.iterdir():
            if _OWN.fullmatch(path.name):
                path.unlink()

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RegisterUnavailable(
                f"another load is at work in {self.folder}: wait until it has ended"
            ) from None

    def _runs(self, expected: bytes) -> list[Run] | None:
        """The runs that the file tells of; None where it is of another load, or not readable."""
        try:
            first, *lines = self._file.read_bytes().split(b"\n")
            # What follows the last line break was not finished; the run it told of is made again.
            return [_decode(line) for line in lines[:-1]] if first == expected else None
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _append(self, line: bytes) -> None:
        _drop_torn_line(self._file)
        with self._file.open("ab") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _first_line(fingerprint: str, form: Form) -> bytes:
    """What has to be the same for a run to be of use: a run is in the stored form already."""
    kind = f"sealed-{form.check}" if form.sealed else "plain"
    return f"{fingerprint} {kind} runs-{RUN_FORMAT}".encode()


def _drop_torn_line(path: Path) -> None:
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        whole = path.read_bytes().rpartition(b"\n")[0]
        path.write_bytes(whole + b"\n" if whole else b"")
