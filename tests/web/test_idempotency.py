"""`Idempotency-Key` on the wire: the same bytes again, also after a restart; another body is a 422."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Server, running
from tests.support.wired import PROFILE, RETURN
from tests.web.site import Site, direct, serving

DIRECT = "/api/v1/sessions/provider/direct"
OTHERS = {
    "/api/v1/sessions/provider/hosted": {
        "provider": "indonesia-nik-lookup",
        "verificationProfileId": str(PROFILE.id),
        "redirectUrl": RETURN,
    },
    "/api/v1/sessions/widget": {"verificationProfileId": str(PROFILE.id), "redirectUrl": RETURN},
}
KEY = {"Idempotency-Key": "7b0a3f6e-0c7e-4b8e-9a55-3d8f5a5f1f10"}


async def post(site: Site, path: str, body: Any, **headers: str) -> Any:
    return await site.api("POST", path, body, headers=headers or KEY)


@pytest.mark.parametrize("path", [DIRECT, *OTHERS])
def test_the_same_key_and_body_get_the_same_bytes_and_one_session(path: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            body = OTHERS.get(path) or direct()
            answers = await asyncio.gather(*(post(site, path, body) for _ in range(20)))
            assert {answer.status for answer in answers} == {200}
            assert len({answer.body for answer in answers}) == 1
            assert await site.wired.sessions_of(PROFILE) == 1

    asyncio.run(scene())


def test_another_body_under_the_same_key_is_a_422_that_stores_nothing() -> None:
    async def scene() -> None:
        async with serving() as site:
            await post(site, DIRECT, direct())
            refused = await post(site, DIRECT, direct(browserLanguages=["id"]))
            assert refused.status == 422
            assert refused.header("content-type") == "application/problem+json"
            assert "Idempotency-Key" in refused.json["detail"]
            assert await site.wired.sessions_of(PROFILE) == 1

    asyncio.run(scene())


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256])
def test_a_key_that_cannot_be_is_a_400_that_names_the_header(key: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            refused = await post(site, DIRECT, direct(), **{"Idempotency-Key": key})
            assert refused.status == 400
            assert "Idempotency-Key" in refused.json["errors"]

    asyncio.run(scene())


def test_an_answer_is_the_same_after_a_restart(tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    with running("--data", kept) as server:
        person = server.person("match")
        first = _send(server, person)
        assert server.stop() == 0
    with running("--data", kept) as server:
        assert _send(server, person) == first
        with pytest.raises(urllib.error.HTTPError) as refused:
            _send(server, {**person, "fullName": "ORANG LAIN"})
        assert refused.value.code == 422
        refused.value.close()


def _send(server: Server, person: dict[str, str]) -> bytes:
    body = {
        "provider": "indonesia-nik-lookup",
        "verificationProfileId": server.ready["verificationProfileId"],
        "capabilities": ["PollResult"],
        "providerInput": {"indonesia-nik-lookup": {k: v for k, v in person.items() if k != "scenario"}},
    }
    request = urllib.request.Request(
        server.url + DIRECT,
        json.dumps(body).encode(),
        {
            "Authorization": f"Bearer {server.ready['accessToken']}",
            "Content-Type": "application/json",
            **KEY,
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        sent: bytes = answer.read()
    return sent
