"""The side door under ``/sandbox``: what no registry has, and a test needs."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from padan.nik import NikInvalid, parse
from padan.sandbox.body import BodyTooLarge, read_body
from padan.sandbox.fault_people import FAULT_NAMES
from padan.sandbox.ledger import Ledger
from padan.sandbox.line import LineSwitch
from padan.sandbox.nation import Nation
from padan.sandbox.scenarios import SCENARIOS, ScenarioPerson

NOTE: Final = "SANDBOX: SYNTHETIC DATA, NOT DUKCAPIL"
MOST_PEOPLE: Final = 1000
_MOST_TIMES: Final = 1_000_000

_PAGE: Final = f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>SANDBOX, not Dukcapil</title></head>
<body>
<h1>{NOTE}</h1>
<p>This is Padan's simulator of the registry. Everybody in it is invented; nobody here exists.
Do not send data of real people to it.</p>
<p>People to ask about: <a href="/sandbox/people">/sandbox/people</a>.
What was asked so far: <a href="/sandbox/count">/sandbox/count</a>.</p>
</body>
</html>
"""


class _Wish(msgspec.Struct, forbid_unknown_fields=True):
    """One NIK, and the scenario or fault it shall answer with, for so many questions; neither clears it."""

    nik: str
    scenario: str | None = None
    fault: str | None = None
    times: int | None = None


class _FaultShare(msgspec.Struct, forbid_unknown_fields=True):
    fault: str
    share: float = 1.0


class _Refused(ValueError):
    """A request of the side door that cannot be done; the text names the field and the remedy."""


def side_door_routes(nation: Nation, ledger: Ledger, *, line: LineSwitch) -> list[Route]:
    """Return the routes of the side door, and the page that says what this is."""
    door = _SideDoor(nation, ledger, line)
    return [
        Route("/", door.root, methods=["GET"]),
        Route("/sandbox/count", door.counts, methods=["GET"]),
        Route("/sandbox/count", door.forget_counts, methods=["DELETE"]),
        Route("/sandbox/people", _answered(door.people), methods=["GET"]),
        Route("/sandbox/scenario", _answered(door.wish), methods=["POST"]),
        Route("/sandbox/scenario", door.forget_wishes, methods=["DELETE"]),
        Route("/sandbox/faults", _answered(door.share), methods=["POST"]),
        Route("/sandbox/faults", door.forget_shares, methods=["DELETE"]),
        Route("/sandbox/line", _answered(door.break_line), methods=["POST"]),
        Route("/sandbox/line", _answered(door.mend_line), methods=["DELETE"]),
    ]


_Handler = Callable[[Request], Awaitable[Response]]


def _answered(handler: _Handler) -> _Handler:
    """Turn what is wrong with a request into a 400 or 413 that says what to send."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except BodyTooLarge as error:
            return _say({"error": str(error)}, status=413)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # The decoder's message may quote the request.
            return _say({"error": "The body is not what this path takes; see the reference."}, status=400)
        except ValueError as error:
            return _say({"error": str(error)}, status=400)
        except ClientDisconnect:
            return Response(status_code=400)

    return handle


class _SideDoor:
    def __init__(self, nation: Nation, ledger: Ledger, line: LineSwitch) -> None:
        self._nation = nation
        self._ledger = ledger
        self._line = line

    async def root(self, _request: Request) -> Response:
        return HTMLResponse(_PAGE)

    async def counts(self, _request: Request) -> Response:
        ledger = self._ledger
        return _say(
            {"questions": ledger.questions, "charged": ledger.charged, "answers": dict(ledger.counts)}
        )

    async def forget_counts(self, _request: Request) -> Response:
        self._ledger.forget_counts()
        return _say({"questions": 0})

    async def people(self, request: Request) -> Response:
        scenario = request.query_params.get("scenario")
        count = _count(request.query_params.get("count", "1"))
        found = await run_in_threadpool(self._find, (scenario,) if scenario else SCENARIOS, count)
        return _say({"people": [_claim(one) for one in found]})

    async def wish(self, request: Request) -> Response:
        wish = msgspec.json.decode(await read_body(request), type=_Wish)
        wished = wish.scenario or wish.fault
        if wish.scenario and wish.fault:
            message = "Send scenario or fault, not both."
            raise _Refused(message)
        if wished is not None:
            _require(wished, SCENARIOS if wish.scenario else FAULT_NAMES)
        if wish.times is not None and not 1 <= wish.times <= _MOST_TIMES:
            message = f"times must be a whole number from 1 to {_MOST_TIMES}, or be left out."
            raise _Refused(message)
        self._ledger.wish(_well_formed(wish.nik), wished, times=wish.times)
        return _say({"wished": wished})

    async def forget_wishes(self, _request: Request) -> Response:
        self._ledger.forget_wishes()
        return _say({"wishes": 0})

    async def share(self, request: Request) -> Response:
        wanted = msgspec.json.decode(await read_body(request), type=_FaultShare)
        _require(wanted.fault, FAULT_NAMES)
        shares = {**self._ledger.fault_shares, wanted.fault: wanted.share}
        if not 0 <= wanted.share <= 1 or sum(shares.values()) > 1:
            message = "share must be from 0 to 1, and all shares together at most 1."
            raise _Refused(message)
        self._ledger.fault_shares = {fault: share for fault, share in shares.items() if share}
        return _say({"faults": self._ledger.fault_shares})

    async def forget_shares(self, _request: Request) -> Response:
        self._ledger.fault_shares = {}
        return _say({"faults": {}})

    async def break_line(self, request: Request) -> Response:
        wanted = msgspec.json.decode(await read_body(request), type=_FaultShare)
        self._line.turn(wanted.fault, wanted.share)
        return _say({"line": {wanted.fault: wanted.share}})

    async def mend_line(self, _request: Request) -> Response:
        self._line.turn(None)
        return _say({"line": {}})

    def _find(self, scenarios: tuple[str, ...], count: int) -> list[ScenarioPerson]:
        return [self._nation.scenario(name, index) for name in scenarios for index in range(count)]


def _say(body: dict[str, Any], *, status: int = 200) -> Response:
    encoded = msgspec.json.encode({"sandbox": NOTE, **body})
    return Response(encoded, status_code=status, media_type="application/json")


def _claim(person: ScenarioPerson) -> dict[str, str]:
    return {
        "scenario": person.scenario,
        "nikIdNumber": person.nik,
        "fullName": person.full_name,
        "dateOfBirth": person.date_of_birth.isoformat(),
    }


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_PEOPLE):
        message = f"count must be a whole number from 1 to {MOST_PEOPLE}."
        raise _Refused(message)
    return int(text)


def _require(name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        message = f"There is no such scenario or fault; use one of: {', '.join(known)}."
        raise _Refused(message)


def _well_formed(nik: str) -> str:
    try:
        return parse(nik).digits
    except NikInvalid:
        message = "nik must be a well-formed NIK: 16 digits with a possible date of birth."
        raise _Refused(message) from None
