"""Key files: how the rings lie on disk, and why a doubtful one is refused.

A directory (mode 0700) holds four files (mode 0600), each a short text with one `kid:base64` a line:

- `root.keys`: the API's root keys; the API needs this and `worker.pub`
- `worker.keys`: secret halves of the worker's pairs; a worker of its own needs this and `rest.keys`
- `worker.pub`: their public halves
- `rest.keys`: what the worker may hold of the root keys

Every change happens under a lock on the directory, and each file is replaced in one step.
"""

import base64
import binascii
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from padan.vault.envelope import KEY_SIZE
from padan.vault.errors import KeyFileError
from padan.vault.keys import KeyRing, RestKeys, Ring, VaultKeys, WorkerKeys, WorkerPublicKeys, ephemeral

ROOT_FILE: Final = "root.keys"
WORKER_FILE: Final = "worker.keys"
WORKER_PUBLIC_FILE: Final = "worker.pub"
REST_FILE: Final = "rest.keys"

_FILE_MODE: Final = 0o600
_DIRECTORY_MODE: Final = 0o700
_LARGEST_FILE: Final = 65_536
_HEADER: Final = (
    "# Padan, {purpose}. Keep this file at mode 0600, and out of the backups that hold the database.\n"
    "# One key a line, kid:base64 of 32 bytes; new envelopes are sealed under the active one.\n"
)
_PURPOSES: Final = {
    ROOT_FILE: "root keys of the API",
    WORKER_FILE: "secret keys of the worker",
    WORKER_PUBLIC_FILE: "public keys of the worker",
    REST_FILE: "keys of the outer skin of stored results",
}

_AnyRing = TypeVar("_AnyRing", bound=Ring)


def load_or_create(directory: Path, *, random: Callable[[int], bytes] = os.urandom) -> VaultKeys:
    """Load the keys of a process that is API and worker at once; make them on the first start.

    Processes that start at the same time agree on one set. Raises KeyFileError as `load` does; keys that
    exist in part are never completed by new ones, because what they sealed would be lost unnoticed.
    """
    _make_directory(directory)
    with _locked(directory, fcntl.LOCK_EX):
        if _is_unused(directory):
            _publish(directory, ephemeral(random=random))
        return _read_all(directory)


def load(directory: Path) -> VaultKeys:
    """Load the keys of a process that is API and worker at once; never makes any.

    Raises KeyFileError, naming the file and the remedy, where a file is missing, is not ours alone (owner,
    mode 0600), is no key file, or does not belong with the others.
    """
    with _locked(directory, fcntl.LOCK_SH):
        return _read_all(directory)


def load_api(directory: Path) -> tuple[KeyRing, WorkerPublicKeys]:
    """Load what an API process needs, and not one secret of the worker's; raises KeyFileError."""
    with _locked(directory, fcntl.LOCK_SH):
        if _is_unfinished(directory):
            raise KeyFileError(f"{directory}: the first start was interrupted. Start Padan here once more.")
        return _read(directory / ROOT_FILE, KeyRing), _read(directory / WORKER_PUBLIC_FILE, WorkerPublicKeys)


def load_worker(directory: Path) -> tuple[WorkerKeys, RestKeys]:
    """Load what a worker process needs, and not one root key; raises KeyFileError."""
    with _locked(directory, fcntl.LOCK_SH):
        return _read(directory / WORKER_FILE, WorkerKeys), _read(directory / REST_FILE, RestKeys)


def rotate(directory: Path, *, random: Callable[[int], bytes] = os.urandom) -> VaultKeys:
    """Add a new root key and a new worker pair and make them active; the old ones stay readable.

    Raises KeyFileError as `load` does, and when all 256 kids are taken.
    """
    with _locked(directory, fcntl.LOCK_EX):
        keys = _read_all(directory)
        try:
            ring = keys.ring.with_new(keys.ring.next_kid(), random(KEY_SIZE))
            worker = keys.worker_secret.with_new(keys.worker_secret.next_kid(), random(KEY_SIZE))
        except ValueError as reason:
            raise KeyFileError(f"{directory}: {reason}") from None
        rotated = VaultKeys(ring, worker.public(), worker)
        _publish(directory, rotated)
        return rotated


@contextmanager
def _locked(directory: Path, mode: int) -> Iterator[None]:
    """Hold the directory's advisory lock; refuses a directory where others could swap the files."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as reason:
        raise KeyFileError(
            f"{directory}: {reason.strerror}. Give the directory that holds the key files."
        ) from None
    try:
        status = os.fstat(descriptor)
        if status.st_uid not in (os.geteuid(), 0) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise KeyFileError(f"{directory}: others may change it. Run: chmod 700 {directory}")
        fcntl.flock(descriptor, mode)
        yield
    finally:
        os.close(descriptor)


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
        _sync(directory.parent)
    except OSError as reason:
        raise KeyFileError(
            f"{directory}: {reason.strerror}. Give a directory that Padan may make or write."
        ) from None


def _is_unused(directory: Path) -> bool:
    """Whether no key of this directory can have sealed anything: a missing file beside others is a loss."""
    return _is_unfinished(directory) or not any((directory / name).exists() for name in _PURPOSES)


def _is_unfinished(directory: Path) -> bool:
    """Whether the first start was interrupted before it handed out a key: the last file still waits."""
    return _staged(directory / REST_FILE).exists() and not (directory / REST_FILE).exists()


def _read_all(directory: Path) -> VaultKeys:
    ring = _read(directory / ROOT_FILE, KeyRing)
    worker = _read(directory / WORKER_FILE, WorkerKeys)
    public = _read(directory / WORKER_PUBLIC_FILE, WorkerPublicKeys)
    rest = _read(directory / REST_FILE, RestKeys)
    if not (public.is_part_of(worker.public()) and rest.is_part_of(ring.rest_keys())):
        raise KeyFileError(
            f"{directory}: {WORKER_PUBLIC_FILE} does not belong to {WORKER_FILE}, or {REST_FILE} not to "
            f"{ROOT_FILE}. Restore all four from one backup of the keys."
        )
    return VaultKeys(ring, public, worker)


def _publish(directory: Path, keys: VaultKeys) -> None:
    """Write every file aside, then move each into place.

    The order keeps the two sides in step wherever this is interrupted: the side that opens has a key before
    the side that seals uses it.
    """
    rings: dict[str, Ring] = {
        WORKER_FILE: keys.worker_secret,
        WORKER_PUBLIC_FILE: keys.worker_public,
        ROOT_FILE: keys.ring,
        REST_FILE: keys.rest,
    }
    for name, ring in rings.items():
        _write(_staged(directory / name), _to_text(name, ring))
    _sync(directory)
    for name in rings:
        _staged(directory / name).replace(directory / name)
    _sync(directory)


def _staged(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(descriptor, _FILE_MODE)
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _to_text(name: str, ring: Ring) -> str:
    lines = [f"{kid}:{base64.b64encode(key).decode()}\n" for kid, key in sorted(ring.raw().items())]
    return _HEADER.format(purpose=_PURPOSES[name]) + f"active {ring.active}\n" + "".join(lines)


def _read(path: Path, ring: type[_AnyRing]) -> _AnyRing:
    text = _read_private(path)
    try:
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        active = int(lines[0].removeprefix("active "))
        keys = dict(_to_key(line) for line in lines[1:])
        if len(keys) != len(lines) - 1:
            raise ValueError
        return ring(keys, active=active)
    except (ValueError, IndexError, binascii.Error):
        raise KeyFileError(
            f"{path}: is no key file: it needs a line 'active KID' and then, a line each, KID:BASE64 of "
            f"{KEY_SIZE} bytes. Restore it from a backup of the keys."
        ) from None


def _to_key(line: str) -> tuple[int, bytes]:
    kid, _, key = line.partition(":")
    return int(kid), base64.b64decode(key, validate=True)


def _read_private(path: Path) -> str:
    """Read a file that belongs to this user alone; checked on the open file, so that it cannot be swapped."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as reason:
        raise KeyFileError(f"{path}: {reason.strerror}. Restore it from a backup of the keys.") from None
    try:
        _refuse_unless_private(path, os.fstat(descriptor))
        return os.read(descriptor, _LARGEST_FILE).decode("latin-1")
    finally:
        os.close(descriptor)


def _refuse_unless_private(path: Path, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileError(f"{path}: is no ordinary file. Put the key file itself there.")
    if status.st_uid != os.geteuid():
        raise KeyFileError(f"{path}: belongs to another user. Give it to the user that runs Padan (chown).")
    if mode != _FILE_MODE:
        raise KeyFileError(f"{path}: has mode {mode:04o} instead of 0600. Run: chmod 600 {path}")
