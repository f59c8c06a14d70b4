"""The register in whatever form it was loaded last, for who answers from it for months."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from padan.app.ports.registers import Register, RegisterDamaged, RegisterUnavailable
from padan.domain.register import Record
from padan.register.forms import Form, OpenForm, Plain

T = TypeVar("T")


class AsLoaded:
    """Implements `padan.app.ports.registers.RegisterReader`.

    Nothing is opened before the first call. Where what was opened cannot be used any more, after a load in
    the other form, say, it is opened again once, as it is now; so nobody who asks notices that load.
    """

    def __init__(self, register_in: Callable[[Form], Register], *, sealed: OpenForm) -> None:
        self._register_in = register_in
        self._sealed = sealed
        self._register: Register | None = None
        self._users: dict[int, int] = {}
        self._opening = asyncio.Lock()

    async def look(self, nik: str) -> Record | None:
        """The person of a NIK."""
        return await self._ask(lambda register: register.look(nik))

    async def count(self) -> int:
        """How many."""
        return await self._ask(lambda register: register.count())

    async def refresh(self) -> None:
        """See the newest data."""
        await self._ask(lambda register: register.refresh())

    async def close(self) -> None:
        """Let go of it; the next call opens it again."""
        if self._register is not None:
            await self._drop(self._register)

    async def _ask(self, call: Callable[[Register], Awaitable[T]]) -> T:
        fresh = self._register is None
        register = await self._opened()
        try:
            return await self._use(register, call)
        except RegisterDamaged:
            raise
        except RegisterUnavailable:
            await self._drop(register)
            if fresh:
                raise
        return await self._use(await self._opened(), call)

    async def _use(self, register: Register, call: Callable[[Register], Awaitable[T]]) -> T:
        self._users[id(register)] = self._users.get(id(register), 0) + 1
        try:
            return await call(register)
        finally:
            self._users[id(register)] -= 1
            if register is not self._register:
                await self._close_unused(register)

    async def _drop(self, register: Register) -> None:
        """Let others be opened in its place; it is closed once nobody uses it any more."""
        if register is self._register:
            self._register = None
        await self._close_unused(register)

    async def _close_unused(self, register: Register) -> None:
        if not self._users.get(id(register)):
            self._users.pop(id(register), None)
            await register.close()

    async def _opened(self) -> Register:
        if self._register is not None:
            return self._register
        async with self._opening:
            if self._register is None:
                self._register = await self._open()
        return self._register

    async def _open(self) -> Register:
        of_any_form = self._register_in(Plain())
        try:
            sealed = await of_any_form.is_sealed()
        finally:
            await of_any_form.close()
        return self._register_in(self._sealed() if sealed else Plain())
