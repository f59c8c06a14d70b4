"""A creation under an `Idempotency-Key`: one session, one answer, however often and however late."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from padan.app.create import Created
from padan.app.errors import Invalid, KeyReused
from padan.app.once import LASTS, Once, create_once
from padan.app.read import read_results
from tests.support.wired import BANK, PROFILE, SHOP, Wired, direct_order, wire, working

ONCE = Once(key="order-17", access_token="bank-token", body=b"/direct\n{}")


def written(created: Created) -> bytes:
    return f"{created.session.id} {created.results_access_key}".encode()


async def ask(w: Wired, once: Once = ONCE) -> bytes:
    return await create_once(w.ports, BANK, direct_order(), once=once, write=written)


def test_a_hundred_at_once_create_one_session_and_get_one_answer() -> None:
    async def scene() -> None:
        async with working() as w:
            answers = await asyncio.gather(*(ask(w) for _ in range(100)))
            assert len(set(answers)) == 1
            assert await w.sessions_of(PROFILE) == 1
            session_id, key = answers[0].decode().split()
            session = await w.session(UUID(session_id))
            await w.until_done(session.id)
            assert len(w.registry.claims) == 1
            results = await read_results(w.ports, BANK, session.id, results_access_key=key)
            assert results.identity_data is not None

    asyncio.run(scene())


@pytest.mark.parametrize(
    "other",
    [
        replace(ONCE, body=b"/direct\n{ }"),
        replace(ONCE, body=b"/hosted\n{}"),
        replace(ONCE, access_token="another-token"),
    ],
)
def test_a_key_with_another_request_or_from_another_token_is_refused_and_stores_nothing(other: Once) -> None:
    async def scene() -> None:
        w = await wire()
        first = await ask(w)
        with pytest.raises(KeyReused):
            await ask(w, other)
        assert await w.sessions_of(PROFILE) == 1
        assert await ask(w) == first

    asyncio.run(scene())


def test_another_key_is_another_session_and_so_is_the_same_key_elsewhere() -> None:
    async def scene() -> None:
        w = await wire()
        assert await ask(w) != await ask(w, replace(ONCE, key="order-18"))
        key = w.ports.vault.blind_index(SHOP.id, ONCE.key)
        assert await w.store.receipt(SHOP.id, key, now=w.clock()) is None

    asyncio.run(scene())


def test_a_request_that_was_refused_leaves_its_key_free() -> None:
    async def scene() -> None:
        w = await wire()
        bad = replace(direct_order(), provider="estonia-id-card")
        with pytest.raises(Invalid):
            await create_once(w.ports, BANK, bad, once=ONCE, write=written)
        assert await ask(w)

    asyncio.run(scene())


def test_a_key_is_free_again_after_a_day() -> None:
    async def scene() -> None:
        w = await wire()
        first = await ask(w)
        w.clock.pass_(LASTS - 1)
        assert await ask(w) == first
        w.clock.pass_(1)
        assert await ask(w) != first

    asyncio.run(scene())


def test_neither_the_key_nor_the_answer_lies_in_the_store_in_the_clear() -> None:
    async def scene() -> None:
        w = await wire()
        answer = await ask(w)
        key = w.ports.vault.blind_index(BANK.id, ONCE.key)
        receipt = await w.store.receipt(BANK.id, key, now=w.clock())
        assert receipt is not None
        kept = receipt.key + receipt.body + receipt.sealed_answer
        for secret in (ONCE.key.encode(), ONCE.body, *answer.split()):
            assert secret not in kept
        assert "sealed" not in repr(receipt)

    asyncio.run(scene())
