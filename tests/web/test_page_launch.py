"""The launch URL: what uses it up and what does not, where it leads, and who may embed what comes then."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from padan.domain.hosting import PageRules
from tests.support.asgi import Answer
from tests.support.wired import RETURN
from tests.web.site import Browser, Site, csrf, serving, shown

LOOKS: list[tuple[str, dict[str, str]]] = [
    ("GET", {"Sec-Purpose": "prefetch", "Sec-Fetch-Mode": "navigate"}),
    ("GET", {"Sec-Purpose": "prefetch;prerender"}),
    ("GET", {"Purpose": "prefetch"}),
    ("GET", {"X-Moz": "prefetch"}),
    ("GET", {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}),
    ("GET", {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}),
    ("GET", {"User-Agent": "WhatsApp/2.23.20.0 N"}),
    ("GET", {"User-Agent": "facebookexternalhit/1.1"}),
    ("GET", {"User-Agent": "TelegramBot (like TwitterBot)"}),
    ("GET", {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}),
]


def button(page: Answer) -> dict[str, str]:
    """The fields behind the button of the page between."""
    assert page.status == 200
    assert '<form method="post" action="/launch">' in page.text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))


def ancestors(page: Answer) -> str:
    found = re.search(r"frame-ancestors ([^;]+)", page.header("content-security-policy") or "")
    assert found is not None
    return found[1]


@pytest.mark.parametrize(("method", "headers"), LOOKS)
def test_what_only_looks_gets_a_button_and_does_not_use_the_url_up(
    method: str, headers: dict[str, str]
) -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.hosted()
            before = await site.wired.session(UUID(created["sessionId"]))
            looked = await Browser(site, headers=headers).get(created["launchUrl"], method)
            fields = button(looked)
            assert looked.header("set-cookie") is None
            assert await site.wired.session(before.id) == before
            person = Browser(site)
            pressed = await person.post("/launch", fields)
            assert pressed.status == 303
            assert 'name="nikIdNumber"' in (await person.get(pressed.header("location") or "")).text
            again = await Browser(site).post("/launch", fields)
            assert again.header("set-cookie") is None

    asyncio.run(scene())


def test_the_headers_alone_tell_nothing_and_use_nothing_up() -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.hosted()
            looked = await Browser(site).get(created["launchUrl"], "HEAD")
            assert (looked.status, looked.body, looked.header("set-cookie")) == (200, b"", None)
            assert (await Browser(site).launch(created["launchUrl"])).status == 200

    asyncio.run(scene())


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"},
        {"User-Agent": "Mozilla/5.0 (Linux; Android 4.4) AppleWebKit/537.36"},
    ],
)
def test_a_persons_navigation_opens_the_page_at_once(headers: dict[str, str]) -> None:
    async def scene() -> None:
        async with serving() as site:
            browser = Browser(site, headers=headers)
            assert (await browser.launch((await site.hosted())["launchUrl"])).status == 200

    asyncio.run(scene())


def test_what_the_launch_says_goes_through_the_button() -> None:
    async def scene() -> None:
        async with serving() as site:
            url = (await site.hosted())["launchUrl"] + "&launchMode=iframe&origin=https://bank.example&x=1"
            looked = await Browser(site, headers={"Purpose": "prefetch"}).get(url)
            fields = button(looked)
            assert set(fields) == {"sessionId", "token", "launchMode", "origin"}
            pressed = await Browser(site).post("/launch", fields)
            where = parse_qs(urlsplit(pressed.header("location") or "").query)
            assert where == {"embed": ["iframe"], "opener": ["https://bank.example"]}
            assert "Partitioned" in (pressed.header("set-cookie") or "")

    asyncio.run(scene())


def test_the_button_can_be_read_in_another_language_without_losing_the_link() -> None:
    async def scene() -> None:
        async with serving() as site:
            url = (await site.hosted())["launchUrl"]
            program = Browser(site, headers={"Purpose": "prefetch"})
            looked = await program.get(url)
            (switch,) = re.findall(r'<a href="(\?language=id[^"]*)"', looked.text)
            switched = await program.get("/launch" + switch.replace("&amp;", "&"))
            assert '<html lang="id">' in switched.text
            fields = button(switched)
            assert {**button(looked), "language": "id"} == fields
            person = Browser(site, language="en")
            pressed = await person.post("/launch", fields)
            page = await person.get(pressed.header("location") or "")
            assert '<html lang="id">' in page.text

    asyncio.run(scene())


def test_a_used_launch_url_goes_on_in_the_browser_that_used_it() -> None:
    async def scene() -> None:
        async with serving() as site:
            url = (await site.hosted())["launchUrl"]
            browser = Browser(site)
            first = await browser.launch(url)
            assert 'id="form"' in (await browser.launch(url)).text
            assert shown(await browser.launch(url)) == shown(first)
            stranger = await Browser(site).launch(url)
            assert stranger.status == 403
            made_up = await Browser(site).launch(re.sub("token=.*", "token=made-up", url))
            assert shown(stranger) == shown(made_up)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("own", "asked", "goes_to"),
    [
        (None, RETURN, RETURN),
        (None, "https://evil.example/return", None),
        (None, RETURN + "/../x", None),
        (None, "javascript:alert(1)", None),
        (RETURN, "https://evil.example/return", RETURN),
    ],
)
def test_where_a_widget_goes_back_to_is_asked_for_and_allowed(
    own: str | None, asked: str, goes_to: str | None
) -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.widget(**({"redirectUrl": own} if own else {}))
            browser = Browser(site)
            page = await browser.launch(f"{created['launchUrl']}&redirectUrl={asked}")
            path = f"/verify/{created['sessionId']}"
            await browser.post(path, {"action": "cancel", "csrf": csrf(page)})
            left = await browser.get(path)
            assert "evil.example" not in left.text + str(left.headers)
            if goes_to is None:
                assert left.status == 200
            else:
                assert (left.header("location") or "").startswith(f"{goes_to}?success=false")

    asyncio.run(scene())


def test_of_a_parameter_that_is_given_twice_the_first_counts() -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.hosted()
            url = created["launchUrl"] + "&token=x&sessionId=y&launchMode=popup&launchMode=iframe"
            opened = await Browser(site).get(url)
            assert opened.header("location") == f"/verify/{created['sessionId']}"

    asyncio.run(scene())


@pytest.mark.parametrize(
    "query", ["&".join(["a=1"] * 40), "sessionId=1&token=2", "sessionId=%FF&token=%00", ""]
)
def test_a_launch_that_cannot_be_read_says_what_to_do(query: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            for answer in (
                await Browser(site).get(f"/launch?{query}"),
                await Browser(site).post(
                    "/launch", dict(part.partition("=")[::2] for part in query.split("&"))
                ),
            ):
                assert answer.status == 403
                assert "This link cannot be used" in answer.text

    asyncio.run(scene())


async def embedded(site: Site, query: str, **headers: str) -> tuple[Answer, Answer]:
    created = await site.hosted()
    browser = Browser(site, headers=dict(headers))
    opened = await browser.get(created["launchUrl"] + query)
    return opened, await browser.get(opened.header("location") or "")


@pytest.mark.parametrize(
    "query", ["", "&launchMode=popup&origin=https://bank.example", "&launchMode=redirect"]
)
def test_a_page_that_is_not_embedded_is_framed_by_nobody(query: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            opened, page = await embedded(site, query)
            assert ancestors(page) == "'none'"
            assert "SameSite=Lax; Secure" in (opened.header("set-cookie") or "")

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("query", "headers"),
    [("&launchMode=iframe", {}), ("&embed=iframe", {}), ("", {"Sec-Fetch-Dest": "iframe"})],
)
def test_an_embedded_page_is_framed_by_the_allowed_and_its_cookie_works_there(
    query: str, headers: dict[str, str]
) -> None:
    async def scene() -> None:
        async with serving() as site:
            opened, page = await embedded(site, query, **headers)
            local = "http://localhost:* http://127.0.0.1:*"
            assert ancestors(page) == f"https://bank.example {local}"
            cookie = opened.header("set-cookie") or ""
            for guard in ("HttpOnly", "SameSite=None", "Secure", "Partitioned", "Path=/verify/"):
                assert guard in cookie
            assert page.header("x-frame-options") is None

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("query", "targets"),
    [
        ("&embed=iframe", "https://bank.example"),
        ("&embed=iframe&origin=http://localhost:3000", "http://localhost:3000"),
        ("&embed=iframe&origin=https://evil.example", "https://bank.example"),
        ("&launchMode=popup&origin=https://bank.example", "https://bank.example"),
        ("&launchMode=popup&origin=https://evil.example", None),
        ("", None),
    ],
)
def test_a_link_that_opens_nothing_is_told_to_allowed_origins_alone(query: str, targets: str | None) -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.hosted()
            await Browser(site).launch(created["launchUrl"])
            page = await Browser(site).launch(created["launchUrl"] + query)
            framed = "https://bank.example http://localhost:* http://127.0.0.1:*"
            assert page.status == 403
            assert ancestors(page) == (framed if "iframe" in query else "'none'")
            assert re.findall(r'data-targets="([^"]*)"', page.text) == ([targets] if targets else [])
            assert ("unrecoverable-error" in page.text) is bool(targets)
            assert "evil.example" not in page.text + str(page.headers)

    asyncio.run(scene())


@pytest.mark.parametrize("named", ["00000000-0000-0000-0000-000000000001", "none"])
def test_a_session_that_does_not_exist_is_framed_by_nobody_and_nobody_hears_of_it(named: str) -> None:
    async def scene() -> None:
        async with serving() as site:
            page = await Browser(site).get(f"/verify/{named}?embed=iframe&opener=https://bank.example")
            assert (page.status, ancestors(page)) == (403, "'none'")
            assert "data-targets" not in page.text

    asyncio.run(scene())


def test_the_page_between_is_framed_by_the_allowed_where_it_is_embedded() -> None:
    async def scene() -> None:
        async with serving() as site:
            url = (await site.hosted())["launchUrl"]
            program = Browser(site, headers={"Purpose": "prefetch"})
            assert ancestors(await program.get(url)) == "'none'"
            assert ancestors(await program.get(url + "&embed=iframe")).startswith("https://bank.example ")

    asyncio.run(scene())


def test_who_may_frame_is_what_the_profile_names() -> None:
    async def scene() -> None:
        async with serving(PageRules(allowed_origins=("https://*.app.example",))) as site:
            _, page = await embedded(site, "&embed=iframe&origin=https://evil.example")
            assert ancestors(page).startswith("https://*.app.example http://localhost:*")
            assert "evil.example" not in page.text
            assert "bank.example" not in ancestors(page)

    asyncio.run(scene())


def test_an_opener_that_is_not_allowed_is_forgotten_at_every_step() -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.hosted()
            browser = Browser(site)
            opened = await browser.get(created["launchUrl"] + "&launchMode=popup&origin=https://evil.example")
            assert "evil" not in (opened.header("location") or "")
            path = f"/verify/{created['sessionId']}?opener=https://evil.example"
            page = await browser.get(path)
            await browser.post(path, {"action": "cancel", "csrf": csrf(page)})
            ended = await browser.get(path)
            assert ended.status == 303
            assert "evil" not in page.text + str(ended.headers)

    asyncio.run(scene())


def test_the_launch_ends_where_no_path_holds_a_person() -> None:
    async def scene() -> None:
        async with serving() as site:
            created = await site.hosted({"fullName": "SITI CONTOH"})
            assert "SITI" not in created["launchUrl"]
            opened = await Browser(site).get(created["launchUrl"])
            assert opened.header("location") == f"/verify/{created['sessionId']}"

    asyncio.run(scene())
