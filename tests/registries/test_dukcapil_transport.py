"""The connector against a real server that misbehaves: a typed error each time, and in time."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import logging
import socket
import ssl
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from padan.domain.errors import RegistryError, RegistryProtocolError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.rules import NameRules
from padan.registries import REGISTRIES, DukcapilRegistry
from tests.registries.dukcapil_answers import CANARIES, CLAIM, SETTINGS, VERDICTS, body
from tests.registries.rude_server import (
    CHUNKED,
    GOOD,
    Manner,
    RudeServer,
    drips,
    endless,
    hangs,
    http,
    resets_after,
    rude_server,
    says,
)

DEADLINE = 0.4


def registry_at(port: int, **changes: Any) -> DukcapilRegistry:
    url = f"http://127.0.0.1:{port}"
    return DukcapilRegistry(replace(SETTINGS, **{"base_url": url, "deadline_s": DEADLINE, **changes}))


async def ask_port(port: int, **changes: Any) -> Finding:
    registry = registry_at(port, **changes)
    try:
        return await registry.ask(CLAIM, request_id="1")
    finally:
        await registry.close()


async def ask_rude(manner: Manner, **changes: Any) -> tuple[Finding | RegistryError, RudeServer, float]:
    async with rude_server(manner) as server:
        started = time.monotonic()
        try:
            answer: Finding | RegistryError = await ask_port(server.port, **changes)
        except RegistryError as error:
            answer = error
        return answer, server, time.monotonic() - started


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


UNAVAILABLE: dict[str, Manner] = {
    "hangs before the headers": hangs,
    "hangs inside the headers": drips(http(), first=10),
    "hangs inside the body": drips(http(), first=len(http()) - 200),
    "closes without an answer": says(b"", then_close=True),
    "resets without an answer": resets_after(b""),
    "resets inside the headers": resets_after(http()[:30]),
    "resets inside the body": resets_after(http()[:-50]),
    "closes inside the body": says(http(length=len(GOOD) + 50), then_close=True),
    "500": says(http(status="500 Internal Server Error")),
    "503": says(http(status="503 Service Unavailable")),
    "an endless chunk extension": endless(CHUNKED + b"1;", b"a" * 0x10000),
    "endless interim answers": endless(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100),
    "429": says(http(status="429 Too Many Requests", headers="Retry-After: 5\r\n")),
}

PROTOCOL: dict[str, Manner] = {
    "a redirect": says(http(b"", status="302 Found", headers="Location: http://127.0.0.1:1/\r\n")),
    "404": says(http(status="404 Not Found")),
    "HTML": says(http(b"<html>Sesuai</html>", content_type="text/html")),
    "JSON declared as a text": says(http(content_type="text/plain")),
    "truncated JSON": says(http(GOOD[:-9])),
    "no content": says(http(body())),
    "not HTTP": says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", then_close=True),
    "a body above the limit": says(http(b" " * 300_000 + GOOD)),
    "an endless body": endless(CHUNKED, b"10000\r\n" + b" " * 0x10000 + b"\r\n"),
    "an endless body in small chunks": endless(CHUNKED, b"1\r\n \r\n" * 1000),
    "endless headers": endless(b"HTTP/1.1 200 OK\r\n", b"X-Rude: yes\r\n" * 1000),
    "an endless header": endless(b"HTTP/1.1 200 OK\r\nX-Rude: ", b"a" * 0x10000),
    "a gzip bomb": says(http(gzip.compress(b" " * 50_000_000 + GOOD), headers="Content-Encoding: gzip\r\n")),
}


@pytest.mark.parametrize("manner", UNAVAILABLE.values(), ids=UNAVAILABLE)
def test_a_line_that_breaks_after_the_question_is_unavailable_and_may_be_charged(manner: Manner) -> None:
    answer, _, seconds = asyncio.run(ask_rude(manner))
    assert isinstance(answer, RegistryUnavailable)
    assert answer.may_be_charged
    assert seconds < DEADLINE + 1


@pytest.mark.parametrize("manner", PROTOCOL.values(), ids=PROTOCOL)
def test_an_answer_that_is_not_one_is_a_protocol_error(manner: Manner) -> None:
    answer, server, seconds = asyncio.run(ask_rude(manner, max_body=100_000))
    assert isinstance(answer, RegistryProtocolError)
    assert len(server.requests) == 1
    assert seconds < DEADLINE + 1


@pytest.mark.parametrize(
    "change", [{}, {"base_url": "http://registry.invalid"}, {"base_url": "https://127.0.0.1"}]
)
def test_a_registry_that_cannot_be_reached_has_cost_nothing(change: dict[str, str]) -> None:
    with pytest.raises(RegistryUnavailable) as unavailable:
        asyncio.run(ask_port(closed_port(), **change))
    assert not unavailable.value.may_be_charged


def test_a_connection_that_is_never_accepted_has_cost_nothing() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.create_connection(full.getsockname()):
            started = time.monotonic()
            with pytest.raises(RegistryUnavailable) as unavailable:
                asyncio.run(ask_port(full.getsockname()[1], pool_size=1))
            assert time.monotonic() - started < DEADLINE + 1
    assert not unavailable.value.may_be_charged


def test_a_good_answer_is_found_and_the_request_is_as_on_the_wire() -> None:
    answer, server, _ = asyncio.run(ask_rude(says(http())))
    assert isinstance(answer, Finding)
    assert answer.outcome is Outcome.FOUND
    head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /dukcapil/get_json/bank-contoh/CALL_VERIFY_BY_ELEMEN HTTP/1.1")
    assert b"Accept-Encoding: identity" in head
    assert b'"NIK": "3273015705900001"' in sent
    assert not any(canary.encode() in head for canary in CANARIES)


def test_user_and_password_are_sent_as_http_basic_only_where_the_agreement_wants_it() -> None:
    for basic_auth in (False, True):
        _, server, _ = asyncio.run(ask_rude(says(http()), basic_auth=basic_auth))
        head = server.requests[0].partition(b"\r\n\r\n")[0]
        expected = b"Authorization: Basic " + base64.b64encode(b"contoh:canary-password")
        assert (expected in head) is basic_auth


def test_a_name_is_judged_by_the_threshold_of_its_question() -> None:
    async def ask(own: int | None) -> tuple[Finding, bytes]:
        answer = body({**VERDICTS, "NAMA_LGKP": "Sesuai (92)"})
        async with rude_server(says(http(answer))) as server:
            registry = registry_at(server.port)
            finding = await registry.ask(CLAIM, request_id="1", names=NameRules(own))
            await registry.close()
            return finding, server.requests[0]

    for own, matches, sent in ((None, True, b'"80"'), (95, False, b'"80"'), (70, True, b'"70"')):
        finding, request = asyncio.run(ask(own))
        assert finding.full_name == Comparison(matches, 0.92)
        assert b'"TRESHOLD": ' + sent in request


def test_a_date_to_ask_again_at_is_measured_by_the_answers_own_clock() -> None:
    headers = "Retry-After: Tue, 24 Nov 2026 10:01:00 GMT\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\n"
    answer, _, _ = asyncio.run(ask_rude(says(http(status="503 Service Unavailable", headers=headers))))
    assert isinstance(answer, RegistryUnavailable)
    assert answer.retry_after_s == 60


def test_a_redirect_is_not_followed() -> None:
    async def run() -> tuple[int, int]:
        async with rude_server(says(http())) as elsewhere:
            there = f"Location: http://127.0.0.1:{elsewhere.port}/\r\n"
            for status in ("301 X", "302 X", "303 X", "307 X", "308 X"):
                async with rude_server(says(http(b"", status=status, headers=there))) as server:
                    with pytest.raises(RegistryProtocolError):
                        await ask_port(server.port)
            return elsewhere.connections, len(server.requests)

    assert asyncio.run(run()) == (0, 1)


def test_more_questions_than_connections_wait_for_one_within_their_deadline() -> None:
    async def run() -> tuple[list[Finding | BaseException], int]:
        async with rude_server(drips(http(), first=len(http()) - 1)) as server:
            registry = registry_at(server.port, pool_size=2, deadline_s=5)
            questions = [registry.ask(CLAIM, request_id=str(number)) for number in range(6)]
            answers = await asyncio.gather(*questions, return_exceptions=True)
            await registry.close()
            return answers, server.connections

    answers, connections = asyncio.run(run())
    assert all(isinstance(answer, Finding) for answer in answers)
    assert connections == 2


def test_a_slow_but_timely_answer_is_found() -> None:
    slow = drips(http(), first=len(http()) - 3)
    answer, _, _ = asyncio.run(ask_rude(slow, deadline_s=5))
    assert isinstance(answer, Finding)


def test_a_refusal_is_an_answer() -> None:
    quota = says(http(body({"RESPONSE_CODE": "05", "RESPON": "Kuota Akses Hari Ini Telah Habis"})))
    answer, _, _ = asyncio.run(ask_rude(quota))
    assert isinstance(answer, RegistryRefused)


def test_connections_are_kept_for_the_next_question() -> None:
    async def ask_twice() -> RudeServer:
        async with rude_server(says(http())) as server:
            registry = registry_at(server.port)
            for number in "12":
                await registry.ask(CLAIM, request_id=number)
            await registry.close()
            return server

    server = asyncio.run(ask_twice())
    assert (server.connections, len(server.requests)) == (1, 2)


def test_a_question_is_never_repeated_by_the_transport() -> None:
    _, server, _ = asyncio.run(ask_rude(says(b"", then_close=True)))
    assert len(server.requests) == 1


def test_a_closed_registry_can_be_asked_again() -> None:
    async def run() -> Finding:
        async with rude_server(says(http())) as server:
            registry = registry_at(server.port)
            await registry.ask(CLAIM, request_id="1")
            await registry.close()
            await registry.close()
            finding = await registry.ask(CLAIM, request_id="2")
            await registry.close()
            return finding

    assert asyncio.run(run()).outcome is Outcome.FOUND


def certificate(folder: Path, *, days: int = 1) -> tuple[ssl.SSLContext, bytes]:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.not_valid_before(now - timedelta(days=9)).not_valid_after(now + timedelta(days=days))
    signed = builder.serial_number(1).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(private + signed.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, hashlib.sha256(signed.public_bytes(serialization.Encoding.DER)).digest()


@pytest.mark.parametrize("days", [1, -1])
@pytest.mark.parametrize(("pinned", "answered"), [("right", True), ("wrong", False), ("none", False)])
def test_only_the_pinned_certificate_is_spoken_to_and_its_dates_do_not_matter(
    tmp_path: Path, pinned: str, *, answered: bool, days: int
) -> None:
    context, fingerprint = certificate(tmp_path, days=days)
    pin = {"right": fingerprint, "wrong": bytes(32), "none": None}[pinned]

    async def run() -> tuple[Finding | RegistryError, RudeServer]:
        async with rude_server(says(http()), tls=context) as server:
            url = f"https://127.0.0.1:{server.port}"
            try:
                return await ask_port(0, base_url=url, certificate_sha256=pin, deadline_s=5), server
            except RegistryUnavailable as error:
                return error, server

    answer, server = asyncio.run(run())
    assert isinstance(answer, Finding) is answered
    assert bool(server.requests) is answered
    assert answered or (isinstance(answer, RegistryUnavailable) and not answer.may_be_charged)
    assert {"wrong": "not the pinned one", "none": "does not verify"}.get(pinned, "") in str(answer)


@pytest.mark.parametrize("manner", [*UNAVAILABLE.values(), *PROTOCOL.values()])
def test_no_error_and_no_log_holds_personal_data(manner: Manner, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    error, _, _ = asyncio.run(ask_rude(manner, max_body=100_000, deadline_s=0.2))
    assert isinstance(error, RegistryError)
    told = "".join(traceback.format_exception(error)) + repr(error) + caplog.text
    assert not any(canary in told for canary in CANARIES)


def test_the_table_names_each_registry_as_it_names_itself() -> None:
    assert {name: getattr(registry, "name", None) for name, registry in REGISTRIES.items()} == {
        "dukcapil": "dukcapil",
        "register": "register",
    }
