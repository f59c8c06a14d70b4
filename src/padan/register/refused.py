"""The file of refused rows: which row, which field and why, and nothing of what stood there."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Final

from padan.register.rows import REASONS

_MOST: Final = 1_000_000


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

    def add(self, row: int, field: str, *, code: str) -> None:
        """Write one down. Raises OSError."""
        if not self.has_room:
            return
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._rows = csv.writer(self._file, lineterminator="\n")
            self._rows.writerow(("row", "field", "code", "reason"))
        self._rows.writerow((row, field, code, REASONS[code]))
        self.written += 1

    def close(self) -> None:
        """Finish the file; without a refused row there is none."""
        if self._file is None:
            self.path.unlink(missing_ok=True)
        else:
            self._file.close()
