"""A register: an own body of data that answers 'is this the person of this NIK?', and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from padan.domain.register import Record

Packed: TypeAlias = tuple[bytes, bytes]
"""One person as stored: the key that a NIK becomes, and the value. `padan.register.forms` makes both."""


class RegisterUnavailable(Exception):
    """The register cannot be read or written now; the text names what and the remedy, and nobody in it."""


class RegisterDamaged(RegisterUnavailable):
    """What is stored under a key is not what was: a changed file, or another key. Never a match."""


class RegisterMissing(RegisterUnavailable):
    """Nothing was loaded yet."""


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """Which data a register answers from.

    `name` changes with every load and every batch of an update. `loaded_at` is the load's end, in Unix
    milliseconds; `source` is the kind of what was loaded, never its name.
    """

    name: str
    people: int
    sealed: bool
    loaded_at: int
    source: str
    stored_bytes: int


class RegisterReader(Protocol):
    """One person by NIK; nothing lists people, and nothing finds them by name.

    Every call raises RegisterUnavailable where the register cannot be used, RegisterMissing where nothing
    was loaded.
    """

    async def look(self, nik: str) -> Record | None:
        """The person of a NIK (16 digits), None where the register has nobody. Raises RegisterDamaged."""

    async def count(self) -> int:
        """How many people it holds."""

    async def refresh(self) -> None:
        """See what others loaded, updated or removed since this was opened; cheap where nobody did.

        A register may go on answering from the data it saw first until this is called.
        """

    async def close(self) -> None:
        """Let go of files and connections."""


class Register(RegisterReader, Protocol):
    """A register that is read and written, in one form: sealed or plain."""

    async def version(self) -> RegisterVersion:
        """Which data it answers from."""

    async def is_sealed(self) -> bool:
        """Whether what was loaded is sealed; a register of either form answers that."""

    async def sealed_under(self) -> str:
        """`Form.check` of what was loaded, empty where that is plain; a register of either form answers it.

        Raises RegisterDamaged where it cannot be told any more.
        """

    async def replace(self, batches: Iterable[Sequence[Packed]], *, source: str, loaded_at: int) -> int:
        """Make these the whole register, at one instant, once all of them are durable; how many they are.

        Keys ascend over all batches and none comes twice: ValueError. Until the end, and after a failure at
        any point, the register is what it was.
        """

    async def update(self, batch: Sequence[Packed]) -> None:
        """Add or overwrite these in one transaction, durable when this returns; readers go on meanwhile."""

    async def remove(self, niks: Sequence[str]) -> int:
        """Forget these in one transaction; how many of them there were. ValueError where one is no NIK."""

    async def clear(self) -> int | None:
        """Forget everybody, in whatever form; how many they were, None where that cannot be told."""
