"""How a setting's value is read, from text or from TOML: each raises ValueError, saying what is expected."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value


def path(value: Any) -> Path:
    """A path; `~` is the user's home."""
    return Path(text(value)).expanduser()


def port(value: Any) -> int:
    """A port, or 0."""
    return whole(value, low=0, high=65_535)


def count(value: Any) -> int:
    """A count from 1 to 10,000."""
    return whole(value, low=1, high=10_000)


def pause(value: Any) -> int:
    """Whole seconds, 0 to 300."""
    return whole(value, low=0, high=300)


def percent(value: Any) -> int:
    """A percentage, 0 to 100."""
    return whole(value, low=0, high=100)


def name_threshold(value: Any) -> int:
    """A percentage from which two names count as the same, 50 to 100."""
    try:
        return whole(value, low=50, high=100)
    except ValueError as error:
        raise ValueError(f"{error}: below 50, names of strangers count as the same") from None


def rupiah(value: Any) -> int:
    """Whole rupiah, 0 to 10,000,000."""
    return whole(value, low=0, high=10_000_000)


def whole(value: Any, *, low: int, high: int) -> int:
    """A whole number within limits."""
    written = str(value)
    if not (written.isascii() and written.isdigit() and low <= int(written) <= high):
        raise ValueError(f"a whole number from {low} to {high}")
    return int(written)


def seconds(value: Any) -> float:
    """Seconds, 0.1 to 300."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if not 0.1 <= number <= 300:
        raise ValueError("a number of seconds from 0.1 to 300")
    return number


def url(value: Any) -> str:
    """An http or https URL without user, query and fragment, nor a slash at its end."""
    written = text(value).rstrip("/")
    try:
        parts = urlsplit(written)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.username or parts.query or parts.fragment:
        raise ValueError("an http or https URL without user, query or fragment")
    return written


def ip(value: Any) -> str:
    """An IP address."""
    written = text(value)
    try:
        if "%" in written:
            raise ValueError
        return str(ipaddress.ip_address(written))
    except ValueError:
        raise ValueError("an IP address, such as 192.0.2.10") from None


def spelt(pattern: str, expected: str) -> Callable[[Any], str]:
    """A reader of texts that a pattern matches whole."""

    def read(value: Any) -> str:
        written = text(value)
        if not re.fullmatch(pattern, written):
            raise ValueError(expected)
        return written

    return read


method = spelt(r"[A-Za-z0-9_]{1,64}", "1 to 64 letters, digits or _")
region = spelt(r"[0-9A-Za-z-]{1,16}", "1 to 16 letters, digits or -")
customer = spelt(r"(?!\.+$)[A-Za-z0-9._-]{1,200}", "letters, digits, '.', '_' or '-', and not dots alone")


def date_format(value: Any) -> str:
    """How the registry writes dates."""
    if value not in {"dd-MM-yyyy", "dd/MM/yyyy", "yyyy-MM-dd"}:
        raise ValueError("dd-MM-yyyy, dd/MM/yyyy or yyyy-MM-dd")
    return str(value)


def fields(value: Any) -> tuple[str, ...]:
    """Fields of the registry, NIK among them, in their own order."""
    given = value.split(",") if isinstance(value, str) else value
    known = ("NIK", "NAMA_LGKP", "TGL_LHR")
    names = [str(name).strip().upper() for name in given] if isinstance(given, list) else []
    if "NIK" not in names or not set(names) <= set(known):
        raise ValueError(f"NIK and any of {', '.join(known[1:])}, with commas between them")
    return tuple(name for name in known if name in names)


def one_of(*words: str) -> Callable[[Any], str]:
    """A reader of one of these words."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(" or ".join(words))
        return str(value)

    return read


def fingerprint(value: Any) -> bytes:
    """A SHA-256 in hexadecimal, as its 32 bytes."""
    written = str(value).replace(":", "")
    try:
        digest = bytes.fromhex(written)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise ValueError("64 hexadecimal digits, with or without colons")
    return digest


def database(value: Any) -> str:
    """The URL of a database."""
    written = text(value)
    if written.startswith("sqlite:///") and written != "sqlite:///":
        return written
    try:
        # A port that is no number says so only when it is looked at; several hosts have several.
        parts = urlsplit(written)
        named = parts.scheme == "postgresql" and bool(parts.path.strip("/"))
    except ValueError:
        named = False
    if not named or parts.fragment:
        raise ValueError("sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    return written


def register(value: Any) -> str:
    """The folder of a register, or the URL of a PostgreSQL database."""
    written = text(value)
    if "://" not in written:
        return str(path(written))
    try:
        return database(written)
    except ValueError:
        raise ValueError("a folder, or postgresql://USER:PASSWORD@HOST:PORT/DATABASE") from None


def secret(value: Any) -> str:
    """A secret that can stand in a header."""
    written = text(value)
    if not (written.isascii() and written.isprintable() and " " not in written):
        raise ValueError("printable ASCII without spaces")
    return written


def feedback_params(value: Any) -> str:
    """Names of `param` in data balikan, and what stands under each."""
    written = text(value)
    pairs = written.split(",")
    right = all(re.fullmatch(r"[A-Za-z0-9_]{1,64}=(purpose|outcome|date)", pair) for pair in pairs)
    if not right or len({pair.split("=")[0] for pair in pairs}) < len(pairs):
        raise ValueError("NAME=purpose, NAME=outcome or NAME=date, with commas between and no name twice")
    return written
