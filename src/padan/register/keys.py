"""The secret that a sealed register is sealed under: `register.key` in the folder of keys."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from padan.app.ports.registers import RegisterUnavailable
from padan.register.forms import SECRET_SIZE, Sealed

KEY_FILE: Final = "register.key"
_WHAT: Final = (
    "# Padan, key of the sealed register (hexadecimal). Keep at mode 0600, and out of the backups that hold\n"
    "# the register. Without it the register cannot be read, only loaded again.\n"
)


class RegisterKeyError(RegisterUnavailable):
    """The key is missing, unsafe or damaged; the text names the file and the remedy."""


def make_key(keys: Path) -> None:
    """Make the key where there is none yet; processes that begin together agree on one.

    Raises RegisterKeyError where the folder cannot be written.
    """
    path = keys / KEY_FILE
    if path.exists():
        return
    aside = path.with_name(f"{KEY_FILE}.{os.getpid()}.new")
    try:
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(_WHAT + os.urandom(SECRET_SIZE).hex() + "\n")
            file.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
        sync_folder(keys)
    except OSError as error:
        raise RegisterKeyError(
            f"{path}: {error.strerror}. Give a folder of keys that Padan may use."
        ) from None


def sealed_form(keys: Path) -> Sealed:
    """The form that the key in this folder makes. Raises RegisterKeyError."""
    path = keys / KEY_FILE
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise RegisterKeyError(f"{path}: must be a file of the user that runs Padan (chown).")
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise RegisterKeyError(f"{path}: is open to others. Run: chmod 600 {path}")
        lines = [line for line in path.read_text("ascii").splitlines() if not line.startswith("#")]
        secret = bytes.fromhex(lines[0])
        if len(secret) != SECRET_SIZE or len(lines) != 1:
            raise ValueError
    except FileNotFoundError:
        raise RegisterKeyError(f"{path}: is missing. Restore it from a backup of the keys.") from None
    except OSError as error:
        raise RegisterKeyError(f"{path}: {error.strerror}.") from None
    except (ValueError, IndexError):
        raise RegisterKeyError(f"{path}: is no key of a register. Restore it from a backup.") from None
    return Sealed(secret)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
