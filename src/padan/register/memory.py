"""A register in memory: for tests, and as the plainest reading of the port."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from padan.app.ports.registers import Packed, RegisterVersion
from padan.domain.register import Record
from padan.register.current import nothing_loaded
from padan.register.forms import Form
from padan.register.order import ascending
from padan.register.records import from_bytes


class MemoryRegister:
    """One dictionary. Gone with the process."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._people: dict[bytes, bytes] | None = None
        self._version = 0
        self._source = ""
        self._loaded_at = 0

    async def look(self, nik: str) -> Record | None:
        """The person of a NIK."""
        people = self._loaded()
        try:
            value = people.get(self._form.key(nik))
        except ValueError:
            return None
        return None if value is None else from_bytes(nik, self._form.open(nik, value))

    async def count(self) -> int:
        """How many."""
        return len(self._loaded())

    async def version(self) -> RegisterVersion:
        """Which data."""
        people = self._loaded()
        return RegisterVersion(
            name=str(self._version),
            people=len(people),
            sealed=self._form.sealed,
            loaded_at=self._loaded_at,
            source=self._source,
            stored_bytes=sum(len(key) + len(value) for key, value in people.items()),
        )

    async def is_sealed(self) -> bool:
        """Its form says so."""
        self._loaded()
        return self._form.sealed

    async def sealed_under(self) -> str:
        """Its form says so."""
        self._loaded()
        return self._form.check

    async def refresh(self) -> None:
        """Nothing: it is always the newest."""

    async def replace(self, batches: Iterable[Sequence[Packed]], *, source: str, loaded_at: int) -> int:
        """Make these the whole register."""
        people = dict(packed for batch in ascending(batches) for packed in batch)
        self._people, self._source, self._loaded_at = people, source, loaded_at
        self._version += 1
        return len(people)

    async def update(self, batch: Sequence[Packed]) -> None:
        """Add or overwrite."""
        self._loaded().update(batch)
        self._version += 1

    async def remove(self, niks: Sequence[str]) -> int:
        """Forget these."""
        keys = [self._form.key(nik) for nik in niks]
        people = self._loaded()
        self._version += 1
        return sum(people.pop(key, None) is not None for key in keys)

    async def clear(self) -> int:
        """Forget everybody."""
        people, self._people = self._people or {}, None
        return len(people)

    async def close(self) -> None:
        """Nothing to let go of."""

    def _loaded(self) -> dict[bytes, bytes]:
        if self._people is None:
            raise nothing_loaded("the memory of this process")
        return self._people
