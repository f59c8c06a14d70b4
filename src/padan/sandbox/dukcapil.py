"""The Dukcapil simulator: an ASGI application that speaks the registry's wire over the nation.

It is a sandbox and says so in a header of every answer. It logs nothing.
"""

import datetime
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from padan.sandbox.answers import BAD_PARAMETERS, Answer, answer, is_valid
from padan.sandbox.body import BodyTooLarge, read_body
from padan.sandbox.fault_people import FAULT_NAMES
from padan.sandbox.faults import CHARGED_FAULTS, FAULTS, FaultOptions, Struck, json_response
from padan.sandbox.feedback import feedback_routes
from padan.sandbox.ledger import JAKARTA, Ledger
from padan.sandbox.line import LineSwitch
from padan.sandbox.nation import Nation
from padan.sandbox.side_door import side_door_routes
from padan.sandbox.wire import METHODS, ErrorTextKey, Question, error_object, page, read_fields

SANDBOX_HEADER: Final = "X-Padan-Sandbox"
SANDBOX_NOTE: Final = "synthetic data, not Dukcapil"
DEFAULT_QUOTA: Final = 1_000_000

Clock = Callable[[], datetime.datetime]


@dataclass(frozen=True, slots=True)
class SandboxCredentials:
    """What the simulator accepts: the customer in the URL, and the user, password and address in the body."""

    customer: str = "padan-sandbox"
    user_id: str = "sandbox"
    password: str = field(default="sandbox", repr=False)
    ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How the simulator behaves: questions a day, the key of error texts, what faults do in detail."""

    quota: int = DEFAULT_QUOTA
    error_text_key: ErrorTextKey = ErrorTextKey.RESPON
    faults: FaultOptions = field(default_factory=FaultOptions)


def system_clock() -> datetime.datetime:
    """Return the time now, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def build_app(
    nation: Nation,
    *,
    credentials: SandboxCredentials | None = None,
    options: SandboxOptions | None = None,
    clock: Clock = system_clock,
    line: LineSwitch | None = None,
) -> Starlette:
    """Return the simulator: the two services, and the side door under ``/sandbox``.

    ``clock`` returns the time with its zone; it decides the day of the quota (Jakarta's) and ages.
    ``line`` is switched by the side door where a line stands before the simulator.
    """
    options = options or SandboxOptions()
    ledger = Ledger(options.quota)
    service = _Service(nation, credentials or SandboxCredentials(), options, clock=clock, ledger=ledger)
    path = "/dukcapil/get_json/{customer}/{method}"
    older_path = "/dukcapil/get_json/{region}/{customer}/{method}"
    routes = [
        Route(path, service.handle, methods=["POST"]),
        Route(older_path, service.handle, methods=["POST"]),
        *side_door_routes(nation, ledger, line=line or LineSwitch()),
        *feedback_routes(),
    ]
    return Starlette(routes=routes, middleware=[Middleware(_SayThatItIsASandbox)])


class _Service:
    def __init__(
        self,
        nation: Nation,
        credentials: SandboxCredentials,
        options: SandboxOptions,
        *,
        clock: Clock,
        ledger: Ledger,
    ) -> None:
        self._nation = nation
        self._credentials = credentials
        self._options = options
        self._clock = clock
        self._ledger = ledger

    async def handle(self, request: Request) -> Response:
        method = METHODS.get(request.path_params["method"].upper())
        if method is None:
            return PlainTextResponse("There is no such method.", status_code=404)
        try:
            fields = read_fields(await read_body(request))
        except BodyTooLarge as error:
            return PlainTextResponse(str(error), status_code=413)
        except ValueError as error:
            return PlainTextResponse(str(error), status_code=400)
        except ClientDisconnect:
            return Response(status_code=400)
        if fields is None:
            return self._page(Answer("invalid_parameters", BAD_PARAMETERS))
        return self._respond(Question(method, request.path_params["customer"], fields))

    def _respond(self, question: Question) -> Response:
        refusal = self._refusal(question)
        if refusal:
            return self._page(Answer(f"refused_{refusal}", refusal))
        if not is_valid(question):
            return self._page(Answer("invalid_parameters", BAD_PARAMETERS))
        wish = self._ledger.granted(question.nik)
        fault = self._fault(question.nik, wish)
        charged = fault is None or fault in CHARGED_FAULTS
        if charged and not self._ledger.take(self._clock()):
            return self._page(Answer("refused_05", "05"))
        if fault is None:
            return self._page(self._answer(question, wish))
        right = self._content(self._answer(question, wish))
        self._ledger.count(f"fault_{fault}")
        return FAULTS[fault](Struck(right, self._options.faults, self._options.error_text_key))

    def _answer(self, question: Question, wish: str | None) -> Answer:
        forced = wish if wish not in FAULT_NAMES else None
        return answer(question, self._nation, self._clock().astimezone(JAKARTA).date(), forced=forced)

    def _fault(self, nik: str, wish: str | None) -> str | None:
        if wish is not None:
            return wish if wish in FAULT_NAMES else None
        person = self._nation.person(nik)
        if person is not None and person.fault is not None:
            return person.fault
        return self._ledger.fault_by_share()

    def _refusal(self, question: Question) -> str | None:
        """Return the code that refuses whoever asks, None for those who may."""
        right = self._credentials
        user, password, ip = (question.fields.get(key, "") for key in ("USER_ID", "PASSWORD", "IP_USER"))
        if not (user and password and ip):
            return "09"
        if question.customer != right.customer:
            return "16"
        if (user, password) != (right.user_id, right.password):
            return "03"
        if ip != right.ip:
            return "04" if _is_address(ip) else "10"
        return None

    def _page(self, given: Answer) -> Response:
        self._ledger.count(given.counted_as)
        return json_response(self._content(given))

    def _content(self, given: Answer) -> dict[str, Any]:
        content = dict(given.content or {})
        if given.code is not None:
            content = error_object(given.code, self._options.error_text_key)
        return page([content], self._ledger.left(self._clock()))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class _SayThatItIsASandbox:
    """Put the header on every answer, errors of the framework included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[SANDBOX_HEADER] = SANDBOX_NOTE
            await send(message)

        await self.app(scope, receive, send_marked)
