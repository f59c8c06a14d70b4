"""What the person does: launch once, choose, give what is missing, give up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from padan.app.create import Created, Order, create
from padan.app.end import cancel, redact
from padan.app.errors import Invalid, NotYours
from padan.app.submit import Agreement, Submission, choose_provider, give_up, submit
from padan.app.visit import launch, visit
from padan.domain.claim import ClaimField
from padan.domain.session import ErrorCode, Session, SessionKind, SessionState
from tests.support.wired import BANK, BORN, NAME, NIK, PERSON, PROFILE, PROVIDER, Wired, wire, working


def token(created: Created) -> str:
    return parse_qs(urlsplit(created.launch_url or "").query)["token"][0]


def sent(given: dict[str, Any], language: str = "en") -> Submission:
    return Submission(given, language, Agreement("2026-11.0123456789abcdef", language))


async def opened(w: Wired, known: dict[str, Any] | None = None) -> Session:
    created = await w.hosted(known)
    session, _ = await launch(w.ports, created.session.id, launch_token=token(created))
    return session


def test_a_launch_token_works_once() -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.hosted()
        _, page_token = await launch(w.ports, created.session.id, launch_token=token(created))
        assert (await visit(w.ports, created.session.id, page_token)).launched_at == w.clock()
        with pytest.raises(NotYours):
            await launch(w.ports, created.session.id, launch_token=token(created))

    asyncio.run(scene())


def test_of_two_launches_at_once_one_wins() -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.hosted()
        tries = [launch(w.ports, created.session.id, launch_token=token(created)) for _ in range(2)]
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(outcome, NotYours) for outcome in outcomes) == 1

    asyncio.run(scene())


@pytest.mark.parametrize("wrong", ["", "x", "None"])
def test_a_wrong_token_opens_nothing_neither_before_nor_after_the_launch(wrong: str) -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.hosted()
        direct = await w.direct()
        for session_id in (created.session.id, direct.session.id):
            with pytest.raises(NotYours):
                await launch(w.ports, session_id, launch_token=wrong)
            with pytest.raises(NotYours):
                await visit(w.ports, session_id, wrong)

    asyncio.run(scene())


@pytest.mark.parametrize("verb", [cancel, redact])
def test_an_ended_session_cannot_be_launched(verb: Any) -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.hosted()
        await verb(w.ports, BANK, created.session.id)
        with pytest.raises(NotYours):
            await launch(w.ports, created.session.id, launch_token=token(created))

    asyncio.run(scene())


def test_a_redacted_session_has_no_page() -> None:
    async def scene() -> None:
        w = await wire()
        created = await w.hosted()
        _, page_token = await launch(w.ports, created.session.id, launch_token=token(created))
        await redact(w.ports, BANK, created.session.id)
        with pytest.raises(NotYours):
            await visit(w.ports, created.session.id, page_token)

    asyncio.run(scene())


def test_what_the_relying_party_knew_and_what_the_person_gave_become_one_claim() -> None:
    async def scene() -> None:
        async with working() as w:
            session = await opened(w, {"fullName": NAME})
            given = {"nikIdNumber": NIK, "dateOfBirth": BORN, "fullName": "ORANG LAIN"}
            await submit(w.ports, session, sent(given, "en"))
            assert (await w.until_done(session.id)).success
            (claim,) = w.registry.claims
            assert (claim.nik, claim.full_name, claim.date_of_birth.isoformat()) == (NIK, NAME, BORN)

    asyncio.run(scene())


def test_a_complete_claim_needs_only_the_persons_yes() -> None:
    async def scene() -> None:
        async with working() as w:
            session = await opened(w, PERSON)
            assert w.registry.claims == []
            await submit(w.ports, session, sent({}, "en"))
            assert (await w.until_done(session.id)).success

    asyncio.run(scene())


def test_a_second_submit_asks_nothing_more() -> None:
    async def scene() -> None:
        async with working() as w:
            session = await opened(w)
            for _ in range(2):
                await submit(w.ports, session, sent(PERSON, "en"))
            await w.until_done(session.id)
            await submit(w.ports, await w.session(session.id), sent(PERSON, "en"))
            assert len(w.registry.claims) == 1

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, set(ClaimField)),
        ({**PERSON, "nikIdNumber": "327301570590000"}, {"nikIdNumber"}),
        ({**PERSON, "fullName": "   "}, {"fullName"}),
        ({**PERSON, "dateOfBirth": "17-05-1990"}, {"dateOfBirth"}),
        ({"nikIdNumber": NIK}, {"fullName", "dateOfBirth"}),
    ],
)
@pytest.mark.parametrize("language", ["en", "id"])
def test_what_is_missing_or_wrong_is_named_and_changes_nothing(
    given: dict[str, str], wrong: set[str], language: str
) -> None:
    async def scene() -> None:
        w = await wire()
        session = await opened(w)
        with pytest.raises(Invalid) as caught:
            await submit(w.ports, session, sent(given, language))
        assert set(caught.value.errors) == set(caught.value.codes) == wrong
        now = await w.session(session.id)
        assert replace(now, refusals=0, revision=session.revision) == session

    asyncio.run(scene())


def test_a_widget_asks_for_the_provider_first_and_takes_only_what_it_offers() -> None:
    async def scene() -> None:
        w = await wire()
        created = await create(w.ports, BANK, Order(PROFILE.id, SessionKind.WIDGET))
        session, _ = await launch(w.ports, created.session.id, launch_token=token(created))
        assert (session.provider, session.allowed_providers) == (None, (PROVIDER,))
        with pytest.raises(Invalid):
            await choose_provider(w.ports, session, "estonia-id-card")
        chosen = await choose_provider(w.ports, session, PROVIDER)
        assert (chosen.provider, chosen.missing) == (PROVIDER, tuple(ClaimField))
        assert await choose_provider(w.ports, chosen, "estonia-id-card") == chosen

    asyncio.run(scene())


def test_giving_up_ends_the_session_once() -> None:
    async def scene() -> None:
        w = await wire()
        session = await opened(w)
        ended = await give_up(w.ports, session)
        assert (ended.state, ended.error_code) == (SessionState.FAILED, ErrorCode.CANCELED)
        assert await give_up(w.ports, ended) == ended

    asyncio.run(scene())
