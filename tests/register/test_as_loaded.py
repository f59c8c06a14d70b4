"""The register as it was loaded last: many ask at once, and a load in the other form is noticed by nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from padan.app.ports.registers import Register, RegisterMissing, RegisterUnavailable
from padan.domain.register import Record, Status
from padan.register import AsLoaded, Form, LmdbRegister, Plain, Sealed
from padan.register.postgres_register import PostgresRegister
from padan.register.records import to_bytes
from tests.support.postgres import new_database

RegisterIn = Callable[[Form], Register]

SITI = Record("3171015708950001", "SITI NURHALIZA", date(1995, 8, 17), Status.ALIVE)
SEALED = Sealed(b"k" * 32)


@pytest.fixture(params=["lmdb", "postgresql"])
def register_in(request: pytest.FixtureRequest, tmp_path: Path) -> RegisterIn:
    if request.param == "lmdb":
        return partial(LmdbRegister, tmp_path)
    return partial(PostgresRegister, new_database())


async def load(register: Register, form: Form) -> None:
    batch = [(form.key(SITI.nik), form.close(SITI.nik, to_bytes(SITI)))]
    await register.replace([batch], source="test", loaded_at=1)
    await register.close()


async def asked(reader: AsLoaded) -> list[Record | None]:
    async def one() -> Record | None:
        await reader.refresh()
        return await reader.look(SITI.nik)

    return await asyncio.gather(*(one() for _ in range(40)))


def test_a_load_in_the_other_form_is_answered_from_without_a_failure(register_in: RegisterIn) -> None:
    async def run() -> None:
        reader = AsLoaded(register_in, sealed=lambda: SEALED)
        for form in (SEALED, Plain(), SEALED):
            await load(register_in(form), form)
            assert await asked(reader) == [SITI] * 40
        await reader.close()

    asyncio.run(run())


def test_a_register_that_nobody_loaded_is_missing_until_it_is(register_in: RegisterIn) -> None:
    async def run() -> None:
        reader = AsLoaded(register_in, sealed=lambda: SEALED)
        with pytest.raises(RegisterMissing):
            await reader.refresh()
        await load(register_in(SEALED), SEALED)
        assert await asked(reader) == [SITI] * 40
        assert await reader.count() == 1
        await reader.close()

    asyncio.run(run())


def test_another_key_is_unavailable_and_never_nobody(register_in: RegisterIn) -> None:
    async def run() -> None:
        await load(register_in(SEALED), SEALED)
        reader = AsLoaded(register_in, sealed=lambda: Sealed(b"x" * 32))
        with pytest.raises(RegisterUnavailable, match="another key"):
            await reader.look(SITI.nik)
        await reader.close()

    asyncio.run(run())


def test_two_readers_in_one_process_share_the_file(tmp_path: Path) -> None:
    async def run() -> None:
        await load(LmdbRegister(tmp_path, SEALED), SEALED)
        first, second = (AsLoaded(partial(LmdbRegister, tmp_path), sealed=lambda: SEALED) for _ in "12")
        assert await asked(first) == await asked(second) == [SITI] * 40
        await first.close()
        assert await asked(second) == [SITI] * 40
        await second.close()
        assert await asked(first) == [SITI] * 40
        await first.close()

    asyncio.run(run())


def test_no_connection_is_left_behind() -> None:
    url = new_database()

    async def run() -> int:
        await load(PostgresRegister(url, SEALED), SEALED)
        reader = AsLoaded(partial(PostgresRegister, url), sealed=lambda: SEALED)
        await asked(reader)
        await load(PostgresRegister(url, Plain()), Plain())
        await asked(reader)
        await reader.close()
        connection = await asyncpg.connect(url)
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        for _ in range(50):
            left = int(await connection.fetchval(others)) - 1
            if not left:
                break
            await asyncio.sleep(0.02)
        await connection.close()
        return left

    assert asyncio.run(run()) == 0
