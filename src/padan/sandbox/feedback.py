"""Data balikan at the simulator: takes what a partner owes back, once, and counts it."""

import hashlib
import hmac
from collections import Counter
from typing import Any, Final

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from padan.sandbox.body import BodyTooLarge, read_body

FEEDBACK_PATH: Final = "/dukcapil/data_balikan"
FEEDBACK_TOKEN: Final = "sandbox"  # noqa: S105 - it opens synthetic data alone
SUCCESS: Final = "Success"
SENT_BEFORE: Final = "Data sudah pernah dikirim"
_MOST_REMEMBERED: Final = 1_000_000


class _Person(msgspec.Struct):
    NIK: str
    param: list[dict[str, str]]


class _Sending(msgspec.Struct):
    id_lembaga: str
    nama_lembaga: str
    data: list[_Person]


def feedback_routes() -> list[Route]:
    """Return the endpoint, and its count under the side door."""
    desk = _Desk()
    return [
        Route(FEEDBACK_PATH, desk.take, methods=["POST"]),
        Route("/sandbox/data-balikan", desk.counts, methods=["GET"]),
    ]


class _Desk:
    """Remembers a hash of each sending; nothing of a person is kept."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._counts: Counter[str] = Counter()

    async def take(self, request: Request) -> Response:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {FEEDBACK_TOKEN}".encode()):
            return self._say("unauthorized", "Unauthorized", status=401)
        try:
            sendings = msgspec.json.decode(await read_body(request), type=list[_Sending])
        except (BodyTooLarge, ClientDisconnect, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._say("invalid", "Format data tidak sesuai", status=400)
        if not sendings or not all(one.id_lembaga and one.nama_lembaga and one.data for one in sendings):
            return self._say("invalid", "Format data tidak sesuai", status=400)
        seen = hashlib.sha256(msgspec.json.encode(sendings)).digest()
        if seen in self._seen:
            return self._say("repeated", SENT_BEFORE, status=400)
        if len(self._seen) < _MOST_REMEMBERED:
            self._seen.add(seen)
        return self._say("taken", SUCCESS, status=200)

    async def counts(self, _request: Request) -> Response:
        return _answer(
            {name: self._counts[name] for name in ("taken", "repeated", "invalid", "unauthorized")}
        )

    def _say(self, counted_as: str, message: str, *, status: int) -> Response:
        self._counts[counted_as] += 1
        return _answer({"message": message}, status=status)


def _answer(body: dict[str, Any], *, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")
