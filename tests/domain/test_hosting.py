"""Who may embed the pages: origins as browsers write them, patterns as a CSP reads them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from padan.domain.hosting import (
    LOCAL_ORIGINS,
    PageRules,
    ResultPage,
    origin_allowed,
    origin_of,
    origin_problem,
    origins_of_redirects,
    privacy_url_problem,
)

HOSTS = ("shop.example", "a.shop.example", "b.a.shop.example", "xshop.example", "localhost", "127.0.0.1")
PORTS = ("", ":80", ":443", ":3000", ":8443")
origins = st.builds(
    lambda scheme, host, port: origin_of(f"{scheme}://{host}{port}") or "",
    st.sampled_from(["http", "https"]),
    st.sampled_from(HOSTS),
    st.sampled_from(PORTS),
)
patterns = st.builds(
    lambda scheme, wild, host, port: f"{scheme}://{wild}{host}{port}",
    st.sampled_from(["http", "https"]),
    st.sampled_from(["", "*."]),
    st.sampled_from(HOSTS),
    st.sampled_from([*PORTS, ":*"]),
)


def csp_matches(origin: str, pattern: str) -> bool:
    """Whether a page of `origin` may frame under `frame-ancestors pattern` (CSP 3, section 6.7.2.8)."""
    scheme, _, rest = pattern.partition("://")
    host, _, port = rest.partition(":")
    url = urlsplit(origin)
    default = {"http": 80, "https": 443}
    if url.scheme != scheme and (scheme, url.scheme) != ("http", "https"):
        return False
    same_host = (url.hostname or "").endswith(host[1:]) if host.startswith("*.") else url.hostname == host
    actual = url.port or default[url.scheme]
    allowed = {default[url.scheme]} if not port else {actual} if port == "*" else {int(port)}
    return same_host and actual in allowed


@given(origins, patterns)
@example("https://shop.example", "https://shop.example:443")
def test_a_pattern_allows_what_browsers_let_frame_under_it(origin: str, pattern: str) -> None:
    allowed, framed = origin_allowed(origin, (pattern,)), csp_matches(origin, pattern)
    same_scheme = origin.partition(":")[0] == pattern.partition(":")[0]
    # Browsers take `http` for `https` too. Who hears of a session's end is named exactly.
    assert allowed == (framed and same_scheme)


@given(origins, st.lists(patterns, max_size=4))
def test_an_origin_is_allowed_where_one_pattern_allows_it(origin: str, listed: list[str]) -> None:
    assert origin_allowed(origin, tuple(listed)) == any(origin_allowed(origin, (p,)) for p in listed)


@given(st.text(max_size=60) | st.from_regex(r"https?://[ -~]{0,40}", fullmatch=True))
def test_what_may_stand_in_the_header_holds_nothing_that_ends_a_source(text: str) -> None:
    if origin_problem(text) is None:
        assert not set(text) & set(" ;,'\"\r\n\t<>\\")
        assert text.isascii()


@given(st.text(max_size=60) | origins)
def test_an_origin_never_matches_itself_as_a_wildcard(text: str) -> None:
    assert not origin_allowed("*", (text,))
    assert not origin_allowed(f"https://*.{text}", LOCAL_ORIGINS)
    assert not origin_allowed(text + "*", (text + "*",))


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example",
        "https://*.shop.example",
        "https://shop.example:8443",
        "https://shop.example:*",
        "http://localhost",
        "http://localhost:3000",
        "http://127.0.0.1:*",
    ],
)
def test_a_lawful_origin_is_taken(origin: str) -> None:
    assert origin_problem(origin) is None


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "https://",
        "https://*",
        "https://*.",
        "shop.example",
        "https://shop.example/",
        "https://shop.example/path",
        "https://SHOP.example",
        "https://shop..example",
        "https://shop.example:port",
        "https://a*.example",
        "https://user@shop.example",
        "https://shop.example; script-src *",
        "https://shop.example\n",
        "http://shop.example",
        "http://localhost.evil.example",
        "javascript:alert(1)",
        "null",
    ],
)
def test_what_is_no_origin_is_refused_with_the_remedy(origin: str) -> None:
    assert "must" in (origin_problem(origin) or "")
    assert not origin_allowed("https://shop.example", (origin,))


@pytest.mark.parametrize(
    "origin",
    ["null", "", "file://", "https://localhost.evil.example", "http://localhost:3000/", "about:blank"],
)
def test_developers_own_machines_are_allowed_and_nobody_elses(origin: str) -> None:
    assert origin_allowed("http://localhost:3000", LOCAL_ORIGINS)
    assert origin_allowed("http://127.0.0.1:81", LOCAL_ORIGINS)
    assert not origin_allowed(origin, LOCAL_ORIGINS)


@given(origins, st.sampled_from(["", "/", "/a/b?c=https://evil.example#d", "?x", "#y"]))
def test_the_origin_of_a_page_is_how_browsers_write_it(origin: str, rest: str) -> None:
    assert origin_of(origin + rest) == origin
    assert origin_of(origin.upper() + rest) == origin


@pytest.mark.parametrize(
    "url", ["", "shop.example", "//shop.example", "myapp://done", "https://", "https://[", "http://a:99999"]
)
def test_what_has_no_web_origin_gives_none(url: str) -> None:
    assert origin_of(url) is None


@given(st.text(max_size=80))
def test_any_text_is_judged_and_none_breaks(text: str) -> None:
    origin = origin_of(text)
    assert origin is None or origin.startswith(("http://", "https://"))
    assert origin_problem(text) is None or "must" in (origin_problem(text) or "")
    assert privacy_url_problem(text) is None or "must" in (privacy_url_problem(text) or "")


def test_redirect_uris_name_their_origins_once_and_apps_and_wildcards_name_none() -> None:
    uris = (
        "https://bank.example/return",
        "https://bank.example/other?x=*",
        "https://shop.example:8443/cb",
        "https://*.many.example/cb",
        "https://pre-*.example/cb",
        "myapp://done",
        "*",
        "http://localhost:3000/callback",
    )
    named = ("https://bank.example", "https://shop.example:8443", "https://*.many.example")
    assert origins_of_redirects(uris) == (*named, "http://localhost:3000")


@pytest.mark.parametrize("url", ["https://bank.example", "https://bank.example/privacy?lang=id#top"])
def test_a_privacy_notice_is_a_web_address(url: str) -> None:
    assert privacy_url_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://bank.example",
        "https://bank.example/a b",
        "/privacy",
    ],
)
def test_what_is_no_web_address_is_no_privacy_notice(url: str) -> None:
    assert "https://" in (privacy_url_problem(url) or "")


@pytest.mark.parametrize(
    ("rules", "needs"),
    [
        (PageRules(), False),
        (PageRules(shows_known_data=True, returns_canceled=True), False),
        (PageRules(returns_results_access_key=True), True),
        (PageRules(result_page=ResultPage.VERDICT), True),
        (PageRules(result_page=ResultPage.NEXT_STEPS), True),
    ],
)
def test_the_page_holds_the_results_key_only_where_it_has_a_use_for_it(rules: PageRules, needs: bool) -> None:
    assert rules.page_needs_results_key is needs
