"""What of a load is done, so that it goes on after a kill: a line for each part, written after its run."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from padan.app.ports.registers import RegisterUnavailable
from padan.register.forms import Form
from padan.register.runs import RUN_FORMAT, Run, run_path

_FILE: Final = "checkpoint"


class Checkpoint:
    """The folder of a load: its runs, and the list of those that are whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / _FILE

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only load in this folder. Raises RegisterUnavailable where another one is at work."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise RegisterUnavailable(
                f"another load is at work in {self.folder}: wait until it has ended"
            ) from None
        finally:
            os.close(descriptor)

    def begin(self, fingerprint: str, *, form: Form) -> dict[int, Run]:
        """The runs that are there for this table in this form, by part; all others are removed."""
        expected = _first_line(fingerprint, form)
        try:
            first, *lines = self._file.read_bytes().split(b"\n")
        except FileNotFoundError:
            first, lines = b"", []
        if first != expected:
            self.clear()
            self._append(expected)
            return {}
        # What follows the last line break was not finished; the run it told of is made again.
        runs = [msgspec.json.decode(line, type=Run) for line in lines[:-1]]
        return {run.part: run for run in runs if run_path(self.folder, run.part).exists()}

    def add(self, run: Run) -> None:
        """A part is done."""
        self._append(msgspec.json.encode(run))

    def clear(self) -> None:
        """Remove everything but the folder itself, which others may wait for."""
        self._file.unlink(missing_ok=True)
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

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
