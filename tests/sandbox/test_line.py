"""A line that breaks below HTTP, and the simulator behind it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from http import client as http_client
from typing import Any

import pytest

from padan.sandbox.dukcapil import build_app
from padan.sandbox.line import SWITCHABLE, UNRESOLVABLE, Line
from tests.sandbox.simulator import (
    CREDENTIALS,
    CUSTOMER,
    NATION,
    Client,
    Reply,
    line_before_a_simulator,
    serving,
)

MATCH = NATION.scenario("match").nik
PATH = f"/dukcapil/get_json/{CUSTOMER}/CALL_VERIFY"


def over(scene: Callable[[Line, Client], Awaitable[None]]) -> None:
    """Run a scene over a line."""

    async def run() -> None:
        async with line_before_a_simulator() as (line, door):
            await scene(line, door)

    asyncio.run(run())


async def ask(line: Line, nik: str = MATCH, *, tls: ssl.SSLContext | None = None) -> Reply:
    """One question over a connection of its own."""
    if tls is None:
        return await asyncio.to_thread(Client(line.port).verify, NIK=nik)

    def send() -> Reply:
        connection = http_client.HTTPSConnection("127.0.0.1", line.port, timeout=5, context=tls)
        try:
            connection.request("POST", PATH, Client.encoded({**CREDENTIALS, "NIK": nik}))
            answer = connection.getresponse()
            return Reply(answer.status, {}, answer.read())
        finally:
            connection.close()

    return await asyncio.to_thread(send)


async def turn(door: Client, fault: str | None, **more: Any) -> Reply:
    if fault is None:
        return await asyncio.to_thread(door.send, "DELETE", "/sandbox/line")
    return await asyncio.to_thread(door.send, "POST", "/sandbox/line", {"fault": fault, **more})


def trusting(line: Line) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=line.certificates.authority.decode())


def test_a_line_that_works_hands_on_http_and_https_at_one_port() -> None:
    async def scene(line: Line, _: Client) -> None:
        assert (await ask(line)).content == {"NIK": "Sesuai"}
        assert (await ask(line, tls=trusting(line))).content == {"NIK": "Sesuai"}

    over(scene)


def test_nobody_trusts_a_line_who_was_not_told_to() -> None:
    async def scene(line: Line, _: Client) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            await ask(line, tls=ssl.create_default_context())

    over(scene)


def test_a_line_that_refuses_is_a_closed_port_until_it_is_mended() -> None:
    async def scene(line: Line, door: Client) -> None:
        await turn(door, "refused")
        with pytest.raises(ConnectionRefusedError):
            await ask(line)
        await turn(door, None)
        assert (await ask(line)).status == 200

    over(scene)


def test_a_share_of_refusals_is_a_share_of_connections_reset_at_once() -> None:
    async def scene(line: Line, door: Client) -> None:
        await turn(door, "refused", share=0.5)
        outcomes = await asyncio.gather(*(ask(line) for _ in range(60)), return_exceptions=True)
        broken = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert all(isinstance(outcome, ConnectionResetError | BrokenPipeError) for outcome in broken)
        assert 10 < len(broken) < 50

    over(scene)


def test_a_tls_error_is_an_alert_in_the_handshake() -> None:
    async def scene(line: Line, door: Client) -> None:
        await turn(door, "tls_error")
        with pytest.raises(ssl.SSLError, match=r"(?i)handshake failure"):
            await ask(line, tls=trusting(line))

    over(scene)


def test_an_expired_certificate_has_expired_and_is_right_otherwise() -> None:
    async def scene(line: Line, door: Client) -> None:
        await turn(door, "expired_certificate")
        with pytest.raises(ssl.SSLCertVerificationError, match="certificate has expired"):
            await ask(line, tls=trusting(line))

    over(scene)


def test_turning_a_fault_on_ends_the_connections_that_are_open() -> None:
    async def scene(line: Line, door: Client) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(b"GET /sandbox/count HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await reader.readuntil(b"}}")
        await turn(door, "tls_error")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()

    over(scene)


def test_a_reset_of_the_simulator_is_one_at_the_lines_other_end() -> None:
    async def scene(line: Line, _: Client) -> None:
        with pytest.raises(ConnectionResetError):
            await ask(line, NATION.scenario("reset").nik)

    over(scene)


async def carries(line: Line, connections: int) -> bool:
    """Whether the line comes to carry so many connections within two seconds."""
    for _ in range(200):
        await asyncio.sleep(0.01)
        if line.open_connections == connections:
            return True
    return False


def test_a_line_notices_that_its_client_has_left() -> None:
    async def scene(line: Line, _: Client) -> None:
        for request in (b"", b"POST "):
            with socket.create_connection(("127.0.0.1", line.port)) as connection:
                connection.sendall(request)
                assert await carries(line, 1)
            assert await carries(line, 0)

    over(scene)


@pytest.mark.parametrize(
    "body", [{"fault": "html"}, {"fault": "dns_failure"}, {"fault": "refused", "share": 2}, {}]
)
def test_a_line_refuses_a_fault_that_it_cannot_have(body: dict[str, Any]) -> None:
    async def scene(line: Line, door: Client) -> None:
        assert (await asyncio.to_thread(door.send, "POST", "/sandbox/line", body)).status == 400
        assert (await ask(line)).status == 200

    over(scene)


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("fault", SWITCHABLE)
def test_a_simulator_without_a_line_says_how_to_get_one(method: str, fault: str) -> None:
    with serving(build_app(NATION)) as client:
        reply = client.send(method, "/sandbox/line", {"fault": fault})
        assert reply.status == 400
        assert "--line-port" in reply.json["error"]


def test_the_unresolvable_name_has_no_address() -> None:
    started = time.monotonic()
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(UNRESOLVABLE.removeprefix("http://"), 80)
    assert time.monotonic() - started < 10
