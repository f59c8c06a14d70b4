"""The transport to Dukcapil: one POST a question over kept connections, within one deadline."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp

from padan.domain.claim import Claim
from padan.domain.errors import RegistryError, RegistryProtocolError, RegistryUnavailable
from padan.domain.finding import Finding
from padan.domain.provider import Health
from padan.registries.dukcapil_settings import DukcapilSettings
from padan.registries.dukcapil_wire import to_finding, to_request

FAILURES_UNTIL_OFFLINE = 3
_CHUNK = 1 << 16
_IDLE_SECONDS = 10


class DukcapilRegistry:
    """Asks Dukcapil, or the sandbox that speaks its wire. Implements `padan.app.ports.Registry`."""

    name = "dukcapil"

    def __init__(self, settings: DukcapilSettings) -> None:
        self.price = settings.price
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._failures_in_a_row = 0

    async def ask(self, claim: Claim, *, request_id: str) -> Finding:  # noqa: ARG002
        """Ask one paid question, and only once: a repeat would be paid again, so it is the caller's choice.

        The wire has no place for `request_id`.
        Raises RegistryUnavailable, RegistryRefused or RegistryProtocolError.
        """
        try:
            finding = await self._ask(claim)
        except RegistryUnavailable:
            self._failures_in_a_row += 1
            raise
        except RegistryError:
            self._failures_in_a_row = 0
            raise
        self._failures_in_a_row = 0
        return finding

    def health(self) -> Health:
        """Offline after three questions in a row found nobody; one answer of any kind ends that."""
        return Health.OFFLINE if self._failures_in_a_row >= FAILURES_UNTIL_OFFLINE else Health.ONLINE

    async def close(self) -> None:
        """Let go of connections; asking afterwards opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ask(self, claim: Claim) -> Finding:
        settings, sent = self._settings, SimpleNamespace(anything=False)
        try:
            async with asyncio.timeout(settings.deadline_s):
                status, content_type, body = await self._post(to_request(claim, settings), sent)
        except aiohttp.ClientResponseError:
            raise RegistryProtocolError("the registry's answer is not HTTP") from None
        except TimeoutError:
            message = f"the registry did not answer within {settings.deadline_s} s"
            raise RegistryUnavailable(message, may_be_charged=sent.anything) from None
        except (aiohttp.ClientError, OSError) as error:
            # The class says what happened; the text could hold addresses or parts of the answer.
            message = f"the line to the registry failed: {type(error).__name__}"
            raise RegistryUnavailable(message, may_be_charged=sent.anything) from None
        return to_finding(
            status,
            content_type,
            body,
            threshold_sent=settings.threshold,
            name_threshold=settings.name_threshold,
        )

    async def _post(self, question: dict[str, str], sent: SimpleNamespace) -> tuple[int, str, bytes]:
        async with self._opened().post(
            self._settings.url, json=question, allow_redirects=False, trace_request_ctx=sent
        ) as response:
            body = b""
            if response.status == 200:
                body = await self._body(response)
            else:
                # A server in trouble often hangs up next; a question on that connection would be lost.
                response.close()
            return response.status, response.headers.get("Content-Type", ""), body

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise RegistryProtocolError("the registry's answer is compressed, which was not asked for")
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self._settings.max_body:
                raise RegistryProtocolError(f"the registry's answer is above {self._settings.max_body} bytes")
        return bytes(body)

    def _opened(self) -> aiohttp.ClientSession:
        # Made at the first question, because a session belongs to the event loop that runs it.
        if self._session is None:
            pin = self._settings.certificate_sha256
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._settings.pool_size,
                    keepalive_timeout=_IDLE_SECONDS,
                    ssl=True if pin is None else aiohttp.Fingerprint(pin),
                ),
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                trace_configs=[_note_what_was_sent()],
            )
        return self._session


def _note_what_was_sent() -> aiohttp.TraceConfig:
    """Mark the request once its first byte is on the way: until then it surely cost nothing."""

    async def mark(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
        context.trace_request_ctx.anything = True

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(mark)
    return trace
