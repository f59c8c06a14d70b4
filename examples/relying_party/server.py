"""A relying party that leads people to Padan's pages: in a dialog, a popup, by redirect, and by the fallback.

Run: python examples/relying_party/server.py BASE_URL ACCESS_TOKEN PROFILE_ID [PORT]

`padan dev` prints the first three. Then open http://localhost:3000. All is kept in memory: it is a demo.
"""

import secrets
import sys
import time
from pathlib import Path

import trinsic_api
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates

HERE = Path(__file__).parent
VISITOR = "visitor"
PROVIDER = "indonesia-nik-lookup"
PATIENCE = 10  # seconds that the person is kept waiting for a result


class RelyingParty:
    """What the server knows: how to ask Padan, and which sessions are whose."""

    def __init__(self, base_url, access_token, profile_id, redirect_url):
        self.base_url = base_url
        self._asked = {
            "provider": PROVIDER,
            "verificationProfileId": profile_id,
            "redirectUrl": redirect_url,
        }
        configuration = trinsic_api.Configuration(host=base_url, access_token=access_token)
        self._sessions = trinsic_api.SessionsApi(trinsic_api.ApiClient(configuration))
        # Results access keys by visitor and session. They never leave this server.
        self._keys = {}

    def create_hosted(self, visitor):
        """A session on the hosted page; its launch URL, which works once."""
        created = self._sessions.create_hosted_provider_session(self._asked)
        self._keys[visitor, str(created.session_id)] = created.results_access_key
        return created.launch_url

    def create_direct(self, visitor):
        """A direct session that gives nothing, so that the fallback asks the person for everything."""
        created = self._sessions.create_direct_provider_session(
            {
                **self._asked,
                "capabilities": ["LaunchBrowser", "CaptureRedirect", "PollResult"],
                "fallbackToHostedUI": True,
            }
        )
        self._keys[visitor, str(created.session_id)] = created.result_collection.results_access_key
        return created.next_step.content

    def results(self, visitor, session_id):
        """The results of a visitor's own session, as Padan tells them; `None` for any other session."""
        key = self._keys.get((visitor, session_id))
        if key is None:
            return None
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._sessions.get_session_result(session_id, {"resultsAccessKey": key})
            if answer.session.done or time.monotonic() > deadline:
                return answer
            time.sleep(0.5)


class Pages:
    """The relying party's own site."""

    def __init__(self, party):
        self._party = party
        self._templates = Jinja2Templates(directory=HERE)

    async def home(self, request):
        answer = self._page(request)
        if VISITOR not in request.cookies:
            answer.set_cookie(VISITOR, secrets.token_urlsafe(16), httponly=True, samesite="lax")
        return answer

    async def create(self, request):
        """A new session for the page's script: it gets the launch URL and nothing else."""
        visitor = request.cookies.get(VISITOR)
        creators = {"hosted": self._party.create_hosted, "direct": self._party.create_direct}
        creator = creators.get(request.path_params["kind"])
        if visitor is None or creator is None:
            return JSONResponse({}, 403)
        return JSONResponse({"launchUrl": await run_in_threadpool(creator, visitor)})

    async def callback(self, request):
        """Where every way ends. What the address says is a hint: anybody can type `success=true`."""
        visitor = request.cookies.get(VISITOR, "")
        session_id = request.query_params.get("sessionId", "")
        answer = await run_in_threadpool(self._party.results, visitor, session_id)
        if answer is None:
            return self._page(request, 404, problem="This is no session of yours. Begin again.")
        if not answer.session.done:
            return self._page(request, problem="There is no answer yet. Reload this page in a while.")
        if not answer.session.success:
            return self._page(request, problem=f"The check failed: {answer.session.error_code.value}.")
        match = answer.identity_data.match
        fields = {"NIK": match.national_id_number, "Full name": match.full_name, "Born": match.date_of_birth}
        return self._page(request, matches={name: part.boolean_value for name, part in fields.items()})

    def _page(self, request, status=200, **found):
        values = {"base_url": self._party.base_url, "problem": None, "matches": None, **found}
        return self._templates.TemplateResponse(request, "index.html", values, status_code=status)


async def script(_request):
    return FileResponse(HERE / "demo.js", media_type="text/javascript")


def build(base_url, access_token, profile_id, port):
    """The relying party's site as an ASGI application."""
    party = RelyingParty(base_url, access_token, profile_id, f"http://localhost:{port}/callback")
    pages = Pages(party)
    return Starlette(
        routes=[
            Route("/", pages.home),
            Route("/demo.js", script),
            Route("/callback", pages.callback),
            Route("/sessions/{kind}", pages.create, methods=["POST"]),
        ]
    )


def main(base_url, access_token, profile_id, port="3000"):
    print(f"Open http://localhost:{port}", flush=True)
    app = build(base_url, access_token, profile_id, port)
    # No log of addresses: with older behaviour switched on, one holds a results access key.
    uvicorn.run(app, host="localhost", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in {4, 5} else __doc__)
