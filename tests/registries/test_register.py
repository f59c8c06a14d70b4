from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from padan.app.ports import Registry
from padan.app.ports.registers import Packed
from padan.domain.claim import Claim
from padan.domain.errors import RegistryProtocolError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import ComparedBy, Comparison, Finding, NameVerdict, Outcome
from padan.domain.register import Record, Status
from padan.domain.rules import USUAL_NAMES, NameRules
from padan.nik import Sex
from padan.register import LmdbRegister, MemoryRegister, Plain, Sealed
from padan.register.records import to_bytes
from padan.registries import RegisterRegistry
from padan.registries.record import compare_names

SITI = Record("3171015708950001", "SITI NURHALIZA", date(1995, 8, 17), Status.ALIVE)
CLAIM = Claim(SITI.nik, "Siti  Nurhaliza", SITI.date_of_birth)
FORM = Sealed(b"k" * 32)


def packed(*people: Record, under: str = SITI.nik) -> Sequence[Packed]:
    return [(FORM.key(under), FORM.close(person.nik, to_bytes(person))) for person in people]


def ask(people: Sequence[Packed] | None, claim: Claim = CLAIM, *, names: NameRules = USUAL_NAMES) -> Finding:
    async def run() -> Finding:
        register = MemoryRegister(FORM)
        if people is not None:
            await register.replace([people], source="test", loaded_at=1)
        registry: Registry = RegisterRegistry(register)
        return await registry.ask(claim, request_id="1", names=names)

    return asyncio.run(run())


def test_the_person_of_the_nik_is_found_and_every_field_compared() -> None:
    assert ask(packed(SITI)) == Finding(
        Outcome.FOUND,
        nik=Comparison(True),
        full_name=compare_names(CLAIM.full_name, SITI.full_name, rules=NameRules()),
        date_of_birth=Comparison(True),
        compared_by=ComparedBy.PADAN,
    )


def test_another_name_and_another_date_do_not_match() -> None:
    finding = ask(packed(SITI), replace(CLAIM, full_name="Agus", date_of_birth=date(1995, 8, 18)))
    assert finding.full_name is not None
    assert not finding.full_name.matches
    assert finding.date_of_birth == Comparison(False)


def test_the_rules_of_a_profile_judge_the_name() -> None:
    claim = replace(CLAIM, full_name="Nurhaliza")
    for least, matches in ((NameVerdict.PARTIAL, True), (NameVerdict.VARIATION, False)):
        finding = ask(packed(SITI), claim, names=NameRules(verdict=least))
        assert finding.full_name is not None
        assert finding.full_name.matches is matches


def test_a_corrected_sex_is_told_and_any_other_is_unknown() -> None:
    assert ask(packed(SITI._replace(sex=Sex.MALE))).sex == Comparison(False)
    assert ask(packed(SITI)).sex is None


@pytest.mark.parametrize("status", [Status.DECEASED, Status.INACTIVE, Status.DUPLICATE])
def test_nothing_is_compared_with_who_is_not_alive(status: Status) -> None:
    assert ask(packed(SITI._replace(status=status))) == Finding(Outcome(status.value))


def test_a_nik_that_the_register_has_not_is_not_found() -> None:
    assert ask(packed(SITI), replace(CLAIM, nik="3171015708950002")) == Finding(Outcome.NOT_FOUND)


def test_a_register_of_nothing_refuses() -> None:
    with pytest.raises(RegistryRefused, match="padan register load"):
        ask(None)


def test_a_damaged_record_is_an_alarm_and_no_match() -> None:
    damaged = packed(SITI._replace(nik="3171015708950009"), under=SITI.nik)
    with pytest.raises(RegistryProtocolError):
        ask(damaged)


def test_a_register_that_cannot_be_read_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "register.json").mkdir()
    registry = RegisterRegistry(LmdbRegister(tmp_path, Plain()))
    with pytest.raises(RegistryUnavailable):
        asyncio.run(registry.ask(CLAIM, request_id="1"))
    assert not asyncio.run(registry.reachable())


def test_a_load_is_answered_from_at_the_next_question() -> None:
    async def run() -> list[Outcome]:
        register = MemoryRegister(FORM)
        registry = RegisterRegistry(register)
        await register.replace([[]], source="test", loaded_at=1)
        before = (await registry.ask(CLAIM, request_id="1")).outcome
        await register.replace([packed(SITI)], source="test", loaded_at=2)
        return [before, (await registry.ask(CLAIM, request_id="2")).outcome]

    assert asyncio.run(run()) == [Outcome.NOT_FOUND, Outcome.FOUND]
