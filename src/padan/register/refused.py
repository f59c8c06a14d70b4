"""The file of refused rows: which row, which field and why, and nothing of what stood there."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from padan.register.rows import REASONS

_MOST: Final = 1_000_000
_HEADER: Final = b"row,field,code,reason\n"


class RejectsUnwritable(Exception):
    """The file of refused rows cannot be written, or is somebody's; the text says why and the remedy."""


class RefusedRows:
    """A CSV file with `row,field,code,reason`, made when the first row is refused; an older one goes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = 0
        self._file: Any = None
        self._rows: Any = None

    @property
    def has_room(self) -> bool:
        """Whether more would still be written: beyond a million lines they are counted alone."""
        return self.written < _MOST

    def begin(self) -> None:
        """Raise RejectsUnwritable where the file could not be written, or is not one of refused rows."""
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists():
                self._refuse_what_is_no_file_of_ours()
                self.path.open("ab").close()
            else:
                self.path.open("xb").close()
                self.path.unlink()

    def add(self, row: int, field: str, *, code: str) -> None:
        """Write one down. Raises RejectsUnwritable."""
        if not self.has_room:
            return
        with self._told():
            if self._file is None:
                self._file = self.path.open("w", encoding="utf-8", newline="")
                self._file.write(_HEADER.decode())
                self._rows = csv.writer(self._file, lineterminator="\n")
            self._rows.writerow((row, field, code, REASONS[code]))
        self.written += 1

    def flush(self) -> None:
        """Have everything in the file that was written down. Raises RejectsUnwritable."""
        if self._file is not None:
            with self._told():
                self._file.flush()

    def close(self) -> None:
        """Finish the file; without a refused row there is none. Raises RejectsUnwritable."""
        with self._told():
            if self._file is not None:
                self._file.close()
            elif self._is_ours():
                self.path.unlink()

    def _refuse_what_is_no_file_of_ours(self) -> None:
        if not self.path.is_file():
            raise RejectsUnwritable(f"{self.path} is no file: name one for the bad rows with --rejects")
        if self.path.stat().st_size and not self._is_ours():
            raise RejectsUnwritable(
                f"{self.path} is no file of bad rows, and is left alone: name another with --rejects"
            )

    def _is_ours(self) -> bool:
        if not self.path.is_file():
            return False
        with self.path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RejectsUnwritable(
                f"{self.path}, the file of bad rows, cannot be written: {error.strerror}; make room, or name "
                "another with --rejects"
            ) from None
