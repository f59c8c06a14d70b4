"""Where people may be sent back to, and how long a session lives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.domain.profile import (
    DAY,
    MINUTE,
    period_problems,
    redirect_allowed,
    redirect_uri_problem,
)

ALLOWED = (
    "https://bank.example/return",
    "https://*.bank.example/cb",
    "https://shop.example/*/done",
    "http://localhost:3000/cb",
    "bankapp://verified",
)

HOSTILE = [
    "",
    "/return",
    "//evil.example",
    "//evil.example/return",
    "\\\\evil.example",
    "https:\\\\bank.example\\return",
    "https://bank.example\\@evil.example/return",
    "https:bank.example/return",
    "https:///bank.example/return",
    "https://bank.example@evil.example/return",
    "https://user:secret@bank.example/return",
    "https://@bank.example/return",
    "https://bank.example/return@evil.example",
    "https://bank.example/return#fragment",
    "https://bank.example/return/",
    "https://bank.example/return?next=https://evil.example",
    "https://bank.example:8443/return",
    "https://bank.example.evil.example/return",
    "https://BANK.example.evil.example/return",
    "https://evil.example/https://bank.example/return",
    "https://evil.example/cb?.bank.example/cb",
    "https://evil.example/.bank.example/cb",
    "https://evil.example#.bank.example/cb",
    "https://evil.example\\.bank.example/cb",
    "https://evil.example:443@x.bank.example/cb",
    "https://evil.example%2f.bank.example/cb",
    "https://evil%2f.bank.example/cb",
    "https://evil.example\uff0f.bank.example/cb",
    "https://evil\uff0f.bank.example/cb",
    "https://evil\u2100.bank.example/cb",
    "https://a.b.bank.example/cb",
    "https://.bank.example/cb",
    "https://b\u0430nk.example/return",
    "https://bank\u3002example/return",
    "https://bank.example/\u202enruter",
    "https://shop.example/../done",
    "https://shop.example/%2e%2e/done",
    "https://shop.example/a/b/done",
    "https://shop.example/a?x=/done",
    "http://bank.example/return",
    "http://localhost.evil.example:3000/cb",
    "http://evil.example@localhost:3000/cb",
    "https://bank.example/return\r\nSet-Cookie: a=b",
    "https://bank.example/return\x00",
    " https://bank.example/return",
    "https://bank.example/return ",
    "java\tscript:alert(1)",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript://bank.example/return%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://bank.example/return",
    "https://*.bank.example/cb",
    "*",
    "https://[bank.example/return",
    "https://bank.example:99999/return",
    "https://bank.example/" + "a" * 3_000,
]


@pytest.mark.parametrize(
    "uri", ["https://bank.example/return", "https://a.bank.example/cb", "bankapp://verified"]
)
def test_what_stands_on_the_list_is_allowed(uri: str) -> None:
    assert redirect_allowed(uri, ALLOWED)


@pytest.mark.parametrize("uri", HOSTILE)
def test_nobody_is_sent_where_the_list_does_not_point(uri: str) -> None:
    assert not redirect_allowed(uri, ALLOWED)


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "data:text/html,x", "bankapp://verified", "http://evil.example/"]
)
def test_the_bare_wildcard_allows_safe_web_addresses_alone(uri: str) -> None:
    assert redirect_allowed("https://anything.example/x", ("*",))
    assert not redirect_allowed(uri, ("*",))


@pytest.mark.parametrize(
    "host", ["\u0431\u0430\u043d\u043a.example", "a;b.example", "a,b.example", "a'b.example", "a%20b"]
)
def test_a_host_that_would_mean_something_else_in_a_header_is_refused(host: str) -> None:
    assert redirect_uri_problem(f"https://{host}/") is not None
    assert not redirect_allowed(f"https://{host}/", ("*",))


@pytest.mark.parametrize(
    "uri", ["http://[::1]:3000/cb", "https://xn--80ab.example/", "https://a.example:8443/"]
)
def test_an_address_an_international_name_and_a_port_can_be_listed(uri: str) -> None:
    assert redirect_uri_problem(uri) is None


def test_an_empty_list_allows_nothing() -> None:
    assert not redirect_allowed("https://bank.example/return", ())


@given(st.text(max_size=60))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    redirect_uri_problem(text)
    redirect_allowed("https://" + text, ALLOWED)


@given(st.text(alphabet="./@:?#\\%ab*", min_size=1, max_size=12))
def test_a_wildcard_never_leaves_its_label(label: str) -> None:
    if redirect_allowed(f"https://{label}.bank.example/cb", ALLOWED):
        assert set(label) <= set("ab")


@pytest.mark.parametrize(
    ("expiration", "redaction", "wrong"),
    [
        (15 * MINUTE, 30 * MINUTE, set()),
        (DAY, 31 * DAY, set()),
        (60 * MINUTE, 75 * MINUTE, set()),
        (15 * MINUTE - 1, 31 * DAY, {"sessionExpiration"}),
        (DAY + 1, 31 * DAY, {"sessionExpiration"}),
        (60 * MINUTE, 75 * MINUTE - 1, {"redactionPeriod"}),
        (60 * MINUTE, 31 * DAY + 1, {"redactionPeriod"}),
        (60 * MINUTE, 0, {"redactionPeriod"}),
        (60 * MINUTE, -1, {"redactionPeriod"}),
        (0, 32 * DAY, {"sessionExpiration", "redactionPeriod"}),
    ],
)
def test_the_periods_of_a_profile_have_their_bounds(expiration: int, redaction: int, wrong: set[str]) -> None:
    assert set(period_problems(expiration, redaction)) == wrong


@pytest.mark.parametrize(
    "pattern", ["https://x.com/**", "https://x.com/a*b*c", "https://*-*.x.com/", "https://x.com/?a=*&b=*"]
)
def test_a_part_of_a_uri_holds_one_wildcard_at_most(pattern: str) -> None:
    assert "more than one *" in (redirect_uri_problem(pattern) or "")


def test_a_pattern_with_many_wildcards_is_never_compared_even_where_it_is_stored() -> None:
    assert not redirect_allowed("https://x.com/" + "a" * 60 + "/", ("https://x.com/" + "*" * 14,))


def test_wildcards_in_different_parts_are_fine() -> None:
    assert redirect_uri_problem("https://*.x.com/*/back") is None
    assert redirect_allowed("https://a.x.com/shop/back", ("https://*.x.com/*/back",))
