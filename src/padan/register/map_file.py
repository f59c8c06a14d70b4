"""That the file of a map is all there. LMDB does not look: what is read beyond the end kills the process."""

from __future__ import annotations

import os
from pathlib import Path

import lmdb

from padan.app.ports.registers import RegisterDamaged


def refuse_empty(path: Path) -> None:
    """Raise RegisterDamaged where nothing is in the file: LMDB would make a map of nobody of it.

    Raises FileNotFoundError.
    """
    if not os.stat(path).st_size:
        raise _cut(path)


def refuse_cut(path: Path, environment: lmdb.Environment) -> None:
    """Raise RegisterDamaged where the file is shorter than its map. Raises FileNotFoundError."""
    if os.stat(path).st_size < _length(environment):
        raise _cut(path)


def lengthen(path: Path, environment: lmdb.Environment) -> None:
    """Let the file be as long as its map after a change: LMDB does not write a last page that it freed."""
    if os.stat(path).st_size < _length(environment):
        os.truncate(path, _length(environment))


def _length(environment: lmdb.Environment) -> int:
    return int((environment.info()["last_pgno"] + 1) * environment.stat()["psize"])


def _cut(path: Path) -> RegisterDamaged:
    return RegisterDamaged(f"{path} was cut, as a copy is that did not end: load the register again")
