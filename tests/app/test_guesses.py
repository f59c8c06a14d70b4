"""How often one NIK may be tried with other details, and that nobody is refused for anything else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from padan.app.errors import TooManyTries
from padan.app.guesses import DAY, known_index, within_limits
from padan.app.ports import Limits
from padan.app.submit import submit
from padan.domain.claim import PartialClaim
from padan.domain.session import ErrorCode, Session
from tests.app.test_submit import opened, sent
from tests.support.wired import BANK, NAME, NIK, PERSON, SHOP, Wired, wire, working

UNKNOWN_NIK = "3273015705900002"
FIVE, TWENTY = Limits().guesses_per_environment, Limits().guesses_per_server


def names(count: int) -> list[str]:
    return [f"{NAME} {chr(ord('A') + n)}" for n in range(count)]


def claim(name: str = NAME, nik: str | None = NIK, **fields: Any) -> PartialClaim:
    return PartialClaim(nik=nik, full_name=name, date_of_birth=date(1990, 5, 17), **fields)


async def a_session_of(w: Wired, environment: Any = BANK) -> Session:
    return replace((await w.hosted()).session, environment_id=environment.id)


def test_five_different_details_are_taken_and_the_sixth_is_not() -> None:
    async def scene() -> None:
        w = await wire()
        session = await a_session_of(w)
        taken = [await within_limits(w.ports, session, claim(name)) for name in names(FIVE + 1)]
        assert taken == [True] * FIVE + [False]

    asyncio.run(scene())


def test_the_same_details_again_are_no_new_guess() -> None:
    async def scene() -> None:
        w = await wire()
        session = await a_session_of(w)
        assert all([await within_limits(w.ports, session, claim()) for _ in range(3 * FIVE)])

    asyncio.run(scene())


@pytest.mark.parametrize(
    "other",
    [claim("SITI LAIN"), replace(claim(), date_of_birth=date(1990, 5, 18)), PartialClaim(nik=NIK)],
    ids=["name", "date", "less"],
)
def test_each_detail_makes_a_guess_another_one(other: PartialClaim) -> None:
    async def scene() -> None:
        w = await wire()
        ports = replace(w.ports, limits=Limits(guesses_per_environment=1))
        session = await a_session_of(w)
        assert await within_limits(ports, session, claim())
        assert not await within_limits(ports, session, other)

    asyncio.run(scene())


def test_another_nik_and_another_environment_have_counts_of_their_own() -> None:
    async def scene() -> None:
        w = await wire()
        bank, shop = await a_session_of(w), await a_session_of(w, SHOP)
        for name in names(FIVE):
            assert await within_limits(w.ports, bank, claim(name))
        assert await within_limits(w.ports, bank, claim(nik=UNKNOWN_NIK))
        assert await within_limits(w.ports, shop, claim("NAMA LAIN"))
        assert not await within_limits(w.ports, bank, claim("NAMA LAIN"))

    asyncio.run(scene())


def test_all_environments_together_have_a_limit_too() -> None:
    async def scene() -> None:
        w = await wire()
        ports = replace(w.ports, limits=Limits(guesses_per_environment=5, guesses_per_server=6))
        bank, shop = await a_session_of(w), await a_session_of(w, SHOP)
        some, others = names(8)[:5], names(8)[5:]
        assert all([await within_limits(ports, bank, claim(name)) for name in some])
        told = [await within_limits(ports, shop, claim(name)) for name in others]
        assert told == [True, False, False]

    asyncio.run(scene())


def test_after_a_day_the_count_begins_anew() -> None:
    async def scene() -> None:
        w = await wire()
        session = await a_session_of(w)
        for name in names(FIVE + 1):
            await within_limits(w.ports, session, claim(name))
        w.clock.pass_(DAY - 1)
        assert not await within_limits(w.ports, session, claim("NAMA LAIN"))
        w.clock.pass_(DAY)
        assert await within_limits(w.ports, session, claim("NAMA LAIN"))

    asyncio.run(scene())


def test_a_nik_that_the_relying_party_passed_in_is_counted_like_one_that_is_typed() -> None:
    async def scene() -> None:
        w = await wire()
        for name in names(FIVE):
            session = await opened(w, {"nikIdNumber": NIK})
            await submit(w.ports, session, sent({"fullName": name, "dateOfBirth": "1990-05-17"}))
        session = await opened(w, {"nikIdNumber": NIK})
        with pytest.raises(TooManyTries):
            await submit(w.ports, session, sent({"fullName": "NAMA LAIN", "dateOfBirth": "1990-05-17"}))
        typed = await opened(w)
        with pytest.raises(TooManyTries):
            await submit(w.ports, typed, sent({**PERSON, "fullName": "NAMA BARU"}))

    asyncio.run(scene())


@pytest.mark.parametrize("again", [NAME.lower(), NAME.title(), f" {NAME}. ", NAME.replace(" ", "  ")])
def test_a_name_typed_in_another_way_is_no_new_guess(again: str) -> None:
    async def scene() -> None:
        w = await wire()
        ports = replace(w.ports, limits=Limits(guesses_per_environment=1))
        session = await a_session_of(w)
        assert await within_limits(ports, session, claim())
        assert await within_limits(ports, session, claim(again))

    asyncio.run(scene())


@pytest.mark.parametrize("known", ["fullName", "dateOfBirth", "both"])
def test_details_that_the_relying_party_passed_in_are_part_of_a_guess(known: str) -> None:
    async def scene() -> None:
        w = await wire()
        for number, name in enumerate(names(FIVE + 1)):
            details = {"fullName": name, "dateOfBirth": "1990-05-17"}
            passed = details if known == "both" else {known: details[known]}
            session = await opened(w, passed)
            typed = {"nikIdNumber": NIK, **{n: v for n, v in details.items() if n not in passed}}
            if number < FIVE:
                await submit(w.ports, session, sent(typed))
                continue
            with pytest.raises(TooManyTries):
                await submit(w.ports, session, sent(typed))
        same = await opened(w)
        await submit(w.ports, same, sent({**PERSON, "fullName": names(1)[0], "dateOfBirth": "1990-05-17"}))

    asyncio.run(scene())


def test_a_guess_too_many_asks_nobody_and_is_a_refusal() -> None:
    async def scene() -> None:
        async with working() as w:
            for name in names(FIVE):
                session = await opened(w)
                await submit(w.ports, session, sent({**PERSON, "fullName": name}))
                await w.until_done(session.id)
            asked = len(w.registry.claims)
            session = await opened(w)
            with pytest.raises(TooManyTries):
                await submit(w.ports, session, sent({**PERSON, "fullName": "NAMA LAIN"}))
            now = await w.session(session.id)
            assert replace(now, refusals=0, revision=session.revision) == session
            assert now.refusals == 1
            assert len(w.registry.claims) == asked

    asyncio.run(scene())


def test_what_the_relying_party_asks_for_by_itself_is_not_limited() -> None:
    async def scene() -> None:
        async with working() as w:
            for name in names(FIVE + 2):
                created = await w.direct({**PERSON, "fullName": name})
                assert (await w.until_done(created.session.id)).success

    asyncio.run(scene())


def test_a_complete_claim_is_no_guess_of_the_person() -> None:
    async def scene() -> None:
        w = await wire()
        for name in names(FIVE + 2):
            session = await opened(w, {**PERSON, "fullName": name})
            assert (await submit(w.ports, session, sent({}))).consent is not None

    asyncio.run(scene())


def test_too_many_refusals_end_the_session() -> None:
    async def scene() -> None:
        w = await wire()
        ports = replace(w.ports, limits=Limits(refusals_per_session=3, guesses_per_environment=1))
        await within_limits(ports, await a_session_of(w), claim())
        session = await opened(w)
        for _ in range(3):
            with pytest.raises(TooManyTries):
                await submit(ports, await w.session(session.id), sent({**PERSON, "fullName": "NAMA LAIN"}))
        ended = await w.session(session.id)
        assert (ended.done, ended.error_code) == (True, ErrorCode.SECURITY_VALIDATION_FAILED)

    asyncio.run(scene())


def test_no_nik_and_no_name_lies_in_what_is_counted() -> None:
    async def scene() -> None:
        w = await wire()
        session = await a_session_of(w)
        await within_limits(w.ports, session, claim())
        noted = b"".join(subject + guess for subject, guess in w.store._guesses)
        assert len(noted) == 2 * 2 * 16
        assert NIK.encode() not in noted
        prints = known_index(w.ports, BANK.id, claim())
        assert {subject for subject, _ in w.store._guesses} == {prints[:16], prints[16:32]}

    asyncio.run(scene())


def test_the_default_limits_are_those_of_the_decision() -> None:
    assert (FIVE, TWENTY) == (5, 20)
    assert timedelta(milliseconds=DAY) == timedelta(days=1)
