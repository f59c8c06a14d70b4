"""Look at the line to Dukcapil as far as it goes without a question, which would be paid."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from padan.registries.dukcapil_settings import DukcapilSettings

_TIME_TO_HANG_UP = 0.2
"""Seconds that a server is given to close a connection it did not want."""


@dataclass(frozen=True, slots=True)
class LineReport:
    """Whether the line carries so far, and what was found, in words for an operator. Nothing was asked."""

    ok: bool
    detail: str


async def probe_line(settings: DukcapilSettings) -> LineReport:
    """Resolve the name, connect, shake hands, look at the certificate; send nothing beyond that.

    It takes at most the settings' deadline and raises nothing. Credentials are not tried.
    """
    host, port = _address(settings)
    where = f"{host} port {port}"
    try:
        async with asyncio.timeout(settings.deadline_s):
            return LineReport(True, f"{where} {await _look(settings)} (no question was asked)")
    except TimeoutError:
        return LineReport(False, f"{where} does not answer within {settings.deadline_s:g} s; check the VPN")
    except _Unfit as error:
        return LineReport(False, f"{where} {error}")
    except socket.gaierror:
        return LineReport(False, f"{host} has no address; check PADAN_DUKCAPIL_URL and the VPN's name server")
    except ssl.SSLError as error:
        return LineReport(False, f"{where} fails the TLS handshake ({error.reason or 'no reason given'})")
    except OSError as error:
        return LineReport(False, f"{where} cannot be reached: {error.strerror or type(error).__name__}")


class _Unfit(Exception):
    """A line that the connector could not or would not use; the text says why, and what to do."""


def _address(settings: DukcapilSettings) -> tuple[str, int]:
    parts = urlsplit(settings.base_url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


async def _look(settings: DukcapilSettings) -> str:
    if not settings.base_url.startswith("https:"):
        await _connect(settings, None)
        return "accepts connections, without TLS"
    pin = settings.certificate_sha256
    if pin is None:
        try:
            shown = await _connect(settings, ssl.create_default_context())
        except ssl.SSLCertVerificationError as error:
            shown = await _connect(settings, _unverified())
            raise _Unfit(
                f"shows a certificate that does not verify ({error.verify_message}); its SHA-256 is "
                f"{_fingerprint(shown)}. Compare that with Dukcapil's, then set PADAN_DUKCAPIL_CERTIFICATE"
            ) from None
        return f"shows a certificate that verifies{_validity(shown)}"
    shown = await _connect(settings, _unverified())
    if hashlib.sha256(shown).digest() != pin:
        raise _Unfit(
            "shows another certificate than PADAN_DUKCAPIL_CERTIFICATE; its SHA-256 is "
            f"{_fingerprint(shown)}. Ask Dukcapil whether it was renewed before you set that"
        )
    return f"shows the pinned certificate{_validity(shown)}"


async def _connect(settings: DukcapilSettings, context: ssl.SSLContext | None) -> bytes:
    """Connect, and return the certificate shown (DER), empty without TLS. Raises OSError and its kinds."""
    host, port = _address(settings)
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        shown = writer.get_extra_info("ssl_object")
        if await _hangs_up(reader):
            raise _Unfit("accepts connections and closes them at once; is this machine's address registered?")
        return b"" if shown is None else shown.getpeercert(binary_form=True) or b""
    finally:
        writer.transport.abort()


async def _hangs_up(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(_TIME_TO_HANG_UP):
            return not await reader.read(1)
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


def _unverified() -> ssl.SSLContext:
    """Shakes hands with anybody, so that the certificate can be looked at; nothing is sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _fingerprint(certificate: bytes) -> str:
    return hashlib.sha256(certificate).hexdigest()


def _validity(certificate: bytes) -> str:
    # A server never gets here, and need not wait for the import at its start.
    from cryptography import x509

    try:
        return f", valid until {x509.load_der_x509_certificate(certificate).not_valid_after_utc:%Y-%m-%d}"
    except ValueError:
        return ""
