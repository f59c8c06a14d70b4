"""Who looks at a page: the opener, whether it is embedded, the cookie, the language, the form's secret."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from padan.domain.hosting import LOCAL_ORIGINS
from padan.domain.session import SessionKind
from padan.web.pages.lookers import looks_like_a_person
from padan.web.pages.visits import (
    embedding_origins,
    is_embedded,
    is_own_form,
    language_of,
    opener_of,
    query_of,
    set_cookie,
)
from tests.domain.sessions import a_session
from tests.support.wired import BANK, LIVE, LIVE_PROFILE, PROFILE, wire
from tests.web.pages.visitors import a_profile, a_request, a_visit

ALLOWED = ("https://bank.example", "https://*.shop.example", *LOCAL_ORIGINS)


@pytest.mark.parametrize(
    ("said", "referer", "opener"),
    [
        ("https://bank.example", "", "https://bank.example"),
        ("", "https://bank.example/cart?item=1", "https://bank.example"),
        ("https://a.shop.example", "https://bank.example/", "https://a.shop.example"),
        ("https://evil.example", "https://bank.example/", "https://bank.example"),
        ("https://evil.example", "https://evil.example/", None),
        ("", "", None),
        ("null", "", None),
        ("*", "", None),
        ("https://*.shop.example", "", None),
        ("https://bank.example.evil.example", "", None),
        ("https://bank.example/", "", None),
        ("http://bank.example", "", None),
        ("http://localhost:3000", "", "http://localhost:3000"),
    ],
)
def test_the_opener_is_an_allowed_origin_as_said_or_as_the_browser_says(
    said: str, referer: str, opener: str | None
) -> None:
    assert opener_of(a_request(referer=referer), {"origin": said}, origins=ALLOWED) == opener


@given(st.text(max_size=60))
def test_whatever_a_launch_says_the_opener_is_allowed_or_none(said: str) -> None:
    assert opener_of(a_request(), {"origin": said}, origins=ALLOWED[:1]) in {None, "https://bank.example"}


@pytest.mark.parametrize(
    ("query", "destination", "embedded"),
    [
        ("", "", False),
        ("", "document", False),
        ("", "iframe", True),
        ("", "frame", True),
        ("embed=iframe", "", True),
        ("launchMode=iframe", "", True),
        ("launchMode=popup", "document", False),
        ("embed=1", "", False),
    ],
)
def test_a_page_is_embedded_where_the_browser_or_the_address_says_so(
    query: str, destination: str, embedded: bool
) -> None:
    request = a_request(query, sec_fetch_dest=destination)
    fields = {name: values[0] for name, values in parse_qs(query).items()}
    assert is_embedded(request) is embedded
    assert is_embedded(a_request(sec_fetch_dest=destination), fields) is embedded


@given(st.sampled_from([None, "https://bank.example", "http://localhost:3000"]), st.booleans())
def test_the_query_says_again_who_embeds_and_nothing_else(opener: str | None, embedded: bool) -> None:
    query = query_of(opener, embedded=embedded)
    told = parse_qs(query.removeprefix("?"))
    assert told == ({"embed": ["iframe"]} if embedded else {}) | ({"opener": [opener]} if opener else {})
    assert bool(query) == (bool(opener) or embedded)


@pytest.mark.parametrize(
    ("secure", "embedded", "guards"),
    [
        (True, False, {"SameSite=Lax", "Secure"}),
        (False, False, {"SameSite=Lax"}),
        (True, True, {"SameSite=None", "Secure", "Partitioned"}),
        (False, True, {"SameSite=None", "Secure", "Partitioned"}),
    ],
)
def test_a_cookie_is_for_one_sessions_pages_and_for_no_script(
    secure: bool, embedded: bool, guards: set[str]
) -> None:
    answer = Response()
    set_cookie(answer, ("padan_page", "x"), path="/verify/1", secure=secure, embedded=embedded)
    name, *said = answer.headers["set-cookie"].split("; ")
    assert name == "padan_page=x"
    assert set(said) == {"Path=/verify/1", "HttpOnly", *guards}


@pytest.mark.parametrize(
    ("query", "cookie", "preferred", "accepted", "spoken"),
    [
        ("", "", (), "id", "id"),
        ("", "", ("id",), "en", "id"),
        ("", "en", ("id",), "id", "en"),
        ("language=id", "en", ("en",), "en", "id"),
        ("language=xx", "yy", ("zz",), "id", "id"),
    ],
)
def test_what_the_person_switched_to_comes_first(
    query: str, cookie: str, preferred: tuple[str, ...], accepted: str, spoken: str
) -> None:
    request = a_request(query, cookie=f"padan_language={cookie}", accept_language=accepted)
    assert language_of(request, preferred).code == spoken


@pytest.mark.parametrize(
    ("headers", "person"),
    [
        ({}, True),
        ({"user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0"}, True),
        ({"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}, True),
        ({"sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"}, True),
        ({"sec_fetch_mode": "nested-navigate"}, True),
        ({"sec_fetch_mode": "cors"}, False),
        ({"sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"}, False),
        ({"sec_fetch_mode": "same-origin"}, False),
        ({"sec_purpose": "prefetch", "sec_fetch_mode": "navigate"}, False),
        ({"sec_purpose": "prefetch;prerender"}, False),
        ({"purpose": "prefetch"}, False),
        ({"x_moz": "prefetch"}, False),
        ({"user_agent": "WhatsApp/2.23.20.0"}, False),
        ({"user_agent": "facebookexternalhit/1.1"}, False),
        ({"user_agent": "TelegramBot (like TwitterBot)"}, False),
        ({"user_agent": "Slackbot-LinkExpanding 1.0"}, False),
        ({"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, False),
        ({"user_agent": "Mozilla/5.0 (Windows NT 6.1) SkypeUriPreview Preview/0.5"}, False),
    ],
)
def test_a_person_navigates_and_a_program_looks(headers: dict[str, str], person: bool) -> None:
    assert looks_like_a_person(a_request(**headers)) is person


@pytest.mark.parametrize(
    "phone",
    [
        "(Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36",
        "(Linux; Android 9; CUBOT_X18_Plus Build/PPR1.180610.011) AppleWebKit/537.36 Chrome/99.0 Mobile",
        "(Linux; U; Android 4.4.2; en-us; CUBOT) AppleWebKit/537.36 Chrome/99.0 Mobile",
        "(Linux; Android 11; KINGKONG MINI2 Build/CUBOT; wv) AppleWebKit/537.36 Version/4.0 Chrome/99.0",
        "(Linux; Android 14; SM-A155F) AppleWebKit/537.36 SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile",
        "(Linux; Android 13; 23028RN4DG) AppleWebKit/537.36 Chrome/124.0.0.0 Mobile Safari/537.36",
        "(iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148",
        "(Linux; Android 12; CPH2387; wv) Chrome/124.0 Mobile [FB_IAB/FB4A;FBAV/460.0;FBDV/CUBOT X30;]",
        "(Linux; Android 10; Robot 5) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36",
    ],
)
def test_a_phone_is_held_by_a_person_whatever_its_name(phone: str) -> None:
    assert looks_like_a_person(a_request(user_agent=f"Mozilla/5.0 {phone}"))


@pytest.mark.parametrize(
    "program",
    [
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 (Macintosh) AppleWebKit/600.2.5 (KHTML, like Gecko) Version/8.0.2 (Applebot/0.1)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "Slackbot 1.0 (+https://api.slack.com/robots)",
        "Slack-ImgProxy (+https://api.slack.com/robots) Slack-Bot",
        "Twitterbot/1.0",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; SomeNewBot/3.1; +https://bot.example)",
        "facebookexternalhit/1.1;line-poker/1.0",
        "WhatsApp/2.24.9.78 A",
        "Mozilla/5.0 (compatible; Baiduspider/2.0)",
        "Mozilla/5.0 (Windows NT 6.1) SkypeUriPreview Preview/0.5",
        "Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/) GoogleBot",
        "a bot",
    ],
)
def test_what_says_that_it_is_a_program_only_looks(program: str) -> None:
    assert not looks_like_a_person(a_request(user_agent=program))


@given(st.text(max_size=80))
def test_a_form_is_our_own_with_the_cookies_secret_alone(secret: str) -> None:
    visit = a_visit()
    assert is_own_form(visit, {"csrf": visit.csrf})
    assert not is_own_form(visit, {"csrf": secret})
    assert not is_own_form(visit, {})
    assert not is_own_form(a_visit(page_token="another"), {"csrf": visit.csrf})
    assert visit.page_token not in visit.csrf


def test_a_page_that_is_not_embedded_lets_nobody_frame_it() -> None:
    assert a_visit(embedded=False).surroundings.ancestors == ()
    assert a_visit(embedded=True).surroundings.ancestors == ("https://bank.example",)


def test_who_may_embed_is_the_profiles_list_else_where_people_are_sent_back_to() -> None:
    async def scene() -> None:
        w = await wire()
        session = a_session(environment_id=BANK.id)
        named = a_profile(allowed_origins=("https://app.example",))
        assert await embedding_origins(w.ports, session, PROFILE) == ("https://bank.example", *LOCAL_ORIGINS)
        assert await embedding_origins(w.ports, session, named) == ("https://app.example", *LOCAL_ORIGINS)
        real = a_session(environment_id=LIVE.id, environment_kind=LIVE.kind, kind=SessionKind.WIDGET)
        assert await embedding_origins(w.ports, real, LIVE_PROFILE) == ()

    asyncio.run(scene())
