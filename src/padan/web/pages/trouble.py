"""What people see where a page cannot be made: the store does not answer, or there is a defect of ours."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from padan.web.pages.rendering import render
from padan.web.pages.visits import language_of

RETRY_AFTER_S = 5
_PAGES = ("/launch", "/loading", "/verify/")


def is_for_people(request: Request) -> bool:
    """Whether a person looks at the answer, not a relying party's server."""
    return request.url.path.startswith(_PAGES)


def trouble(request: Request) -> Response:
    """The page, as a 503: it asks the store nothing, so nobody may frame it."""
    answer = render("trouble.html", language_of(request), status=503, state="trouble")
    answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer
