"""Data balikan at Dukcapil: one POST an entry, with a bearer token, within one deadline.

No official description is public. The request's form, `{"message": "Success"}` and the 400 that says
`Data sudah pernah dikirim` are known from client code. What stands in `param` is inferred: it is a setting.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from padan.domain.feedback import FeedbackEntry, FeedbackNotTaken, FeedbackState
from padan.registries.dukcapil_settings import is_loopback

_CHUNK = 1 << 14
_SENT = "success"
_SENT_BEFORE = re.compile(r"sudah\s+pernah\s+dikirim", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class DataBalikanSettings:
    """Where, as whom and how to send. `repr` shows the address alone.

    `institution_id` and `institution_name` are `id_lembaga` and `nama_lembaga`. `params` maps a name in
    `param` to what stands there: `purpose`, `outcome` or `date`. `certificate_sha256` pins the server's
    certificate (the hash of its DER form) instead of verifying a chain. `max_body` is in bytes.
    """

    url: str
    token: str
    institution_id: str
    institution_name: str
    params: Mapping[str, str] = field(default_factory=dict)
    deadline_s: float = 10
    certificate_sha256: bytes | None = None
    max_body: int = 1 << 16

    def __repr__(self) -> str:
        return f"DataBalikanSettings(url={self.url!r}, <hidden>)"


class DataBalikan:
    """Sends entries to Dukcapil. Implements `padan.app.ports.FeedbackLine`."""

    def __init__(self, settings: DataBalikanSettings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def send(self, entry: FeedbackEntry) -> FeedbackState:
        """Send one entry, once. Raises FeedbackNotTaken for whatever is neither success nor a repeat."""
        try:
            async with asyncio.timeout(self._settings.deadline_s):
                status, body = await self._post(to_body(entry, self._settings))
        except TimeoutError:
            raise FeedbackNotTaken("timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            # The class says what happened; the text could hold addresses or parts of the answer.
            raise FeedbackNotTaken(f"unavailable:{type(error).__name__}") from None
        return to_state(status, body)

    async def close(self) -> None:
        """Let go of connections; sending afterwards opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _post(self, body: list[dict[str, Any]]) -> tuple[int, bytes]:
        async with self._opened().post(self._settings.url, json=body, allow_redirects=False) as response:
            if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
                response.close()
                raise FeedbackNotTaken("compressed")
            if response.status not in {200, 400}:
                response.close()
                return response.status, b""
            return response.status, await self._read(response)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self._settings.max_body:
                response.close()
                raise FeedbackNotTaken("answer_too_large")
        return bytes(body)

    def _opened(self) -> aiohttp.ClientSession:
        # Made at the first entry, because a session belongs to the event loop that runs it.
        if self._session is None:
            pin = self._settings.certificate_sha256
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=True if pin is None else aiohttp.Fingerprint(pin)),
                headers={
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                    "Authorization": f"Bearer {self._settings.token}",
                },
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._session


def to_body(entry: FeedbackEntry, settings: DataBalikanSettings) -> list[dict[str, Any]]:
    """The request: one institution, one person, one set of parameters."""
    told = {"purpose": entry.purpose, "outcome": entry.outcome, "date": entry.checked_on.isoformat()}
    param = {name: told[what] for name, what in settings.params.items()}
    return [
        {
            "id_lembaga": settings.institution_id,
            "nama_lembaga": settings.institution_name,
            "data": [{"NIK": entry.nik, "param": [param]}],
        }
    ]


def to_state(status: int, body: bytes) -> FeedbackState:
    """What an answer says. Raises FeedbackNotTaken with the status where it says neither of the two."""
    if status == 200 and _message(body) == _SENT:
        return FeedbackState.SENT
    if status == 400 and _SENT_BEFORE.search(body.decode("utf-8", "replace")):
        return FeedbackState.ALREADY_SENT
    raise FeedbackNotTaken("not_understood" if status == 200 else f"status:{status}")


def unprotected_feedback_problem(settings: DataBalikanSettings, *, accept_unpinned: bool) -> str | None:
    """Say why people's data must not be sent over this line, with the remedy; None where it may.

    The rule is that of the questions: the certificate is pinned, the line does not leave the machine, or the
    operator has said that something else protects it.
    """
    parts = urlsplit(settings.url)
    pinned = parts.scheme == "https" and settings.certificate_sha256 is not None
    if pinned or accept_unpinned or is_loopback(parts.hostname or ""):
        return None
    return (
        "The line for data balikan is not pinned to the server's certificate. Give "
        "PADAN_DUKCAPIL_FEEDBACK_URL with https and PADAN_DUKCAPIL_FEEDBACK_CERTIFICATE; or, where a VPN of "
        "your own or an authority that you trust protects it, say PADAN_DUKCAPIL_UNPINNED=accept."
    )


def read_params(text: str) -> dict[str, str]:
    """The names in `param` and what stands under each, from `NAME=WHAT,NAME=WHAT` as the settings hold it."""
    return dict(pair.split("=", 1) for pair in text.split(","))


def _message(body: bytes) -> str | None:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    message = told.get("message") if isinstance(told, dict) else None
    return message.strip().lower() if isinstance(message, str) else None
