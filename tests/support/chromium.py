"""Debian's Chromium, driven as a person drives it, and watched: whom it talks to, what it complains of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)

EXECUTABLE = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE: ViewportSize = {"width": 390, "height": 844}

# The browser tells only the console of what a policy kept from happening inside a page.
_TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error("policy violated:", event.violatedDirective, event.blockedURI, event.sourceFile))"""


@dataclass
class Watch:
    """What a context's pages asked for and complained about.

    `hosts` is whom they may talk to. `refusals` are the statuses that a test provokes on purpose: the browser
    writes an error to the console for each; `expected` are parts of its other complaints of that kind.
    """

    hosts: frozenset[str]
    refusals: set[int] = field(default_factory=set)
    aborted: set[str] = field(default_factory=set)
    expected: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        context.on("request", self._requested)
        context.on("response", self._answered)
        context.on("console", lambda message: self._said(message.type, message.text))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def assert_clean(self) -> None:
        strangers = {host for url in self.requests if (host := urlsplit(url).netloc) not in self.hosts}
        assert strangers - self.aborted == set()
        assert self.complaints == []

    def _requested(self, request: Request) -> None:
        if request.url.startswith(("http:", "https:", "ws:", "wss:")):
            self.requests.append(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.refusals:
            self.complaints.append(f"{response.status} for {urlsplit(response.url).path}")

    def _said(self, kind: str, text: str) -> None:
        if kind not in {"error", "warning"}:
            return
        self.heard.append(text)
        # Failed answers are looked at above, by their status.
        known = ("Failed to load resource: the server responded", *self.expected)
        if not any(part in text for part in known):
            self.complaints.append(text)


@dataclass
class Window:
    """One browser profile of a person: its context, its first page, and the watch over both."""

    context: BrowserContext
    page: Page
    watch: Watch


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser: Browser, *hosts: str, **options: Any) -> Iterator[Window]:
    """A fresh profile, on a phone's screen in English unless told otherwise; clean at its end."""
    context = browser.new_context(**{"viewport": PHONE, "locale": "en-GB", **options})
    try:
        context.set_default_timeout(15_000)
        context.add_init_script(_TELL_VIOLATIONS)
        watch = Watch(frozenset(hosts))
        watch.attach(context)
        yield Window(context, context.new_page(), watch)
        watch.assert_clean()
    finally:
        context.close()
