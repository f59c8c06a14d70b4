"""Reading a request's body without trusting its length."""

from starlette.requests import Request

from padan.sandbox.wire import LARGEST_BODY


class BodyTooLarge(ValueError):
    """The body is longer than the simulator reads."""


async def read_body(request: Request) -> bytes:
    """Return the body of at most 64 KiB; raises ``BodyTooLarge``, having read no more than that."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            message = f"The body is above {LARGEST_BODY} bytes; send one question at a time."
            raise BodyTooLarge(message)
    return bytes(body)
