"""A registry that answers by a script drawn from a seed, and counts what it charges itself."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from padan.domain.claim import Claim
from padan.domain.errors import RefusalReason, RegistryProtocolError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.rules import USUAL_NAMES, NameRules
from tests.support.registries import MATCH

DEADLINE_S = 10.0
MISMATCH = Finding(Outcome.FOUND, Comparison(True), Comparison(False, 0.2), Comparison(True))
FINDINGS = {
    "match": MATCH,
    "mismatch": MISMATCH,
    "slow": MATCH,
    **{str(o): Finding(o) for o in Outcome if o != "found"},
}
WEIGHTS = {
    **dict.fromkeys(("deceased", "duplicate", "inactive"), 1),
    **{f"refused:{reason}": 1 for reason in RefusalReason},
    "match": 30,
    "mismatch": 8,
    "slow": 8,
    "not_found": 4,
    "silence": 4,
    "cut_off": 6,
    "no_line": 4,
    "protocol": 2,
    "busy": 3,
}


@dataclass
class ScriptedRegistry:
    """Implements `padan.app.ports.Registry`. `before` is called when a question arrives."""

    chance: random.Random
    before: Callable[[str], Awaitable[None]]
    after: Callable[[str], None]
    trace: Callable[..., None]
    away: bool = False
    calm: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    charged: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    name: str = "scripted"

    async def ask(self, claim: Claim, *, request_id: str, names: NameRules = USUAL_NAMES) -> Finding:
        """One question, with whatever becomes of it."""
        del claim, names
        await self.before(request_id)
        kind = self._draw()
        self.answers[kind] += 1
        self.trace("ask", request_id, kind)
        try:
            return await self._become(kind, request_id)
        finally:
            self.after(request_id)

    def _draw(self) -> str:
        if self.away:
            return self.chance.choice(("silence", "no_line"))
        if self.calm:
            return "match"
        return self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]

    async def _become(self, kind: str, request_id: str) -> Finding:
        await asyncio.sleep(self.chance.uniform(0.001, 0.3))
        if kind == "no_line":
            raise RegistryUnavailable("no connection", may_be_charged=False)
        self.asked[request_id] += 1
        if kind == "busy":
            raise RegistryUnavailable(
                "busy", may_be_charged=False, retry_after_s=self.chance.uniform(0.0, 20.0)
            )
        if kind.startswith("refused:"):
            raise RegistryRefused("refused", reason=RefusalReason(kind.removeprefix("refused:")))
        if kind in {"silence", "cut_off"}:
            # Whether it is charged nobody hears.
            self.charged[request_id] += self.chance.randrange(2)
            await asyncio.sleep(DEADLINE_S if kind == "silence" else 0.1)
            raise RegistryUnavailable("no answer", may_be_charged=True)
        self.charged[request_id] += 1
        if kind == "protocol":
            raise RegistryProtocolError("not understood")
        if kind == "slow":
            await asyncio.sleep(self.chance.uniform(1.0, DEADLINE_S - 0.5))
        return FINDINGS[kind]

    async def reachable(self) -> bool:
        """Whether somebody is there."""
        await asyncio.sleep(0.01)
        return not self.away

    async def close(self) -> None:
        """Nothing to let go of."""
