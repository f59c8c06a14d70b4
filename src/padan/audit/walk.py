"""Walk along a segment, line by line, as far as it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from padan.app.ports.audit import Event
from padan.audit.keys import PublicKey
from padan.audit.records import (
    Header,
    Malformed,
    is_checkpoint,
    read_checkpoint,
    read_event,
    read_header,
    read_line,
    unsigned,
)

_LONGEST_LINE: Final = 1 << 24
Problem = Callable[[str], None]


@dataclass(slots=True)
class Walk:
    """A segment, and what was found on the way. Reading `events` to their end fills the rest in.

    `stop_at` is the link at which the next segment says that the chain goes on: what follows does not count.
    `places` holds the events counted and the link before each checkpoint whose signature is ours;
    `checkpointed` is the link after the last of them, `signed` the events up to it.
    """

    path: Path
    key: PublicKey
    stop_at: str | None = None
    header: Header | None = None
    count: int = 0
    signed: int = 0
    link: bytes = b""
    torn: bool = False
    ends: str | None = None
    stopped: bool = False
    left_over: int = 0
    problem: str | None = None
    places: dict[int, set[str]] = field(default_factory=dict)
    checkpoints: int = 0
    checkpointed: bytes = b""

    def events(self) -> Iterator[Event]:
        """The events that count, in order. What does not hold ends it, and is in `problem`."""
        number = 1
        try:
            with self.path.open("rb") as file:
                for number, line in enumerate(_lines(file), 1):
                    if not line.endswith(b"\n"):
                        self.torn = True
                        break
                    event = self._take(line[:-1], first=number == 1)
                    if event is not None:
                        yield event
            self._finish()
        except Malformed as error:
            self.problem = f"line {number} {error}"
        except OSError as error:
            self.problem = f"cannot be read: {error.strerror}"

    def _take(self, line: bytes, *, first: bool) -> Event | None:
        if first:
            self._begin(line)
            return None
        if self.stopped:
            self.left_over += 1
            return None
        if self.ends is not None:
            raise Malformed("stands after the end")
        body, link = read_line(line, self.link)
        event = None
        if is_checkpoint(body):
            self._check(body)
            self.checkpointed = link
        elif not self.checkpoints:
            raise Malformed("stands before the first checkpoint")
        else:
            event = read_event(body)
            self.count += 1
        self.link = link
        self.stopped = link.hex() == self.stop_at
        return event

    def _begin(self, line: bytes) -> None:
        self.header, self.link = read_header(line)
        name = f"{self.header.chain}.{self.header.segment:05}"
        if not self.path.name.startswith(name + "."):
            raise Malformed(f"says that this is {name}")
        if self.header.key != self.key.id:
            raise Malformed(f"names the key {self.header.key}, and the one given is {self.key.id}")
        self.count = self.signed = self.header.events

    def _check(self, body: bytes) -> None:
        checkpoint, signature = read_checkpoint(body)
        if not self.key.signed(unsigned(checkpoint), signature):
            raise Malformed("has a signature that is not of this key")
        if (checkpoint.checkpoint, checkpoint.events, checkpoint.head) != (
            self.checkpoints,
            self.count,
            self.link.hex(),
        ):
            raise Malformed("is a checkpoint of another place")
        self.checkpoints += 1
        self.signed, self.ends = self.count, checkpoint.ends
        self.places.setdefault(self.count, set()).add(checkpoint.head)

    def _finish(self) -> None:
        if self.stop_at is not None and not self.stopped:
            raise Malformed("is not where the next segment goes on: what stood after it was cut off")
        if self.header is None or not self.checkpoints:
            self.torn = True


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(_LONGEST_LINE):
        yield line
