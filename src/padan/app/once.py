"""Create a session once, however often the request arrives: `Idempotency-Key`.

The receipt is stored with the session in one transaction. The answer in it holds two secrets, so it is sealed
under the client's own: the access token and the key together. The server stores a hash of the one and a keyed
fingerprint of the other, and opens a receipt while it is being asked and at no other time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from padan.app.create import Created, Order, create
from padan.app.errors import KeyReused
from padan.app.ports import Conflict, Ports, Receipt, SealBroken
from padan.domain.environment import Environment
from padan.domain.session import SessionBinding

LASTS = 24 * 60 * 60 * 1000
"""Milliseconds in which a key is answered the same."""

_SLOT = "receipt"


@dataclass(frozen=True, slots=True)
class Once:
    """One request under a key. `body` is everything that has to be the same again: the path and the body."""

    key: str = field(repr=False)
    access_token: str = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def secret(self) -> str:
        """What opens the receipt."""
        return f"{self.access_token}\n{self.key}"


async def create_once(
    ports: Ports,
    environment: Environment,
    order: Order,
    *,
    once: Once,
    write: Callable[[Created], bytes],
) -> bytes:
    """The answer to the creation, byte for byte the same for the same key within a day.

    Raises:
        KeyReused: the key was used for another request, or with another access token.
        Invalid, NotLicensed: as `create` does; nothing was stored, and the key is still free.
    """
    before = await _recall(ports, environment, once)
    if before is not None:
        return before

    def receipt(created: Created) -> Receipt:
        sealed = ports.vault.seal_page(created.session.binding, write(created), token=once.secret, slot=_SLOT)
        return Receipt(
            environment.id,
            ports.vault.blind_index(environment.id, once.key),
            ports.vault.blind_index(environment.id, once.body.hex()),
            created.session.id,
            sealed,
            created.session.created_at + LASTS,
        )

    try:
        created = await create(ports, environment, order, receipts=receipt)
    except Conflict as conflict:
        # Somebody with the same key was faster: their answer is everybody's.
        answer = await _recall(ports, environment, once) if conflict.what == "receipt" else None
        if answer is None:
            raise
        return answer
    return write(created)


async def _recall(ports: Ports, environment: Environment, once: Once) -> bytes | None:
    key = ports.vault.blind_index(environment.id, once.key)
    known = await ports.sessions.receipt(environment.id, key, now=ports.clock())
    if known is None:
        return None
    if known.body != ports.vault.blind_index(environment.id, once.body.hex()):
        raise KeyReused
    binding = SessionBinding(environment.id, known.session_id)
    try:
        return ports.vault.open_page(binding, known.sealed_answer, token=once.secret, slot=_SLOT)
    except SealBroken:
        raise KeyReused from None
