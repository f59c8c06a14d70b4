"""The two forms in which people lie in a register: plain, and sealed.

Sealed, a stolen file gives no name, no date and no NIK, and cannot be asked about one either:

- the key is AES-256 of the NIK's 16 digits, which are just one block, cut to its first 10 bytes: a keyed
  function, so nobody without the key can try NIKs out, and neighbours in the nation are strangers in the file
- the value is AES-SIV (RFC 5297) of the person, bound to the NIK. It needs no nonce: the same person sealed
  again gives the same bytes, another person under the same NIK gives unrelated ones
- names are padded to steps of 8 bytes, so that a length tells little

Ten bytes for a nation of 288 million: that any two share a key has a chance of 1 in 29 million, and then the
one that was overwritten is a `RegisterDamaged`, never another's record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from padan.app.ports.registers import RegisterDamaged

SECRET_SIZE: Final = 32
_SEALED_KEY: Final = 10
_STEP: Final = 8
_NOT_SIXTEEN_DIGITS: Final = "a NIK has 16 digits"
_INDEX_KEY, _SIV_KEY, _CHECK = 32, 64, 8


class Form(Protocol):
    """How a NIK becomes a key and a person a value."""

    sealed: bool
    check: str
    """Tells one secret from another without giving it away; empty where there is none."""

    def key(self, nik: str) -> bytes:
        """The key of a NIK. Raises ValueError where it is not 16 ASCII digits."""

    def close(self, nik: str, body: bytes) -> bytes:
        """The value of a person."""

    def open(self, nik: str, value: bytes) -> bytes:
        """The person in a value. Raises RegisterDamaged where it is not of this NIK and this secret."""


OpenForm: TypeAlias = Callable[[], Form]
"""Makes the form, in a process of its own too: it travels there instead of the secret."""


class Plain:
    """Nothing is hidden: the key is the NIK as a number of 8 bytes, so the file lies in the order of NIKs."""

    sealed = False
    check = ""

    def key(self, nik: str) -> bytes:
        """The NIK as a number of 8 bytes."""
        if len(nik) == 16 and nik.isascii() and nik.isdigit():
            return int(nik).to_bytes(8, "big")
        raise ValueError(_NOT_SIXTEEN_DIGITS)

    def close(self, nik: str, body: bytes) -> bytes:  # noqa: ARG002 - the form's signature
        """The person as it is."""
        return body

    def open(self, nik: str, value: bytes) -> bytes:  # noqa: ARG002
        """The person as it is."""
        return value


class Sealed:
    """Everything is hidden from who has not the secret."""

    sealed = True

    def __init__(self, secret: bytes) -> None:
        size = _INDEX_KEY + _SIV_KEY + _CHECK
        derived = HKDF(hashes.SHA256(), size, salt=None, info=b"padan/v1/register").derive(secret)
        index, siv = derived[:_INDEX_KEY], derived[_INDEX_KEY:-_CHECK]
        # One block at a time and each a NIK of its own: ECB is the plain block cipher here, not a mode.
        self._block = Cipher(algorithms.AES(index), modes.ECB()).encryptor()  # noqa: S305
        self._siv = AESSIV(siv)
        self.check = derived[-_CHECK:].hex()

    def __repr__(self) -> str:
        return "Sealed(secret hidden)"

    def key(self, nik: str) -> bytes:
        """The block of the NIK, cut."""
        if len(nik) == 16 and nik.isascii() and nik.isdigit():
            return self._block.update(nik.encode())[:_SEALED_KEY]
        raise ValueError(_NOT_SIXTEEN_DIGITS)

    def close(self, nik: str, body: bytes) -> bytes:
        """The person, padded and sealed to the NIK."""
        return self._siv.encrypt(body + bytes(-len(body) % _STEP), [nik.encode("ascii")])

    def open(self, nik: str, value: bytes) -> bytes:
        """The person. Raises RegisterDamaged."""
        try:
            return self._siv.decrypt(value, [nik.encode("ascii")]).rstrip(b"\0")
        except (InvalidTag, ValueError):
            raise RegisterDamaged(
                "a sealed record does not open: the register was changed, or sealed under another key; "
                "load it again"
            ) from None
