"""A Dukcapil web service over the synthetic nation, and a side door to make it misbehave.

``POST /dukcapil/get_json/[pp-kk/]{customer}/{method}`` as the real service has it; the side door lies under
``/sandbox``. Nothing of a question is logged. ``docs/reference/sandbox.md`` describes both.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from padan.domain.finding import Outcome
from padan.nik import NikInvalid, parse
from padan.sandbox.answers import verdicts, whole_record
from padan.sandbox.misbehaviour import FAULTS, answer
from padan.sandbox.nation import Nation
from padan.sandbox.scenarios import SCENARIOS
from padan.sandbox.state import Quota, SideDoor, is_wanted
from padan.sandbox.wire import (
    MAX_QUESTION,
    BadQuestion,
    SandboxCredentials,
    check_credentials,
    envelope,
    error_object,
    read_question,
)

__all__ = ["SandboxCredentials", "build_app"]

DEFAULT_QUOTA: Final = 1_000_000
BY_ELEMENT: Final = frozenset({"CALL_VERIFY_BY_ELEMEN", "NIK_VERIFBY_ELEMEN", "CALL_VERIFY"})
BY_NIK: Final = frozenset({"CALL_NIK", "NIK", "GET_NIK", "BYNIK"})
LOUDLY: Final = {"X-Padan-Sandbox": "synthetic data, not Dukcapil"}
_PAGE: Final = (
    "<!doctype html><html lang='en'><title>SANDBOX</title><h1>SANDBOX</h1><p>This is a simulator over "
    "synthetic people. It is not Dukcapil, and nobody in it is real.</p></html>"
)


def build_app(
    nation: Nation,
    *,
    credentials: SandboxCredentials,
    quota: int = DEFAULT_QUOTA,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """Return the simulator. ``quota`` is questions a day, ``clock`` gives Unix seconds."""
    service = _Service(nation, credentials, Quota(quota, clock))
    path = "/dukcapil/get_json/{customer}/{method}"
    return Starlette(
        routes=[
            Route(path, _Question(service), methods=["POST"]),
            Route(path.replace("{customer}", "{region}/{customer}"), _Question(service), methods=["POST"]),
            Route("/sandbox/count", service.count),
            Route("/sandbox/scenario", service.set_scenario, methods=["POST"]),
            Route("/sandbox/faults", service.set_fault, methods=["POST"]),
            Route("/sandbox/faults", service.clear, methods=["DELETE"]),
            Route("/sandbox/people", service.people),
            Route("/", service.front),
        ]
    )


class _Service:
    def __init__(self, nation: Nation, credentials: SandboxCredentials, quota: Quota) -> None:
        self.nation = nation
        self.credentials = credentials
        self.quota = quota
        self.side = SideDoor()

    def reply(self, body: bytes, customer: str, method: str) -> tuple[bytes, str | None]:
        """The right answer to a question, and the fault it is to suffer."""
        try:
            question = read_question(body)
            check_credentials(question, customer, self.credentials)
            if not self.quota.take():
                raise BadQuestion("05")
            self.side.counted["questions"] += 1
            content, fault = self._content(question, method)
        except BadQuestion as bad:
            content, fault = error_object(str(bad)), None
        self.side.counted[content.get("RESPONSE_CODE", "found")] += 1
        return envelope(content, self.quota.left()), fault

    def _content(self, question: dict[str, str], method: str) -> tuple[dict[str, str], str | None]:
        nik = question.get("NIK", "")
        if not nik:
            raise BadQuestion("07")
        try:
            parse(nik)
        except NikInvalid:
            raise BadQuestion("15") from None
        person = self.nation.person(nik)
        wanted = self.side.wanted_of(nik, person.fault if person else None)
        fault = wanted if wanted in FAULTS else None
        if wanted is not None and fault is None:
            outcome = Outcome(wanted)
            person = replace(person, outcome=outcome) if person and outcome is not Outcome.NOT_FOUND else None
        by_element = method.upper() in BY_ELEMENT
        return (verdicts(person, question) if by_element else whole_record(person)), fault

    async def count(self, _: Request) -> Response:
        return _loud({"questions": self.side.counted["questions"], "answers": dict(self.side.counted)})

    async def people(self, request: Request) -> Response:
        name, count = request.query_params.get("scenario", "match"), request.query_params.get("count", "10")
        if name not in SCENARIOS or not (count.isascii() and count.isdigit() and 0 < int(count) <= 1000):
            return _loud({"error": f"scenario is one of {', '.join(SCENARIOS)}; count 1 to 1000"}, 400)
        found = [self.nation.scenario(name, index) for index in range(int(count))]
        return _loud(
            {
                "people": [
                    {
                        "nikIdNumber": p.nik,
                        "fullName": p.full_name,
                        "dateOfBirth": p.date_of_birth.isoformat(),
                    }
                    for p in found
                ]
            }
        )

    async def set_scenario(self, request: Request) -> Response:
        given = await _given(request)
        nik, wanted = given.get("nik"), given.get("scenario") or given.get("fault")
        if not isinstance(nik, str) or not (wanted is None or is_wanted(wanted)):
            return _loud({"error": "send nik, and scenario (an outcome), fault, or neither to end it"}, 400)
        if wanted is None:
            self.side.by_nik.pop(nik, None)
        else:
            self.side.by_nik[nik] = str(wanted)
        return _loud({"set": wanted})

    async def set_fault(self, request: Request) -> Response:
        given = await _given(request)
        fault, share = given.get("fault"), given.get("share", 1.0)
        known = fault in FAULTS if isinstance(fault, str) else False
        if not known or isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
            return _loud({"error": f"send fault (one of {', '.join(FAULTS)}) and share, 0 to 1"}, 400)
        self.side.fault, self.side.share = str(fault), float(share)
        return _loud({"fault": fault, "share": share})

    async def clear(self, _: Request) -> Response:
        self.side.clear()
        return _loud({"cleared": True})

    async def front(self, _: Request) -> Response:
        return HTMLResponse(_PAGE, headers=LOUDLY)


class _Question:
    """One question as a bare ASGI application: a fault needs the connection in its own hands."""

    def __init__(self, service: _Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = b""
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_QUESTION:
                    await answer(envelope(error_object("07"), self._service.quota.left()), send)
                    return
        except ClientDisconnect:
            return
        method = request.path_params["method"]
        if method.upper() not in BY_ELEMENT | BY_NIK:
            await answer(b"Not Found", send, status=404, kind=b"text/plain")
            return
        right, fault = self._service.reply(body, request.path_params["customer"], method)
        if fault is None:
            await answer(right, send)
        else:
            await FAULTS[fault](right, receive, send)


async def _given(request: Request) -> dict[str, Any]:
    try:
        given = msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def _loud(content: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse({"sandbox": "synthetic data, not Dukcapil", **content}, status, LOUDLY)
