"""A look at the line that costs nothing: what it finds, in words."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from padan.registries import DukcapilRegistry
from padan.registries.dukcapil_probe import LineReport
from tests.registries.dukcapil_answers import CANARIES, SETTINGS
from tests.registries.rude_server import closes_at_once, hangs, rude_server
from tests.support.faulty_registry import FaultyRegistry, faulty_registry


@pytest.fixture(scope="module")
def faulty() -> Iterator[FaultyRegistry]:
    with faulty_registry() as running:
        yield running


@pytest.fixture
def trusted(faulty: FaultyRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority of the sandbox's line, trusted as an operator would."""
    file = tmp_path / "authority.pem"
    file.write_text(faulty.authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def probe(url: str, **changes: Any) -> LineReport:
    settings = replace(SETTINGS, **{"base_url": url, "deadline_s": 5, **changes})
    report = asyncio.run(DukcapilRegistry(settings).probe())
    assert not any(canary in report.detail for canary in CANARIES)
    return report


def line(faulty: FaultyRegistry) -> str:
    return f"https://127.0.0.1:{faulty.line_port}"


def test_a_pinned_line_is_found_with_the_end_of_its_certificate(faulty: FaultyRegistry) -> None:
    report = probe(line(faulty), certificate_sha256=faulty.certificate)
    assert report.ok
    assert "shows the pinned certificate, valid until 20" in report.detail


def test_a_line_that_a_trusted_authority_vouches_for_is_found(faulty: FaultyRegistry, trusted: None) -> None:
    report = probe(line(faulty))
    assert report.ok
    assert "shows a certificate that verifies, valid until 20" in report.detail


def test_a_certificate_that_does_not_verify_is_told_with_its_hash_and_the_remedy(
    faulty: FaultyRegistry,
) -> None:
    report = probe(line(faulty))
    assert not report.ok
    assert "does not verify" in report.detail
    assert faulty.certificate.hex() in report.detail
    assert "PADAN_DUKCAPIL_CERTIFICATE" in report.detail


def test_an_expired_certificate_is_told(faulty: FaultyRegistry, trusted: None) -> None:
    faulty.door("POST", "line", {"fault": "expired_certificate"})
    report = probe(line(faulty))
    faulty.door("DELETE", "line")
    assert not report.ok
    assert "certificate has expired" in report.detail


def test_another_certificate_than_the_pinned_one_is_told_with_its_hash(faulty: FaultyRegistry) -> None:
    report = probe(line(faulty), certificate_sha256=bytes(32))
    assert not report.ok
    assert faulty.certificate.hex() in report.detail


def test_a_failed_handshake_is_told(faulty: FaultyRegistry) -> None:
    faulty.door("POST", "line", {"fault": "tls_error"})
    report = probe(line(faulty), certificate_sha256=faulty.certificate)
    faulty.door("DELETE", "line")
    assert not report.ok
    assert "TLS handshake" in report.detail


def test_a_refused_port_is_told(faulty: FaultyRegistry) -> None:
    faulty.door("POST", "line", {"fault": "refused"})
    report = probe(line(faulty))
    faulty.door("DELETE", "line")
    assert not report.ok
    assert "cannot be reached" in report.detail


def test_a_name_without_an_address_is_told() -> None:
    report = probe("http://registry.invalid")
    assert not report.ok
    assert "registry.invalid has no address" in report.detail


def test_a_line_without_tls_is_said_to_have_none() -> None:
    async def run() -> tuple[LineReport, int]:
        async with rude_server(hangs) as server:
            url = f"http://127.0.0.1:{server.port}"
            report = await DukcapilRegistry(replace(SETTINGS, base_url=url)).probe()
            return report, len(server.requests)

    report, requests = asyncio.run(run())
    assert report.ok
    assert "without TLS" in report.detail
    assert requests == 0


def test_a_port_that_hangs_up_at_once_is_no_line() -> None:
    async def run() -> LineReport:
        async with closes_at_once() as port:
            url = f"http://127.0.0.1:{port}"
            return await DukcapilRegistry(replace(SETTINGS, base_url=url)).probe()

    report = asyncio.run(run())
    assert not report.ok
    assert "closes" in report.detail


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_port_that_never_answers_is_given_up_at_the_deadline(scheme: str) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.create_connection(full.getsockname()):
            started = time.monotonic()
            report = probe(f"{scheme}://127.0.0.1:{full.getsockname()[1]}", deadline_s=0.3)
            assert time.monotonic() - started < 1.3
    assert not report.ok
    assert "does not answer within 0.3 s" in report.detail


def test_a_look_asks_nothing(faulty: FaultyRegistry) -> None:
    before = faulty.door("GET", "count")["questions"]
    probe(line(faulty), certificate_sha256=faulty.certificate)
    assert faulty.door("GET", "count")["questions"] == before
