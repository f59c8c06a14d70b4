from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.conftest import Run
from tests.support.postgres import new_database

from padan.app.ports.registers import Packed, Register, RegisterDamaged, RegisterMissing
from padan.domain.register import Record, Status
from padan.nik import Sex
from padan.register import Form, LmdbRegister, MemoryRegister, Plain, Sealed
from padan.register.postgres_register import PostgresRegister
from padan.register.records import to_bytes

HERE: list[LmdbRegister] = []


def open_here(folder: Path, sealed: bool) -> None:
    HERE.append(LmdbRegister(folder, Sealed(b"k" * 32) if sealed else Plain()))


def look_here(nik: str) -> Record | None:
    return asyncio.run(HERE[0].look(nik))


def refresh_here() -> None:
    asyncio.run(HERE[0].refresh())


SITI = Record("3171015708950001", "SITI NURHALIZA", date(1995, 8, 17), Status.ALIVE)
BUDI = Record("3578010101600002", "BUDI", date(1960, 1, 1), Status.DECEASED, Sex.FEMALE)
OLD = Record("9171014107010003", "MARIA Yo'olé", date(1899, 12, 31), Status.INACTIVE)
SHADOW = Record("1101010101000004", "X" * 200, date(2025, 1, 1), Status.DUPLICATE, Sex.MALE)
EVERYBODY = (SITI, BUDI, OLD, SHADOW)


@pytest.fixture(params=["plain", "sealed"])
def form(request: pytest.FixtureRequest) -> Form:
    return Plain() if request.param == "plain" else Sealed(b"k" * 32)


@pytest.fixture(params=["memory", "lmdb", "postgres"])
def register(request: pytest.FixtureRequest, form: Form, tmp_path: Path, run: Run) -> Iterator[Register]:
    """Every implementation of the register, in both forms, with nothing loaded."""
    opened: Register
    if request.param == "memory":
        opened = MemoryRegister(form)
    elif request.param == "lmdb":
        opened = LmdbRegister(tmp_path / "register", form)
    else:
        opened = PostgresRegister(new_database(), form)
    yield opened
    run(opened.close())


class Elsewhere:
    """The register of a folder in another process."""

    def __init__(self, folder: Path, *, sealed: bool) -> None:
        self._process = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self._call(open_here, folder, sealed)

    async def look(self, nik: str) -> Record | None:
        found: Record | None = self._call(look_here, nik)
        return found

    async def refresh(self) -> None:
        self._call(refresh_here)

    async def close(self) -> None:
        self._process.shutdown()

    def _call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return self._process.submit(work, *arguments).result()


@pytest.fixture
def other(register: Register, form: Form, run: Run) -> Iterator[Any]:
    """Another handle on the same register, as another process has it."""
    opened: Any
    if isinstance(register, LmdbRegister):
        # A process opens a file of LMDB once, so the other handle is in another process.
        opened = Elsewhere(register.folder, sealed=form.sealed)
    elif isinstance(register, PostgresRegister):
        opened = PostgresRegister(register.url, form)
    else:
        opened = register
    yield opened
    run(opened.close())


def packed(form: Form, *people: Record) -> list[Packed]:
    return sorted((form.key(person.nik), form.close(person.nik, to_bytes(person))) for person in people)


def load(run: Run, register: Register, batches: Sequence[Sequence[Packed]]) -> int:
    loaded: int = run(register.replace(batches, source="test", loaded_at=7))
    return loaded


def test_everybody_who_was_loaded_is_found_with_every_field(run: Run, register: Register, form: Form) -> None:
    assert load(run, register, [packed(form, *EVERYBODY)]) == 4
    assert [run(register.look(person.nik)) for person in EVERYBODY] == list(EVERYBODY)
    assert run(register.count()) == 4


def test_nobody_else_is_found(run: Run, register: Register, form: Form) -> None:
    load(run, register, [packed(form, SITI)])
    for nik in (BUDI.nik, "", "317101570895000", "31710157089500011", "317101570895000x", "٣" * 16):
        assert run(register.look(nik)) is None


def test_before_a_load_it_says_that_nothing_was_loaded(run: Run, register: Register, form: Form) -> None:
    for call in (register.look(SITI.nik), register.count(), register.version(), register.update([])):
        with pytest.raises(RegisterMissing, match="padan register load"):
            run(call)


def test_a_load_of_nobody_is_a_register_of_nobody(run: Run, register: Register, form: Form) -> None:
    assert load(run, register, []) == 0
    assert run(register.look(SITI.nik)) is None


def test_a_second_load_takes_the_place_of_the_first(run: Run, register: Register, form: Form) -> None:
    load(run, register, [packed(form, SITI, BUDI)])
    first = run(register.version())
    load(run, register, [packed(form, OLD)])
    assert [run(register.look(person.nik)) for person in (SITI, BUDI, OLD)] == [None, None, OLD]
    assert run(register.version()).name != first.name


def test_a_load_that_fails_in_the_middle_changes_nothing(run: Run, register: Register, form: Form) -> None:
    load(run, register, [packed(form, SITI)])

    def breaks() -> Iterator[Sequence[Packed]]:
        yield packed(form, BUDI)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(register.replace(breaks(), source="test", loaded_at=8))
    assert run(register.look(SITI.nik)) == SITI
    assert run(register.look(BUDI.nik)) is None
    assert run(register.count()) == 1


@pytest.mark.parametrize("how", ["backwards", "twice"])
def test_keys_that_do_not_ascend_are_refused(run: Run, register: Register, form: Form, how: str) -> None:
    ordered = packed(form, *EVERYBODY)
    wrong = ordered[::-1] if how == "backwards" else [ordered[0], ordered[0]]
    for batches in ([wrong], [[item] for item in wrong]):
        with pytest.raises(ValueError, match="ascend"):
            load(run, register, batches)
    with pytest.raises(RegisterMissing):
        run(register.count())


def test_an_update_adds_and_overwrites_and_leaves_the_others(
    run: Run, register: Register, form: Form
) -> None:
    load(run, register, [packed(form, SITI, BUDI)])
    before = run(register.version())
    dead = SITI._replace(status=Status.DECEASED)
    run(register.update(packed(form, dead, OLD)))
    assert [run(register.look(person.nik)) for person in (SITI, BUDI, OLD)] == [dead, BUDI, OLD]
    assert run(register.count()) == 3
    assert run(register.version()).name != before.name


def test_who_was_removed_is_gone(run: Run, register: Register, form: Form) -> None:
    load(run, register, [packed(form, SITI, BUDI)])
    assert run(register.remove([SITI.nik, OLD.nik])) == 1
    assert run(register.look(SITI.nik)) is None
    assert run(register.count()) == 1


def test_what_another_handle_did_is_seen_after_a_refresh(
    run: Run, register: Register, form: Form, other: Register
) -> None:
    load(run, register, [packed(form, SITI)])
    assert run(other.look(SITI.nik)) == SITI
    run(register.update(packed(form, BUDI)))
    run(other.refresh())
    assert run(other.look(BUDI.nik)) == BUDI
    load(run, register, [packed(form, OLD)])
    run(other.refresh())
    assert [run(other.look(person.nik)) for person in (SITI, OLD)] == [None, OLD]


def test_while_one_loads_another_sees_nothing_of_it(
    run: Run, register: Register, form: Form, other: Register
) -> None:
    load(run, register, [packed(form, SITI)])
    seen: list[Record | None] = []

    def reads() -> Iterator[Sequence[Packed]]:
        yield packed(form, BUDI)
        with ThreadPoolExecutor(1) as thread:
            seen.extend(thread.submit(asyncio.run, looks(other)).result())

    async def looks(handle: Register) -> list[Record | None]:
        await handle.refresh()
        found = [await handle.look(person.nik) for person in (SITI, BUDI)]
        if isinstance(handle, PostgresRegister):
            await handle.close()
        return found

    run(register.replace(reads(), source="test", loaded_at=8))
    assert seen == [SITI, None]
    run(other.refresh())
    assert run(other.look(BUDI.nik)) == BUDI


def test_a_cleared_register_has_nothing_loaded(run: Run, register: Register, form: Form) -> None:
    load(run, register, [packed(form, SITI)])
    assert run(register.clear()) == 1
    with pytest.raises(RegisterMissing):
        run(register.look(SITI.nik))
    assert run(register.clear()) == 0


def test_the_version_says_what_is_served(run: Run, register: Register, form: Form) -> None:
    load(run, register, [packed(form, *EVERYBODY)])
    version = run(register.version())
    assert (version.people, version.loaded_at, version.source) == (4, 7, "test")
    assert version.sealed == form.sealed
    assert version.stored_bytes > 0


def test_it_says_under_what_it_is_sealed(run: Run, register: Register, form: Form) -> None:
    with pytest.raises(RegisterMissing):
        run(register.sealed_under())
    load(run, register, [packed(form, SITI)])
    assert run(register.sealed_under()) == form.check


def test_a_sealed_record_under_another_nik_is_damage_and_no_match(
    run: Run, register: Register, form: Form
) -> None:
    if not form.sealed:
        pytest.skip("a plain record is bound to nothing")
    load(run, register, [[(form.key(BUDI.nik), form.close(SITI.nik, to_bytes(SITI)))]])
    with pytest.raises(RegisterDamaged):
        run(register.look(BUDI.nik))


def test_a_record_shows_nothing_of_the_person() -> None:
    for shown in (repr(SITI), str(SITI), f"{SITI}"):
        assert not any(part in shown for part in ("SITI", "3171", "1995"))
