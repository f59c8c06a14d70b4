"""A relying party's web site, on another site than Padan: pages that launch a session, and its callback."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WEB_SDK = Path(__file__).parents[1] / "browser/node_modules/@trinsic/web-ui/dist/index.iife.js"

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<link rel="icon" href="data:,">{head}</head><body><h1>Shop</h1>{body}</body></html>"""


@dataclass(frozen=True)
class RelyingParty:
    """The site's own address. Chromium counts `localhost` and `127.0.0.1` as two sites."""

    port: int
    pages: dict[str, tuple[str, bytes]] = field(repr=False)

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def callback(self) -> str:
        return f"{self.url}/callback"

    def embed(self, url: str) -> str:
        """The address of a page that embeds another without any script."""
        body = f'<iframe src="{html.escape(url)}"></iframe>'
        self.pages["/embeds"] = ("text/html", _PAGE.format(head="", body=body).encode())
        return f"{self.url}/embeds"

    @property
    def elsewhere(self) -> str:
        """The same pages under an origin that no profile allows."""
        return f"http://shop.localhost:{self.port}"


@contextmanager
def relying_party(padan: str) -> Iterator[RelyingParty]:
    """Serve the site: `/sdk` has the published web SDK, `/padan` Padan's own script, `/plain` none."""
    pages = {
        "/sdk": _PAGE.format(head='<script src="/web-ui.js"></script>', body=""),
        "/padan": _PAGE.format(head=f'<script src="{padan}/padan.js"></script>', body="<button>Go</button>"),
        "/as-sdk": _PAGE.format(
            head=f'<script src="{padan}/padan.js" data-global="TrinsicUI"></script>', body=""
        ),
        "/plain": _PAGE.format(head="", body=""),
        "/callback": _PAGE.format(head="", body="<p>Welcome back.</p>"),
    }
    known: dict[str, tuple[str, bytes]] = {path: ("text/html", text.encode()) for path, text in pages.items()}
    known["/web-ui.js"] = ("text/javascript", WEB_SDK.read_bytes())
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(known))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield RelyingParty(server.server_port, known)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(known: dict[str, tuple[str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            media_type, body = known.get(self.path.partition("?")[0], ("text/plain", b""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", f"{media_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, *_: Any) -> None:
            return

    return Handler
