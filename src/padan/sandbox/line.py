"""A line to the simulator that can break below HTTP, where no answer says what is wrong.

It is a port in front of the simulator that takes ``http`` and ``https`` alike and hands everything on. The
faults of a line (``fault_people.LINE_FAULTS``) are switched on for all of its connections or for a share.
The fault of a name is not the line's to make: ``UNRESOLVABLE`` is a base URL whose name has no address.
"""

import asyncio
import contextlib
import datetime
import socket
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Final, Self

from padan.sandbox.certificates import LineCertificates, make_certificates
from padan.sandbox.fault_responses import CLOSE_WITH_RESET, reset
from padan.sandbox.hashing import uniform

UNRESOLVABLE: Final = "http://registry.invalid"
"""No name under ``invalid`` is ever given an address (RFC 6761)."""

SWITCHABLE: Final = ("refused", "tls_error", "expired_certificate")
"""The faults that a line can be told to have."""

_HANDSHAKE: Final = 0x16
_ALERT: Final = bytes((0x15, 3, 3, 0, 2, 2, 40))
"""A fatal TLS alert: handshake failure."""
_BLOCK: Final = 1 << 16
_BACKLOG: Final = 512
_PAUSE: Final = 0.05


@dataclass(slots=True)
class LineSwitch:
    """What the line suffers now: a fault, None where it works, and the share of new connections, 0 to 1."""

    fault: str | None = None
    share: float = 1.0
    line: "Line | None" = field(default=None, repr=False)

    def turn(self, fault: str | None, share: float = 1.0) -> None:
        """Let the line have a fault, or work again (None). Open connections end; raises ``ValueError``."""
        if self.line is None:
            message = "This simulator has no line of its own; padan sandbox serve --line-port gives it one."
            raise ValueError(message)
        if fault is not None and fault not in SWITCHABLE:
            message = f"A line has no such fault; use one of: {', '.join(SWITCHABLE)}."
            raise ValueError(message)
        if not 0 <= share <= 1:
            message = "share must be from 0 to 1."
            raise ValueError(message)
        self.fault, self.share = fault, share
        self.line.turned()


class Line:
    """A TCP front on a port of its own; ``async with`` opens and closes it.

    ``target`` is where the simulator listens; the line has another port at the same host, ``port`` or a free
    one. ``connections`` counts what it accepted. While all of its connections are ``refused`` the port is
    closed, so that the system itself refuses.
    """

    def __init__(self, switch: LineSwitch, *, target: tuple[str, int], port: int = 0) -> None:
        self.certificates: LineCertificates = make_certificates(datetime.datetime.now(datetime.UTC))
        self.connections = 0
        self._switch = switch
        self._target = target
        self._address = (target[0], port)
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._switch.line = self
        self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._switch.line = None
        self._refuse()
        await self._end_connections()

    @property
    def port(self) -> int:
        """Where it listens, or would if it did not refuse."""
        return self._address[1]

    @property
    def open_connections(self) -> int:
        """How many connections it carries now."""
        return len(self._serving)

    def turned(self) -> None:
        """Follow the switch: end what is open, and close or open the port."""
        for task in self._serving:
            task.cancel()
        if self._switch.fault == "refused" and self._switch.share == 1:
            self._refuse()
        elif self._listener is None:
            self._listen()

    def _listen(self) -> None:
        host, port = self._address
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        try:
            listener.bind((host, port))
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
        self._address = (host, listener.getsockname()[1])
        self._listener = listener
        self._accepting = asyncio.create_task(self._accept(listener))

    def _refuse(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
        if self._listener is not None:
            self._listener.close()
        self._accepting = self._listener = None

    async def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = await asyncio.get_running_loop().sock_accept(listener)
            except OSError:  # no descriptor left for the moment
                await asyncio.sleep(_PAUSE)
                continue
            self.connections += 1
            task = asyncio.create_task(self._serve(connection, self._drawn()))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    def _drawn(self) -> str | None:
        return self._switch.fault if uniform(self.connections) < self._switch.share else None

    async def _serve(self, connection: socket.socket, fault: str | None) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            if fault == "refused":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_WITH_RESET)
                connection.close()
                return
            speaks_tls = await _first_byte(connection) == _HANDSHAKE
            if fault == "tls_error" and speaks_tls:
                with connection:
                    connection.send(_ALERT)
                return
            await self._hand_on(connection, self._shown(fault) if speaks_tls else None)
        connection.close()

    def _shown(self, fault: str | None) -> ssl.SSLContext:
        certificates = self.certificates
        return certificates.expired if fault == "expired_certificate" else certificates.valid

    async def _hand_on(self, connection: socket.socket, context: ssl.SSLContext | None) -> None:
        """Carry bytes both ways until one side ends; an end without order is passed on as a reset."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=context)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        try:
            from_simulator, to_simulator = await asyncio.open_connection(*self._target)
            try:
                await _first_to_end(_carry(reader, to_simulator), _carry(from_simulator, writer))
                writer.close()
            finally:
                to_simulator.transport.abort()
        finally:
            if not transport.is_closing():
                reset(transport)

    async def _end_connections(self) -> None:
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while block := await reader.read(_BLOCK):
        writer.write(block)
        await writer.drain()


async def _first_to_end(*ways: Coroutine[None, None, None]) -> None:
    """Return when one way ends in order, or raise what ended it."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _first_byte(connection: socket.socket) -> int | None:
    """Look at a connection's first byte and leave it there; None where there comes none."""
    loop = asyncio.get_running_loop()
    arrived = asyncio.Event()
    loop.add_reader(connection.fileno(), arrived.set)
    try:
        await arrived.wait()
    finally:
        loop.remove_reader(connection.fileno())
    first = connection.recv(1, socket.MSG_PEEK)
    return first[0] if first else None
