"""Whole ways through the pages, in a real browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.hands import agree, asked, expect_state, fill_in, send, verify
from tests.browser.scene import Created, Scene, known


def assert_back(here: Scene, url: str, created: Created, *, success: str = "true") -> None:
    """The person stands on the relying party's callback, which heard of this session."""
    assert url.partition("?")[0] == here.shop.callback
    assert parse_qs(urlsplit(url).query) == {"success": [success], "sessionId": [created.id]}


def test_hosted_the_person_gives_everything_and_is_sent_back(here: Scene) -> None:
    created, person = here.hosted(), here.person("match")
    with here.window() as at:
        at.page.goto(created.url)
        assert "token" not in at.page.url
        assert asked(at.page) == ["nikIdNumber", "fullName", "dateOfBirth"]
        verify(at.page, person)
        at.page.wait_for_url(f"{here.shop.callback}?**")
        assert_back(here, at.page.url, created)
    match = here.outcome(created)["identityData"]["match"]
    assert [field["booleanValue"] for field in match.values()] == [True, True, True]
