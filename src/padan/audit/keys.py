"""The key that signs checkpoints: `audit.key` in the folder of keys, and its public half `audit.pub`."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from padan.app.ports.audit import AuditUnavailable

SECRET_FILE: Final = "audit.key"  # noqa: S105 - the name of a file
PUBLIC_FILE: Final = "audit.pub"
_WHAT: Final = {
    SECRET_FILE: "# Padan, secret key of the audit log (Ed25519, hexadecimal). Keep at mode 0600.\n",
    PUBLIC_FILE: "# Padan, public key of the audit log (Ed25519, hexadecimal). Keep a copy elsewhere.\n",
}


class AuditKeyError(AuditUnavailable):
    """A key of the audit log is missing, unsafe or damaged; the text names the file and the remedy."""


class PublicKey:
    """Tells whether a checkpoint is ours. `id` is the beginning of the key's hash."""

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(raw)
        self.raw = raw
        self.id = hashlib.blake2b(raw, digest_size=8).hexdigest()

    def signed(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's."""
        try:
            self._key.verify(signature, text)
        except InvalidSignature:
            return False
        return True


class AuditKey:
    """Signs checkpoints."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, text: bytes) -> bytes:
        """An Ed25519 signature."""
        return self._key.sign(text)


def open_key(keys: Path, *, log: Path) -> AuditKey:
    """The signing key; made where there is none and the folder `log` holds nothing that one signed.

    Raises:
        AuditKeyError: it is missing beside a log that it signed, unsafe, or damaged.
    """
    path = keys / SECRET_FILE
    try:
        if not path.exists():
            # Whoever begins a log made its key before.
            if log.is_dir() and any(log.iterdir()) and not path.exists():
                raise AuditKeyError(
                    f"{path}: is missing, and {log} holds what it signed. Restore it from a backup of the "
                    f"keys, or move that folder away to begin a new log."
                )
            _make(keys)
        _refuse_unless_private(path)
        key = AuditKey(_read(path))
        if not (keys / PUBLIC_FILE).exists():
            _publish(keys / PUBLIC_FILE, key.public.raw, mode=0o644)
    except OSError as error:
        raise AuditKeyError(f"{path}: {error.strerror}. Give a folder of keys that Padan may use.") from None
    return key


def load_public(path: Path) -> PublicKey:
    """The public key in a file, or in a folder of keys. Raises AuditKeyError."""
    file = path / PUBLIC_FILE if path.is_dir() else path
    try:
        return PublicKey(_read(file))
    except OSError as error:
        raise AuditKeyError(f"{file}: {error.strerror}. Give the file audit.pub with --key.") from None


def _make(keys: Path) -> None:
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    _publish(keys / SECRET_FILE, os.urandom(32), mode=0o600)


def _publish(path: Path, raw: bytes, *, mode: int) -> None:
    """Write a file aside and put it in place whole, unless another process that starts now was first."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        os.write(descriptor, (_WHAT[path.name] + raw.hex() + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    with suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes:
    try:
        lines = [line for line in path.read_text("ascii").splitlines() if not line.startswith("#")]
        raw = bytes.fromhex(lines[0])
        if len(raw) != 32 or len(lines) != 1:
            raise ValueError
    except (ValueError, IndexError):
        raise AuditKeyError(f"{path}: is no key file of the audit log. Restore it from a backup.") from None
    return raw


def _refuse_unless_private(path: Path) -> None:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
        raise AuditKeyError(f"{path}: must be a file of the user that runs Padan (chown).")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise AuditKeyError(f"{path}: is open to others. Run: chmod 600 {path}")
