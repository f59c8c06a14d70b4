"""A registry for tests: it answers from a table and counts what it was asked."""

from __future__ import annotations

import asyncio

from padan.domain.claim import Claim
from padan.domain.errors import RegistryError
from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.rules import USUAL_NAMES, NameRules

Answer = Finding | RegistryError

NOT_FOUND = Finding(Outcome.NOT_FOUND)
MATCH = Finding(Outcome.FOUND, Comparison(True), Comparison(True, 1.0), Comparison(True))


class TableRegistry:
    """Implements `padan.app.ports.Registry`: NIK to answers, given one after the other; the last one stays.

    While `open` is cleared, questions wait for their answer.
    """

    name = "table"

    def __init__(self, answers: dict[str, list[Answer]] | None = None) -> None:
        self.answers: dict[str, list[Answer]] = answers or {}
        self.claims: list[Claim] = []
        self.request_ids: list[str] = []
        self.thresholds: list[int | None] = []
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.there = False

    async def ask(self, claim: Claim, *, request_id: str, names: NameRules = USUAL_NAMES) -> Finding:
        self.claims.append(claim)
        self.request_ids.append(request_id)
        self.thresholds.append(names.threshold)
        self.asked.set()
        await self.open.wait()
        answers = self.answers.get(claim.nik, [NOT_FOUND])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, RegistryError):
            raise answer
        return answer

    async def reachable(self) -> bool:
        return self.there

    async def close(self) -> None:
        return None
