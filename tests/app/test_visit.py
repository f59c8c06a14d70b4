"""The person's visits: what the launch moves under the cookie, who sees what, leaving and coming back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from padan.app.create import Created, Order, create
from padan.app.end import redact
from padan.app.errors import NotYours
from padan.app.ports import SealBroken
from padan.app.submit import submit
from padan.app.visit import come_back, known_claim, launch, leave, own_result, return_key, visit
from padan.domain.claim import PartialClaim
from padan.domain.hosting import PageRules, ResultPage
from padan.domain.profile import RedirectUri
from padan.domain.session import ErrorCode, Session, SessionKind
from tests.app.test_submit import sent, token
from tests.support.wired import BANK, NAME, NIK, PERSON, PROFILE, RETURN, Wired, wire, working

SHOWING = PageRules(shows_known_data=True)
HANDING = PageRules(returns_results_access_key=True)


async def created(w: Wired, rules: PageRules, known: dict[str, Any] | None = None) -> Created:
    await w.store.change_profile(replace(PROFILE, pages=rules))
    return await w.hosted(known)


async def launched(w: Wired, new: Created, **fields: Any) -> tuple[Session, str]:
    return await launch(w.ports, new.session.id, launch_token=token(new), **fields)


def test_the_person_sees_what_was_passed_in_with_their_cookie_alone() -> None:
    async def scene() -> None:
        w = await wire()
        new = await created(w, SHOWING, {"nikIdNumber": NIK, "fullName": NAME})
        session, cookie = await launched(w, new)
        known = PartialClaim(nik=NIK, full_name=NAME)
        assert known_claim(w.ports, session, cookie) == known
        for other in (token(new), cookie[:-1], ""):
            with pytest.raises(SealBroken):
                known_claim(w.ports, session, other)
        with pytest.raises(SealBroken):
            known_claim(w.ports, replace(session, sealed_preview=new.session.sealed_preview), cookie)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("rules", "known", "preview", "key"),
    [
        (PageRules(), PERSON, False, False),
        (SHOWING, PERSON, True, False),
        (SHOWING, None, False, False),
        (HANDING, PERSON, False, True),
        (PageRules(result_page=ResultPage.VERDICT), None, False, True),
        (PageRules(result_page=ResultPage.NEXT_STEPS), None, False, True),
        (PageRules(returns_canceled=True), PERSON, False, False),
    ],
)
def test_a_session_holds_for_the_page_what_its_profile_asks_for_and_no_more(
    rules: PageRules, known: dict[str, Any] | None, preview: bool, key: bool
) -> None:
    async def scene() -> None:
        w = await wire()
        new = await created(w, rules, known)
        session, cookie = await launched(w, new)
        for held in (new.session, session):
            assert (held.sealed_preview is not None) == preview
            assert (held.sealed_return_key is not None) == key
        expected = new.results_access_key if key else None
        assert return_key(w.ports, session, cookie) == expected
        if not preview:
            assert known_claim(w.ports, session, cookie) == PartialClaim()

    asyncio.run(scene())


def test_the_key_that_the_browser_holds_opens_the_result_and_nothing_else_does() -> None:
    async def scene() -> None:
        async with working() as w:
            session, cookie = await launched(w, await created(w, HANDING))
            assert own_result(w.ports, session, cookie) is None
            await submit(w.ports, session, sent(PERSON))
            done = await w.until_done(session.id)
            assert b'"match"' in (own_result(w.ports, done, cookie) or b"")
            assert own_result(w.ports, done, "another") is None
            assert own_result(w.ports, replace(done, sealed_return_key=None), cookie) is None
            await redact(w.ports, BANK, session.id)
            assert own_result(w.ports, await w.session(session.id), cookie) is None

    asyncio.run(scene())


def test_what_was_shown_is_erased_when_the_session_ends() -> None:
    async def scene() -> None:
        async with working() as w:
            session, _ = await launched(w, await created(w, SHOWING, PERSON))
            await submit(w.ports, session, sent({}))
            done = await w.until_done(session.id)
            assert (done.sealed_preview, done.known_index) == (None, None)

    asyncio.run(scene())


ASKED = "https://shop.example/back"


async def widget(w: Wired, redirect_url: str | None) -> Created:
    order = Order(PROFILE.id, SessionKind.WIDGET, redirect_url=redirect_url)
    return await create(w.ports, BANK, order)


@pytest.mark.parametrize(
    ("own", "asked", "goes_to"),
    [
        (None, RETURN, RETURN),
        (None, ASKED, None),
        (None, "javascript:alert(1)", None),
        (None, "", None),
        (None, None, None),
        (None, "https://wild.example/anything", "https://wild.example/anything"),
        (None, "https://wild.example/*", None),
        (RETURN, "https://wild.example/x", RETURN),
    ],
)
def test_where_a_browser_asks_to_go_counts_only_where_the_environment_allows_it(
    own: str | None, asked: str | None, goes_to: str | None
) -> None:
    async def scene() -> None:
        from uuid import UUID

        w = await wire()
        await w.store.add_redirect_uri(RedirectUri(UUID(int=9), BANK.id, "https://wild.example/*", 1))
        session, _ = await launched(w, await widget(w, own), redirect_url=asked)
        assert session.redirect_url == goes_to

    asyncio.run(scene())


def test_whoever_leaves_may_come_back_and_is_told_apart_when_the_time_is_over() -> None:
    async def scene() -> None:
        for back, code in ((False, ErrorCode.USER_ABANDONED), (True, ErrorCode.USER_TIMED_OUT)):
            w = await wire()
            session, cookie = await launched(w, await w.hosted())
            await leave(w.ports, session)
            away = await w.session(session.id)
            assert away.left_at == w.clock()
            await leave(w.ports, away)
            assert await w.session(session.id) == away
            if back:
                assert (await come_back(w.ports, away)).left_at is None
            w.clock.now = session.expires_at
            assert (await visit(w.ports, session.id, cookie)).error_code is code

    asyncio.run(scene())


def test_leaving_or_coming_back_after_the_end_changes_nothing() -> None:
    async def scene() -> None:
        async with working() as w:
            session, _ = await launched(w, await w.hosted())
            await submit(w.ports, session, sent(PERSON))
            done = await w.until_done(session.id)
            await leave(w.ports, done)
            assert await come_back(w.ports, done) == done
            assert await w.session(session.id) == done
            # A message that was under way when the session went on.
            await leave(w.ports, session)
            assert await w.session(session.id) == done

    asyncio.run(scene())


def test_a_launch_url_is_over_with_its_session() -> None:
    async def scene() -> None:
        w = await wire()
        new = await w.hosted()
        w.clock.now = new.session.expires_at
        with pytest.raises(NotYours):
            await launched(w, new)
        ended = await w.session(new.session.id)
        assert (ended.done, ended.error_code) == (True, ErrorCode.EXPIRED)

    asyncio.run(scene())


def test_neither_token_is_stored() -> None:
    async def scene() -> None:
        w = await wire()
        new = await created(w, SHOWING, PERSON)
        session, cookie = await launched(w, new)
        for held in (new.session, session):
            assert not [value for value in vars_of(held) if holds(value, token(new)) or holds(value, cookie)]

    asyncio.run(scene())


def vars_of(session: Session) -> list[object]:
    return [getattr(session, name) for name in Session.__dataclass_fields__]


def holds(value: object, secret: str) -> bool:
    return secret.encode() in value if isinstance(value, bytes) else secret in str(value)
