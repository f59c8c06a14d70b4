"""The register in whatever form it was loaded last, for who answers from it for months."""

from __future__ import annotations

from collections.abc import Callable

from padan.app.ports.registers import Register, RegisterUnavailable
from padan.domain.register import Record
from padan.register.forms import Form, OpenForm, Plain


class AsLoaded:
    """Implements `padan.app.ports.registers.RegisterReader`.

    Nothing is opened before the first call. A load in the other form, or under another key, costs one call a
    RegisterUnavailable: the next one opens what is there now.
    """

    def __init__(self, register_in: Callable[[Form], Register], *, sealed: OpenForm) -> None:
        self._register_in = register_in
        self._sealed = sealed
        self._register: Register | None = None

    async def look(self, nik: str) -> Record | None:
        """The person of a NIK."""
        register = self._register or await self._open()
        try:
            return await register.look(nik)
        except RegisterUnavailable:
            await self.close()
            raise

    async def count(self) -> int:
        """How many."""
        register = self._register or await self._open()
        try:
            return await register.count()
        except RegisterUnavailable:
            await self.close()
            raise

    async def refresh(self) -> None:
        """See the newest data."""
        if self._register is None:
            await self._open()
            return
        try:
            await self._register.refresh()
        except RegisterUnavailable:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of it; the next call opens it again."""
        register, self._register = self._register, None
        if register is not None:
            await register.close()

    async def _open(self) -> Register:
        of_any_form = self._register_in(Plain())
        try:
            sealed = await of_any_form.is_sealed()
        finally:
            await of_any_form.close()
        self._register = self._register_in(self._sealed() if sealed else Plain())
        return self._register
