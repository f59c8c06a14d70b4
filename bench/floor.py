"""The floor: an ASGI application that does nothing, on Padan's own server. `python -m bench.floor`."""

from __future__ import annotations

from typing import Any

from padan.cli.listening import Listener
from padan.cli.output import print_json
from padan.cli.serving import run, serve_here

_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
}
_BODY = {"type": "http.response.body", "body": b"{}"}


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """Answer whatever comes."""
    if scope["method"] == "POST":
        await receive()
    await send(_START)
    await send(_BODY)


def main() -> None:
    with Listener("127.0.0.1", 0) as listener:
        run(serve_here(nothing, listener, ready=lambda: print_json({"baseUrl": listener.url})))


if __name__ == "__main__":
    main()
