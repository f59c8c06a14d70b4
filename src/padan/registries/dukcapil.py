"""The transport to Dukcapil: one POST a question over kept connections, within one deadline."""

from __future__ import annotations

import asyncio
import json
import ssl
from base64 import b64encode
from types import SimpleNamespace
from typing import Any, Final

import aiohttp

from padan.domain.claim import Claim
from padan.domain.errors import RegistryProtocolError, RegistryUnavailable
from padan.domain.finding import Finding
from padan.domain.rules import USUAL_NAMES, NameRules
from padan.registries.dukcapil_page import Answer
from padan.registries.dukcapil_probe import LineReport, probe_line
from padan.registries.dukcapil_settings import DukcapilSettings
from padan.registries.dukcapil_wire import Question, to_finding, to_question, to_request

_CHUNK = 1 << 16
_IDLE_SECONDS = 10

_CAUSES: Final = (
    (aiohttp.ServerFingerprintMismatch, "its certificate is not the pinned one"),
    (aiohttp.ClientConnectorCertificateError, "its certificate does not verify"),
    (aiohttp.ClientConnectorDNSError, "its name has no address"),
    (aiohttp.ClientSSLError, "the TLS handshake failed"),
    (aiohttp.ClientConnectorError, "no connection"),
)
"""What became of the line, the first that fits. An error's own text could hold more than that."""


class DukcapilRegistry:
    """Asks Dukcapil, or the sandbox that speaks its wire. Implements `padan.app.ports.Registry`."""

    name = "dukcapil"

    def __init__(self, settings: DukcapilSettings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        claim: Claim,
        *,
        request_id: str,  # noqa: ARG002
        names: NameRules = USUAL_NAMES,
    ) -> Finding:
        """Ask one paid question, and only once: a repeat would be paid again, so it is the caller's choice.

        `names` says when the name counts as the same; without a threshold of its own, the settings' judges
        the registry's scores. The wire has no place for `request_id`.
        Raises RegistryUnavailable, RegistryRefused or RegistryProtocolError; each says `may_be_charged`.
        """
        question = to_question(claim, self._settings, names=names)
        return to_finding(await self._answer(question), question, settings=self._settings)

    async def probe(self) -> LineReport:
        """Look at the line without asking anything: address, port, TLS, certificate. It costs nothing."""
        return await probe_line(self._settings)

    async def reachable(self) -> bool:
        """Whether the line carries so far, without a question."""
        return (await self.probe()).ok

    async def close(self) -> None:
        """Let go of connections; asking afterwards opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _answer(self, question: Question) -> Answer:
        settings, sent = self._settings, SimpleNamespace(anything=False)
        try:
            async with asyncio.timeout(settings.deadline_s):
                return await self._post(json.dumps(to_request(question, settings)).encode(), sent)
        except aiohttp.ClientResponseError:
            raise RegistryProtocolError("the registry's answer is not HTTP") from None
        except TimeoutError:
            message = f"the registry did not answer within {settings.deadline_s} s"
            raise RegistryUnavailable(message, may_be_charged=sent.anything) from None
        except (aiohttp.ClientError, OSError) as error:
            message = f"the line to the registry failed: {_cause(error)}"
            raise RegistryUnavailable(message, may_be_charged=sent.anything) from None

    async def _post(self, question: bytes, sent: SimpleNamespace) -> Answer:
        async with self._opened().post(
            self._settings.url, data=question, allow_redirects=False, trace_request_ctx=sent
        ) as response:
            body = b""
            if response.status == 200:
                body = await self._body(response)
            else:
                # A server in trouble often hangs up next; a question on that connection would be lost.
                response.close()
            said = {name: response.headers.get(name, "") for name in ("Content-Type", "Retry-After", "Date")}
            return Answer(response.status, said["Content-Type"], body, said["Retry-After"], said["Date"])

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
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._settings.pool_size,
                    keepalive_timeout=_IDLE_SECONDS,
                    ssl=_trust(self._settings),
                ),
                headers=_headers(self._settings),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                trace_configs=[_note_what_was_sent()],
            )
        return self._session


def _cause(error: Exception) -> str:
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), type(error).__name__)


def _trust(settings: DukcapilSettings) -> ssl.SSLContext | aiohttp.Fingerprint | bool:
    if settings.certificate_sha256 is not None:
        return aiohttp.Fingerprint(settings.certificate_sha256)
    # One of our own, since the library's was made before anybody could name an authority of theirs.
    return ssl.create_default_context() if settings.url.startswith("https:") else True


def _headers(settings: DukcapilSettings) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
    }
    if settings.basic_auth:
        pair = f"{settings.user_id}:{settings.password}".encode()
        headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
    return headers


def _note_what_was_sent() -> aiohttp.TraceConfig:
    """Mark the request once its first byte is on the way: until then it surely cost nothing."""

    async def mark(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
        context.trace_request_ctx.anything = True

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(mark)
    return trace
