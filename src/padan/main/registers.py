"""The operator's own register, and what loads it."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from padan.app.ports.registers import Register, RegisterReader, RegisterUnavailable
from padan.main.opening import today
from padan.register import AsLoaded, Form, LmdbRegister, OpenForm, Plain, make_key, sealed_form
from padan.settings import Settings

if TYPE_CHECKING:
    from padan.register.sources import Source


def register_form(settings: Settings, *, sealed: bool, create: bool = False) -> OpenForm:
    """What makes the form in which people are stored. With `create`, a first sealed one makes its key.

    Raises RegisterKeyError where the key cannot be made.
    """
    if not sealed:
        return Plain
    if create:
        make_key(settings.keys_folder)
    return partial(sealed_form, settings.keys_folder)


def register_of(settings: Settings, form: Form) -> Register:
    """The register of the settings in a form; nothing is opened yet."""
    place = settings.register_place
    if place.startswith("postgresql://"):
        # Its driver is for those who use it.
        from padan.register.postgres_register import PostgresRegister

        return PostgresRegister(place, form)
    return LmdbRegister(Path(place), form)


def register_reader(settings: Settings) -> RegisterReader:
    """The register of the settings for who answers from it; nothing is opened yet."""
    sealed = partial(sealed_form, settings.keys_folder)
    return AsLoaded(partial(register_of, settings), sealed=sealed)


async def register_problem(settings: Settings) -> str | None:
    """Why a register that is to answer cannot, with the remedy; None where it can, or nobody asks it."""
    if settings.asks_register_in_live:
        by = "PADAN_LIVE_REGISTRY"
    elif settings.asks_register_in_test:
        by = "PADAN_TEST_REGISTRY"
    else:
        return None
    register = register_reader(settings)
    try:
        await register.count()
    except RegisterUnavailable as error:
        return f"{by}=register, but {error}"
    finally:
        await register.close()
    return None


def stored_form(settings: Settings) -> OpenForm:
    """What makes the form in which the register was loaded. Raises RegisterMissing where it was not."""
    register = register_of(settings, Plain())

    async def sealed() -> bool:
        try:
            return await register.is_sealed()
        finally:
            await register.close()

    return register_form(settings, sealed=asyncio.run(sealed()))


def open_register(settings: Settings) -> Register:
    """The register as it was loaded, sealed or plain.

    Raises RegisterMissing where nothing was loaded, RegisterKeyError where its key is missing.
    """
    return register_of(settings, stored_form(settings)())


def source_of(given: str, *, table: str | None, encoding: str, assume_alive: bool) -> Source:
    """The table that a file or a URL names. Raises SourceRefused where it cannot be loaded."""
    from padan.register.csv_source import CsvSource
    from padan.register.table_sources import ParquetSource, PostgresSource

    day = today()
    if given.startswith("postgresql://"):
        return PostgresSource(given, table or "people", today=day, assume_alive=assume_alive)
    path = Path(given).expanduser()
    if path.suffix.lower() == ".parquet":
        return ParquetSource(path, today=day, assume_alive=assume_alive)
    return CsvSource(path, today=day, encoding=encoding, assume_alive=assume_alive)
