"""The form of a log: lines of JSON, each bound to all before it, with signed checkpoints between them.

A segment is a file of lines. Its first line is a header; each other one is an event or a checkpoint. Every
line but the header ends with `link`: the first 8 bytes, in hexadecimal, of the BLAKE2b-256 of the link before
it (32 bytes) and of the line without its `link`. The header's link is the BLAKE2b-256 of the header. A
checkpoint names the link before it in full, how many events the chain has, and signs both with Ed25519.
"""

from __future__ import annotations

import hashlib
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from padan.app.ports.audit import Event

SUFFIX: Final = ".audit"
FORMAT: Final = 1
_SIGNED: Final = b"padan audit checkpoint 1\0"
_LINK: Final = b',"link":"'
_TAIL: Final = len(_LINK) + 16 + len(b'"}')
NOTHING: Final = bytes(32)
"""The link before the first."""

T = TypeVar("T", bound=msgspec.Struct)


class Header(msgspec.Struct, frozen=True):
    """The first line of a segment.

    `chain` and `segment` are its name; `previous` is the link at which the segment before it ended, and
    `events` how many events the chain had then. `seen` names other chains of the folder, how far each had
    come, and its link there: whoever cuts one of those has to change this one as well.
    """

    padan_audit: int
    chain: str
    segment: int
    begun: int
    previous: str
    events: int
    key: str
    seen: tuple[tuple[str, int, str], ...] = ()


class Checkpoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """A signed statement of how far a chain has come.

    `ends` is `segment` where the chain goes on in another file, `chain` where it has ended.
    """

    checkpoint: int
    at: int
    events: int
    head: str
    ends: str | None = None


class _Signed(msgspec.Struct, frozen=True, omit_defaults=True):
    checkpoint: int
    at: int
    events: int
    head: str
    signature: str
    ends: str | None = None


class _Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at: int
    actor: str
    action: str
    outcome: str
    subject: str | None = None
    environment: UUID | None = None
    token: UUID | None = None
    count: int = 1


class Malformed(ValueError):
    """A line is not what it should be; the text says what it is not."""


_encode = msgspec.json.Encoder().encode


def header_line(header: Header) -> tuple[bytes, bytes]:
    """The line of a header, and its link."""
    body = _encode(header)
    return body + b"\n", hashlib.blake2b(body, digest_size=32).digest()


def linked(body: bytes, before: bytes) -> tuple[bytes, bytes]:
    """The line of a body of JSON after the link `before`, and its own link."""
    link = hashlib.blake2b(before + body, digest_size=32).digest()
    return body[:-1] + _LINK + link[:8].hex().encode() + b'"}\n', link


def event_line(event: Event, before: bytes) -> tuple[bytes, bytes]:
    """The line of an event, and its link."""
    return linked(_encode(event), before)


def unsigned(checkpoint: Checkpoint) -> bytes:
    """What a checkpoint's signature is over."""
    return _SIGNED + _encode(checkpoint)


def checkpoint_line(checkpoint: Checkpoint, signature: bytes, *, before: bytes) -> tuple[bytes, bytes]:
    """The line of a signed checkpoint, and its link."""
    one = checkpoint
    signed = _Signed(one.checkpoint, one.at, one.events, one.head, signature.hex(), one.ends)
    return linked(_encode(signed), before)


def read_header(line: bytes) -> tuple[Header, bytes]:
    """The header in a line without its end, and its link. Raises Malformed."""
    header = _decode(line, Header)
    if header.padan_audit != FORMAT or _encode(header) != line:
        raise Malformed("is no header of this format")
    return header, hashlib.blake2b(line, digest_size=32).digest()


def read_line(line: bytes, before: bytes) -> tuple[bytes, bytes]:
    """The body of a line, and its link. Raises Malformed where it does not follow the link before it."""
    body = line[:-_TAIL] + b"}"
    whole, link = linked(body, before)
    if whole[:-1] != line:
        raise Malformed("does not follow the line before it")
    return body, link


def is_checkpoint(body: bytes) -> bool:
    """Whether a body is a checkpoint's; an event's begins with its instant."""
    return body.startswith(b'{"checkpoint":')


def read_event(body: bytes) -> Event:
    """The event in a body, its subject as text. Raises Malformed."""
    read = _decode(body, _Read)
    return Event(**{name: getattr(read, name) for name in read.__struct_fields__})


def read_checkpoint(body: bytes) -> tuple[Checkpoint, bytes]:
    """The checkpoint in a body, and its signature. Raises Malformed."""
    one = _decode(body, _Signed)
    try:
        signature = bytes.fromhex(one.signature)
    except ValueError:
        raise Malformed("has a signature that is none") from None
    return Checkpoint(one.checkpoint, one.at, one.events, one.head, one.ends), signature


def _decode(text: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed(f"is no {kind.__name__.strip('_').lower()}") from None
