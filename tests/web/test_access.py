"""Who may see what: without a token nothing, with a wrong key the same as with no session at all."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from padan.web.api.endpoints import ENDPOINTS, Endpoint
from tests.support.asgi import Answer, call
from tests.support.wired import PROFILE, SHOP_PROFILE
from tests.web.site import direct, serving

GHOST = str(UUID(int=0xDEAD))
BANK_TOKEN = "bank-token"
PROBLEM = "application/problem+json"


def path_of(endpoint: Endpoint, **known: str) -> str:
    path = endpoint.path
    for name in ("session_id", "profile_id", "id", "attachment_id"):
        path = path.replace(f"{{{name}}}", known.get(name, GHOST))
    return path.replace("{external_id}", "none").replace("{provider_id}", "none")


def name_of(endpoint: Endpoint) -> str:
    return endpoint.operation


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=name_of)
def test_no_endpoint_answers_without_a_token_that_is_known_and_not_revoked(endpoint: Endpoint) -> None:
    async def scene() -> None:
        async with serving() as site:
            await site.wired.store.revoke_token(UUID(int=2), 1)
            for token in (None, "", "wrong", "bank-token ", "shop-token", "b" * 5_000, "é"):
                answer = await site.api(endpoint.method, path_of(endpoint), {}, token=token)
                assert (answer.status, answer.header("content-type")) == (401, PROBLEM)
                assert answer.header("www-authenticate") == "Bearer"
                assert "token" not in answer.json.get("errors", {})

    asyncio.run(scene())


@pytest.mark.parametrize("scheme", ["Basic bank-token", "bank-token", "Bearer", "Bearer  bank-token"])
def test_another_scheme_of_authorization_is_refused(scheme: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            answer = await call(site.app, "GET", "/api/v1/providers", headers={"Authorization": scheme})
            assert answer.status == 401

    asyncio.run(scene())


def seen(answer: Answer) -> tuple[Any, ...]:
    """An answer without what differs for every request: its path, its trace id, and so its length."""
    body = {k: v for k, v in answer.json.items() if k not in {"traceId", "instance"}}
    headers = [pair for pair in answer.headers if pair[0] != "content-length"]
    return answer.status, headers, body


def test_unknown_foreign_wrongly_keyed_and_redacted_sessions_look_the_same() -> None:
    async def scene() -> None:
        async with serving() as site:
            mine, other, erased = await site.create(), await site.create(), await site.create()
            for one in (mine, other, erased):
                await site.wired.until_done(UUID(one["sessionId"]))
            await site.api("POST", f"/api/v1/sessions/{erased['sessionId']}/redact")
            key = mine["resultCollection"]["resultsAccessKey"]

            async def results(session_id: str, key: str, token: str = BANK_TOKEN) -> tuple[Any, ...]:
                body = {"resultsAccessKey": key}
                return seen(
                    await site.api("POST", f"/api/v1/sessions/{session_id}/results", body, token=token)
                )

            session_id = mine["sessionId"]
            answers = [
                await results(GHOST, key),
                await results("not-a-uuid", key),
                await results(session_id, key, token="shop-token"),
                await results(session_id, other["resultCollection"]["resultsAccessKey"]),
                await results(session_id, key[:-2]),
                await results(session_id, ""),
                await results(session_id, "x" * 60_000),
                await results(erased["sessionId"], erased["resultCollection"]["resultsAccessKey"]),
            ]
            assert answers[0][0] == 403
            assert all(answer == answers[0] for answer in answers)

    asyncio.run(scene())


@pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if "_id}" in e.path or "{id}" in e.path], ids=name_of
)
def test_another_environments_things_look_like_none(endpoint: Endpoint) -> None:
    async def scene() -> None:
        async with serving() as site:
            mine = await site.create()
            known = {"session_id": mine["sessionId"], "profile_id": str(PROFILE.id), "id": str(PROFILE.id)}
            body = {
                "resultsAccessKey": mine["resultCollection"]["resultsAccessKey"],
                "responseToken": "x",
            }
            foreign = await site.api(endpoint.method, path_of(endpoint, **known), body, token="shop-token")
            unknown = await site.api(endpoint.method, path_of(endpoint), body, token="shop-token")
            assert foreign.status == 403
            assert seen(foreign) == seen(unknown)
            assert await site.wired.session(UUID(mine["sessionId"]))

    asyncio.run(scene())


def test_a_profile_of_another_environment_cannot_be_used_nor_named() -> None:
    async def scene() -> None:
        async with serving() as site:
            for profile_id in (GHOST, str(SHOP_PROFILE.id)):
                body = direct(verificationProfileId=profile_id)
                answer = await site.api("POST", "/api/v1/sessions/provider/direct", body)
                assert (answer.status, list(answer.json["errors"])) == (400, ["verificationProfileId"])

    asyncio.run(scene())


def test_a_problem_has_every_member_and_a_w3c_trace_id() -> None:
    async def scene() -> None:
        async with serving() as site:
            path = f"/api/v1/sessions/{GHOST}"
            problem = (await site.api("GET", path)).json
            assert set(problem) == {"type", "title", "status", "detail", "instance", "traceId"}
            assert (problem["status"], problem["title"], problem["instance"]) == (403, "Forbidden", path)
            version, trace, span, flags = problem["traceId"].split("-")
            assert (version, len(trace), len(span), flags) == ("00", 32, 16, "00")

    asyncio.run(scene())


def test_an_unknown_path_and_a_wrong_method_are_problems_too() -> None:
    async def scene() -> None:
        async with serving() as site:
            unknown = await site.api("GET", "/api/v1/nothing")
            assert (unknown.status, unknown.header("content-type")) == (404, PROBLEM)
            wrong = await site.api("DELETE", "/api/v1/providers")
            assert (wrong.status, wrong.header("content-type")) == (405, PROBLEM)
            assert "GET" in (wrong.header("allow") or "")

    asyncio.run(scene())
