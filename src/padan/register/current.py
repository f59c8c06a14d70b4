"""Which generation of a register in a folder counts: a small file, replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from padan.app.ports.registers import RegisterDamaged, RegisterMissing, RegisterUnavailable
from padan.register.keys import sync_folder

CURRENT_FILE: Final = "register.json"
_FORMAT: Final = 1


class Current(msgspec.Struct, frozen=True, rename="camel"):
    """The generation that answers. `check` tells the secret it is sealed under from others."""

    file: str
    sealed: bool
    check: str
    loaded_at: int
    source: str
    format: int = _FORMAT


def nothing_loaded(place: str) -> RegisterMissing:
    """What to raise where a register holds nothing; `place` is where, without a password."""
    return RegisterMissing(
        f"the register holds nothing yet: 'padan register load FILE' fills it. It lies in {place}, and would "
        f"elsewhere with another PADAN_REGISTER"
    )


def read_current(folder: Path) -> Current:
    """The generation that answers.

    Raises RegisterMissing where there is none, RegisterDamaged where it is not what was written, and
    RegisterUnavailable where it cannot be read now.
    """
    path = folder / CURRENT_FILE
    try:
        current = msgspec.json.decode(path.read_bytes(), type=Current)
    except FileNotFoundError:
        raise nothing_loaded(str(folder)) from None
    except OSError as error:
        raise RegisterUnavailable(f"{path} cannot be read: {error.strerror}") from None
    except msgspec.DecodeError:
        raise RegisterDamaged(f"{path} is damaged: load the register again") from None
    if current.format != _FORMAT or "/" in current.file:
        raise RegisterDamaged(f"{path} is of another version of Padan: load the register again")
    return current


def mark_of(folder: Path) -> tuple[int, int] | None:
    """Tells which `register.json` is there without reading it: each is another file. None for none."""
    try:
        status = os.stat(folder / CURRENT_FILE)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def write_current(folder: Path, current: Current) -> None:
    """Let this generation count from now on; durable when this returns."""
    aside = folder / f"{CURRENT_FILE}.new"
    with aside.open("wb") as file:
        file.write(msgspec.json.encode(current))
        file.flush()
        os.fsync(file.fileno())
    aside.replace(folder / CURRENT_FILE)
    sync_folder(folder)
