"""How the simulator misbehaves on purpose: one function a fault.

A fault is given the page that would have been the right answer, and answers otherwise. Its name is
also the name of its scenario (see ``fault_people``). What it is on the wire, and whether it is
charged, stands in ``docs/reference/sandbox.md``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import msgspec
from starlette.responses import Response

from padan.sandbox.fault_people import LINE_FAULTS
from padan.sandbox.fault_responses import (
    JSON,
    HalfResponse,
    HangUpResponse,
    SilentResponse,
    SlowResponse,
    StreamedResponse,
    blanks_before,
    compressed,
    single_bytes,
)
from padan.sandbox.wire import ERROR_TEXTS, ErrorTextKey, error_object, page

LINK_LOCAL: Final = "http://169.254.169.254/latest/meta-data/"
"""Where clouds keep a machine's secrets: what a client that follows redirects is led to."""

_UNKNOWN_CODE: Final = "99"
_DEPTH: Final = 10_000
_HUGE: Final = 100 * 1024 * 1024
_ERROR_KEYS: Final = frozenset(("RESPONSE_CODE", *(key.value for key in ErrorTextKey)))


@dataclass(frozen=True, slots=True)
class FaultOptions:
    """What faults do in detail: times in seconds, and where the redirect leads."""

    slow: float = 3.0
    very_slow: float = 20.0
    timeout: float = 600.0
    """When a question that is never answered is given up, should the client not have left before."""
    drip: float = 1.0
    """The pause after each byte of an answer that drips."""
    retry_after: int = 2
    redirect_to: str = LINK_LOCAL


@dataclass(frozen=True, slots=True)
class Struck:
    """A question that a fault strikes: the page that would have been right, and how to spoil it."""

    page: dict[str, Any] = field(repr=False)
    options: FaultOptions
    text_key: ErrorTextKey

    @property
    def whole(self) -> bytes:
        """The right answer as it would have been sent."""
        return msgspec.json.encode(self.page)

    @property
    def said(self) -> dict[str, str]:
        """What the right answer says of the person, without an error's code and text."""
        (record,) = self.page["content"]
        return {key: value for key, value in record.items() if key not in _ERROR_KEYS}

    def with_content(self, *records: dict[str, str], **changes: Any) -> Response:
        """Answer a page with other content, other keys of the page changed too."""
        return json_response({**page(list(records), self.page["quotaLimiter"]), **changes})


Fault = Callable[[Struck], Response]


def json_response(body: object) -> Response:
    """Return an object as JSON."""
    return Response(msgspec.json.encode(body), media_type=JSON)


def _html(_: Struck) -> Response:
    text = "<html><head><title>Gateway</title></head><body><h1>Sistem sedang dipelihara</h1></body></html>"
    return Response(text, media_type="text/html")


def _truncated(struck: Struck) -> Response:
    whole = struck.whole
    return Response(whole[: len(whole) * 2 // 3], media_type=JSON)


def _duplicate_keys(struck: Struck) -> Response:
    twice = b'"content":[{"NIK":"Tidak Sesuai","NIK":"Sesuai",'
    return Response(struck.whole.replace(b'"content":[{', twice, 1), media_type=JSON)


def _another_nik(struck: Struck) -> Response:
    return struck.with_content({**struck.said, "NIK": "3171011701900001"})


def _deep_nesting(struck: Struck) -> Response:
    return json_response({**struck.page, "sort": msgspec.Raw(b"[" * _DEPTH + b"]" * _DEPTH)})


def _gzip_bomb(struck: Struck) -> Response:
    blocks = compressed(blanks_before(struck.whole, _HUGE))
    return StreamedResponse(blocks, headers={"content-encoding": "gzip"})


def _drip(struck: Struck) -> Response:
    whole = struck.whole
    headers = {"content-length": str(len(whole))}
    return StreamedResponse(single_bytes(whole), pause=struck.options.drip, headers=headers)


def _plain(status: int, text: str, *, retry_after: bool = False) -> Fault:
    def fault(struck: Struck) -> Response:
        headers = {"Retry-After": str(struck.options.retry_after)} if retry_after else None
        return Response(text, status_code=status, media_type="text/plain", headers=headers)

    return fault


def _coded(code: str, **changes: Any) -> Fault:
    return lambda struck: struck.with_content(error_object(code, struck.text_key), **changes)


def _text_only(text: str) -> Fault:
    return lambda struck: struck.with_content({struck.text_key.value: text})


FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "timeout": lambda struck: SilentResponse(struck.options.timeout),
        "server_error": _plain(500, "Internal Server Error"),
        "html": _html,
        "truncated": _truncated,
        "empty_content": lambda struck: struck.with_content(),
        "unknown_code": _coded(_UNKNOWN_CODE),
        "quota_exhausted": _coded("05", quotaLimiter=0),
        "outside_hours": _coded("06"),
        "wrong_credentials": _coded("03"),
        "reset": lambda _: HangUpResponse(),
        "slow": lambda struck: SlowResponse(struck.whole, struck.options.slow),
        "timeout_in_body": lambda struck: HalfResponse(struck.whole, struck.options.timeout),
        "reset_in_body": lambda struck: HalfResponse(struck.whole),
        "bad_request": _plain(400, "Bad Request"),
        "too_many_requests": _plain(429, "Too Many Requests", retry_after=True),
        "service_unavailable": _plain(503, "Service Unavailable", retry_after=True),
        "wrong_content_type": lambda struck: Response(struck.whole, media_type="text/plain"),
        "malformed_json": lambda struck: Response(
            struck.whole.replace(b'"content"', b"content", 1), media_type=JSON
        ),
        "deep_nesting": _deep_nesting,
        "huge_body": lambda struck: StreamedResponse(blanks_before(struck.whole, _HUGE)),
        "gzip_bomb": _gzip_bomb,
        "drip": _drip,
        "duplicate_keys": _duplicate_keys,
        "not_a_number": lambda struck: json_response({**struck.page, "quotaLimiter": msgspec.Raw(b"NaN")}),
        "another_nik": _another_nik,
        "redirect": lambda struck: Response(
            status_code=307, headers={"Location": struck.options.redirect_to}
        ),
        "error_and_verdict": lambda struck: struck.with_content(
            {**struck.said, **error_object("07", struck.text_key)}
        ),
        "text_only_error": _text_only("IP Client  Tidak Terdaftar"),
        "text_only_not_found": _text_only(ERROR_TEXTS["13"]),
        "very_slow": lambda struck: SlowResponse(struck.whole, struck.options.very_slow),
        **dict.fromkeys(LINE_FAULTS, lambda _: HangUpResponse()),
    }
)
"""Every fault by name, the names being those of ``fault_people.FAULT_NAMES``."""

CHARGED_FAULTS: Final = frozenset(FAULTS) - {
    "html", "quota_exhausted", "outside_hours", "wrong_credentials", "bad_request", "too_many_requests",
    "service_unavailable", "redirect", "error_and_verdict", "text_only_error", *LINE_FAULTS,
}  # fmt: skip
"""Faults that befall an answer on its way, the person having been looked up: the question is paid.

At the others something in front of the registry answers, or the registry refuses before it looks.
"""
