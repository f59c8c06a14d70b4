"""Files of LMDB, each opened once in a process: LMDB refuses a second time, and its locks would break.

Who opens one that is open already shares it; the last one to let go of it closes it.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import Any, Final

import lmdb

_Key = tuple[int, int, int]

_shared: Final[dict[_Key, tuple[lmdb.Environment, int]]] = {}
"""By process and file. It has to be one for the process, as the restriction is."""
_changing: Final = Lock()


def open_shared(path: Path, **options: Any) -> lmdb.Environment:
    """The environment of a file that exists, opened with these options where nobody here has it open.

    Raises FileNotFoundError, lmdb.Error.
    """
    with _changing:
        key = _key(path)
        environment, users = _shared.get(key) or (lmdb.open(str(path), **options), 0)
        _shared[key] = environment, users + 1
        return environment


def let_go(environment: lmdb.Environment) -> None:
    """Close it, unless somebody else in this process has it open."""
    with _changing:
        for key, (known, users) in list(_shared.items()):
            if known is environment:
                if users > 1:
                    _shared[key] = known, users - 1
                    return
                del _shared[key]
        environment.close()


def _key(path: Path) -> _Key:
    status = os.stat(path)
    return os.getpid(), status.st_dev, status.st_ino
