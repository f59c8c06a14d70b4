"""What stands in the audit log after a request, and what is not given out without it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

from padan.app.ports import Event
from padan.audit import MemoryAuditLog
from tests.support.asgi import Answer
from tests.support.wired import BANK, PERSON, TOKENS
from tests.web.site import Browser, Site, direct, serving


async def results(site: Site, created: dict[str, Any]) -> Answer:
    return await site.results(created, created["resultCollection"]["resultsAccessKey"])


def of(log: MemoryAuditLog, action: str) -> list[Event]:
    return [event for event in log.events if event.action == action]


def test_a_verification_is_told_from_creation_to_opening_with_the_token_and_the_session() -> None:
    async def work() -> None:
        log = MemoryAuditLog()
        async with serving(audit=log) as site:
            created = await site.create()
            assert (await results(site, created)).status == 200
            await site.wired.until_done(UUID(created["sessionId"]))
            assert (await results(site, created)).json["identityData"]
        ours = [e for e in log.events if e.actor == "token"]
        assert {str(e.subject) for e in ours} == {created["sessionId"]}
        assert {(e.environment, e.token) for e in ours} == {(BANK.id, UUID(int=1))}
        outcomes = [(e.action, e.outcome) for e in ours]
        assert outcomes[0] == ("CreateDirectProviderSession", "done")
        assert outcomes[-1] == ("GetSessionResult", "opened")

    asyncio.run(work())


def test_an_opened_result_is_withheld_while_the_log_is_full_and_given_afterwards() -> None:
    async def work() -> None:
        log = MemoryAuditLog()
        async with serving(audit=log) as site:
            created = await site.create()
            await site.wired.until_done(UUID(created["sessionId"]))
            log.full = True
            refused = await results(site, created)
            assert (refused.status, refused.header("retry-after")) == (503, "1")
            assert "audit log" in refused.json["detail"]
            assert PERSON["nikIdNumber"] not in refused.text
            assert (await site.api("POST", "/api/v1/sessions/widget", {})).status == 503
            log.full = False
            assert (await results(site, created)).status == 200

    asyncio.run(work())


def test_a_log_that_fills_up_at_that_moment_withholds_the_result_too() -> None:
    class FullAtThatMoment(MemoryAuditLog):
        """Full as soon as something is waited for, and not a moment before."""

        async def record(self, event: Event) -> None:
            self.full = True
            await super().record(event)

    async def work() -> None:
        log = FullAtThatMoment()
        async with serving(audit=log) as site:
            created = await site.create()
            await site.wired.until_done(UUID(created["sessionId"]))
            refused = await results(site, created)
            assert refused.status == 503
            assert PERSON["nikIdNumber"] not in refused.text
        log.full = False
        assert [e.outcome for e in of(log, "GetSessionResult")] == ["withheld"]

    asyncio.run(work())


def test_refusals_are_told_by_a_word_and_nothing_that_was_typed() -> None:
    async def work() -> None:
        log = MemoryAuditLog()
        async with serving(audit=log) as site:
            created = await site.create()
            await site.results(created, "wrong key Kanaria")
            await site.api("POST", "/api/v1/sessions/3171234567890123/cancel")
            await site.api("GET", "/api/valpha/verification-profiles/external-ids/Kanaria")
            await site.api("POST", "/api/v1/sessions/provider/direct", {"provider": "Kanaria"})
        refused = [(e.action, e.outcome) for e in log.events if e.outcome not in {"done", "begun"}]
        assert ("GetSessionResult", "not_yours") in refused
        assert ("CancelSession", "not_yours") in refused
        assert ("CreateDirectProviderSession", "invalid") in refused
        assert not [e for e in log.events if "3171" in str(e.subject) or "Kanaria" in str(e)]

    asyncio.run(work())


def test_strangers_are_counted_and_their_token_is_told_to_nobody() -> None:
    async def work() -> None:
        log = MemoryAuditLog()
        async with serving(audit=log) as site:
            for path in ("/api/v1/providers", f"/api/v1/sessions/{UUID(int=9)}", "/api/v1/providers"):
                assert (await site.api("GET", path, token="Kanaria")).status == 401
            assert (await Browser(site).get(f"/verify/{UUID(int=9)}")).status == 403
            await log.close()
        stand = [(e.actor, e.action, e.subject, e.count) for e in log.events]
        assert stand == [
            ("nobody", "authenticate", "api", 1),
            ("nobody", "authenticate", "pages", 1),
            ("nobody", "authenticate", "api", 2),
        ]
        assert "Kanaria" not in str(log.events)

    asyncio.run(work())


def test_a_person_is_told_from_the_launch_to_the_form_and_the_worker_by_its_question() -> None:
    async def work() -> None:
        log = MemoryAuditLog()
        async with serving(audit=log) as site:
            _audit_worker(site, log)
            created = await site.hosted(PERSON)
            browser = Browser(site)
            page = await browser.launch(created["launchUrl"])
            await browser.submit(page, {})
            await site.wired.until_done(UUID(created["sessionId"]))
        mine = [e for e in log.events if e.actor in {"person", "worker"}]
        assert {str(e.subject) for e in mine} == {created["sessionId"]}
        assert [(e.actor, e.action, e.outcome) for e in mine] == [
            ("person", "launch.show", "303"),
            ("person", "page.show", "200"),
            ("person", "page.send", "303"),
            ("worker", "question", "begun"),
            ("worker", "question", "found charged"),
        ]

    asyncio.run(work())


def test_what_an_idempotent_request_gets_again_is_told_with_the_same_session() -> None:
    async def work() -> None:
        log = MemoryAuditLog()
        async with serving(audit=log) as site:
            sent: dict[str, Any] = {"headers": {"Idempotency-Key": "one"}}
            body = direct()
            first = await site.api("POST", "/api/v1/sessions/provider/direct", body, **sent)
            await site.api("POST", "/api/v1/sessions/provider/direct", body, **sent)
        assert [str(e.subject) for e in log.events] == [first.json["sessionId"]] * 2

    asyncio.run(work())


def test_another_environments_token_is_told_as_its_own() -> None:
    async def work() -> None:
        log = MemoryAuditLog()
        async with serving(audit=log) as site:
            created = await site.create()
            other = next(token for environment, token in TOKENS.items() if environment.id != BANK.id)
            await site.api("POST", f"/api/v1/sessions/{created['sessionId']}/cancel", token=other)
        [event] = of(log, "CancelSession")
        assert (event.outcome, event.environment != BANK.id) == ("not_yours", True)

    asyncio.run(work())


def _audit_worker(site: Site, log: MemoryAuditLog) -> None:
    site.wired.worker._ports = replace(site.wired.worker._ports, audit=log)
