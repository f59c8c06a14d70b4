"""What people see where a page cannot be made: a page, in their language, that says to try again."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any, Never

import pytest

from padan.app.ports import StoreUnavailable
from padan.web.app import build_app
from tests.support.asgi import call
from tests.web.site import Site, serving
from tests.web.test_pages import assert_guarded, opened

PATHS = ("/verify/00000000-0000-0000-0000-000000000001", "/launch?sessionId={}&token=x")


class Broken:
    """A store of sessions that fails in one way, whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _: str) -> Any:
        async def fail(*_: Any, **__: Any) -> Never:
            raise self._error

        return fail


def broken(site: Site, error: Exception) -> Site:
    def report(event: str, detail: str) -> None:
        site.wired.reports.append((event, detail))

    sessions: Any = Broken(error)
    ports = replace(site.wired.ports, sessions=sessions)
    return Site(build_app(ports, version="0", report=report), site.wired)


async def asked(site: Site, method: str, path: str) -> Any:
    return await call(site.app, method, path, headers={"Accept-Language": "id", "Cookie": "padan_page=x"})


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", PATHS)
def test_a_store_that_does_not_answer_is_a_page_that_says_to_try_again(method: str, path: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            _, _, session_id = await opened(site)
            at = path.format(session_id)
            if (method, "launch" in at) == ("POST", True):
                return
            answer = await asked(broken(site, StoreUnavailable("no")), method, at)
            assert answer.status == 503
            assert int(answer.header("retry-after") or 0) > 0
            assert (answer.header("content-type") or "").startswith("text/html")
            assert '<html lang="id">' in answer.text
            assert "Coba lagi sebentar lagi." in answer.text
            assert_guarded(answer)

    asyncio.run(scene())


def test_a_defect_is_the_same_page_and_reported() -> None:
    async def scene() -> None:
        async with serving() as site:
            app = broken(site, ZeroDivisionError()).app

            async def raising_nothing(*asgi: Any) -> None:
                with contextlib.suppress(ZeroDivisionError):
                    await app(*asgi)

            answer = await asked(Site(raising_nothing, site.wired), "GET", PATHS[0])
            assert (answer.status, answer.header("retry-after")) == (503, "5")
            assert "Coba lagi sebentar lagi." in answer.text
            assert "ZeroDivisionError" not in answer.text
            ((event, detail),) = [r for r in site.wired.reports if r[0] == "defect"]
            assert event == "defect"
            assert detail.endswith(" ZeroDivisionError")

    asyncio.run(scene())


def test_the_api_goes_on_answering_with_a_problem() -> None:
    async def scene() -> None:
        async with serving() as site:
            answer = await broken(site, StoreUnavailable("no")).api(
                "GET", "/api/v1/sessions/00000000-0000-0000-0000-000000000001"
            )
            assert (answer.status, answer.header("content-type")) == (503, "application/problem+json")

    asyncio.run(scene())
